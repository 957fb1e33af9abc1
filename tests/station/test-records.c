#include "config.h"

#include "base/error.h"
#include "fixture.h"

/* --- Review ------------------------------------------------------------------------------------
 */

typedef void (*Verb) (BipeRecords *, const BipeUuid *, GAsyncReadyCallback, gpointer);

static void
release (BipeRecords *records, const BipeUuid *uuid, GAsyncReadyCallback cb, gpointer data)
{
  bipe_records_release_async (records, uuid, cb, data);
}

static void
edit (BipeRecords *records, const BipeUuid *uuid, GAsyncReadyCallback cb, gpointer data)
{
  bipe_records_edit_async (records, uuid, "edited", cb, data);
}

static void
edit_badly (BipeRecords *records, const BipeUuid *uuid, GAsyncReadyCallback cb, gpointer data)
{
  bipe_records_edit_async (records, uuid, "", cb, data);
}

static void
erase (BipeRecords *records, const BipeUuid *uuid, GAsyncReadyCallback cb, gpointer data)
{
  bipe_records_remove_async (records, uuid, "twice", cb, data);
}

static BipeScan *
call (Fixture *fixture, Verb verb, const BipeUuid *uuid, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  verb (fixture->records, uuid, fixture_result_cb, &result);
  fixture_wait (fixture, &result);
  return bipe_records_scan_finish (fixture->records, result, error);
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
  fixture_assert_status (&fixture, 3, 3, 0);
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
  fixture_assert_status (&fixture, 1, 1, 0);
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
  BipeRecords *records = BIPE_RECORDS (source);
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeEventPage) page = bipe_records_list_events_finish (records, result, &error);

  g_assert_no_error (error);
  g_assert_false (page->has_gap);
  heard_cb (page->events, FALSE, self);
  if (page->is_last)
    self->subscription
        = bipe_events_subscribe (self->fixture->events, self->fixture->context, heard_cb, self);
  else
    bipe_records_list_events_async (records, page->last, 7, page_cb, self);
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
  bipe_records_list_events_async (fixture.records, 0, 7, page_cb, &returner);
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
  bipe_records_list_events_async (fixture.records, 0, 1, fixture_result_cb, &result);
  fixture_wait (&fixture, &result);
  g_assert_null (bipe_records_list_events_finish (fixture.records, result, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_clear_object (&result);
  fixture_stop (&fixture);
  fixture_tear_down (&fixture);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/records/review", test_review);
  g_test_add_func ("/records/verbs-conflict", test_verbs_conflict);
  g_test_add_func ("/records/events-again", test_events_again);
  g_test_add_func ("/records/events-closed", test_events_closed);
  return g_test_run ();
}
