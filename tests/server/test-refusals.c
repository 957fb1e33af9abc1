#include "config.h"

#include "base/clock.h"
#include "server/refusals.h"

static gboolean
note (BipeRefusals *refusals, guint number)
{
  g_autofree char *word = g_strdup_printf ("host-%u", number);

  return bipe_refusals_note (refusals, word);
}

/* Each once a minute, and those past the bound once, all together. */
static void
test_bounds (void)
{
  BipeClock *clock = bipe_clock_new_manual (0);
  BipeRefusals *refusals;

  bipe_clock_advance (clock, G_USEC_PER_SEC);
  refusals = bipe_refusals_new (clock);
  for (guint round = 0; round < 3; round++)
    {
      guint n_told = 0;

      for (guint i = 0; i < 1000; i++)
        n_told += note (refusals, i) ? 1 : 0;
      g_assert_cmpuint (n_told, ==, BIPE_REFUSALS_MAX + 1);
      for (guint i = 0; i < 1000; i++)
        g_assert_false (note (refusals, i));
      bipe_clock_advance (clock, G_TIME_SPAN_MINUTE - 1);
      g_assert_false (note (refusals, 0));
      bipe_clock_advance (clock, 1);
    }
  bipe_refusals_free (refusals);
  bipe_clock_free (clock);
}

/* Only its beginning counts. */
static void
test_long (void)
{
  BipeClock *clock = bipe_clock_new_manual (0);
  BipeRefusals *refusals = bipe_refusals_new (clock);
  g_autofree char *longest = g_strnfill (100000, 'x');
  g_autofree char *other = g_strnfill (BIPE_REFUSALS_LENGTH_MAX, 'x');

  bipe_clock_advance (clock, G_USEC_PER_SEC);
  g_assert_true (bipe_refusals_note (refusals, longest));
  g_assert_false (bipe_refusals_note (refusals, other));
  other[0] = 'y';
  g_assert_true (bipe_refusals_note (refusals, other));
  bipe_refusals_free (refusals);
  bipe_clock_free (clock);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/refusals/bounds", test_bounds);
  g_test_add_func ("/refusals/long", test_long);
  return g_test_run ();
}
