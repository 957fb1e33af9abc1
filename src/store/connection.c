#include "config.h"

#include "store/connection.h"

#include "base/error.h"

G_DEFINE_INTERFACE (BipeConnection, bipe_connection, G_TYPE_OBJECT)

static void
bipe_connection_default_init (BipeConnectionInterface *iface)
{
}

gboolean
bipe_connection_open (BipeConnection *self, GCancellable *cancellable, GError **error)
{
  return BIPE_CONNECTION_GET_IFACE (self)->open (self, cancellable, error);
}

gboolean
bipe_connection_insert (BipeConnection *self,
                        GPtrArray *scans,
                        GPtrArray *stored,
                        GCancellable *cancellable,
                        GError **error)
{
  return BIPE_CONNECTION_GET_IFACE (self)->insert (self, scans, stored, cancellable, error);
}

gboolean
bipe_connection_mark_collected (BipeConnection *self,
                                GPtrArray *scans,
                                GCancellable *cancellable,
                                GError **error)
{
  return BIPE_CONNECTION_GET_IFACE (self)->mark_collected (self, scans, cancellable, error);
}

BipeScan *
bipe_connection_amend (BipeConnection *self,
                       const BipeScanRef *ref,
                       gint64 at,
                       const char *reason,
                       GCancellable *cancellable,
                       GError **error)
{
  return BIPE_CONNECTION_GET_IFACE (self)->amend (self, ref, at, reason, cancellable, error);
}

gboolean
bipe_connection_find (BipeConnection *self,
                      const BipeScanRef *refs,
                      gsize n_refs,
                      GPtrArray *found,
                      GCancellable *cancellable,
                      GError **error)
{
  return BIPE_CONNECTION_GET_IFACE (self)->find (self, refs, n_refs, found, cancellable, error);
}

GPtrArray *
bipe_connection_query (BipeConnection *self,
                       const BipeQuery *query,
                       GCancellable *cancellable,
                       GError **error)
{
  return BIPE_CONNECTION_GET_IFACE (self)->query (self, query, cancellable, error);
}

BipeScan *
bipe_connection_settle_amend (BipeConnection *self,
                              const BipeScanRef *ref,
                              gint64 at,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autoptr(GPtrArray) found = bipe_scan_array_new ();
  const BipeScan *scan;

  if (!bipe_connection_find (self, ref, 1, found, cancellable, error))
    return NULL;
  scan = found->pdata[0];
  if (scan == NULL)
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND, "there is no such scan");
  else if (at != 0 && scan->voided_at == at)
    return bipe_scan_ref (scan); /* an earlier try came through, though nobody heard of it */
  else
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_CONFLICT,
                 at != 0 ? "the scan is voided already" : "the scan is not voided");
  return NULL;
}
