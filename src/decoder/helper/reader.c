/* reader.c: of a frame little is asked, and soon; a file is tried as it is, then in altered copies,
 * until what was found is sure. The tries are those that paid on public sets of photographs, in the
 * order of what they brought for their time. */
#include "config.h"

#include "decoder/helper/reader.h"

#include <string.h>

#include "decoder/helper/full-ascii.h"
#include "decoder/helper/retouch.h"
#include "decoder/helper/tally.h"
#include "decoder/helper/zbar-reader.h"
#include "decoder/helper/zxing.h"

/* One code after the other: how many of a frame, and when to leave it at those there are. */
#define FRAME_CODES_MAX 8
#define FRAME_MICROSECONDS (120 * 1000)

/* The same of a file, whose caller waits BIPE_DECODER_FILE_SECONDS. */
#define FILE_CODES_MAX 24
#define FILE_MICROSECONDS (7 * G_USEC_PER_SEC)

/* Pixels up to which a picture is doubled for a try, and from which on it is halved. */
#define DOUBLED_MAX (2 * 1000 * 1000)
#define WHOLE_MAX (8 * 1000 * 1000)

/* Scan lines of zbar that have to agree. */
#define LINES_MIN 2

/* Linear readings of the second look that are tried to be confirmed. */
#define CONFIRMED_MAX 4

/* What the edge of a crop can make of a longer code: they have no check and no fixed length. */
#define SYMBOLOGIES_CUT (BIPE_SYMBOLOGY_ITF | BIPE_SYMBOLOGY_CODABAR)

/* A matrix code that fills its picture has no quiet zone, and is given one. A linear one is not: it
 * may be the part of a longer one. */
#define MARGIN 24

/* zxing 1.4 finds a Data Matrix only on the row or the column in the middle of what it is given: so
 * it is given bands of the picture, each of which has another row or column in its middle. */
#define SYMBOLOGIES_CENTRAL BIPE_SYMBOLOGY_DATA_MATRIX
#define GUIDE_BANDS 5
#define FRAME_BANDS 5
#define FILE_BANDS 23

/* A picture, and where it is in the one that was given. */
typedef struct
{
  BipePicture picture;
  guint8 *pixels; /* its own; NULL: they are those of the one that was given */
  double scale;   /* of its pixels to those */
  gint32 x;       /* of its upper left corner there */
  gint32 y;
  gboolean is_transposed;
} View;

static void
view_clear (View *self)
{
  g_free (self->pixels);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (View, view_clear)

static View
make_view (const BipePicture *picture)
{
  return (View){ .picture = *picture, .scale = 1 };
}

static View
crop (const BipePicture *picture, const BipeArea *area)
{
  View view = make_view (picture);

  view.picture.luma += area->y * picture->stride + area->x;
  view.picture.width = area->width;
  view.picture.height = area->height;
  view.x = (gint32)area->x;
  view.y = (gint32)area->y;
  return view;
}

/* Takes @pixels. */
static void
replace (View *view, guint8 *pixels, const BipePicture *picture)
{
  g_free (view->pixels);
  view->pixels = pixels;
  view->picture = *picture;
}

static BipePoint
map_point (const View *view, BipePoint point)
{
  double x = view->is_transposed ? point.y : point.x;
  double y = view->is_transposed ? point.x : point.y;

  return (BipePoint){ view->x + (gint32)(x * view->scale), view->y + (gint32)(y * view->scale) };
}

static BipeReading *
map_reading (const View *view, const BipeReading *reading)
{
  BipePoint corners[4];

  /* Transposed is mirrored: what was above the bars is below them. */
  for (int i = 0; i < 4; i++)
    corners[view->is_transposed ? 3 - i : i] = map_point (view, reading->corners[i]);
  return bipe_reading_new (reading->symbology, reading->aim, reading->text, reading->length,
                           corners);
}

static GPtrArray *
make_readings (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)bipe_reading_unref);
}

