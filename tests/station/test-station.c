#include "config.h"

#include <string.h>

#include "base/error.h"
#include "fixture.h"

static GPtrArray *
drafts_of (const BipeScan *fields, guint n_fields)
{
  GPtrArray *drafts = bipe_scan_array_new ();

  for (guint i = 0; i < n_fields; i++)
    g_ptr_array_add (drafts, bipe_scan_new (&fields[i]));
  return drafts;
}

static BipeAppend *
accept_fields (Fixture *fixture, const BipeScan *fields, guint n_fields, GError **error)
{
  g_autoptr(GPtrArray) drafts = drafts_of (fields, n_fields);

  return fixture_accept (fixture, drafts, error);
}

static void
test_accept (void)
{
  Fixture fixture;
  BipeScan draft = { .code = "01\03510",
                     .source = BIPE_SOURCE_REMOTE,
                     .key = "k",
                     .symbology = "Code 128",
                     .device = "gun",
                     .operator= "ana",
                     .scanned_at = 5,
                     /* What only the station gives. */
                     .station = "another",
                     .id = 7,
                     .state = BIPE_SCAN_STORED,
                     .stored_at = 1,
                     .collected_at = 1,
                     .voided_at = 1,
                     .code_read = "x",
                     .reason = "x" };
  g_autoptr(BipeAppend) append = NULL;
  g_autoptr(GError) error = NULL;
  const BipeScan *scan;

  fixture_set_up (&fixture);
  fixture_start (&fixture, FALSE);
  append = accept_fields (&fixture, &draft, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (append->n_new, ==, 1);
  g_assert_cmpuint (append->scans->len, ==, 1);
  scan = append->scans->pdata[0];
  g_assert_cmpstr (scan->code, ==, "01\03510");
  g_assert_cmpstr (scan->station, ==, "balc\303\243o");
  g_assert_cmpstr (scan->symbology, ==, "Code 128");
  g_assert_cmpstr (scan->device, ==, "gun");
  g_assert_cmpstr (scan->operator, ==, "ana");
  g_assert_cmpstr (scan->key, ==, "k");
  g_assert_cmpint (scan->source, ==, BIPE_SOURCE_REMOTE);
  g_assert_cmpint (scan->scanned_at, ==, 5);
  g_assert_cmpint (scan->state, ==, BIPE_SCAN_QUEUED);
  g_assert_cmpint (scan->id, ==, 0);
  g_assert_cmpint (scan->stored_at + scan->collected_at + scan->voided_at, ==, 0);
  g_assert_null (scan->code_read);
  g_assert_null (scan->reason);
  g_assert_cmphex (scan->uuid.bytes[6] >> 4, ==, 7);
  g_assert_cmpuint (fixture_count_events (&fixture, BIPE_EVENT_QUEUED), ==, 1);
  g_assert_true (fixture_drain (&fixture));
  g_assert_cmpuint (fixture_count_events (&fixture, BIPE_EVENT_STORED), ==, 1);
  fixture_tear_down (&fixture);
}

static const struct
{
  const char *code;
  const char *aim, *symbology; /* as given */
  const char *kept_code, *kept_aim, *kept_symbology;
} prefixes[] = {
  { "]C10104006381333931", NULL, NULL, "0104006381333931", "]C1", "GS1-128" },
  { "]d2\03501", NULL, NULL, "\03501", "]d2", "GS1 DataMatrix" },
  { "]Q3\303\251", NULL, NULL, "\303\251", "]Q3", "GS1 QR Code" },
  { "]a] b", NULL, NULL, "]a] b", NULL, NULL },
  { "]", NULL, NULL, "]", NULL, NULL },
  /* Who knows the symbology has taken it off: what stands there is the code. */
  { "]C1x", NULL, "QR Code", "]C1x", NULL, "QR Code" },
  { "]C1x", "]Q1", NULL, "]C1x", "]Q1", NULL },
};

static void
test_aim (void)
{
  Fixture fixture;

  fixture_set_up (&fixture);
  fixture_start (&fixture, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    {
      BipeScan draft = { .code = prefixes[i].code,
                         .aim = prefixes[i].aim,
                         .symbology = prefixes[i].symbology };
      g_autoptr(BipeAppend) append = accept_fields (&fixture, &draft, 1, NULL);
      const BipeScan *scan;

      g_assert_nonnull (append);
      scan = append->scans->pdata[0];
      g_assert_cmpstr (scan->code, ==, prefixes[i].kept_code);
      g_assert_cmpstr (scan->aim, ==, prefixes[i].kept_aim);
      g_assert_cmpstr (scan->symbology, ==, prefixes[i].kept_symbology);
    }
  fixture_tear_down (&fixture);
}

/* One bad draft among good ones: none is kept, and the message counts to it. */
static void
test_bad_drafts (void)
{
  g_autofree char *too_long = g_strnfill (BIPE_SCAN_CODE_MAX + 1, 'a');
  g_autofree char *long_key = g_strnfill (BIPE_SCAN_KEY_MAX + 1, 'k');
  const BipeScan bad[] = {
    { .code = "" },
    { .code = too_long },
    { .code = "\xff" },
    { .code = "]C1\xff" },
    { .code = "a", .key = "" },
    { .code = "a", .key = long_key },
    { .code = "a", .key = "\xff" },
  };
  Fixture fixture;
  g_autoptr(GPtrArray) left = NULL;

  fixture_set_up (&fixture);
  fixture_start (&fixture, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      const BipeScan three[] = { { .code = "good" }, bad[i], { .code = "good" } };
      g_autoptr(GError) alone = NULL, among = NULL;

      g_test_message ("case %u", i);
      g_assert_null (accept_fields (&fixture, &bad[i], 1, &alone));
      g_assert_error (alone, BIPE_ERROR, BIPE_ERROR_INVALID);
      g_assert_null (accept_fields (&fixture, three, 3, &among));
      g_assert_error (among, BIPE_ERROR, BIPE_ERROR_INVALID);
      g_assert_nonnull (strstr (among->message, "scan 2"));
    }
  left = fixture_list (&fixture, 1 << BIPE_SCAN_QUEUED);
  g_assert_cmpuint (left->len, ==, 0);
  g_assert_cmpuint (fixture.seen->len, ==, 0);
  fixture_tear_down (&fixture);
}

static void
test_keys (void)
{
  Fixture fixture;
  const BipeScan first = { .code = "a", .key = "k" }, other = { .code = "b", .key = "k" };
  const BipeScan mixed[] = { { .code = "c" }, { .code = "b", .key = "k" } };
  const BipeScan again[] = { { .code = "d" }, { .code = "a", .key = "k" } };
  g_autoptr(BipeAppend) one = NULL, same = NULL, two = NULL;
  g_autoptr(GPtrArray) rows = NULL;
  g_autoptr(GError) error = NULL;

  fixture_set_up (&fixture);
  fixture_start (&fixture, FALSE);
  one = accept_fields (&fixture, &first, 1, &error);
  g_assert_no_error (error);
  g_assert_true (fixture_drain (&fixture));
  same = accept_fields (&fixture, &first, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (same->n_new, ==, 0);
  g_assert_true (bipe_uuid_equal (&((BipeScan *)one->scans->pdata[0])->uuid,
                                  &((BipeScan *)same->scans->pdata[0])->uuid));

  g_assert_null (accept_fields (&fixture, &other, 1, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_null (accept_fields (&fixture, mixed, 2, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_CONFLICT);
  g_clear_error (&error);
  two = accept_fields (&fixture, again, 2, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (two->n_new, ==, 1);

  g_assert_true (fixture_drain (&fixture));
  rows = fixture_query (&fixture);
  g_assert_cmpuint (rows->len, ==, 2);
  fixture_tear_down (&fixture);
}

/* --- Many threads ------------------------------------------------------------------------------
 */

#define N_THREADS 4
#define N_EACH 250

typedef struct
{
  Fixture *fixture;
  guint number;
} Client;

static gpointer
client_thread (gpointer data)
{
  const Client *client = data;
  g_autoptr(GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  for (guint i = 0; i < N_EACH; i++)
    {
      g_autofree char *code = g_strdup_printf ("%u-%u", client->number, i);
      BipeScan draft = { .code = code };
      g_autoptr(GPtrArray) drafts = drafts_of (&draft, 1);
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(BipeAppend) append = NULL;
      g_autoptr(GError) error = NULL;

      bipe_station_accept_async (client->fixture->station, drafts, fixture_result_cb, &result);
      while (result == NULL)
        g_main_context_iteration (context, TRUE);
      append = bipe_station_accept_finish (client->fixture->station, result, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (((BipeScan *)append->scans->pdata[0])->code, ==, code);
    }
  g_main_context_pop_thread_default (context);
  return NULL;
}

static gboolean
all_are_stored (Fixture *fixture, gpointer user_data)
{
  return fixture_count_events (fixture, BIPE_EVENT_STORED) == N_THREADS * N_EACH;
}

/* Each client's codes are stored once and in its order. */
static void
test_threads (void)
{
  Fixture fixture;
  Client clients[N_THREADS];
  GThread *threads[N_THREADS];
  guint next[N_THREADS] = { 0 };
  g_autoptr(GPtrArray) rows = NULL;

  fixture_set_up (&fixture);
  fixture_start (&fixture, FALSE);
  for (guint i = 0; i < N_THREADS; i++)
    {
      clients[i] = (Client){ &fixture, i };
      threads[i] = g_thread_new ("client", client_thread, &clients[i]);
    }
  fixture_wait_until (&fixture, all_are_stored, NULL);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  rows = fixture_query (&fixture);
  g_assert_cmpuint (rows->len, ==, N_THREADS * N_EACH);
  for (guint i = 0; i < rows->len; i++)
    {
      const BipeScan *scan = rows->pdata[i];
      guint client = (guint)g_ascii_digit_value (scan->code[0]);
      g_autofree char *expected = g_strdup_printf ("%u-%u", client, next[client]++);

      g_assert_cmpstr (scan->code, ==, expected);
    }
  fixture_tear_down (&fixture);
}

/* --- The bound ---------------------------------------------------------------------------------
 */

static gboolean
has_problem (Fixture *fixture, gpointer expected)
{
  g_autoptr(BipeStatus) status = bipe_station_dup_status (fixture->station);

  return (status->problem != NULL) == GPOINTER_TO_INT (expected);
}

static void
test_full (void)
{
  Fixture fixture;
  const BipeScan more = { .code = "more" };
  const BipeScan two[] = { { .code = "1" }, { .code = "2" } };
  g_autoptr(GPtrArray) held = NULL;
  g_autoptr(BipeScan) scan = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  fixture_set_up (&fixture);
  fixture.limits.queue_limit = 10;
  fixture_start (&fixture, TRUE);
  fixture_accept_codes (&fixture, "c", 9);
  g_assert_null (accept_fields (&fixture, two, 2, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_FULL);
  g_clear_error (&error);
  fixture_wait_until (&fixture, has_problem, GINT_TO_POINTER (TRUE));
  g_assert_cmpuint (bipe_station_get_figures (fixture.station)->n_refused, ==, 2);

  scan = fixture_accept_code (&fixture, "tenth");
  fixture_wait_until (&fixture, has_problem, GINT_TO_POINTER (FALSE));
  g_assert_null (accept_fields (&fixture, &more, 1, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_FULL);

  held = fixture_list (&fixture, 1 << BIPE_SCAN_QUEUED);
  g_assert_cmpuint (held->len, ==, 10);
  bipe_records_release_all_async (fixture.records, fixture_result_cb, &result);
  fixture_wait (&fixture, &result);
  g_assert_cmpint (bipe_records_release_all_finish (fixture.records, result, NULL), ==, 10);
  g_clear_object (&result);
  g_assert_true (fixture_drain (&fixture));
  g_clear_pointer (&scan, bipe_scan_unref);
  scan = fixture_accept_code (&fixture, "again");
  fixture_tear_down (&fixture);
}

/* --- Modes -------------------------------------------------------------------------------------
 */

/* What review mode has held, automatic mode takes along; and what automatic mode has left behind
 * is stored in review mode, too. */
static void
test_modes_change (void)
{
  Fixture fixture;

  fixture_set_up (&fixture);
  fixture_start (&fixture, TRUE);
  fixture_accept_codes (&fixture, "c", 1500);
  fixture_stop (&fixture);

  fixture.database_url = g_strdup (NOWHERE);
  fixture_start (&fixture, FALSE);
  fixture_wait_store (&fixture, BIPE_STORE_OFFLINE);
  fixture_assert_status (&fixture, 1500, 0, 0);
  fixture_stop (&fixture);

  g_clear_pointer (&fixture.database_url, g_free);
  fixture_start (&fixture, FALSE);
  g_assert_true (fixture_drain (&fixture));
  fixture_assert_stored (&fixture, "c", 1500);
  fixture_tear_down (&fixture);
}

/* --- Draining and stopping ---------------------------------------------------------------------
 */

static void
test_drain (void)
{
  Fixture fixture;

  fixture_set_up (&fixture);
  fixture_start (&fixture, FALSE);
  g_assert_true (fixture_drain (&fixture));
  fixture_accept_codes (&fixture, "c", 3500);
  g_assert_true (fixture_drain (&fixture));
  fixture_assert_stored (&fixture, "c", 3500);
  fixture_stop (&fixture);

  fixture.database_url = g_strdup (NOWHERE);
  fixture_start (&fixture, FALSE);
  g_assert_true (fixture_drain (&fixture));
  fixture_accept_codes (&fixture, "d", 2);
  g_assert_false (fixture_drain (&fixture));
  g_assert_false (fixture_drain (&fixture));
  fixture_stop (&fixture);
  fixture_tear_down (&fixture);
}

/* Whatever is under way when it stops, nobody is left without an answer. */
static void
test_stop_answers (void)
{
  Fixture fixture;
  g_autoptr(GAsyncResult) collect = NULL, late = NULL, drain = NULL;
  g_autoptr(BipeScan) scan = NULL, first = NULL, second = NULL;
  g_autoptr(GError) error = NULL, late_error = NULL;

  fixture_set_up (&fixture);
  fixture_start (&fixture, FALSE);
  scan = fixture_accept_code (&fixture, "1");
  bipe_station_collect_async (fixture.station, NULL, fixture_result_cb, &collect);
  bipe_station_drain_async (fixture.station, 60000, fixture_result_cb, &drain);
  bipe_station_stop (fixture.station);
  bipe_station_collect_async (fixture.station, NULL, fixture_result_cb, &late);
  fixture_wait (&fixture, &collect);
  fixture_wait (&fixture, &late);
  fixture_wait (&fixture, &drain);
  first = bipe_station_collect_finish (fixture.station, collect, &error);
  second = bipe_station_collect_finish (fixture.station, late, &late_error);
  g_assert_true (first == NULL || second == NULL);
  if (error != NULL)
    g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  if (late_error != NULL)
    g_assert_error (late_error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_clear_object (&collect);
  g_clear_object (&late);
  g_clear_object (&drain);
  fixture_tear_down (&fixture);
}

/* --- The status --------------------------------------------------------------------------------
 */

static gboolean
has_today (Fixture *fixture, gpointer n_today)
{
  g_autoptr(BipeStatus) status = bipe_station_dup_status (fixture->station);

  return status->n_today == GPOINTER_TO_INT (n_today);
}

static void
test_status (void)
{
  Fixture fixture;
  g_autoptr(BipeStatus) status = NULL;
  g_autoptr(GPtrArray) none = NULL;

  fixture_set_up (&fixture);
  /* Noon, wherever this runs, or near it. */
  fixture.clock = bipe_clock_new_manual (G_GINT64_CONSTANT (1769853600000000));
  fixture_start (&fixture, FALSE);
  status = bipe_station_dup_status (fixture.station);
  g_assert_cmpstr (status->store, ==, "this computer");
  g_assert_false (status->is_review);
  g_assert_null (status->problem);
  fixture_run_sql (&fixture, "CREATE TRIGGER refuse BEFORE INSERT ON scan WHEN new.code LIKE 'bad%'"
                             " BEGIN SELECT RAISE (ABORT, 'no'); END");
  none = fixture_list (&fixture, 1 << BIPE_SCAN_QUEUED); /* today has been counted after it */
  fixture_accept_codes (&fixture, "bad", 3);
  fixture_accept_codes (&fixture, "good", 4);
  g_assert_true (fixture_drain (&fixture));
  fixture_wait_until (&fixture, has_today, GINT_TO_POINTER (7));
  fixture_assert_status (&fixture, 0, 0, 3);
  fixture_stop (&fixture);

  /* The next run counts them, too. */
  fixture_start (&fixture, FALSE);
  fixture_wait_until (&fixture, has_today, GINT_TO_POINTER (7));
  fixture_assert_status (&fixture, 0, 0, 3);
  fixture_stop (&fixture);
  bipe_clock_free (fixture.clock);
  fixture_tear_down (&fixture);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/station/accept", test_accept);
  g_test_add_func ("/station/aim", test_aim);
  g_test_add_func ("/station/bad-drafts", test_bad_drafts);
  g_test_add_func ("/station/keys", test_keys);
  g_test_add_func ("/station/threads", test_threads);
  g_test_add_func ("/station/full", test_full);
  g_test_add_func ("/station/modes-change", test_modes_change);
  g_test_add_func ("/station/drain", test_drain);
  g_test_add_func ("/station/stop-answers", test_stop_answers);
  g_test_add_func ("/station/status", test_status);
  return g_test_run ();
}
