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

  scan = fixture_accept_code (&fixture, "tenth");
  fixture_wait_until (&fixture, has_problem, GINT_TO_POINTER (FALSE));
  g_assert_null (accept_fields (&fixture, &more, 1, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_FULL);

  held = fixture_list (&fixture, 1 << BIPE_SCAN_QUEUED);
  g_assert_cmpuint (held->len, ==, 10);
  bipe_station_release_all_async (fixture.station, fixture_result_cb, &result);
  fixture_wait (&fixture, &result);
  g_assert_cmpint (bipe_station_release_all_finish (fixture.station, result, NULL), ==, 10);
  g_clear_object (&result);
  g_assert_true (fixture_drain (&fixture));
  g_clear_pointer (&scan, bipe_scan_unref);
  scan = fixture_accept_code (&fixture, "again");
  fixture_tear_down (&fixture);
}

/* --- Review ------------------------------------------------------------------------------------
 */

typedef void (*Verb) (BipeStation *, const BipeUuid *, GAsyncReadyCallback, gpointer);

static void
release (BipeStation *station, const BipeUuid *uuid, GAsyncReadyCallback cb, gpointer data)
{
  bipe_station_release_async (station, uuid, cb, data);
}

static void
edit (BipeStation *station, const BipeUuid *uuid, GAsyncReadyCallback cb, gpointer data)
{
  bipe_station_edit_async (station, uuid, "edited", cb, data);
}

static void
edit_badly (BipeStation *station, const BipeUuid *uuid, GAsyncReadyCallback cb, gpointer data)
{
  bipe_station_edit_async (station, uuid, "", cb, data);
}

static void
erase (BipeStation *station, const BipeUuid *uuid, GAsyncReadyCallback cb, gpointer data)
{
  bipe_station_remove_async (station, uuid, "twice", cb, data);
}

static BipeScan *
call (Fixture *fixture, Verb verb, const BipeUuid *uuid, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  verb (fixture->station, uuid, fixture_result_cb, &result);
  fixture_wait (fixture, &result);
  return bipe_station_scan_finish (fixture->station, result, error);
}

static void
assert_status (Fixture *fixture, gint64 n_queued, gint64 n_held, gint64 n_rejected)
{
  g_autoptr(BipeStatus) status = NULL;

  fixture_wait_queued (fixture, n_queued);
  status = bipe_station_dup_status (fixture->station);
  g_assert_cmpint (status->n_held, ==, n_held);
  g_assert_cmpint (status->n_rejected, ==, n_rejected);
}

static void
test_review (void)
{
  Fixture fixture;
  g_autoptr(BipeScan) kept = NULL, released = NULL, edited = NULL, again = NULL, removed = NULL;
  g_autoptr(GPtrArray) rows = NULL, gone = NULL;
  g_autoptr(GError) error = NULL;

  fixture_set_up (&fixture);
  fixture_start (&fixture, TRUE);
  kept = fixture_accept_code (&fixture, "kept");
  released = fixture_accept_code (&fixture, "read");
  removed = fixture_accept_code (&fixture, "removed");
  assert_status (&fixture, 3, 3, 0);
  g_assert_true (fixture_drain (&fixture)); /* what is held does not wait for the store */

  edited = call (&fixture, edit, &released->uuid, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (edited->code, ==, "edited");
  g_assert_cmpstr (edited->code_read, ==, "read");
  again = call (&fixture, edit, &released->uuid, &error);
  g_assert_cmpstr (again->code_read, ==, "read");
  g_assert_null (call (&fixture, edit_badly, &released->uuid, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
  g_clear_error (&error);
  g_clear_pointer (&edited, bipe_scan_unref);
  edited = call (&fixture, release, &released->uuid, &error);
  g_assert_no_error (error);
  g_clear_pointer (&again, bipe_scan_unref);
  again = call (&fixture, erase, &removed->uuid, &error);
  g_assert_no_error (error);
  g_assert_cmpint (again->state, ==, BIPE_SCAN_VOIDED);
  g_assert_cmpstr (again->reason, ==, "twice");

  g_assert_true (fixture_drain (&fixture));
  rows = fixture_query (&fixture);
  g_assert_cmpuint (rows->len, ==, 1);
  g_assert_cmpstr (((BipeScan *)rows->pdata[0])->code, ==, "edited");
  g_assert_cmpstr (((BipeScan *)rows->pdata[0])->code_read, ==, "read");
  gone = fixture_list (&fixture, 1 << BIPE_SCAN_VOIDED);
  g_assert_cmpuint (gone->len, ==, 1);
  assert_status (&fixture, 1, 1, 0);
  fixture_tear_down (&fixture);
}

static void
test_verbs_conflict (void)
{
  static const Verb verbs[] = { release, edit, erase };

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      Fixture fixture;
      g_autoptr(BipeScan) scan = NULL;
      g_autoptr(GError) error = NULL;
      BipeUuid unknown = { { 0 } };

      fixture_set_up (&fixture);
      fixture_start (&fixture, FALSE);
      scan = fixture_accept_code (&fixture, "1");
      g_assert_null (call (&fixture, verbs[i], &scan->uuid, &error));
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_CONFLICT);
      g_clear_error (&error);
      g_assert_null (call (&fixture, verbs[i], &unknown, &error));
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
      g_assert_true (fixture_drain (&fixture));
      fixture_tear_down (&fixture);
    }
}

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
  assert_status (&fixture, 1500, 0, 0);
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

/* --- Events again ------------------------------------------------------------------------------
 */

/* Who comes back: page after page, then live. */
typedef struct
{
  Fixture *fixture;
  GPtrArray *heard;
  guint subscription; /* 0: still reading */
} Returner;

static void
heard_cb (GPtrArray *events, gboolean has_gap, gpointer user_data)
{
  Returner *self = user_data;

  g_assert_false (has_gap);
  for (guint i = 0; i < events->len; i++)
    if (((BipeEvent *)events->pdata[i])->kind != BIPE_EVENT_STATUS)
      g_ptr_array_add (self->heard, bipe_event_ref (events->pdata[i]));
}

static void
page_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Returner *self = user_data;
  BipeStation *station = BIPE_STATION (source);
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeEventPage) page = bipe_station_list_events_finish (station, result, &error);

  g_assert_no_error (error);
  g_assert_false (page->has_gap);
  heard_cb (page->events, FALSE, self);
  if (page->is_last)
    self->subscription = bipe_events_subscribe (bipe_station_get_events (station),
                                                self->fixture->context, heard_cb, self);
  else
    bipe_station_list_events_async (station, page->last, 7, page_cb, self);
}

