/* station.h: the one way in. Takes codes from every source, keeps them, has them stored, and
 * announces what becomes of them. Functions may be called from any thread and finish in the
 * caller's thread-default context. */
#pragma once

#include <gio/gio.h>

#include "base/query.h"
#include "base/scan.h"
#include "base/types.h"
#include "journal/journal.h"
#include "station/events.h"
#include "station/figures.h"
#include "store/store.h"

G_BEGIN_DECLS

#define BIPE_TYPE_STATION (bipe_station_get_type ())
G_DECLARE_FINAL_TYPE (BipeStation, bipe_station, BIPE, STATION, GObject)

/* Scans that one bipe_station_accept_async() may bring. */
#define BIPE_STATION_ACCEPT_MAX 1000

/**
 * bipe_station_new:
 * @name: the station's name, in every record
 * @is_review: queue-mode is review
 *
 * The calling thread is the engine's: its thread-default context runs the station from now on.
 */
BipeStation *bipe_station_new (const char *name,
                               gboolean is_review,
                               BipeJournal *journal,
                               BipeStore *store,
                               BipeEvents *events,
                               BipeClock *clock) G_GNUC_WARN_UNUSED_RESULT;

/* Stops forwarding and waits for nothing; the journal keeps what is left. Engine thread. */
void bipe_station_stop (BipeStation *self);

/* Lets the forwarder store what waits, until nothing does, the store is away, or @timeout_ms are
 * over. Engine thread. Finish: TRUE where nothing waits. */
void bipe_station_drain_async (BipeStation *self,
                               guint timeout_ms,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean bipe_station_drain_finish (BipeStation *self, GAsyncResult *result, GError **error);

/* Any thread; what it returns stays valid. */
const char *bipe_station_get_name (BipeStation *self);

/* In every record from now on; the status tells. Engine thread, as the next two. */
void bipe_station_set_name (BipeStation *self, const char *name);

/* Changes what becomes of new scans alone: what is held stays held until it is released, and what
 * is on its way to the store goes there. (A start in automatic mode takes along what was held.) */
void bipe_station_set_review (BipeStation *self, gboolean is_review);

/* @target: (transfer full): where scans belong from now on; one move at a time. What is being
 * stored is stored to its end; all else that waits goes there, each scan once. What was stored
 * stays where it is; of a batch whose fate nobody can tell, since the store that was went away
 * under it, a scan may be in both. */
void bipe_station_move_async (BipeStation *self,
                              BipeStoreTarget *target,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean bipe_station_move_finish (BipeStation *self, GAsyncResult *result, GError **error);

BipeEvents *bipe_station_get_events (BipeStation *self);

/* Since its birth; the station's own, as they are now. Engine thread. */
const BipeFigures *bipe_station_get_figures (BipeStation *self);

/* The newest status; later ones come as events. Any thread. */
BipeStatus *bipe_station_dup_status (BipeStation *self);

/**
 * bipe_station_accept_async:
 * @drafts: (element-type BipeScan): 1 to %BIPE_STATION_ACCEPT_MAX of them: code, source, and as
 * known key, aim, symbology, device, operator, scanned_at; the rest is the station's to give. One
 * in state `rejected`, with its reason, is set aside: what was refused with nobody to hear of it
 *
 * All or nothing. When it finishes well, the scans are on disk. An AIM identifier in front of the
 * code is taken off and told in `aim` and `symbology`.
 *
 * Fails with BIPE_ERROR_INVALID (says what), BIPE_ERROR_FULL (can't be kept), BIPE_ERROR_CONFLICT
 * (known key, other code).
 */
void bipe_station_accept_async (BipeStation *self,
                                GPtrArray *drafts,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
BipeAppend *bipe_station_accept_finish (BipeStation *self,
                                        GAsyncResult *result,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_station_collect_async:
 *
 * Hands out the oldest scan not yet collected, once it is stored. Finish returns (nullable): the
 * scan; %NULL without @error: nothing waits. BIPE_ERROR_UNAVAILABLE: the store can't be reached,
 * the scan stays where it is.
 */
void bipe_station_collect_async (BipeStation *self,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
BipeScan *bipe_station_collect_finish (BipeStation *self,
                                       GAsyncResult *result,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Review mode. Each finishes with the scan afterwards; BIPE_ERROR_CONFLICT where it is not held. */
void bipe_station_release_async (BipeStation *self,
                                 const BipeUuid *uuid,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
void bipe_station_edit_async (BipeStation *self,
                              const BipeUuid *uuid,
                              const char *code,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
void bipe_station_remove_async (BipeStation *self,
                                const BipeUuid *uuid,
                                const char *reason,
                                GAsyncReadyCallback callback,
                                gpointer user_data);

/* Finish returns how many were released, −1 on failure. */
void bipe_station_release_all_async (BipeStation *self,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gint64 bipe_station_release_all_finish (BipeStation *self, GAsyncResult *result, GError **error);

/* The row stays, marked. Finishes with the scan afterwards. Restoring also undoes a removal. */
void bipe_station_void_async (BipeStation *self,
                              const BipeScanRef *ref,
                              const char *reason,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
void bipe_station_restore_async (BipeStation *self,
                                 const BipeScanRef *ref,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);

/* A uuid also finds what is still in the journal. Finish: BIPE_ERROR_NOT_FOUND. */
void bipe_station_find_async (BipeStation *self,
                              const BipeScanRef *ref,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);

/* For release, edit, remove, void, restore and find. */
BipeScan *bipe_station_scan_finish (BipeStation *self,
                                    GAsyncResult *result,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One page of the store's rows. */
void bipe_station_query_async (BipeStation *self,
                               const BipeQuery *query,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);

/* The queue, oldest first: see bipe_journal_list_async(). */
void bipe_station_list_queue_async (BipeStation *self,
                                    guint states,
                                    const BipeUuid *after,
                                    guint limit,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);

/* For query and list_queue: (element-type BipeScan). */
GPtrArray *bipe_station_scans_finish (BipeStation *self,
                                      GAsyncResult *result,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_station_list_events_async:
 *
 * One page of what has happened, also in earlier runs: see bipe_journal_list_events_async(). What
 * joins there without a gap does so here, for whoever reads in the engine's context and subscribes
 * to the events in the callback of the page with `is_last`.
 */
void bipe_station_list_events_async (BipeStation *self,
                                     gint64 after,
                                     guint limit,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
BipeEventPage *bipe_station_list_events_finish (BipeStation *self,
                                                GAsyncResult *result,
                                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
