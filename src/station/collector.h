/* collector.h: hands each scan out once, oldest first, and not before it is stored. Engine thread.
 */
#pragma once

#include "base/event.h"
#include "base/types.h"
#include "journal/journal.h"
#include "station/forwarder.h"

G_BEGIN_DECLS

#define BIPE_TYPE_COLLECTOR (bipe_collector_get_type ())
G_DECLARE_FINAL_TYPE (BipeCollector, bipe_collector, BIPE, COLLECTOR, GObject)

BipeCollector *bipe_collector_new (BipeJournal *journal,
                                   BipeForwarder *forwarder,
                                   BipeClock *clock) G_GNUC_WARN_UNUSED_RESULT;

/* Takes @task over, and returns a BipeScan or NULL with it: see bipe_station_collect_async(). */
void bipe_collector_collect (BipeCollector *self, GTask *task);

/* What a commit has changed: somebody may wait for it. */
void bipe_collector_note_commit (BipeCollector *self, GPtrArray *events);

/* The store could not be used: whoever waits for it is told. */
void bipe_collector_note_failure (BipeCollector *self, const GError *error);

G_END_DECLS
