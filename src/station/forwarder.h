/* forwarder.h: moves what the journal holds into the store: claim, write, settle. At least once;
 * the uuid makes it exactly once. Engine thread. */
#pragma once

#include "base/status.h"
#include "base/types.h"
#include "journal/journal.h"
#include "store/store.h"

G_BEGIN_DECLS

#define BIPE_TYPE_FORWARDER (bipe_forwarder_get_type ())
G_DECLARE_FINAL_TYPE (BipeForwarder, bipe_forwarder, BIPE, FORWARDER, GObject)

/**
 * BipeForwarder::tried:
 * @error: (nullable): why the store could not be used; %NULL: it could
 *
 * After each exchange with the store, and when the journal fails it.
 */

/**
 * bipe_forwarder_new:
 * @with_held: also what review mode has held in an earlier run (automatic mode)
 *
 * Starts with what an earlier run has left.
 */
BipeForwarder *bipe_forwarder_new (BipeJournal *journal,
                                   BipeStore *store,
                                   gboolean with_held,
                                   BipeClock *clock) G_GNUC_WARN_UNUSED_RESULT;

/* There may be something to store. */
void bipe_forwarder_wake (BipeForwarder *self);

/* Somebody waits for the store: try now, even where a pause after a failure is under way. FALSE: a
 * try has just failed, another would be no other; or the forwarder is stopped. */
gboolean bipe_forwarder_hurry (BipeForwarder *self);

/* What is held would be released in vain: the store was away at the last try. It is tried again
 * now, for whoever asks next. */
gboolean bipe_forwarder_spares_held (BipeForwarder *self);

/* From now on what is held waits for its release. */
void bipe_forwarder_respect_held (BipeForwarder *self);

/* Nothing more is begun. Finishes once nothing is under way, and what was stored is noted in the
 * journal; one at a time. */
void
bipe_forwarder_rest_async (BipeForwarder *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean bipe_forwarder_rest_finish (BipeForwarder *self, GAsyncResult *result, GError **error);

/* After a rest; the store is another one, so what was learned of the one before counts no more. */
void bipe_forwarder_begin_anew (BipeForwarder *self);

/* A collected scan waits for the store to be told. */
void bipe_forwarder_wake_collected (BipeForwarder *self);

/* No further work; what is under way is cancelled. */
void bipe_forwarder_stop (BipeForwarder *self);

G_END_DECLS
