/* sightings.c: a small table, searched from end to end. Each code keeps the times of the looks that
 * agree on it. */
#include "config.h"

#include "capture/sightings.h"

#include <string.h>

/* Looks that have to agree, at most: three, and twice as many in another's place. */
#define LOOKS_MAX 6

/* Microseconds. No look is later than that: the clock has gone back, and all that was seen is of
 * another time. */
#define LATE_MAX (5 * G_USEC_PER_SEC)

typedef struct
{
  BipeReading *reading;    /* the newest: its place moves */
  gint64 looks[LOOKS_MAX]; /* the newest first, none twice */
  guint n_looks;
  gint64 seen_at;
  gboolean is_scan;
} Sighting;

struct _BipeSightings
{
  gint64 absence;
  GArray *table; /* of Sighting */
};

static void
clear_sighting (gpointer data)
{
  Sighting *sighting = data;

  bipe_reading_unref (sighting->reading);
}

BipeSightings *
bipe_sightings_new (gint64 absence)
{
  BipeSightings *self = g_new0 (BipeSightings, 1);

  self->absence = absence;
  self->table = g_array_new (FALSE, TRUE, sizeof (Sighting));
  g_array_set_clear_func (self->table, clear_sighting);
  return self;
}

void
bipe_sightings_free (BipeSightings *self)
{
  g_array_unref (self->table);
  g_free (self);
}

void
bipe_sightings_clear (BipeSightings *self)
{
  g_array_set_size (self->table, 0);
}

void
bipe_sightings_set_absence (BipeSightings *self, gint64 absence)
{
  self->absence = absence;
}

static gboolean
is_matrix (const BipeReading *reading)
{
  return (reading->symbology & BIPE_SYMBOLOGIES_MATRIX) != 0;
}

static guint
get_n_needed (const BipeReading *reading)
{
  if (is_matrix (reading))
    return 1;
  if ((reading->symbology & (BIPE_SYMBOLOGY_ITF | BIPE_SYMBOLOGY_CODABAR)) != 0)
    return 3;
  return 2;
}

/* A linear code's middle, and half of its extent across and down. The decoder tells of the lines
 * that it has read, which may be one thin line of a high symbol, so half an eighth of the length is
 * the least. */
typedef struct
{
  double x, y, across, down;
} Place;

static Place
get_place (const BipeReading *reading)
{
  double left = reading->corners[0].x, right = left, top = reading->corners[0].y, bottom = top;
  double least;

  for (gsize i = 1; i < G_N_ELEMENTS (reading->corners); i++)
    {
      left = MIN (left, reading->corners[i].x);
      right = MAX (right, reading->corners[i].x);
      top = MIN (top, reading->corners[i].y);
      bottom = MAX (bottom, reading->corners[i].y);
    }
  least = MAX (right - left, bottom - top) / 16;
  return (Place){ (left + right) / 2, (top + bottom) / 2, MAX ((right - left) / 2, least),
                  MAX ((bottom - top) / 2, least) };
}

/* The middle of the one is in the other. */
static gboolean
is_same_place (const BipeReading *a, const BipeReading *b)
{
  Place here = get_place (a), there = get_place (b);

  return ABS (here.x - there.x) <= MAX (here.across, there.across)
         && ABS (here.y - there.y) <= MAX (here.down, there.down);
}

static Sighting *
find (BipeSightings *self, const BipeReading *reading)
{
  for (guint i = 0; i < self->table->len; i++)
    {
      Sighting *sighting = &g_array_index (self->table, Sighting, i);

      if (bipe_reading_equal (sighting->reading, reading))
        return sighting;
    }
  return NULL;
}

static gboolean
is_among (GPtrArray *readings, const BipeReading *reading)
{
  for (guint i = 0; i < readings->len; i++)
    if (bipe_reading_equal (readings->pdata[i], reading))
      return TRUE;
  return FALSE;
}

/* What is past all use at @now. */
static void
forget (BipeSightings *self, gint64 now)
{
  for (guint i = self->table->len; i-- > 0;)
    {
      const Sighting *sighting = &g_array_index (self->table, Sighting, i);
      gint64 memory = MAX (sighting->is_scan ? self->absence : 0, BIPE_SIGHTINGS_WINDOW);

      if (now - sighting->seen_at > memory || sighting->seen_at - now > LATE_MAX)
        g_array_remove_index_fast (self->table, i);
    }
}

static void
forget_oldest (BipeSightings *self)
{
  guint oldest = 0;

  for (guint i = 1; i < self->table->len; i++)
    if (g_array_index (self->table, Sighting, i).seen_at
        < g_array_index (self->table, Sighting, oldest).seen_at)
      oldest = i;
  g_array_remove_index_fast (self->table, oldest);
}

