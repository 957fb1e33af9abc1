#include "config.h"

#include "base/error.h"
#include "fixture.h"

static void
assert_collects (Fixture *fixture, const char *code)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeScan) scan = fixture_collect (fixture, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (scan != NULL ? scan->code : NULL, ==, code);
  if (scan == NULL)
    return;
  g_assert_cmpint (scan->state, ==, BIPE_SCAN_STORED);
  g_assert_cmpint (scan->id, >, 0);
  g_assert_cmpint (scan->collected_at, >, 0);
}

static void
assert_none_left (Fixture *fixture)
{
  assert_collects (fixture, NULL);
}

static gboolean
store_has_all (Fixture *fixture, gpointer n_collected)
{
  g_autoptr(GPtrArray) rows = fixture_query (fixture);
  guint count = 0;

  for (guint i = 0; i < rows->len; i++)
    count += ((BipeScan *)rows->pdata[i])->collected_at != 0;
  return count == GPOINTER_TO_UINT (n_collected);
}

static void
test_order (void)
{
  Fixture fixture;

  fixture_set_up (&fixture);
  fixture_start (&fixture, FALSE);
  assert_none_left (&fixture);
  fixture_accept_codes (&fixture, "c", 5);
  assert_collects (&fixture, "c0001");
  assert_collects (&fixture, "c0002");
  g_assert_true (fixture_drain (&fixture));
  assert_collects (&fixture, "c0003");
  fixture_stop (&fixture);
  fixture_start (&fixture, FALSE);
  assert_collects (&fixture, "c0004");
  assert_collects (&fixture, "c0005");
  assert_none_left (&fixture);
  fixture_accept_codes (&fixture, "d", 1);
  assert_collects (&fixture, "d0001");
  assert_none_left (&fixture);
  g_assert_cmpuint (fixture_count_events (&fixture, BIPE_EVENT_COLLECTED), ==, 6);
  fixture_wait_until (&fixture, store_has_all, GUINT_TO_POINTER (6));
  fixture_tear_down (&fixture);
}

/* More ask than there is: each scan goes to one, the others get nothing. */
static void
test_many (void)
{
  enum
  {
    N_SCANS = 200,
    N_ASKING = 230
  };
  Fixture fixture;
  GAsyncResult *results[N_ASKING] = { NULL };
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint n_none = 0;

  fixture_set_up (&fixture);
  fixture_start (&fixture, FALSE);
  fixture_accept_codes (&fixture, "c", N_SCANS);
  for (guint i = 0; i < N_ASKING; i++)
    bipe_station_collect_async (fixture.station, NULL, fixture_result_cb, &results[i]);
  for (guint i = 0; i < N_ASKING; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(BipeScan) scan = NULL;

      fixture_wait (&fixture, &results[i]);
      scan = bipe_station_collect_finish (fixture.station, results[i], &error);
      g_clear_object (&results[i]);
      g_assert_no_error (error);
      if (scan == NULL)
        n_none++;
      else
        g_assert_true (g_hash_table_add (seen, g_strdup (scan->code)));
    }
  g_assert_cmpuint (g_hash_table_size (seen), ==, N_SCANS);
  g_assert_cmpuint (n_none, ==, N_ASKING - N_SCANS);
  fixture_wait_until (&fixture, store_has_all, GUINT_TO_POINTER (N_SCANS));
  fixture_tear_down (&fixture);
}

#define N_THREADS 3
#define N_EACH 60

static int n_ended;

