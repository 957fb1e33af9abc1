#include "config.h"

#include <string.h>

#include "decoder/helper/tally.h"

#define FIRST BIPE_TALLY_FIRST
#define ALTERED BIPE_TALLY_ALTERED
#define SECOND BIPE_TALLY_SECOND
#define EAN BIPE_SYMBOLOGY_EAN_13
#define ITF BIPE_SYMBOLOGY_ITF
#define QR BIPE_SYMBOLOGY_QR_CODE

/* What the tries find, one after the other, and whether it counts then. */
static const struct
{
  const char *name;
  struct
  {
    BipeTallyTry kind;
    BipeSymbologies symbology; /* 0: nothing more */
    const char *text;
  } tries[5];
  guint n;
  gboolean is_settled;
} cases[] = {
  { "nothing", { { 0 } }, 0, FALSE },
  { "matrix", { { FIRST, QR, "a" } }, 1, TRUE },
  { "matrix of the second", { { SECOND, QR, "a" } }, 1, TRUE },
  { "linear once", { { FIRST, EAN, "1" } }, 1, FALSE },
  { "linear of the second once", { { SECOND, EAN, "1" } }, 0, FALSE },
  { "altered once", { { ALTERED, EAN, "1" } }, 0, FALSE },
  { "altered twice", { { ALTERED, EAN, "1" }, { ALTERED, EAN, "1" } }, 1, FALSE },
  { "altered, and of the second", { { ALTERED, EAN, "1" }, { SECOND, EAN, "1" } }, 1, TRUE },
  { "weak once", { { FIRST, ITF, "1" } }, 0, FALSE },
  { "weak twice", { { FIRST, ITF, "1" }, { FIRST, ITF, "1" } }, 0, FALSE },
  { "weak three times",
    { { FIRST, ITF, "1" }, { FIRST, ITF, "1" }, { FIRST, ITF, "1" } },
    1,
    TRUE },
  { "linear of both", { { FIRST, EAN, "1" }, { SECOND, EAN, "1" } }, 1, TRUE },
  { "linear twice", { { FIRST, EAN, "1" }, { FIRST, EAN, "1" } }, 1, FALSE },
  { "twice, and another text",
    { { FIRST, EAN, "1" }, { FIRST, EAN, "1" }, { FIRST, EAN, "2" } },
    0,
    FALSE },
  { "three times", { { FIRST, EAN, "1" }, { FIRST, EAN, "1" }, { FIRST, EAN, "1" } }, 1, TRUE },
  { "of the second alone",
    { { SECOND, EAN, "1" }, { SECOND, EAN, "1" }, { SECOND, EAN, "1" } },
    0,
    FALSE },
  { "other texts", { { FIRST, EAN, "1" }, { SECOND, EAN, "2" } }, 0, FALSE },
  { "another symbology", { { FIRST, EAN, "1" }, { SECOND, QR, "1" } }, 1, FALSE },
  { "one in doubt", { { FIRST, EAN, "1" }, { SECOND, EAN, "1" }, { SECOND, EAN, "2" } }, 1, FALSE },
};

static BipeReading *
make_reading (BipeSymbologies symbology, const char *text)
{
  const BipePoint corners[4] = { 0 };

  return bipe_reading_new (symbology, "", text, strlen (text), corners);
}

static void
test_cases (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(BipeTally) tally = bipe_tally_new ();
      g_autoptr(GPtrArray) counted = NULL;

      for (gsize k = 0; cases[i].tries[k].symbology != 0; k++)
        {
          g_autoptr(GPtrArray) readings
                     = g_ptr_array_new_with_free_func ((GDestroyNotify)bipe_reading_unref);

          /* Twice in one try is once. */
          for (int n = 0; n < 2; n++)
            g_ptr_array_add (readings,
                             make_reading (cases[i].tries[k].symbology, cases[i].tries[k].text));
          bipe_tally_add (tally, cases[i].tries[k].kind, readings);
        }
      counted = bipe_tally_dup_readings (tally);
      g_test_message ("%s", cases[i].name);
      g_assert_cmpuint (counted->len, ==, cases[i].n);
      g_assert_cmpint (bipe_tally_is_settled (tally), ==, cases[i].is_settled);
    }
}

/* Phantoms without end are not kept without end. */
static void
test_bound (void)
{
  g_autoptr(BipeTally) tally = bipe_tally_new ();
  g_autoptr(GPtrArray) counted = NULL;

  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);
      g_autoptr(GPtrArray) readings
                 = g_ptr_array_new_with_free_func ((GDestroyNotify)bipe_reading_unref);

      g_ptr_array_add (readings, make_reading (QR, text));
      bipe_tally_add (tally, FIRST, readings);
    }
  counted = bipe_tally_dup_readings (tally);
  g_assert_cmpuint (counted->len, ==, 4 * BIPE_SIGHT_READINGS_MAX);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tally/cases", test_cases);
  g_test_add_func ("/tally/bound", test_bound);
  return g_test_run ();
}