static Sighting *
add (BipeSightings *self, BipeReading *reading, gint64 now)
{
  const Sighting sighting = { .reading = bipe_reading_ref (reading), .seen_at = now };

  if (self->table->len >= BIPE_SIGHTINGS_MAX)
    forget_oldest (self);
  g_array_append_val (self->table, sighting);
  return &g_array_index (self->table, Sighting, self->table->len - 1);
}

/* FALSE: this picture has counted already. */
static gboolean
count_look (Sighting *sighting, gint64 now)
{
  guint at = 0;

  while (at < sighting->n_looks && sighting->looks[at] > now)
    at++;
  if (at < sighting->n_looks && sighting->looks[at] == now)
    return FALSE;
  if (at == LOOKS_MAX)
    return FALSE;
  if (sighting->n_looks < LOOKS_MAX)
    sighting->n_looks++;
  memmove (sighting->looks + at + 1, sighting->looks + at,
           (sighting->n_looks - at - 1) * sizeof sighting->looks[0]);
  sighting->looks[at] = now;
  return TRUE;
}

/* A look at @now reads @reading, and not what others have read in its place: their looks are void.
 * Returns: whether one of them is a scan in view */
static gboolean
contradict (BipeSightings *self, const BipeReading *reading, GPtrArray *readings, gint64 now)
{
  gboolean is_taken = FALSE;

  for (guint i = 0; i < self->table->len; i++)
    {
      Sighting *other = &g_array_index (self->table, Sighting, i);

      if (is_matrix (other->reading) || is_among (readings, other->reading)
          || !is_same_place (reading, other->reading))
        continue;
      /* Sorted, the newest first: only what is older than this picture. */
      while (other->n_looks > 0 && other->looks[other->n_looks - 1] < now)
        other->n_looks--;
      is_taken = is_taken || (other->is_scan && ABS (now - other->seen_at) <= self->absence);
    }
  return is_taken;
}

static gboolean
is_sure (const Sighting *sighting, guint n_needed)
{
  return sighting->n_looks >= n_needed
         && sighting->looks[0] - sighting->looks[n_needed - 1] <= BIPE_SIGHTINGS_WINDOW;
}

/* Whether @reading is a scan now. */
static gboolean
see (BipeSightings *self, BipeReading *reading, GPtrArray *readings, gint64 now)
{
  gboolean is_taken = !is_matrix (reading) && contradict (self, reading, readings, now);
  guint n_needed = get_n_needed (reading) * (is_taken ? 2 : 1);
  Sighting *sighting = find (self, reading);

  if (sighting == NULL)
    sighting = add (self, reading, now);
  else if (now >= sighting->seen_at)
    {
      bipe_reading_unref (sighting->reading);
      sighting->reading = bipe_reading_ref (reading);
    }
  if (sighting->is_scan && now - sighting->seen_at > self->absence)
    {
      sighting->is_scan = FALSE;
      sighting->n_looks = 0;
    }
  sighting->seen_at = MAX (sighting->seen_at, now);
  if (!count_look (sighting, now) || sighting->is_scan || !is_sure (sighting, n_needed))
    return FALSE;
  sighting->is_scan = TRUE;
  return TRUE;
}

GPtrArray *
bipe_sightings_feed (BipeSightings *self, GPtrArray *readings, gint64 now)
{
  GPtrArray *scans = g_ptr_array_new_with_free_func ((GDestroyNotify)bipe_reading_unref);

  forget (self, now);
  for (guint i = 0; i < readings->len; i++)
    if (see (self, readings->pdata[i], readings, now))
      g_ptr_array_add (scans, bipe_reading_ref (readings->pdata[i]));
  return scans;
}

void
bipe_sightings_hold (BipeSightings *self, gint64 since, gint64 now)
{
  for (guint i = 0; i < self->table->len; i++)
    {
      Sighting *sighting = &g_array_index (self->table, Sighting, i);

      if (sighting->is_scan && sighting->seen_at >= since)
        sighting->seen_at = MAX (sighting->seen_at, now);
    }
  forget (self, now);
}

gboolean
bipe_sightings_has_doubt (BipeSightings *self, gint64 now)
{
  for (guint i = 0; i < self->table->len; i++)
    {
      const Sighting *sighting = &g_array_index (self->table, Sighting, i);

      if (!sighting->is_scan && now - sighting->seen_at <= BIPE_SIGHTINGS_WINDOW)
        return TRUE;
    }
  return FALSE;
}
