/* test-forwarder.c: with the embedded store, and with a PostgreSQL that goes away and comes back.
 */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "fixture.h"
#include "private-postgres.h"

#define DATABASE "forwarder"

static BipePrivatePostgres *server;

static void
set_up_postgres (Fixture *fixture)
{
  fixture_set_up (fixture);
  bipe_private_postgres_create_database (server, DATABASE, "UTF8");
  fixture->database_url = bipe_private_postgres_dup_url (server, DATABASE);
}

static void
test_all_in_order (void)
{
  Fixture fixture;

  fixture_set_up (&fixture);
  fixture_start (&fixture, FALSE);
  /* Whole batches, part ones, and single scans. */
  fixture_accept_codes (&fixture, "c", 2000);
  for (guint i = 2001; i <= 2050; i++)
    {
      g_autofree char *code = g_strdup_printf ("c%04u", i);

      bipe_scan_unref (fixture_accept_code (&fixture, code));
    }
  g_assert_true (fixture_drain (&fixture));
  fixture_assert_stored (&fixture, "c", 2050);
  g_assert_cmpuint (fixture_count_events (&fixture, BIPE_EVENT_STORED), ==, 2050);
  fixture_tear_down (&fixture);
}

/* The stored scan in the event is the store's row. */
static void
test_event_is_row (void)
{
  Fixture fixture;
  g_autoptr(BipeScan) scan = NULL;
  g_autoptr(GPtrArray) rows = NULL;
  g_autoptr(GString) event_json = g_string_new (NULL), row_json = g_string_new (NULL);
  const BipeEvent *last;

  set_up_postgres (&fixture);
  fixture_start (&fixture, FALSE);
  scan = fixture_accept_code (&fixture, "01\03510\303\251");
  g_assert_true (fixture_drain (&fixture));
  last = fixture.seen->pdata[fixture.seen->len - 1];
  g_assert_cmpint (last->kind, ==, BIPE_EVENT_STORED);
  rows = fixture_query (&fixture);
  g_assert_cmpuint (rows->len, ==, 1);
  bipe_scan_append_json (last->scan, event_json);
  bipe_scan_append_json (rows->pdata[0], row_json);
  g_assert_cmpstr (event_json->str, ==, row_json->str);
  fixture_tear_down (&fixture);
}

static gboolean
has_tried (Fixture *fixture, gpointer user_data)
{
  g_autoptr(BipeStatus) status = bipe_station_dup_status (fixture->station);

  return status->store_state != BIPE_STORE_CONNECTING;
}

/* Also while there is nothing to store, the status tells the truth about the store. */
static void
test_starts_away (void)
{
  Fixture fixture;
  g_autoptr(BipeStatus) status = NULL;

  fixture_set_up (&fixture);
  fixture.database_url = g_strdup (NOWHERE);
  fixture_start (&fixture, FALSE);
  fixture_wait_until (&fixture, has_tried, NULL);
  status = bipe_station_dup_status (fixture.station);
  g_assert_cmpint (status->store_state, ==, BIPE_STORE_OFFLINE);
  fixture_tear_down (&fixture);
}

static void
test_away_and_back (void)
{
  static const char *const modes[] = { "fast", "immediate" };

  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      Fixture fixture;
      g_autoptr(BipeStatus) status = NULL;

      set_up_postgres (&fixture);
      fixture_start (&fixture, FALSE);
      fixture_accept_codes (&fixture, "a", 1200);
      g_assert_true (fixture_drain (&fixture));

      bipe_private_postgres_stop (server, modes[i]);
      fixture_accept_codes (&fixture, "b", 1200);
      fixture_wait_store (&fixture, BIPE_STORE_OFFLINE);
      status = bipe_station_dup_status (fixture.station);
      g_assert_nonnull (status->store_problem);
      g_assert_cmpint (status->store_since, >, 0);
      fixture_wait_queued (&fixture, 1200);

      bipe_private_postgres_start (server);
      fixture_wait_queued (&fixture, 0);
      fixture_wait_store (&fixture, BIPE_STORE_ONLINE);
      g_free (
          bipe_private_postgres_run (server, DATABASE, "DELETE FROM scan WHERE code LIKE 'a%'"));
      fixture_assert_stored (&fixture, "b", 1200);
      g_assert_cmpuint (fixture_count_events (&fixture, BIPE_EVENT_STORED), ==, 2400);
      g_assert_cmpuint (fixture_count_events (&fixture, BIPE_EVENT_REJECTED), ==, 0);
      fixture_tear_down (&fixture);
    }
}

/* The sessions are killed again and again while scans come: each is stored, once and in order. */
static void
test_dies_in_the_middle (void)
{
  Fixture fixture;
  guint n_codes = 0;

  set_up_postgres (&fixture);
  fixture_start (&fixture, FALSE);
  for (guint round = 0; round < 10; round++)
    {
      for (guint i = 0; i < 40; i++)
        {
          g_autofree char *code = g_strdup_printf ("c%04u", ++n_codes);

          bipe_scan_unref (fixture_accept_code (&fixture, code));
        }
      g_free (bipe_private_postgres_run (server, DATABASE,
                                         "SELECT count(pg_terminate_backend(pid)) FROM"
                                         " pg_stat_activity WHERE pid <> pg_backend_pid()"
                                         " AND datname = current_database()"));
    }
  while (!fixture_drain (&fixture))
    fixture_wait_store (&fixture, BIPE_STORE_ONLINE);
  fixture_assert_stored (&fixture, "c", n_codes);
  g_assert_cmpuint (fixture_count_events (&fixture, BIPE_EVENT_STORED), ==, n_codes);
  fixture_tear_down (&fixture);
}

