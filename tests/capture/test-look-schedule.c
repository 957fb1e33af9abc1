/* test-look-schedule.c: frames at 30 a second unless said otherwise. */
#include "config.h"

#include "capture/look-schedule.h"

#define QUICK (BIPE_LOOK_GUIDE | BIPE_LOOK_FAST)
#define SUDDEN (QUICK | BIPE_LOOK_FULL)
#define FRAME 33333
#define START 1000000

typedef struct
{
  BipeLookSchedule schedule;
  gint64 now;
  BipeSight *nothing;
  BipeSight *something;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const BipePoint corners[4] = { 0 };

  fixture->now = START;
  fixture->nothing = bipe_sight_new ();
  fixture->something = bipe_sight_new ();
  g_ptr_array_add (fixture->something->readings,
                   bipe_reading_new (BIPE_SYMBOLOGY_EAN_13, "", "x", 1, corners));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  bipe_sight_unref (fixture->nothing);
  bipe_sight_unref (fixture->something);
}

/* A frame in which nothing is found. */
static BipeLooks
next_frame (Fixture *fixture, gboolean has_changed)
{
  BipeLooks looks;

  fixture->now += FRAME;
  looks = bipe_look_schedule_next (&fixture->schedule, has_changed, fixture->now);
  if (looks != 0)
    bipe_look_schedule_report (&fixture->schedule, looks, fixture->nothing, FALSE, fixture->now);
  return looks;
}

static guint
count_looks (Fixture *fixture, gint64 period, guint *n_full)
{
  gint64 end = fixture->now + period;
  guint n = 0;

  *n_full = 0;
  while (fixture->now + FRAME <= end)
    {
      BipeLooks looks = next_frame (fixture, FALSE);

      g_assert_cmpuint (looks & BIPE_LOOK_SECOND, ==, 0);
      n += looks != 0 ? 1 : 0;
      *n_full += (looks & BIPE_LOOK_FULL) != 0 ? 1 : 0;
    }
  return n;
}

static void
test_rhythm (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpuint (next_frame (fixture, TRUE), ==, SUDDEN);
  for (guint i = 0; i < 30; i++)
    {
      g_assert_cmpuint (next_frame (fixture, FALSE), ==, QUICK);
      g_assert_cmpuint (next_frame (fixture, FALSE), ==, BIPE_LOOK_FULL);
      g_assert_cmpuint (next_frame (fixture, FALSE), ==, QUICK);
    }
}

static void
test_rest (Fixture *fixture, gconstpointer data)
{
  guint n_full;

  g_assert_cmpuint (count_looks (fixture, BIPE_LOOK_SCHEDULE_PATIENCE, &n_full), ==, 300);
  g_assert_cmpuint (n_full, ==, 101);
  next_frame (fixture, FALSE);
  g_assert_cmpuint (count_looks (fixture, 60 * G_USEC_PER_SEC, &n_full), ==, 300);
  g_assert_cmpuint (n_full, ==, 100);

  /* At once, in every way. */
  g_assert_cmpuint (next_frame (fixture, TRUE), ==, SUDDEN);
  g_assert_cmpuint (count_looks (fixture, 9 * G_USEC_PER_SEC, &n_full), ==, 270);
}

static void
test_sudden (Fixture *fixture, gconstpointer data)
{
  guint n_full;

  count_looks (fixture, G_USEC_PER_SEC, &n_full);
  g_assert_cmpuint (next_frame (fixture, TRUE), ==, SUDDEN);
  /* It goes on moving: that is not sudden any more. */
  for (guint i = 0; i < 30; i++)
    g_assert_cmpuint (next_frame (fixture, TRUE), !=, SUDDEN);
}

