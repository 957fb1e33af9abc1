/* test-move.c: what the operator changes while the station runs: its name, its queue mode, and the
 * database. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "fixture.h"
#include "private-postgres.h"

static BipePrivatePostgres *server;

static char *
make_database (const char *name)
{
  bipe_private_postgres_create_database (server, name, "UTF8");
  return bipe_private_postgres_dup_url (server, name);
}

static BipeStoreTarget *
target_to (const char *url)
{
  g_autoptr(GError) error = NULL;
  BipeStoreTarget *target = bipe_store_target_new_postgres (url, NULL, FALSE, &error);

  g_assert_no_error (error);
  return target;
}

static void
start_move (Fixture *fixture, const char *url, GAsyncResult **result)
{
  bipe_station_move_async (fixture->station, target_to (url), fixture_result_cb, result);
}

static void
finish_move (Fixture *fixture, GAsyncResult **result)
{
  g_autoptr(GError) error = NULL;

  fixture_wait (fixture, result);
  g_assert_true (bipe_station_move_finish (fixture->station, *result, &error));
  g_assert_no_error (error);
  g_clear_object (result);
}

static void
move_to (Fixture *fixture, const char *url)
{
  GAsyncResult *result = NULL;

  start_move (fixture, url, &result);
  finish_move (fixture, &result);
}

static char *
count (const char *database, const char *what)
{
  g_autofree char *sql = g_strdup_printf ("SELECT count(%s) FROM scan", what);

  return bipe_private_postgres_run (server, database, sql);
}

static void
assert_count (const char *database, const char *what, const char *expected)
{
  g_autofree char *found = count (database, what);

  g_assert_cmpstr (found, ==, expected);
}

static void
assert_stations (const char *code, const char *station, Fixture *fixture)
{
  g_autoptr(BipeScan) scan = fixture_accept_code (fixture, code);

  g_assert_cmpstr (scan->station, ==, station);
}

static void
test_name (void)
{
  Fixture fixture;
  g_autoptr(BipeStatus) status = NULL;

  fixture_set_up (&fixture);
  fixture_start (&fixture, FALSE);
  assert_stations ("1", "balcão", &fixture);
  bipe_station_set_name (fixture.station, "doca 4");
  g_assert_cmpstr (bipe_station_get_name (fixture.station), ==, "doca 4");
  assert_stations ("2", "doca 4", &fixture);
  status = bipe_station_dup_status (fixture.station);
  g_assert_cmpstr (status->station, ==, "doca 4");
  fixture_tear_down (&fixture);
}

static void
assert_held (Fixture *fixture, gint64 n_queued, gint64 n_held, gboolean is_review)
{
  g_autoptr(BipeStatus) status = NULL;

  fixture_wait_queued (fixture, n_queued);
  status = bipe_station_dup_status (fixture->station);
  g_assert_cmpint (status->n_held, ==, n_held);
  g_assert_cmpint (status->is_review, ==, is_review);
}

static void
release_all (Fixture *fixture, gint64 expected)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_records_release_all_async (fixture->records, fixture_result_cb, &result);
  fixture_wait (fixture, &result);
  g_assert_cmpint (bipe_records_release_all_finish (fixture->records, result, NULL), ==, expected);
}

/* The mode counts for new scans; what is held waits for its release, whichever mode it began in. */
static void
test_review (void)
{
  for (guint is_first_review = 0; is_first_review < 2; is_first_review++)
    {
      Fixture fixture;

      fixture_set_up (&fixture);
      fixture_start (&fixture, is_first_review != 0);
      if (!is_first_review)
        {
          fixture_accept_codes (&fixture, "a", 2);
          assert_held (&fixture, 0, 0, FALSE);
          bipe_station_set_review (fixture.station, TRUE);
        }
      fixture_accept_codes (&fixture, "held", 3);
      assert_held (&fixture, 3, 3, TRUE);

      bipe_station_set_review (fixture.station, FALSE);
      fixture_accept_codes (&fixture, "new", 2);
      g_assert_true (fixture_drain (&fixture));
      assert_held (&fixture, 3, 3, FALSE);

      bipe_station_set_review (fixture.station, TRUE);
      fixture_accept_codes (&fixture, "again", 1);
      assert_held (&fixture, 4, 4, TRUE);
      bipe_station_set_review (fixture.station, FALSE);
      release_all (&fixture, 4);
      assert_held (&fixture, 0, 0, FALSE);
      fixture_tear_down (&fixture);
    }
}

static void
test_waiting_go_along (void)
{
  g_autofree char *url = make_database ("there");
  g_autoptr(BipeStatus) before = NULL, after = NULL;
  g_autoptr(BipeScan) scan = NULL;
  Fixture fixture;
  gint64 start;

  fixture_set_up (&fixture);
  fixture.database_url = g_strdup (NOWHERE);
  fixture_start (&fixture, FALSE);
  fixture_accept_codes (&fixture, "c", 9999);
  scan = fixture_accept_code (&fixture, "last");
  fixture_wait_store (&fixture, BIPE_STORE_OFFLINE);
  before = bipe_station_dup_status (fixture.station);

  start = g_get_monotonic_time ();
  move_to (&fixture, url);
  g_test_message ("moved after %.1f ms", (g_get_monotonic_time () - start) / 1000.0);
  fixture_wait_queued (&fixture, 0);
  g_test_message ("10,000 waiting scans stored after %.1f ms",
                  (g_get_monotonic_time () - start) / 1000.0);
  after = bipe_station_dup_status (fixture.station);
  g_assert_cmpuint (after->store_number, !=, before->store_number);
  g_assert_nonnull (strstr (after->store, "there"));
  g_assert_cmpint (after->store_state, ==, BIPE_STORE_ONLINE);
  assert_count ("there", "*", "10000");
  fixture_tear_down (&fixture);
}