static gboolean
has (GPtrArray *readings, const BipeReading *reading)
{
  for (guint i = 0; i < readings->len; i++)
    if (bipe_reading_equal (readings->pdata[i], reading))
      return TRUE;
  return FALSE;
}

/* All that the first decoder finds: what was found is blanked, and it is called again. */
static GPtrArray *
read_first (const View *view,
            BipeSymbologies symbologies,
            gboolean is_thorough,
            guint most,
            gint64 deadline)
{
  GPtrArray *readings = make_readings ();
  BipePicture picture = view->picture;
  g_autofree guint8 *pixels = NULL;

  for (guint i = 0; i < most; i++)
    {
      g_autoptr(BipeReading) reading = bipe_zxing_read (&picture, symbologies, is_thorough);
      g_autoptr(BipeReading) mapped = NULL;

      if (reading == NULL)
        break;
      mapped = map_reading (view, reading);
      if (!has (readings, mapped))
        g_ptr_array_add (readings, g_steal_pointer (&mapped));
      if (g_get_monotonic_time () > deadline)
        break;
      if (pixels == NULL)
        pixels = bipe_retouch_copy (&view->picture, &picture);
      bipe_retouch_blank (pixels, &picture, reading->corners,
                          !(reading->symbology & BIPE_SYMBOLOGIES_MATRIX));
    }
  return readings;
}

static void
add_new (GPtrArray *readings, GPtrArray *others)
{
  for (guint i = 0; i < others->len; i++)
    if (!has (readings, others->pdata[i]))
      g_ptr_array_add (readings, bipe_reading_ref (others->pdata[i]));
}

/* A band of @area around its row, or column, @part of @n_parts: as far as it goes to both sides. */
static BipeArea
get_band (const BipeArea *area, guint part, guint n_parts, gboolean is_upright)
{
  guint length = is_upright ? area->width : area->height;
  guint middle = length * part / n_parts;
  guint reach = MIN (middle, length - middle);
  BipeArea band = *area;

  if (is_upright)
    {
      band.x += middle - reach;
      band.width = 2 * reach;
    }
  else
    {
      band.y += middle - reach;
      band.height = 2 * reach;
    }
  return band;
}

/* What has to be in the middle, wherever it is. */
static void
read_bands (const BipePicture *picture,
            const BipeArea *area,
            BipeSymbologies symbologies,
            guint n_bands,
            gboolean is_upright,
            gint64 deadline,
            GPtrArray *readings)
{
  for (guint i = 1; i <= n_bands && g_get_monotonic_time () < deadline; i++)
    {
      BipeArea band = get_band (area, i, n_bands + 1, is_upright);
      View view = crop (picture, &band);
      g_autoptr(GPtrArray) found = NULL;

      if ((symbologies & SYMBOLOGIES_CENTRAL) == 0 || band.width == 0 || band.height == 0)
        continue;
      found
          = read_first (&view, symbologies & SYMBOLOGIES_CENTRAL, TRUE, FRAME_CODES_MAX, deadline);
      add_new (readings, found);
    }
}

static GPtrArray *
read_second (const View *view, BipeSymbologies symbologies)
{
  GPtrArray *readings = make_readings ();
  g_autoptr(GPtrArray) found = make_readings ();

  bipe_zbar_read (&view->picture, symbologies, LINES_MIN, found);
  for (guint i = 0; i < found->len && i < BIPE_SIGHT_READINGS_MAX; i++)
    g_ptr_array_add (readings, map_reading (view, found->pdata[i]));
  return readings;
}

/* How a copy is altered, in this order. */
typedef struct
{
  guint columns; /* each pixel the mean of so many to both sides … */
  guint rows;    /* … and above and below */
  gboolean is_doubled;
  int sharpness; /* across upright bars */
  gboolean is_halved;
  gboolean is_inverted;
} Recipe;

