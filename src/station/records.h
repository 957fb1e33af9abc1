/* records.h: what a station has accepted, wherever it is by now, in the queue or in the store:
 * listed, found, and changed as an operator may. Any thread; each call finishes in its caller's
 * thread-default context. */
#pragma once

#include <gio/gio.h>

#include "base/query.h"
#include "base/scan.h"
#include "base/types.h"
#include "journal/journal.h"
#include "store/store.h"

G_BEGIN_DECLS

#define BIPE_TYPE_RECORDS (bipe_records_get_type ())
G_DECLARE_FINAL_TYPE (BipeRecords, bipe_records, BIPE, RECORDS, GObject)

BipeRecords *bipe_records_new (BipeJournal *journal,
                               BipeStore *store,
                               BipeClock *clock) G_GNUC_WARN_UNUSED_RESULT;

/* Review mode. Each finishes with the scan afterwards; BIPE_ERROR_CONFLICT where it is not held. */
void bipe_records_release_async (BipeRecords *self,
                                 const BipeUuid *uuid,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
void bipe_records_edit_async (BipeRecords *self,
                              const BipeUuid *uuid,
                              const char *code,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
void bipe_records_remove_async (BipeRecords *self,
                                const BipeUuid *uuid,
                                const char *reason,
                                GAsyncReadyCallback callback,
                                gpointer user_data);

/* Finish returns how many were released, −1 on failure. */
void bipe_records_release_all_async (BipeRecords *self,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gint64 bipe_records_release_all_finish (BipeRecords *self, GAsyncResult *result, GError **error);

/* The row stays, marked. Finishes with the scan afterwards. Restoring also undoes a removal. */
void bipe_records_void_async (BipeRecords *self,
                              const BipeScanRef *ref,
                              const char *reason,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
void bipe_records_restore_async (BipeRecords *self,
                                 const BipeScanRef *ref,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);

/* A uuid also finds what is still in the journal. Finish: BIPE_ERROR_NOT_FOUND. */
void bipe_records_find_async (BipeRecords *self,
                              const BipeScanRef *ref,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);

/* For release, edit, remove, void, restore and find. */
BipeScan *bipe_records_scan_finish (BipeRecords *self,
                                    GAsyncResult *result,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One page of the store's rows. */
void bipe_records_query_async (BipeRecords *self,
                               const BipeQuery *query,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);

/* The queue, oldest first: see bipe_journal_list_async(). */
void bipe_records_list_queue_async (BipeRecords *self,
                                    guint states,
                                    const BipeUuid *after,
                                    guint limit,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);

/* For query and list_queue: (element-type BipeScan). */
GPtrArray *bipe_records_scans_finish (BipeRecords *self,
                                      GAsyncResult *result,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_records_list_events_async:
 *
 * One page of what has happened, also in earlier runs: see bipe_journal_list_events_async(). What
 * joins there without a gap does so here, for whoever reads in the engine's context and subscribes
 * to the events in the callback of the page with `is_last`.
 */
void bipe_records_list_events_async (BipeRecords *self,
                                     gint64 after,
                                     guint limit,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
BipeEventPage *bipe_records_list_events_finish (BipeRecords *self,
                                                GAsyncResult *result,
                                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
