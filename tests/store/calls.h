/* calls.h: the store's asynchronous functions as calls that wait, and scans to call them with. */
#pragma once

#include "store/store.h"

G_BEGIN_DECLS

/* For the main context: waits until *result is there. keep_cb puts it there. */
void keep_cb (GObject *source, GAsyncResult *result, gpointer user_data);
GAsyncResult *wait_for (GAsyncResult **result);

gboolean call_ping (BipeStore *store, GError **error);
GPtrArray *call_write (BipeStore *store, GPtrArray *scans, GError **error);
gboolean call_mark_collected (BipeStore *store, GPtrArray *scans, GError **error);
BipeScan *call_amend (BipeStore *store,
                      const BipeScanRef *ref,
                      gint64 at,
                      const char *reason,
                      GError **error);
BipeScan *call_find (BipeStore *store, const BipeScanRef *ref, GError **error);
GPtrArray *call_query (BipeStore *store, const BipeQuery *query, GError **error);

/* A queued scan as a station makes it, with a uuid of its own. */
BipeScan *make_scan (const char *code);
BipeScanRef ref_to (const BipeScan *scan);

/* Scans "<prefix>0", "<prefix>1" … */
GPtrArray *make_scans (const char *prefix, guint n);

/* Closes it, and checks that nobody else holds it. */
void finish_store (BipeStore *store);

G_END_DECLS
