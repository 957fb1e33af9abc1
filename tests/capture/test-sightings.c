/* test-sightings.c: what a camera sees is written as lines "milliseconds code code …"; a code is a
 * letter for its symbology (q QR Code, e EAN-13, i ITF, c Codabar), a text, and if need be @x,y of
 * its upper left corner, and of its size +w,h. What must count is in the same form. */
#include "config.h"

#include <string.h>

#include "capture/sightings.h"

static const struct
{
  char letter;
  BipeSymbologies symbology;
} letters[] = {
  { 'q', BIPE_SYMBOLOGY_QR_CODE },
  { 'e', BIPE_SYMBOLOGY_EAN_13 },
  { 'i', BIPE_SYMBOLOGY_ITF },
  { 'c', BIPE_SYMBOLOGY_CODABAR },
};

static BipeReading *
make_reading (const char *word)
{
  g_auto(GStrv) parts = g_strsplit_set (word, "@,+", 5);
  int numbers[4] = { 0, 0, 300, 60 };
  BipePoint corners[4];

  for (guint i = 1; parts[i] != NULL; i++)
    numbers[i - 1] = (int)g_ascii_strtoll (parts[i], NULL, 10);
  for (gsize i = 0; i < 4; i++)
    corners[i] = (BipePoint){ numbers[0] + (i == 1 || i == 2 ? numbers[2] : 0),
                              numbers[1] + (i >= 2 ? numbers[3] : 0) };
  for (gsize i = 0; i < G_N_ELEMENTS (letters); i++)
    if (letters[i].letter == word[0])
      return bipe_reading_new (letters[i].symbology, "", parts[0], strlen (parts[0]), corners);
  g_assert_not_reached ();
}

/* Milliseconds; a fed line's scans as a line of the same form, or nothing. */
static void
feed (BipeSightings *sightings, const char *line, GString *out)
{
  g_auto(GStrv) words = g_strsplit (line, " ", -1);
  g_autoptr(GPtrArray) readings
             = g_ptr_array_new_with_free_func ((GDestroyNotify)bipe_reading_unref);
  g_autoptr(GPtrArray) scans = NULL;

  for (guint i = 1; words[i] != NULL; i++)
    g_ptr_array_add (readings, make_reading (words[i]));
  scans = bipe_sightings_feed (sightings, readings, g_ascii_strtoll (words[0], NULL, 10) * 1000);
  if (scans->len == 0)
    return;
  g_string_append_printf (out, "%s%s", out->len > 0 ? "|" : "", words[0]);
  for (guint i = 0; i < scans->len; i++)
    g_string_append_printf (out, " %s", ((BipeReading *)scans->pdata[i])->text);
}

static const struct
{
  const char *name;
  const char *looks;
  const char *scans;
} cases[] = {
  { "matrix at once", "0 qA", "0 qA" },
  { "matrix once while in view", "0 qA|33 qA|900 qA|1800 qA|2700 qA", "0 qA" },
  { "matrix again after its absence", "0 qA|1001 qA", "0 qA|1001 qA" },
  { "not before", "0 qA|1000 qA", "0 qA" },
  { "looks that miss it are no absence", "0 qA|100|500|900|950 qA|1900 qA", "0 qA" },
  { "looks that miss it for long are", "0 qA|100|500|900|1001 qA", "0 qA|1001 qA" },
  { "several in view", "0 qA qB|33 qB qC|66 qA qC qB", "0 qA qB|33 qC" },
  { "twice the same in one look", "0 qA qA", "0 qA" },
  { "linear needs two", "0 eA|33 eA|66 eA", "33 eA" },
  { "one look is never enough", "0 eA|600 eA|1200 eA|1800 eA", "" },
  { "within half a second", "0 eA|500 eA", "500 eA" },
  { "not more", "0 eA|501 eA", "" },
  { "of different pictures", "0 eA|0 eA|0 eA", "" },
  { "twice in one look is one", "0 eA eA@500,0", "" },
  { "three for ITF", "0 iA|33 iA|66 iA", "66 iA" },
  { "three for Codabar", "0 cA|250 cA|500 cA", "500 cA" },
  { "all three within", "0 cA|250 cA|501 cA", "" },
  { "others in between", "0 eA|33|66 eB@0,400|99 eA", "99 eA" },
  { "linear again after its absence", "0 eA|33 eA|1034 eA|1067 eA", "33 eA|1067 eA" },
  { "seen a single time again", "0 eA|33 eA|1034 eA", "33 eA" },
  { "misread once", "0 eA|33 eX|66 eA|99 eA", "99 eA" },
  { "misread once after", "0 eA|33 eA|66 eX|99 eA", "33 eA" },
  { "now this way, now that way", "0 eA|33 eB|66 eA|99 eB|132 eA|165 eB", "" },
  { "another symbology is another text", "0 eA|33 iA|66 eA|99 iA", "" },
  { "moved a little", "0 eA|33 eX@20,8|66 eA@40,16", "" },
  { "elsewhere is no contradiction", "0 eA|33 eB@0,100|66 eA|99 eB@0,100", "66 eA|99 eB" },
  { "beside is no contradiction", "0 eA|33 eB@320,0|66 eA|99 eB@320,0", "66 eA|99 eB" },
  { "thin lines of one symbol", "0 eA@0,0+300,1|33 eX@0,15+300,1|66 eA@0,30+300,1", "" },
  { "thin lines of two symbols", "0 eA@0,0+300,1|33 eB@0,70+300,1|66 eA@0,0+300,1|99 eB@0,70+300,1",
    "66 eA|99 eB" },
  { "both in one look", "0 eA eB|33 eA eB", "33 eA eB" },
  { "misread twice in the place of a scan", "0 eA|33 eA|66 eX|99 eX|132 eA|165 eX", "33 eA" },
  { "exchanged for another", "0 eA|33 eA|66 eB|99 eB|132 eB|165 eB", "33 eA|165 eB" },
  { "exchanged after its absence", "0 eA|33 eA|1100 eB|1133 eB", "33 eA|1133 eB" },
  { "a matrix code in the place of a linear one", "0 eA|33 qB|66 eA", "33 qB|66 eA" },
  { "a late look agrees", "0|200 eA|100 eA", "100 eA" },
  { "a late look at the same picture", "200 eA|100|200 eA", "" },
  { "a late look contradicts", "0 eA|100 eA|50 eX", "100 eA" },
  { "a late look does not make older what is in view", "0 qA|900 qA|500 qA|1800 qA", "0 qA" },
  { "the clock goes back", "100000 qA|0 qA|33 qA", "100000 qA|0 qA" },
  { "the clock goes back on half a code", "100000 eA|0 eA|33 eA", "33 eA" },
  { "the clock stands", "5 eA|5 eA|5 qA|5 qA", "5 qA" },
  { "the clock leaps", "0 qA|9000000 qA|9000001 qA", "0 qA|9000000 qA" },
};