static void
test_again (Fixture *fixture, gconstpointer data)
{
  BipeLookSchedule *schedule = &fixture->schedule;
  guint n_same = 0;

  next_frame (fixture, TRUE);
  next_frame (fixture, FALSE);
  g_assert_cmpuint (bipe_look_schedule_next (schedule, FALSE, fixture->now + 1), ==,
                    BIPE_LOOK_FULL);
  bipe_look_schedule_report (schedule, BIPE_LOOK_FULL, fixture->something, TRUE, fixture->now + 1);
  g_assert_cmpuint (bipe_look_schedule_next (schedule, FALSE, fixture->now + 2), ==,
                    BIPE_LOOK_FULL);
  bipe_look_schedule_report (schedule, BIPE_LOOK_FULL, fixture->something, FALSE, fixture->now + 2);
  g_assert_cmpuint (bipe_look_schedule_next (schedule, FALSE, fixture->now + 3), ==, QUICK);

  /* Once, if nothing is heard of it. */
  bipe_look_schedule_report (schedule, BIPE_LOOK_FULL, fixture->something, TRUE, fixture->now + 3);
  g_assert_cmpuint (bipe_look_schedule_next (schedule, FALSE, fixture->now + 3), ==,
                    BIPE_LOOK_FULL);
  g_assert_cmpuint (bipe_look_schedule_next (schedule, FALSE, fixture->now + 3), ==, QUICK);

  /* Not for ever. */
  for (guint i = 0; i < 30; i++)
    {
      BipeLooks looks = bipe_look_schedule_next (schedule, FALSE, fixture->now + 4 + i);

      n_same += looks == QUICK ? 1 : 0;
      bipe_look_schedule_report (schedule, looks, fixture->something, TRUE, fixture->now + 4 + i);
    }
  g_assert_cmpuint (n_same, <, 30);
}

/* Even while it rests. */
static void
test_again_at_rest (Fixture *fixture, gconstpointer data)
{
  BipeLooks looks;
  guint n_full;

  count_looks (fixture, 20 * G_USEC_PER_SEC, &n_full);
  do
    looks = next_frame (fixture, FALSE);
  while (looks == 0);
  bipe_look_schedule_report (&fixture->schedule, looks, fixture->something, TRUE, fixture->now);
  g_assert_cmpuint (next_frame (fixture, FALSE), ==, looks);
  g_assert_cmpuint (next_frame (fixture, FALSE), ==, 0);
}

/* How many second looks there are in @n frames. */
static guint
count_second (Fixture *fixture, guint n, gboolean has_changed)
{
  guint n_second = 0;

  for (guint i = 0; i < n; i++)
    {
      next_frame (fixture, has_changed);
      if (bipe_look_schedule_take_second (&fixture->schedule, fixture->now))
        {
          n_second++;
          bipe_look_schedule_report (&fixture->schedule, BIPE_LOOK_SECOND, fixture->nothing, FALSE,
                                     fixture->now);
        }
    }
  return n_second;
}

static void
test_second (Fixture *fixture, gconstpointer data)
{
  guint n_second;

  g_assert_false (bipe_look_schedule_take_second (&fixture->schedule, fixture->now));

  /* Twice a second while things move; a little longer, since the picture may get better; then
   * never, whatever the thorough looks do not find. */
  n_second = count_second (fixture, 300, TRUE);
  g_assert_cmpuint (n_second, >=, 18);
  g_assert_cmpuint (n_second, <=, 20);
  g_assert_cmpuint (count_second (fixture, 60, FALSE), <=, 3);
  g_assert_cmpuint (count_second (fixture, 3000, FALSE), ==, 0);
  next_frame (fixture, TRUE);
  g_assert_cmpuint (count_second (fixture, 90, FALSE), >=, 1);
}

/* A look that has not been thorough, or has found something, asks for no second one. */
static void
test_no_second (Fixture *fixture, gconstpointer data)
{
  BipeLookSchedule *schedule = &fixture->schedule;
  gint64 now = START;

  bipe_look_schedule_next (schedule, TRUE, now);
  bipe_look_schedule_report (schedule, QUICK, fixture->nothing, FALSE, now);
  g_assert_false (bipe_look_schedule_take_second (schedule, now));
  bipe_look_schedule_report (schedule, BIPE_LOOK_FULL, fixture->something, FALSE, now);
  g_assert_false (bipe_look_schedule_take_second (schedule, now));
  bipe_look_schedule_report (schedule, BIPE_LOOK_FULL, fixture->nothing, FALSE, now);
  bipe_look_schedule_report (schedule, BIPE_LOOK_FULL, fixture->something, FALSE, now);
  g_assert_false (bipe_look_schedule_take_second (schedule, now));
  bipe_look_schedule_report (schedule, BIPE_LOOK_FULL, fixture->nothing, FALSE, now);
  g_assert_true (bipe_look_schedule_take_second (schedule, now));
  g_assert_false (bipe_look_schedule_take_second (schedule, now + 10 * G_USEC_PER_SEC));
}

