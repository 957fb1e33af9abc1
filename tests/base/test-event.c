#include "config.h"

#include "base/event.h"

static void
test_scan (void)
{
  BipeScan fields = { .code = "4006381333931", .station = "s" };
  g_autoptr(BipeScan) scan = bipe_scan_new (&fields);
  g_autoptr(BipeEvent) event = bipe_event_new (7, 8, BIPE_EVENT_STORED, scan);
  g_autoptr(BipeEvent) again = bipe_event_ref (event);

  g_assert_true (again == event);
  g_assert_cmpint (event->seq, ==, 7);
  g_assert_cmpint (event->at, ==, 8);
  g_assert_cmpint (event->kind, ==, BIPE_EVENT_STORED);
  g_assert_null (event->status);
  g_clear_pointer (&scan, bipe_scan_unref);
  g_assert_cmpstr (event->scan->code, ==, "4006381333931");
}

static void
test_status (void)
{
  BipeStatus fields = { .store = "this computer", .n_queued = 3 };
  g_autoptr(BipeStatus) status = bipe_status_new (&fields);
  g_autoptr(BipeEvent) event = bipe_event_new_status (9, status);

  g_clear_pointer (&status, bipe_status_unref);
  g_assert_cmpint (event->seq, ==, 0);
  g_assert_cmpint (event->at, ==, 9);
  g_assert_cmpint (event->kind, ==, BIPE_EVENT_STATUS);
  g_assert_null (event->scan);
  g_assert_cmpint (event->status->n_queued, ==, 3);
}

static void
test_array (void)
{
  BipeScan fields = { .code = "1", .station = "s" };
  g_autoptr(BipeScan) scan = bipe_scan_new (&fields);
  g_autoptr(GPtrArray) events = bipe_event_array_new ();
  g_auto(GValue) value = G_VALUE_INIT;

  for (guint i = 0; i < 100; i++)
    g_ptr_array_add (events, bipe_event_new (i, 0, BIPE_EVENT_QUEUED, scan));
  g_value_init (&value, BIPE_TYPE_EVENT);
  g_value_set_boxed (&value, events->pdata[42]);
  g_ptr_array_set_size (events, 0);
  g_assert_cmpint (((BipeEvent *)g_value_get_boxed (&value))->seq, ==, 42);
}

static void
test_names (void)
{
  static const struct
  {
    BipeEventKind kind;
    const char *name;
  } cases[] = {
    { BIPE_EVENT_QUEUED, "queued" },       { BIPE_EVENT_RELEASED, "released" },
    { BIPE_EVENT_EDITED, "edited" },       { BIPE_EVENT_REMOVED, "removed" },
    { BIPE_EVENT_STORED, "stored" },       { BIPE_EVENT_REJECTED, "rejected" },
    { BIPE_EVENT_COLLECTED, "collected" }, { BIPE_EVENT_VOIDED, "voided" },
    { BIPE_EVENT_RESTORED, "restored" },   { BIPE_EVENT_STATUS, "status" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpstr (bipe_event_kind_name (cases[i].kind), ==, cases[i].name);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/event/scan", test_scan);
  g_test_add_func ("/event/status", test_status);
  g_test_add_func ("/event/array", test_array);
  g_test_add_func ("/event/names", test_names);
  return g_test_run ();
}
