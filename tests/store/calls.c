#include "config.h"

#include "calls.h"

#include "base/clock.h"
#include "base/uuid.h"

/* Whole milliseconds of 2026, and so exact in every store. */
#define SCANNED_AT G_GINT64_CONSTANT (1780000000123456)

void
keep_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

gboolean
call_ping (BipeStore *store, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_store_ping_async (store, NULL, keep_cb, &result);
  return bipe_store_ping_finish (store, wait_for (&result), error);
}

GPtrArray *
call_write (BipeStore *store, GPtrArray *scans, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_store_write_async (store, scans, NULL, keep_cb, &result);
  return bipe_store_write_finish (store, wait_for (&result), error);
}

gboolean
call_mark_collected (BipeStore *store, GPtrArray *scans, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_store_mark_collected_async (store, scans, NULL, keep_cb, &result);
  return bipe_store_mark_collected_finish (store, wait_for (&result), error);
}

BipeScan *
call_amend (BipeStore *store, const BipeScanRef *ref, gint64 at, const char *reason, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_store_amend_async (store, ref, at, reason, NULL, keep_cb, &result);
  return bipe_store_amend_finish (store, wait_for (&result), error);
}

BipeScan *
call_find (BipeStore *store, const BipeScanRef *ref, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_store_find_async (store, ref, NULL, keep_cb, &result);
  return bipe_store_find_finish (store, wait_for (&result), error);
}

GPtrArray *
call_query (BipeStore *store, const BipeQuery *query, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_store_query_async (store, query, NULL, keep_cb, &result);
  return bipe_store_query_finish (store, wait_for (&result), error);
}

BipeScan *
make_scan (const char *code)
{
  static BipeUuidSource *uuids;
  BipeScan fields = {
    .code = code,
    .source = BIPE_SOURCE_WEDGE,
    .station = "gate",
    .scanned_at = SCANNED_AT,
  };

  if (uuids == NULL)
    uuids = bipe_uuid_source_new (bipe_clock_system ());
  fields.uuid = bipe_uuid_source_next (uuids);
  return bipe_scan_new (&fields);
}

BipeScanRef
ref_to (const BipeScan *scan)
{
  return (BipeScanRef){ 0, scan->uuid };
}

GPtrArray *
make_scans (const char *prefix, guint n)
{
  GPtrArray *scans = bipe_scan_array_new ();

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *code = g_strdup_printf ("%s%u", prefix, i);
      g_ptr_array_add (scans, make_scan (code));
    }
  return scans;
}

void
finish_store (BipeStore *store)
{
  bipe_store_close (store);
  /* Finished tasks hold it until their context has let go of them. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (store);
}
