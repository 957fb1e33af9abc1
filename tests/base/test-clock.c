#include "config.h"

#include "base/clock.h"

static void
test_manual (void)
{
  g_autoptr(BipeClock) clock = bipe_clock_new_manual (1000);
  gint64 start = bipe_clock_monotonic (clock);

  g_assert_cmpint (bipe_clock_real (clock), ==, 1000);
  bipe_clock_advance (clock, 50);
  g_assert_cmpint (bipe_clock_real (clock), ==, 1050);
  g_assert_cmpint (bipe_clock_monotonic (clock), ==, start + 50);

  bipe_clock_step (clock, 7);
  g_assert_cmpint (bipe_clock_real (clock), ==, 7);
  g_assert_cmpint (bipe_clock_monotonic (clock), ==, start + 50);
}

static void
test_system (void)
{
  gint64 real = g_get_real_time (), monotonic = g_get_monotonic_time ();

  /* A day's room: somebody may set the clock while the test runs. */
  g_assert_cmpint (ABS (bipe_clock_real (bipe_clock_system ()) - real), <, G_TIME_SPAN_DAY);
  g_assert_cmpint (bipe_clock_monotonic (bipe_clock_system ()), >=, monotonic);
}

static gpointer
advance_thread (gpointer clock)
{
  for (guint i = 0; i < 10000; i++)
    bipe_clock_advance (clock, 1);
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr(BipeClock) clock = bipe_clock_new_manual (0);
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("advance", advance_thread, clock);
  for (gint64 last = 0, now; last < 40000; last = now)
    {
      now = bipe_clock_real (clock);
      g_assert_cmpint (now, >=, last);
    }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (bipe_clock_monotonic (clock), ==, 40000);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clock/manual", test_manual);
  g_test_add_func ("/clock/system", test_system);
  g_test_add_func ("/clock/threads", test_threads);
  return g_test_run ();
}