static gboolean
is_listening (Fixture *fixture, gpointer returner)
{
  return ((Returner *)returner)->subscription != 0;
}

/* Over a restart, while more comes in: the same that was told live, each once. */
static void
test_events_again (void)
{
  Fixture fixture;
  Returner returner = { .fixture = &fixture, .heard = bipe_event_array_new () };

  fixture_set_up (&fixture);
  fixture_start (&fixture, FALSE);
  fixture_accept_codes (&fixture, "before", 30);
  g_assert_true (fixture_drain (&fixture));
  fixture_stop (&fixture);

  fixture_start (&fixture, FALSE);
  bipe_station_list_events_async (fixture.station, 0, 7, page_cb, &returner);
  fixture_accept_codes (&fixture, "while", 30);
  fixture_wait_until (&fixture, is_listening, &returner);
  fixture_accept_codes (&fixture, "after", 5);
  g_assert_true (fixture_drain (&fixture));

  g_assert_cmpuint (returner.heard->len, ==, 2 * 65);
  g_assert_cmpuint (returner.heard->len, ==, fixture.seen->len);
  for (guint i = 0; i < fixture.seen->len; i++)
    {
      const BipeEvent *heard = returner.heard->pdata[i], *seen = fixture.seen->pdata[i];
      g_autoptr(GString) left = g_string_new (NULL), right = g_string_new (NULL);

      bipe_scan_append_json (heard->scan, left);
      bipe_scan_append_json (seen->scan, right);
      g_assert_cmpint (heard->seq, ==, seen->seq);
      g_assert_cmpint (heard->at, ==, seen->at);
      g_assert_cmpint (heard->kind, ==, seen->kind);
      g_assert_cmpstr (left->str, ==, right->str);
    }
  bipe_events_unsubscribe (fixture.events, returner.subscription);
  fixture_stop (&fixture);
  fixture_tear_down (&fixture);
  g_ptr_array_unref (returner.heard);
}

/* The journal's failure comes through. */
static void
test_events_closed (void)
{
  Fixture fixture;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  fixture_set_up (&fixture);
  fixture_start (&fixture, FALSE);
  bipe_journal_close (fixture.journal);
  bipe_station_list_events_async (fixture.station, 0, 1, fixture_result_cb, &result);
  fixture_wait (&fixture, &result);
  g_assert_null (bipe_station_list_events_finish (fixture.station, result, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_clear_object (&result);
  fixture_stop (&fixture);
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
  assert_status (&fixture, 0, 0, 3);
  fixture_stop (&fixture);

  /* The next run counts them, too. */
  fixture_start (&fixture, FALSE);
  fixture_wait_until (&fixture, has_today, GINT_TO_POINTER (7));
  assert_status (&fixture, 0, 0, 3);
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
  g_test_add_func ("/station/review", test_review);
  g_test_add_func ("/station/verbs-conflict", test_verbs_conflict);
  g_test_add_func ("/station/modes-change", test_modes_change);
  g_test_add_func ("/station/drain", test_drain);
  g_test_add_func ("/station/stop-answers", test_stop_answers);
  g_test_add_func ("/station/events-again", test_events_again);
  g_test_add_func ("/station/events-closed", test_events_closed);
  g_test_add_func ("/station/status", test_status);
  return g_test_run ();
}
