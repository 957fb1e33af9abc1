/* station.h: the one way in. Takes codes from every source, keeps them, has them stored, and
 * announces what becomes of them. Functions may be called from any thread and finish in the
 * caller's thread-default context. */
#pragma once

#include <gio/gio.h>

#include "base/scan.h"
#include "base/types.h"
#include "journal/journal.h"
#include "station/events.h"
#include "station/figures.h"
#include "station/records.h"
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

/* What was accepted, to be listed, found and changed. Any thread. */
BipeRecords *bipe_station_get_records (BipeStation *self);

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

G_END_DECLS