static const Recipe plain = { 0 };
static const Recipe doubled = { .is_doubled = TRUE }; /* bars of a pixel and a half */
static const Recipe sharpened = { .is_doubled = TRUE, .sharpness = 2 }; /* out of focus */
static const Recipe streaked = { .rows = 2 }; /* noise goes, upright bars stay */
static const Recipe streaked_sharpened = { .rows = 6, .is_doubled = TRUE, .sharpness = 3 };
static const Recipe blended = { .columns = 1 }; /* printed in dots */
static const Recipe softened = { .columns = 1, .rows = 1 };
static const Recipe halved = { .is_halved = TRUE }; /* coarse */
static const Recipe inverted = { .is_inverted = TRUE };

static gsize
count_pixels (const BipePicture *picture)
{
  return (gsize)picture->width * picture->height;
}

static void
apply (View *view, const Recipe *recipe)
{
  BipePicture to;

  if (recipe->columns > 0 || recipe->rows > 0)
    replace (view, bipe_retouch_blend (&view->picture, recipe->columns, recipe->rows, &to), &to);
  if (recipe->is_doubled && count_pixels (&view->picture) <= DOUBLED_MAX)
    {
      view->scale /= 2;
      replace (view, bipe_retouch_double (&view->picture, &to), &to);
    }
  if (recipe->sharpness > 0)
    replace (
        view,
        bipe_retouch_sharpen (&view->picture, (guint)recipe->sharpness, recipe->sharpness, &to),
        &to);
  if (recipe->is_halved)
    {
      view->scale *= 2;
      replace (view, bipe_retouch_halve (&view->picture, &to), &to);
    }
  if (recipe->is_inverted)
    replace (view, bipe_retouch_invert (&view->picture, &to), &to);
}

/* Full ASCII: what was meant, once for all ways in which it may have been read. */
static void
add_readings (BipeSight *sight, GPtrArray *readings)
{
  for (guint i = 0; i < readings->len; i++)
    {
      BipeReading *reading = readings->pdata[i];
      g_autofree char *meant = reading->symbology == BIPE_SYMBOLOGY_CODE_39
                                   ? bipe_full_ascii_expand (reading->text)
                                   : NULL;

      if (meant == NULL)
        g_ptr_array_add (sight->readings, bipe_reading_ref (reading));
      else
        g_ptr_array_add (sight->readings, bipe_reading_new (reading->symbology, "]A4", meant,
                                                            strlen (meant), reading->corners));
    }
}

/* The part of @picture around a linear code, its quiet zones with it. */
static BipeArea
get_surroundings (const BipePicture *picture, const BipePoint corners[4])
{
  gint64 left = G_MAXINT32, top = G_MAXINT32, right = 0, bottom = 0;
  gint64 margin;

  for (int i = 0; i < 4; i++)
    {
      left = MIN (left, corners[i].x);
      right = MAX (right, corners[i].x);
      top = MIN (top, corners[i].y);
      bottom = MAX (bottom, corners[i].y);
    }
  margin = MAX (right - left, bottom - top) / 3 + 16;
  left = CLAMP (left - margin, 0, picture->width - 1);
  top = CLAMP (top - margin, 0, picture->height - 1);
  right = CLAMP (right + margin, left + 1, picture->width);
  bottom = CLAMP (bottom + margin, top + 1, picture->height);
  return (BipeArea){ (guint32)left, (guint32)top, (guint32)(right - left),
                     (guint32)(bottom - top) };
}

/* The first decoder, told where to look and for what, reads the same. */
static gboolean
is_confirmed (const BipePicture *picture, const BipeReading *reading)
{
  static const Recipe *const recipes[] = { &plain, &doubled, &sharpened, &streaked_sharpened };
  BipeArea area = get_surroundings (picture, reading->corners);

  for (gsize i = 0; i < G_N_ELEMENTS (recipes); i++)
    {
      g_auto(View) view = crop (picture, &area);
      g_autoptr(BipeReading) again = NULL;

      apply (&view, recipes[i]);
      again = bipe_zxing_read (&view.picture, reading->symbology, TRUE);
      if (again != NULL && bipe_reading_equal (again, reading))
        return TRUE;
    }
  return FALSE;
}