static void
test_case (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr(BipeSightings) sightings = bipe_sightings_new (G_USEC_PER_SEC);
  g_autoptr(GString) out = g_string_new (NULL);
  g_auto(GStrv) looks = g_strsplit (cases[i].looks, "|", -1);

  for (guint k = 0; looks[k] != NULL; k++)
    feed (sightings, looks[k], out);
  g_assert_cmpstr (out->str, ==, cases[i].scans);
}

static void
test_absence (void)
{
  g_autoptr(BipeSightings) sightings = bipe_sightings_new (200000);
  g_autoptr(GString) out = g_string_new (NULL);

  feed (sightings, "0 qA", out);
  feed (sightings, "201 qA", out);
  bipe_sightings_set_absence (sightings, 5000000);
  feed (sightings, "5201 qA", out);
  feed (sightings, "10202 qA", out);
  g_assert_cmpstr (out->str, ==, "0 qA|201 qA|10202 qA");
}

static void
test_hold (void)
{
  g_autoptr(BipeSightings) sightings = bipe_sightings_new (G_USEC_PER_SEC);
  g_autoptr(GString) out = g_string_new (NULL);

  feed (sightings, "0 qA", out);
  feed (sightings, "500 qB", out);
  for (gint64 now = 600000; now <= 5000000; now += 33000)
    bipe_sightings_hold (sightings, 100000, now); /* the scene has changed after A */
  feed (sightings, "5500 qA qB", out);
  g_assert_cmpstr (out->str, ==, "0 qA|500 qB|5500 qA");
}

/* One that has not counted must not grow into one by being held. */
static void
test_hold_half (void)
{
  g_autoptr(BipeSightings) sightings = bipe_sightings_new (G_USEC_PER_SEC);
  g_autoptr(GString) out = g_string_new (NULL);

  feed (sightings, "0 eA", out);
  bipe_sightings_hold (sightings, 0, 400000);
  bipe_sightings_hold (sightings, 0, 800000);
  feed (sightings, "850 eA", out);
  g_assert_cmpstr (out->str, ==, "");
}

static void
test_doubt (void)
{
  g_autoptr(BipeSightings) sightings = bipe_sightings_new (G_USEC_PER_SEC);
  g_autoptr(GString) out = g_string_new (NULL);

  g_assert_false (bipe_sightings_has_doubt (sightings, 0));
  feed (sightings, "0 qA", out);
  g_assert_false (bipe_sightings_has_doubt (sightings, 0));
  feed (sightings, "33 eA", out);
  g_assert_true (bipe_sightings_has_doubt (sightings, 33000));
  g_assert_false (bipe_sightings_has_doubt (sightings, 600000));
  feed (sightings, "66 eA", out);
  g_assert_false (bipe_sightings_has_doubt (sightings, 66000));
}

/* Past the bound the oldest go, and those in view stay. */
static void
test_bound (void)
{
  g_autoptr(BipeSightings) sightings = bipe_sightings_new (G_USEC_PER_SEC);
  g_autoptr(GString) out = g_string_new (NULL);

  for (guint i = 0; i < 10 * BIPE_SIGHTINGS_MAX; i++)
    {
      g_autofree char *line = g_strdup_printf ("%u qA q%u", i, i);

      feed (sightings, line, out);
    }
  g_string_truncate (out, 0);
  feed (sightings, "650 qA q639 q0", out);
  g_assert_cmpstr (out->str, ==, "650 q0");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path
          = g_strdelimit (g_strdup_printf ("/sightings/%s", cases[i].name), " ", '-');

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_case);
    }
  g_test_add_func ("/sightings/absence", test_absence);
  g_test_add_func ("/sightings/hold", test_hold);
  g_test_add_func ("/sightings/hold-half", test_hold_half);
  g_test_add_func ("/sightings/doubt", test_doubt);
  g_test_add_func ("/sightings/bound", test_bound);
  return g_test_run ();
}
