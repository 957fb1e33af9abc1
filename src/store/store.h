/* store.h: where scans belong: PostgreSQL, or the embedded SQLite file. Three threads, each with a
 * connection of its own: one writes, one looks single scans up (many at once in one round trip),
 * one reads the history. All …_async functions may be called from any thread and finish in the
 * caller's thread-default context; each may fail with BIPE_ERROR_UNAVAILABLE. */
#pragma once

#include <gio/gio.h>

#include "base/query.h"
#include "base/scan.h"
#include "base/types.h"
#include "store/connection.h"
#include "store/store-target.h"

G_BEGIN_DECLS

#define BIPE_TYPE_STORE (bipe_store_get_type ())
G_DECLARE_FINAL_TYPE (BipeStore, bipe_store, BIPE, STORE, GObject)

/* Takes @target over. */
BipeStore *bipe_store_new (BipeStoreTarget *target) G_GNUC_WARN_UNUSED_RESULT;

/* Works off what was asked for and joins the threads. Blocks, within the connections' time limits.
 */
void bipe_store_close (BipeStore *self);

/* See BipeStoreTarget. Any thread; what it returns stays valid. */
const char *bipe_store_get_name (BipeStore *self);

/**
 * bipe_store_move_async:
 * @target: (transfer full): where scans belong from now on
 *
 * What each thread has under way ends where it has begun; all that waits, and all that comes, goes
 * to @target. But what names a row by its number, or asks for a page, means the rows of the store
 * it was asked of: where it has not begun it fails with BIPE_ERROR_UNAVAILABLE. One thread moves.
 *
 * Finishes once nothing more is written to the store that was.
 */
void bipe_store_move_async (BipeStore *self,
                            BipeStoreTarget *target,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean bipe_store_move_finish (BipeStore *self, GAsyncResult *result, GError **error);

/* Whether the store can be reached and has its schema. */
void bipe_store_ping_async (BipeStore *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean bipe_store_ping_finish (BipeStore *self, GAsyncResult *result, GError **error);

/**
 * bipe_store_write_async:
 * @scans: (element-type BipeScan): to be inserted, in this order
 *
 * A row that the database refuses for its content does not keep the others back.
 *
 * Finish returns (element-type BipeScan): as many, in the same order: `stored` with id and
 * stored_at, or `rejected` with its reason.
 */
void bipe_store_write_async (BipeStore *self,
                             GPtrArray *scans,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
GPtrArray *bipe_store_write_finish (BipeStore *self,
                                    GAsyncResult *result,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writes collected_at of these @scans. */
void bipe_store_mark_collected_async (BipeStore *self,
                                      GPtrArray *scans,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean bipe_store_mark_collected_finish (BipeStore *self, GAsyncResult *result, GError **error);

/**
 * bipe_store_amend_async:
 * @at: voids the row at this time; 0: restores it
 * @reason: (nullable): why it is voided
 *
 * Finish returns the row afterwards; BIPE_ERROR_NOT_FOUND; BIPE_ERROR_CONFLICT where it is so
 * already.
 */
void bipe_store_amend_async (BipeStore *self,
                             const BipeScanRef *ref,
                             gint64 at,
                             const char *reason,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
BipeScan *bipe_store_amend_finish (BipeStore *self,
                                   GAsyncResult *result,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Finish: BIPE_ERROR_NOT_FOUND where there is no such row. */
void bipe_store_find_async (BipeStore *self,
                            const BipeScanRef *ref,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
BipeScan *bipe_store_find_finish (BipeStore *self,
                                  GAsyncResult *result,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Finish returns (element-type BipeScan): one page. */
void bipe_store_query_async (BipeStore *self,
                             const BipeQuery *query,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
GPtrArray *bipe_store_query_finish (BipeStore *self,
                                    GAsyncResult *result,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