/* Rows that are in the database that was, and not in the one that is: told in words, done with. */
static void
test_left_behind (void)
{
  g_autofree char *url = make_database ("fresh");
  g_autoptr(BipeScan) scan = NULL, next = NULL, collected = NULL;
  g_autoptr(GError) error = NULL;
  BipeScanRef ref = { 0 };
  Fixture fixture;

  fixture_set_up (&fixture);
  fixture_start (&fixture, FALSE);
  scan = fixture_accept_code (&fixture, "left behind");
  g_assert_true (fixture_drain (&fixture));
  move_to (&fixture, url);

  ref.uuid = scan->uuid;
  g_assert_null (fixture_find (&fixture, &ref, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "stored in another"));
  g_clear_error (&error);
  g_assert_null (fixture_void (&fixture, &ref, "why", &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "stored in another"));
  g_clear_error (&error);
  g_assert_null (fixture_restore (&fixture, &ref, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
  g_clear_error (&error);

  /* It is handed out all the same, once, and what comes after it isn't held up. */
  collected = fixture_collect (&fixture, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (collected->code, ==, "left behind");
  g_clear_pointer (&collected, bipe_scan_unref);
  next = fixture_accept_code (&fixture, "next");
  collected = fixture_collect (&fixture, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (collected->code, ==, "next");
  for (;;)
    {
      g_autofree char *marked = count ("fresh", "collected_at");

      if (g_str_equal (marked, "1"))
        break;
      g_main_context_iteration (fixture.context, FALSE);
    }
  fixture_tear_down (&fixture);
}

#define MOVES 50

/* To and fro under a stream of scans: each is in one of the two, once. */
static void
test_to_and_fro (void)
{
  g_autofree char *first = make_database ("east"), *second = make_database ("west");
  const char *const urls[] = { first, second };
  g_autofree char *east = NULL, *west = NULL;
  GAsyncResult *result = NULL;
  guint n_scans = 0;
  Fixture fixture;

  fixture_set_up (&fixture);
  fixture.database_url = g_strdup (urls[1]);
  fixture_start (&fixture, FALSE);
  for (guint i = 0; i < MOVES; i++)
    {
      start_move (&fixture, urls[i % 2], &result);
      while (result == NULL)
        {
          g_autofree char *prefix = g_strdup_printf ("%u-", n_scans);

          fixture_accept_codes (&fixture, prefix, 7);
          n_scans += 7;
        }
      finish_move (&fixture, &result);
      fixture_accept_codes (&fixture, "x", 40);
      n_scans += 40;
    }
  g_assert_true (fixture_drain (&fixture));
  east = count ("east", "*");
  west = count ("west", "*");
  g_test_message ("%u scans: %s and %s", n_scans, east, west);
  g_assert_cmpint (atoi (east), >, 0);
  g_assert_cmpint (atoi (west), >, 0);
  g_assert_cmpuint (atoi (east) + atoi (west), ==, n_scans);
  fixture_tear_down (&fixture);
}

/* The database that was goes away in the middle: nothing is stuck. */
static void
test_from_one_that_dies (void)
{
  g_autoptr(BipePrivatePostgres) dying = bipe_private_postgres_new ();
  g_autofree char *url = make_database ("alive");
  g_autofree char *old = NULL, *found = NULL;
  GAsyncResult *result = NULL;
  Fixture fixture;

  bipe_private_postgres_create_database (dying, "old", "UTF8");
  old = bipe_private_postgres_dup_url (dying, "old");
  fixture_set_up (&fixture);
  fixture.database_url = g_strdup (old);
  fixture_start (&fixture, FALSE);
  fixture_accept_codes (&fixture, "c", 500);
  g_assert_true (fixture_drain (&fixture));
  fixture_accept_codes (&fixture, "d", 3000);
  bipe_private_postgres_stop (dying, "immediate");
  start_move (&fixture, url, &result);
  finish_move (&fixture, &result);
  fixture_wait_queued (&fixture, 0);
  found = count ("alive", "*");
  g_test_message ("%s of 3,000 went to the new one", found);
  bipe_private_postgres_start (dying);
  g_clear_pointer (&old, g_free);
  old = bipe_private_postgres_run (dying, "old", "SELECT count(*) FROM scan");
  /* None is lost; one batch, at most, that was committed with nobody to hear of it, is in both. */
  g_assert_cmpint (atoi (old) + atoi (found), >=, 3500);
  g_assert_cmpint (atoi (old) + atoi (found), <=, 4500);
  fixture_tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/move/name", test_name);
  g_test_add_func ("/move/review", test_review);
  g_test_add_func ("/move/waiting-go-along", test_waiting_go_along);
  g_test_add_func ("/move/left-behind", test_left_behind);
  g_test_add_func ("/move/to-and-fro", test_to_and_fro);
  g_test_add_func ("/move/from-one-that-dies", test_from_one_that_dies);
  server = bipe_private_postgres_new ();
  status = g_test_run ();
  bipe_private_postgres_free (server);
  return status;
}