static GPtrArray *
look_second (const BipePicture *picture, BipeSymbologies symbologies)
{
  View whole = make_view (picture);
  g_autoptr(GPtrArray) found = read_second (&whole, symbologies);
  GPtrArray *readings = make_readings ();
  guint n_linear = 0;

  for (guint i = 0; i < found->len; i++)
    {
      BipeReading *reading = found->pdata[i];

      if ((reading->symbology & BIPE_SYMBOLOGIES_MATRIX)
          || (n_linear++ < CONFIRMED_MAX && is_confirmed (picture, reading)))
        g_ptr_array_add (readings, bipe_reading_ref (reading));
    }
  return readings;
}

static GPtrArray *
look_at_guide (const BipePicture *picture,
               const BipeArea *guide,
               BipeSymbologies symbologies,
               gint64 deadline)
{
  View box = crop (picture, guide);
  GPtrArray *readings
      = read_first (&box, symbologies & ~SYMBOLOGIES_CUT, TRUE, FRAME_CODES_MAX, deadline);

  if (readings->len == 0)
    read_bands (picture, guide, symbologies, GUIDE_BANDS, FALSE, deadline, readings);
  return readings;
}

static GPtrArray *
look_once (const BipePicture *picture,
           BipeLooks look,
           const BipeArea *guide,
           BipeSymbologies symbologies,
           gint64 deadline)
{
  const BipeArea all = { 0, 0, picture->width, picture->height };
  View whole = make_view (picture);
  GPtrArray *readings;

  if (look == BIPE_LOOK_GUIDE)
    return look_at_guide (picture, guide->width > 0 && guide->height > 0 ? guide : &all,
                          symbologies, deadline);
  if (look == BIPE_LOOK_SECOND)
    return look_second (picture, symbologies);
  readings = read_first (&whole, symbologies, look == BIPE_LOOK_FULL, FRAME_CODES_MAX, deadline);
  if (look == BIPE_LOOK_FULL)
    read_bands (picture, &all, symbologies, FRAME_BANDS, FALSE, deadline, readings);
  return readings;
}

BipeSight *
bipe_reader_look (BipeReader *self,
                  const BipePicture *picture,
                  BipeLooks looks,
                  const BipeArea *guide,
                  BipeSymbologies symbologies)
{
  gint64 deadline = g_get_monotonic_time () + FRAME_MICROSECONDS;
  BipeSight *sight = bipe_sight_new ();

  sight->width = picture->width;
  sight->height = picture->height;
  sight->change = bipe_quality_compare (&self->quality, picture);
  for (guint look = BIPE_LOOK_GUIDE; look <= BIPE_LOOK_SECOND && sight->readings->len == 0;
       look <<= 1)
    if (looks & look)
      {
        g_autoptr(GPtrArray) readings = look_once (picture, look, guide, symbologies, deadline);

        add_readings (sight, readings);
      }
  if (sight->readings->len == 0)
    sight->flaw = bipe_quality_find_flaw (picture, guide);
  return sight;
}

typedef struct
{
  BipeTallyTry kind;
  const Recipe *recipe;
  gboolean is_transposed; /* for bars that lie: the recipes are made for upright ones */
} Try;

/* The first of each decoder is always made, the others until it is settled. */
#define N_ALWAYS 2
static const Try tries[] = {
  { BIPE_TALLY_FIRST, &plain, FALSE },     { BIPE_TALLY_SECOND, &plain, FALSE },
  { BIPE_TALLY_FIRST, &doubled, FALSE },   { BIPE_TALLY_ALTERED, &streaked_sharpened, FALSE },
  { BIPE_TALLY_FIRST, &sharpened, FALSE }, { BIPE_TALLY_SECOND, &sharpened, FALSE },
  { BIPE_TALLY_FIRST, &streaked, FALSE },  { BIPE_TALLY_FIRST, &inverted, FALSE },
  { BIPE_TALLY_FIRST, &blended, FALSE },   { BIPE_TALLY_FIRST, &softened, FALSE },
  { BIPE_TALLY_FIRST, &halved, FALSE },    { BIPE_TALLY_ALTERED, &streaked_sharpened, TRUE },
  { BIPE_TALLY_FIRST, &sharpened, TRUE },  { BIPE_TALLY_FIRST, &streaked, TRUE },
};

