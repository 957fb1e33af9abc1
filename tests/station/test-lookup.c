#include "config.h"

#include "base/error.h"
#include "fixture.h"

static BipeScanRef
by_uuid (const BipeScan *scan)
{
  return (BipeScanRef){ .uuid = scan->uuid };
}

static BipeScanRef
by_id (gint64 id)
{
  return (BipeScanRef){ .id = id };
}

static void
assert_found (Fixture *fixture, BipeScanRef ref, const char *code, BipeScanState state)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeScan) scan = fixture_find (fixture, &ref, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (scan->code, ==, code);
  g_assert_cmpint (scan->state, ==, state);
}

static void
assert_not_found (Fixture *fixture, BipeScanRef ref)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (fixture_find (fixture, &ref, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
}

static void
test_find (void)
{
  Fixture fixture;
  g_autoptr(BipeScan) held = NULL, stored = NULL, bad = NULL;
  g_autoptr(GPtrArray) rows = NULL;
  BipeScan unknown = { .uuid = { { 1 } } };

  fixture_set_up (&fixture);
  fixture_start (&fixture, FALSE);
  fixture_run_sql (&fixture, "CREATE TRIGGER refuse BEFORE INSERT ON scan WHEN new.code = 'bad'"
                             " BEGIN SELECT RAISE (ABORT, 'no'); END");
  stored = fixture_accept_code (&fixture, "stored");
  bad = fixture_accept_code (&fixture, "bad");
  g_assert_true (fixture_drain (&fixture));
  fixture_stop (&fixture);
  fixture_start (&fixture, TRUE);
  held = fixture_accept_code (&fixture, "held");
  rows = fixture_query (&fixture);

  assert_found (&fixture, by_uuid (held), "held", BIPE_SCAN_QUEUED);
  assert_found (&fixture, by_uuid (bad), "bad", BIPE_SCAN_REJECTED);
  assert_found (&fixture, by_uuid (stored), "stored", BIPE_SCAN_STORED);
  assert_found (&fixture, by_id (((BipeScan *)rows->pdata[0])->id), "stored", BIPE_SCAN_STORED);
  assert_not_found (&fixture, by_uuid (&unknown));
  assert_not_found (&fixture, by_id (4711));
  assert_not_found (&fixture, by_id (-1));

  /* Rows that other stations and plain SQL have put there are only in the store. */
  fixture_run_sql (&fixture, "INSERT INTO scan (id, uuid, code) VALUES"
                             " (99, x'0189dcd553117d408db09496a2eef37b', 'foreign')");
  assert_found (&fixture, by_id (99), "foreign", BIPE_SCAN_STORED);
  g_assert_true (bipe_uuid_parse ("0189dcd5-5311-7d40-8db0-9496a2eef37b", &unknown.uuid));
  assert_found (&fixture, by_uuid (&unknown), "foreign", BIPE_SCAN_STORED);

  /* What the administrator has deleted is gone, whatever the journal remembers. */
  fixture_run_sql (&fixture, "DELETE FROM scan WHERE code = 'stored'");
  assert_not_found (&fixture, by_uuid (stored));
  fixture_tear_down (&fixture);
}

static void
test_store_away (void)
{
  Fixture fixture;
  g_autoptr(BipeScan) stored = NULL, held = NULL;
  g_autoptr(GError) error = NULL;
  BipeScan unknown = { .uuid = { { 1 } } };
  BipeScanRef ref = by_id (1);

  fixture_set_up (&fixture);
  fixture_start (&fixture, FALSE);
  stored = fixture_accept_code (&fixture, "stored");
  g_assert_true (fixture_drain (&fixture));
  fixture_stop (&fixture);
  fixture.database_url = g_strdup (NOWHERE);
  fixture_start (&fixture, TRUE);
  held = fixture_accept_code (&fixture, "held");

  assert_found (&fixture, by_uuid (held), "held", BIPE_SCAN_QUEUED);
  assert_found (&fixture, by_uuid (stored), "stored", BIPE_SCAN_STORED);
  g_assert_null (fixture_find (&fixture, &ref, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_clear_error (&error);
  ref = by_uuid (&unknown);
  g_assert_null (fixture_find (&fixture, &ref, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_clear_error (&error);
  ref = by_uuid (stored);
  g_assert_null (fixture_void (&fixture, &ref, NULL, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  fixture_tear_down (&fixture);
}

static const BipeEvent *
last_event (Fixture *fixture)
{
  return fixture->seen->pdata[fixture->seen->len - 1];
}

/* Voids and restores the row with @ref, and finds both in the store and among the events. */
static void
assert_void_and_restore (Fixture *fixture, BipeScanRef ref)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeScan) voided = NULL, restored = NULL;

  voided = fixture_void (fixture, &ref, "wrong box", &error);
  g_assert_no_error (error);
  g_assert_cmpint (voided->state, ==, BIPE_SCAN_VOIDED);
  g_assert_cmpint (voided->voided_at, >, 0);
  g_assert_cmpstr (voided->reason, ==, "wrong box");
  g_assert_cmpint (last_event (fixture)->kind, ==, BIPE_EVENT_VOIDED);
  g_assert_cmpint (last_event (fixture)->scan->state, ==, BIPE_SCAN_VOIDED);
  g_assert_cmpstr (last_event (fixture)->scan->reason, ==, "wrong box");
  assert_found (fixture, ref, voided->code, BIPE_SCAN_VOIDED);
  g_assert_null (fixture_void (fixture, &ref, "again", &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_CONFLICT);
  g_clear_error (&error);

  restored = fixture_restore (fixture, &ref, &error);
  g_assert_no_error (error);
  g_assert_cmpint (restored->state, ==, BIPE_SCAN_STORED);
  g_assert_cmpint (restored->voided_at, ==, 0);
  g_assert_null (restored->reason);
  g_assert_cmpint (last_event (fixture)->kind, ==, BIPE_EVENT_RESTORED);
  g_assert_cmpint (last_event (fixture)->scan->state, ==, BIPE_SCAN_STORED);
  assert_found (fixture, ref, voided->code, BIPE_SCAN_STORED);
  g_assert_null (fixture_restore (fixture, &ref, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_CONFLICT);
}

static void
test_void_stored (void)
{
  Fixture fixture;
  g_autoptr(BipeScan) scan = NULL;
  g_autoptr(GPtrArray) rows = NULL;

  fixture_set_up (&fixture);
  fixture_start (&fixture, FALSE);
  scan = fixture_accept_code (&fixture, "1");
  g_assert_true (fixture_drain (&fixture));
  rows = fixture_query (&fixture);
  assert_void_and_restore (&fixture, by_uuid (scan));
  assert_void_and_restore (&fixture, by_id (((BipeScan *)rows->pdata[0])->id));
  fixture_run_sql (&fixture, "INSERT INTO scan (id, code) VALUES (99, 'foreign')");
  assert_void_and_restore (&fixture, by_id (99));
  fixture_stop (&fixture);
  fixture_start (&fixture, FALSE);
  assert_void_and_restore (&fixture, by_uuid (scan));
  assert_void_and_restore (&fixture, by_id (99));
  fixture_tear_down (&fixture);
}

static void
test_void_unknown (void)
{
  Fixture fixture;
  BipeScan unknown = { .uuid = { { 1 } } };
  BipeScanRef refs[] = { by_uuid (&unknown), by_id (4711) };

  fixture_set_up (&fixture);
  fixture_start (&fixture, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (refs); i++)
    {
      g_autoptr(GError) voiding = NULL, restoring = NULL;

      g_assert_null (fixture_void (&fixture, &refs[i], NULL, &voiding));
      g_assert_error (voiding, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
      g_assert_null (fixture_restore (&fixture, &refs[i], &restoring));
      g_assert_error (restoring, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
    }
  fixture_tear_down (&fixture);
}

/* In review a held scan is removed, and restored to where it was held. */
static void
test_removed_in_review (void)
{
  Fixture fixture;
  g_autoptr(BipeScan) scan = NULL, removed = NULL, restored = NULL;
  g_autoptr(GPtrArray) held = NULL;
  g_autoptr(GError) error = NULL;
  BipeScanRef ref;

  fixture_set_up (&fixture);
  fixture_start (&fixture, TRUE);
  scan = fixture_accept_code (&fixture, "1");
  ref = by_uuid (scan);
  removed = fixture_void (&fixture, &ref, "twice", &error);
  g_assert_no_error (error);
  g_assert_cmpint (removed->state, ==, BIPE_SCAN_VOIDED);
  g_assert_cmpint (removed->id, ==, 0);
  g_assert_cmpint (last_event (&fixture)->kind, ==, BIPE_EVENT_REMOVED);
  fixture_wait_queued (&fixture, 0);
  assert_found (&fixture, ref, "1", BIPE_SCAN_VOIDED);

  restored = fixture_restore (&fixture, &ref, &error);
  g_assert_no_error (error);
  g_assert_cmpint (restored->state, ==, BIPE_SCAN_QUEUED);
  g_assert_null (restored->reason);
  g_assert_cmpint (last_event (&fixture)->kind, ==, BIPE_EVENT_RESTORED);
  held = fixture_list (&fixture, 1 << BIPE_SCAN_QUEUED);
  g_assert_cmpuint (held->len, ==, 1);
  g_assert_true (fixture_drain (&fixture));
  assert_found (&fixture, ref, "1", BIPE_SCAN_QUEUED);
  fixture_tear_down (&fixture);
}

/* In automatic mode it is on its way to the store, and can't be stopped. */
static void
test_queued_automatic (void)
{
  Fixture fixture;
  g_autoptr(BipeScan) scan = NULL;
  g_autoptr(GError) voiding = NULL, restoring = NULL;
  BipeScanRef ref;

  fixture_set_up (&fixture);
  fixture.database_url = g_strdup (NOWHERE);
  fixture_start (&fixture, FALSE);
  scan = fixture_accept_code (&fixture, "1");
  ref = by_uuid (scan);
  g_assert_null (fixture_void (&fixture, &ref, NULL, &voiding));
  g_assert_error (voiding, BIPE_ERROR, BIPE_ERROR_CONFLICT);
  g_assert_null (fixture_restore (&fixture, &ref, &restoring));
  g_assert_error (restoring, BIPE_ERROR, BIPE_ERROR_CONFLICT);
  assert_found (&fixture, ref, "1", BIPE_SCAN_QUEUED);
  fixture_tear_down (&fixture);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lookup/find", test_find);
  g_test_add_func ("/lookup/store-away", test_store_away);
  g_test_add_func ("/lookup/void-stored", test_void_stored);
  g_test_add_func ("/lookup/void-unknown", test_void_unknown);
  g_test_add_func ("/lookup/removed-in-review", test_removed_in_review);
  g_test_add_func ("/lookup/queued-automatic", test_queued_automatic);
  return g_test_run ();
}