/* Each run of the station ends with work under way; the next goes on with it. */
static void
test_restarts (void)
{
  for (guint with_postgres = 0; with_postgres < 2; with_postgres++)
    {
      Fixture fixture;
      guint n_codes = 0;

      if (with_postgres != 0)
        set_up_postgres (&fixture);
      else
        fixture_set_up (&fixture);
      for (guint run = 0; run < 8; run++)
        {
          fixture_start (&fixture, FALSE);
          for (guint i = 0; i < 30; i++)
            {
              g_autofree char *code = g_strdup_printf ("c%04u", ++n_codes);

              bipe_scan_unref (fixture_accept_code (&fixture, code));
            }
          fixture_stop (&fixture);
        }
      fixture_start (&fixture, FALSE);
      fixture_wait_queued (&fixture, 0);
      fixture_assert_stored (&fixture, "c", n_codes);
      fixture_tear_down (&fixture);
    }
}

/* The store has it, but the journal does not know yet: power was cut between the two. */
static void
test_settles_again (void)
{
  Fixture fixture;
  g_autoptr(GPtrArray) waiting = NULL, written = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  fixture_set_up (&fixture);
  fixture_start (&fixture, TRUE);
  fixture_accept_codes (&fixture, "c", 7);
  waiting = fixture_list (&fixture, 1 << BIPE_SCAN_QUEUED);
  bipe_store_write_async (fixture.store, waiting, NULL, fixture_result_cb, &result);
  fixture_wait (&fixture, &result);
  written = bipe_store_write_finish (fixture.store, result, &error);
  g_assert_no_error (error);
  g_clear_object (&result);
  fixture_stop (&fixture);

  fixture_start (&fixture, FALSE);
  g_assert_true (fixture_drain (&fixture));
  fixture_assert_stored (&fixture, "c", 7);
  g_assert_cmpuint (fixture_count_events (&fixture, BIPE_EVENT_STORED), ==, 7);
  fixture_tear_down (&fixture);
}

static void
assert_poison (Fixture *fixture)
{
  g_autoptr(GPtrArray) rejected = NULL, rows = NULL;
  g_autoptr(BipeStatus) status = NULL;

  fixture_start (fixture, TRUE);
  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *code = g_strdup_printf (i % 7 == 3 ? "poison%u" : "good%u", i);

      bipe_scan_unref (fixture_accept_code (fixture, code));
    }
  fixture_stop (fixture);
  fixture_start (fixture, FALSE);
  g_assert_true (fixture_drain (fixture));

  rejected = fixture_list (fixture, 1 << BIPE_SCAN_REJECTED);
  g_assert_cmpuint (rejected->len, ==, 9);
  for (guint i = 0; i < rejected->len; i++)
    {
      const BipeScan *scan = rejected->pdata[i];

      g_assert_true (g_str_has_prefix (scan->code, "poison"));
      g_assert_nonnull (strstr (scan->reason, "no poison"));
    }
  rows = fixture_query (fixture);
  g_assert_cmpuint (rows->len, ==, 51);
  g_assert_cmpuint (fixture_count_events (fixture, BIPE_EVENT_REJECTED), ==, 9);
  g_assert_cmpuint (fixture_count_events (fixture, BIPE_EVENT_STORED), ==, 51);
  fixture_wait_store (fixture, BIPE_STORE_ONLINE);
  status = bipe_station_dup_status (fixture->station);
  g_assert_cmpint (status->n_rejected, ==, 9);
  fixture_tear_down (fixture);
}

static void
test_poison_sqlite (void)
{
  Fixture fixture;

  fixture_set_up (&fixture);
  fixture_start (&fixture, FALSE);
  g_assert_true (fixture_drain (&fixture));
  fixture_run_sql (&fixture,
                   "CREATE TRIGGER refuse BEFORE INSERT ON scan WHEN new.code LIKE 'poison%'"
                   " BEGIN SELECT RAISE (ABORT, 'no poison'); END");
  fixture_stop (&fixture);
  assert_poison (&fixture);
}

static void
test_poison_postgres (void)
{
  Fixture fixture;

  set_up_postgres (&fixture);
  fixture_start (&fixture, FALSE);
  fixture_wait_store (&fixture, BIPE_STORE_ONLINE);
  g_free (bipe_private_postgres_run (server, DATABASE,
                                     "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                                     " $$ BEGIN RAISE EXCEPTION 'no poison'; END $$;"
                                     "CREATE TRIGGER refuse BEFORE INSERT ON scan FOR EACH ROW"
                                     " WHEN (new.code LIKE 'poison%') EXECUTE FUNCTION refuse()"));
  fixture_stop (&fixture);
  assert_poison (&fixture);
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  server = bipe_private_postgres_new ();
  g_test_add_func ("/forwarder/all-in-order", test_all_in_order);
  g_test_add_func ("/forwarder/event-is-row", test_event_is_row);
  g_test_add_func ("/forwarder/starts-away", test_starts_away);
  g_test_add_func ("/forwarder/away-and-back", test_away_and_back);
  g_test_add_func ("/forwarder/dies-in-the-middle", test_dies_in_the_middle);
  g_test_add_func ("/forwarder/restarts", test_restarts);
  g_test_add_func ("/forwarder/settles-again", test_settles_again);
  g_test_add_func ("/forwarder/poison-sqlite", test_poison_sqlite);
  g_test_add_func ("/forwarder/poison-postgres", test_poison_postgres);
  status = g_test_run ();
  bipe_private_postgres_free (server);
  return status;
}