/* A view of @given, whose pixels stay @given's. */
static View
borrow (const View *given)
{
  View view = *given;

  view.pixels = NULL;
  return view;
}

static void
make_try (BipeTally *tally,
          const Try *try,
          const View *given,
          BipeSymbologies symbologies,
          gint64 deadline)
{
  g_auto(View) view = borrow (given);
  g_autoptr(GPtrArray) readings = NULL;
  BipePicture to;

  if (try->is_transposed)
    {
      view.is_transposed = TRUE;
      replace (&view, bipe_retouch_transpose (&view.picture, &to), &to);
    }
  apply (&view, try->recipe);
  readings = try->kind == BIPE_TALLY_SECOND
                 ? read_second (&view, symbologies)
                 : read_first (&view, symbologies, TRUE, FILE_CODES_MAX, deadline);
  bipe_tally_add (tally, try->kind, readings);
}

static void
try_with_margin (BipeTally *tally, const View *given, BipeSymbologies symbologies, gint64 deadline)
{
  g_auto(View) view = borrow (given);
  g_autoptr(GPtrArray) readings = NULL;
  BipePicture to;

  replace (&view, bipe_retouch_pad (&view.picture, MARGIN, &to), &to);
  view.x -= (gint32)(MARGIN * view.scale);
  view.y -= (gint32)(MARGIN * view.scale);
  readings
      = read_first (&view, symbologies & BIPE_SYMBOLOGIES_MATRIX, TRUE, FILE_CODES_MAX, deadline);
  bipe_tally_add (tally, BIPE_TALLY_FIRST, readings);
}

static void
try_bands (BipeTally *tally,
           const BipePicture *picture,
           BipeSymbologies symbologies,
           gint64 deadline)
{
  const BipeArea all = { 0, 0, picture->width, picture->height };
  g_autoptr(GPtrArray) readings = make_readings ();

  read_bands (picture, &all, symbologies, FILE_BANDS, FALSE, deadline, readings);
  if (readings->len == 0)
    read_bands (picture, &all, symbologies, FILE_BANDS, TRUE, deadline, readings);
  bipe_tally_add (tally, BIPE_TALLY_FIRST, readings);
}

BipeSight *
bipe_reader_read (const BipePicture *picture, BipeSymbologies symbologies)
{
  gint64 deadline = g_get_monotonic_time () + FILE_MICROSECONDS;
  g_autoptr(BipeTally) tally = bipe_tally_new ();
  BipeSight *sight = bipe_sight_new ();
  g_auto(View) view = make_view (picture);
  g_autoptr(GPtrArray) readings = NULL;

  sight->width = picture->width;
  sight->height = picture->height;
  for (gsize i = 0; i < G_N_ELEMENTS (tries); i++)
    {
      if (i >= N_ALWAYS && (bipe_tally_is_settled (tally) || g_get_monotonic_time () > deadline))
        break;
      make_try (tally, &tries[i], &view, symbologies, deadline);
      while (count_pixels (&view.picture) > WHOLE_MAX)
        apply (&view, &halved);
    }
  if (!bipe_tally_is_settled (tally) && g_get_monotonic_time () < deadline)
    try_with_margin (tally, &view, symbologies, deadline);
  if (!bipe_tally_is_settled (tally))
    try_bands (tally, picture, symbologies, deadline);
  readings = bipe_tally_dup_readings (tally);
  add_readings (sight, readings);
  return sight;
}