static gpointer
consume_thread (gpointer data)
{
  Fixture *fixture = data;
  g_autoptr(GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  for (guint i = 0; i < N_EACH; i++)
    {
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(GError) error = NULL;
      g_autoptr(BipeScan) scan = NULL;

      bipe_station_collect_async (fixture->station, NULL, fixture_result_cb, &result);
      while (result == NULL)
        g_main_context_iteration (context, TRUE);
      scan = bipe_station_collect_finish (fixture->station, result, &error);
      g_assert_no_error (error);
      g_assert_nonnull (scan);
    }
  g_main_context_pop_thread_default (context);
  g_atomic_int_inc (&n_ended);
  g_main_context_wakeup (fixture->context);
  return NULL;
}

static gboolean
have_ended (Fixture *fixture, gpointer user_data)
{
  return g_atomic_int_get (&n_ended) == N_THREADS;
}

static void
test_threads (void)
{
  Fixture fixture;
  GThread *threads[N_THREADS];

  fixture_set_up (&fixture);
  fixture_start (&fixture, FALSE);
  fixture_accept_codes (&fixture, "c", N_THREADS * N_EACH);
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("consume", consume_thread, &fixture);
  fixture_wait_until (&fixture, have_ended, NULL);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  assert_none_left (&fixture);
  fixture_tear_down (&fixture);
}

static void
test_review (void)
{
  Fixture fixture;
  g_autoptr(GPtrArray) held = NULL;

  fixture_set_up (&fixture);
  fixture_start (&fixture, TRUE);
  fixture_accept_codes (&fixture, "c", 3);
  assert_collects (&fixture, "c0001");
  held = fixture_list (&fixture, 1 << BIPE_SCAN_QUEUED);
  g_assert_cmpuint (held->len, ==, 2);
  g_assert_cmpuint (fixture_count_events (&fixture, BIPE_EVENT_RELEASED), ==, 1);
  fixture_assert_stored (&fixture, "c", 1);
  assert_collects (&fixture, "c0002");
  assert_collects (&fixture, "c0003");
  assert_none_left (&fixture);
  fixture_tear_down (&fixture);
}

/* Rejected, voided and removed ones are passed over. */
static void
test_skips (void)
{
  Fixture fixture;
  g_autoptr(BipeScan) bad = NULL, voided = NULL, good = NULL, gone = NULL;
  g_autoptr(GError) error = NULL;
  BipeScanRef ref = { 0 };

  fixture_set_up (&fixture);
  fixture_start (&fixture, FALSE);
  fixture_run_sql (&fixture, "CREATE TRIGGER refuse BEFORE INSERT ON scan WHEN new.code = 'bad'"
                             " BEGIN SELECT RAISE (ABORT, 'no'); END");
  voided = fixture_accept_code (&fixture, "voided");
  g_assert_true (fixture_drain (&fixture));
  ref.uuid = voided->uuid;
  gone = fixture_void (&fixture, &ref, NULL, &error);
  g_assert_no_error (error);
  bad = fixture_accept_code (&fixture, "bad");
  good = fixture_accept_code (&fixture, "good");
  assert_collects (&fixture, "good");
  assert_none_left (&fixture);

  /* Restored, it is the next one again. */
  g_clear_pointer (&gone, bipe_scan_unref);
  gone = fixture_restore (&fixture, &ref, &error);
  g_assert_no_error (error);
  assert_collects (&fixture, "voided");
  assert_none_left (&fixture);
  fixture_tear_down (&fixture);
}

static void
assert_fails (Fixture *fixture)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (fixture_collect (fixture, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
}

/* While the store is away nothing is handed out, and nothing is lost by asking. */
static void
test_store_away (void)
{
  for (guint is_review = 0; is_review < 2; is_review++)
    {
      Fixture fixture;
      GAsyncResult *results[20] = { NULL };

      fixture_set_up (&fixture);
      fixture.database_url = g_strdup (NOWHERE);
      fixture_start (&fixture, is_review != 0);
      assert_none_left (&fixture);
      fixture_wait_store (&fixture, BIPE_STORE_OFFLINE);
      fixture_accept_codes (&fixture, "c", 2);
      for (guint i = 0; i < 5; i++)
        assert_fails (&fixture);
      /* What is held is so still. */
      fixture_assert_status (&fixture, 2, is_review != 0 ? 2 : 0, 0);
      for (guint i = 0; i < G_N_ELEMENTS (results); i++)
        bipe_station_collect_async (fixture.station, NULL, fixture_result_cb, &results[i]);
      for (guint i = 0; i < G_N_ELEMENTS (results); i++)
        {
          g_autoptr(GError) error = NULL;
          g_autoptr(BipeScan) scan = NULL;

          /* Two are failed, the others come to an empty queue, or to one given back. */
          fixture_wait (&fixture, &results[i]);
          scan = bipe_station_collect_finish (fixture.station, results[i], &error);
          g_assert_null (scan);
          if (error != NULL)
            g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
          g_clear_object (&results[i]);
        }
      assert_fails (&fixture);
      fixture_stop (&fixture);

      g_clear_pointer (&fixture.database_url, g_free);
      fixture_start (&fixture, is_review != 0);
      assert_collects (&fixture, "c0001");
      assert_collects (&fixture, "c0002");
      assert_none_left (&fixture);
      fixture_tear_down (&fixture);
    }
}

/* Whoever is gone before the scan is stored does not take it along. */
static void
test_cancel (void)
{
  Fixture fixture;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeScan) scan = NULL;

  fixture_set_up (&fixture);
  fixture_start (&fixture, TRUE);
  fixture_accept_codes (&fixture, "c", 1);
  bipe_station_collect_async (fixture.station, cancellable, fixture_result_cb, &result);
  g_cancellable_cancel (cancellable);
  fixture_wait (&fixture, &result);
  scan = bipe_station_collect_finish (fixture.station, result, &error);
  g_clear_object (&result);
  g_assert_null (scan);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_collects (&fixture, "c0001");
  assert_none_left (&fixture);
  fixture_tear_down (&fixture);
}

/* The stop comes while the scan is on its way to a store that does not answer. */
static void
test_stop_while_waiting (void)
{
  Fixture fixture;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(BipeScan) scan = NULL;
  g_autoptr(GError) error = NULL;
  sqlite3 *lock;

  fixture_set_up (&fixture);
  fixture_start (&fixture, FALSE);
  fixture_wait_store (&fixture, BIPE_STORE_ONLINE);
  lock = fixture_lock_store (&fixture);
  fixture_accept_codes (&fixture, "c", 1);
  bipe_station_collect_async (fixture.station, NULL, fixture_result_cb, &result);
  /* Its steps in the journal, each before one of these. */
  for (guint i = 0; i < 5; i++)
    g_ptr_array_unref (fixture_list (&fixture, 1 << BIPE_SCAN_QUEUED));
  g_assert_null (result);
  bipe_station_stop (fixture.station);
  fixture_wait (&fixture, &result);
  scan = bipe_station_collect_finish (fixture.station, result, &error);
  g_clear_object (&result);
  g_assert_null (scan);
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  fixture_unlock_store (&fixture, lock);
  fixture_stop (&fixture);

  fixture_start (&fixture, FALSE);
  assert_collects (&fixture, "c0001");
  fixture_tear_down (&fixture);
}

/* A crash between being taken and being handed out: nothing was marked, so it is there again. */
static void
test_stop_gives_back (void)
{
  Fixture fixture;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(BipeScan) scan = NULL;
  g_autoptr(GError) error = NULL;

  fixture_set_up (&fixture);
  fixture.database_url = g_strdup (NOWHERE);
  fixture_start (&fixture, FALSE);
  fixture_accept_codes (&fixture, "c", 1);
  bipe_station_collect_async (fixture.station, NULL, fixture_result_cb, &result);
  bipe_station_stop (fixture.station);
  fixture_wait (&fixture, &result);
  scan = bipe_station_collect_finish (fixture.station, result, &error);
  g_clear_object (&result);
  g_assert_null (scan);
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  fixture_stop (&fixture);

  g_clear_pointer (&fixture.database_url, g_free);
  fixture_start (&fixture, FALSE);
  assert_collects (&fixture, "c0001");
  fixture_tear_down (&fixture);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/collector/order", test_order);
  g_test_add_func ("/collector/many", test_many);
  g_test_add_func ("/collector/threads", test_threads);
  g_test_add_func ("/collector/review", test_review);
  g_test_add_func ("/collector/skips", test_skips);
  g_test_add_func ("/collector/store-away", test_store_away);
  g_test_add_func ("/collector/cancel", test_cancel);
  g_test_add_func ("/collector/stop-while-waiting", test_stop_while_waiting);
  g_test_add_func ("/collector/stop-gives-back", test_stop_gives_back);
  return g_test_run ();
}