/* What the second decoder alone can read needs two looks within half a second: they follow one
 * another, at any time, and yet there are but two a second. */
static void
test_urgent_second (Fixture *fixture, gconstpointer data)
{
  BipeLookSchedule *schedule = &fixture->schedule;
  guint n_second = 0;
  gint64 last = 0, shortest = G_MAXINT64;

  for (gint64 now = START; now < START + 10 * G_USEC_PER_SEC; now += 10000)
    {
      BipeLooks looks = bipe_look_schedule_next (schedule, TRUE, now);

      bipe_look_schedule_report (schedule, looks, fixture->nothing, FALSE, now);
      if (!bipe_look_schedule_take_second (schedule, now))
        continue;
      shortest = MIN (shortest, now - last);
      last = now;
      n_second++;
      /* Every other one finds a code, for the first time. */
      if (n_second % 2 == 1)
        bipe_look_schedule_report (schedule, BIPE_LOOK_SECOND, fixture->something, TRUE, now);
      else
        bipe_look_schedule_report (schedule, BIPE_LOOK_SECOND, fixture->something, FALSE, now);
    }
  g_assert_cmpint (shortest, <=, 50000);
  g_assert_cmpuint (n_second, >=, 18);
  g_assert_cmpuint (n_second, <=, 21);
}

/* Those of the first lane are the first's, whatever the time is. */
static void
test_clock_goes_back (Fixture *fixture, gconstpointer data)
{
  guint n_full;

  count_looks (fixture, 20 * G_USEC_PER_SEC, &n_full);
  count_second (fixture, 30, TRUE);
  fixture->now = START;
  g_assert_cmpuint (next_frame (fixture, FALSE), ==, SUDDEN);
  g_assert_cmpuint (count_looks (fixture, 5 * G_USEC_PER_SEC, &n_full), ==, 150);
  g_assert_cmpuint (count_second (fixture, 300, TRUE), >=, 19);
}

static void
test_clock_stands (Fixture *fixture, gconstpointer data)
{
  guint n_full, n_looks = 0;

  count_looks (fixture, 20 * G_USEC_PER_SEC, &n_full);
  for (guint i = 0; i < 1000; i++)
    n_looks += bipe_look_schedule_next (&fixture->schedule, FALSE, fixture->now) != 0 ? 1 : 0;
  g_assert_cmpuint (n_looks, >=, 10);
  g_assert_cmpuint (n_looks, <, 100);
}

static void
test_clock_leaps (Fixture *fixture, gconstpointer data)
{
  guint n_full;

  count_looks (fixture, G_USEC_PER_SEC, &n_full);
  fixture->now += G_TIME_SPAN_DAY;
  g_assert_cmpuint (next_frame (fixture, TRUE), ==, SUDDEN);
  g_assert_cmpuint (count_looks (fixture, 5 * G_USEC_PER_SEC, &n_full), ==, 150);
}

/* A slow machine's frames, later than the rest between two looks. */
static void
test_late_frames (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 100; i++)
    {
      fixture->now += 250000;
      g_assert_cmpuint (next_frame (fixture, FALSE), !=, 0);
    }
}

#define ADD(path, test) g_test_add ("/look-schedule/" path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("rhythm", test_rhythm);
  ADD ("rest", test_rest);
  ADD ("sudden", test_sudden);
  ADD ("again", test_again);
  ADD ("again-at-rest", test_again_at_rest);
  ADD ("second", test_second);
  ADD ("no-second", test_no_second);
  ADD ("urgent-second", test_urgent_second);
  ADD ("clock-goes-back", test_clock_goes_back);
  ADD ("clock-stands", test_clock_stands);
  ADD ("clock-leaps", test_clock_leaps);
  ADD ("late-frames", test_late_frames);
  return g_test_run ();
}
