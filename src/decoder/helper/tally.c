#include "config.h"

#include "decoder/helper/tally.h"

#define TRIES_MIN 3

/* Their check digit lets through one in ten, or in a hundred; what their bars may look like, far
 * less. */
#define SYMBOLOGIES_CHECKED (BIPE_SYMBOLOGY_EAN_13 | BIPE_SYMBOLOGY_UPC_A | BIPE_SYMBOLOGY_CODE_128)

/* More than that, of which only phantoms are, is not remembered. */
#define ENTRIES_MAX (4 * BIPE_SIGHT_READINGS_MAX)

typedef struct
{
  BipeReading *reading; /* the first */
  guint n[3];           /* tries of each kind that had it */
} Entry;

struct _BipeTally
{
  GArray *entries; /* in the order they were found */
};

static void
entry_clear (gpointer data)
{
  Entry *entry = data;

  bipe_reading_unref (entry->reading);
}

BipeTally *
bipe_tally_new (void)
{
  BipeTally *self = g_new0 (BipeTally, 1);

  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (self->entries, entry_clear);
  return self;
}

void
bipe_tally_free (BipeTally *self)
{
  g_array_unref (self->entries);
  g_free (self);
}

static Entry *
find_or_add (BipeTally *self, BipeReading *reading)
{
  Entry entry = { reading, { 0 } };

  for (guint i = 0; i < self->entries->len; i++)
    if (bipe_reading_equal (g_array_index (self->entries, Entry, i).reading, reading))
      return &g_array_index (self->entries, Entry, i);
  if (self->entries->len == ENTRIES_MAX)
    return NULL;
  bipe_reading_ref (reading);
  g_array_append_val (self->entries, entry);
  return &g_array_index (self->entries, Entry, self->entries->len - 1);
}

static gboolean
is_first_of_its_text (GPtrArray *readings, guint index)
{
  for (guint i = 0; i < index; i++)
    if (bipe_reading_equal (readings->pdata[i], readings->pdata[index]))
      return FALSE;
  return TRUE;
}

void
bipe_tally_add (BipeTally *self, BipeTallyTry kind, GPtrArray *readings)
{
  for (guint i = 0; i < readings->len; i++)
    {
      Entry *entry
          = is_first_of_its_text (readings, i) ? find_or_add (self, readings->pdata[i]) : NULL;

      if (entry != NULL)
        entry->n[kind]++;
    }
}

static guint
count_first (const Entry *entry)
{
  return entry->n[BIPE_TALLY_FIRST] + entry->n[BIPE_TALLY_ALTERED];
}

static gboolean
counts (const Entry *entry)
{
  return (entry->reading->symbology & BIPE_SYMBOLOGIES_MATRIX) != 0
         || count_first (entry) >= TRIES_MIN
         || (count_first (entry) > 0 && entry->n[BIPE_TALLY_SECOND] > 0);
}

gboolean
bipe_tally_is_settled (BipeTally *self)
{
  for (guint i = 0; i < self->entries->len; i++)
    if (!counts (&g_array_index (self->entries, Entry, i)))
      return FALSE;
  return self->entries->len > 0;
}

static gboolean
is_uncontradicted (BipeTally *self)
{
  const Entry *entry = &g_array_index (self->entries, Entry, 0);

  return self->entries->len == 1 && (entry->reading->symbology & SYMBOLOGIES_CHECKED) != 0
         && (entry->n[BIPE_TALLY_FIRST] > 0 || entry->n[BIPE_TALLY_ALTERED] > 1);
}

GPtrArray *
bipe_tally_dup_readings (BipeTally *self)
{
  GPtrArray *readings = g_ptr_array_new_with_free_func ((GDestroyNotify)bipe_reading_unref);

  for (guint i = 0; i < self->entries->len; i++)
    {
      const Entry *entry = &g_array_index (self->entries, Entry, i);

      if (counts (entry) || is_uncontradicted (self))
        g_ptr_array_add (readings, bipe_reading_ref (entry->reading));
    }
  return readings;
}
