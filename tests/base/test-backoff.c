#include "config.h"

#include "base/backoff.h"

static void
test_steps (void)
{
  static const guint steps[] = { 200, 400, 800, 1600, 3200, 5000, 5000, 5000 };
  BipeBackoff backoff = { .first_ms = 200, .most_ms = 5000 };

  for (guint round = 0; round < 50; round++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
        {
          guint wait = bipe_backoff_next (&backoff);

          g_assert_cmpuint (wait, >=, steps[i] / 2);
          g_assert_cmpuint (wait, <=, steps[i]);
        }
      bipe_backoff_reset (&backoff);
    }
}

/* After years of an outage the step is still the largest one. */
static void
test_many_failures (void)
{
  BipeBackoff backoff
      = { .first_ms = 1000, .most_ms = G_MAXINT32 - 1, .n_failures = G_MAXUINT / 2 };

  for (guint i = 0; i < 100; i++)
    g_assert_cmpuint (bipe_backoff_next (&backoff), >=, 1000 << 19);
}

static void
test_scatters (void)
{
  g_autoptr(GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < 100; i++)
    {
      BipeBackoff backoff = { .first_ms = 1000000, .most_ms = 1000000 };

      g_hash_table_add (seen, GUINT_TO_POINTER (bipe_backoff_next (&backoff)));
    }
  g_assert_cmpuint (g_hash_table_size (seen), >, 90);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/backoff/steps", test_steps);
  g_test_add_func ("/backoff/many-failures", test_many_failures);
  g_test_add_func ("/backoff/scatters", test_scatters);
  return g_test_run ();
}
