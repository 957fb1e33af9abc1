#include "config.h"

#include <string.h>

#include "base/histogram.h"

/* Where a time is counted: at its step and all above. */
static const struct
{
  gint64 microseconds;
  const char *in;    /* the first step that has it */
  const char *above; /* NULL: none has it not */
} cases[] = {
  { G_MININT64, "0.0001", NULL }, { -1, "0.0001", NULL },       { 0, "0.0001", NULL },
  { 100, "0.0001", NULL },        { 101, "0.00025", "0.0001" }, { 1000, "0.001", "0.0005" },
  { 2500000, "2.5", "1" },        { 2500001, "5", "2.5" },      { 30000000, "30", "10" },
  { 30000001, "+Inf", "30" },     { G_MAXINT64, "+Inf", "30" },
};

static gboolean
has_line (const GString *out, const char *step, guint count)
{
  g_autofree char *line = g_strdup_printf ("x_seconds_bucket{le=\"%s\"} %u\n", step, count);

  return strstr (out->str, line) != NULL;
}

static void
test_steps (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BipeHistogram histogram = { 0 };
      g_autoptr(GString) out = g_string_new (NULL);

      bipe_histogram_add (&histogram, cases[i].microseconds);
      bipe_histogram_append (&histogram, out, "x_seconds", "");
      g_test_message ("%" G_GINT64_FORMAT ": %s", cases[i].microseconds, out->str);
      g_assert_true (has_line (out, cases[i].in, 1));
      g_assert_true (has_line (out, "+Inf", 1));
      if (cases[i].above != NULL)
        g_assert_true (has_line (out, cases[i].above, 0));
    }
}

static void
test_sum (void)
{
  BipeHistogram histogram = { 0 };
  g_autoptr(GString) empty = g_string_new (NULL), out = g_string_new (NULL);

  bipe_histogram_append (&histogram, empty, "x_seconds", "a=\"b\"");
  g_assert_nonnull (strstr (empty->str, "x_seconds_bucket{a=\"b\",le=\"+Inf\"} 0\n"));
  g_assert_nonnull (
      strstr (empty->str, "x_seconds_sum{a=\"b\"} 0.000000\nx_seconds_count{a=\"b\"} 0\n"));

  bipe_histogram_add (&histogram, 1);
  bipe_histogram_add (&histogram, 2999999);
  bipe_histogram_add (&histogram, -5);
  g_assert_cmpuint (bipe_histogram_get_count (&histogram), ==, 3);
  bipe_histogram_append (&histogram, out, "x_seconds", "");
  g_assert_nonnull (strstr (out->str, "x_seconds_sum 3.000000\nx_seconds_count 3\n"));
}

/* Each bucket has what the one before it has. */
static void
test_rises (void)
{
  BipeHistogram histogram = { 0 };
  g_autoptr(GString) out = g_string_new (NULL);
  g_auto(GStrv) lines = NULL;
  guint64 last = 0;

  for (gint64 time = 1; time < G_GINT64_CONSTANT (100000000); time *= 2)
    bipe_histogram_add (&histogram, time);
  bipe_histogram_append (&histogram, out, "x_seconds", "");
  lines = g_strsplit (out->str, "\n", -1);
  for (guint i = 0; i <= BIPE_HISTOGRAM_N_STEPS; i++)
    {
      guint64 count = g_ascii_strtoull (strrchr (lines[i], ' ') + 1, NULL, 10);

      g_assert_cmpuint (count, >, last);
      last = count;
    }
  g_assert_cmpuint (last, ==, bipe_histogram_get_count (&histogram));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/histogram/steps", test_steps);
  g_test_add_func ("/histogram/sum", test_sum);
  g_test_add_func ("/histogram/rises", test_rises);
  return g_test_run ();
}
