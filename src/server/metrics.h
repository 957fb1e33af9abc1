/* metrics.h: how the requests of each route have ended, and how long they took. All room for it is
 * made at the start. Of the engine's thread. */
#pragma once

#include "server/router.h"

G_BEGIN_DECLS

/* @routes: ended by one without a method; kept. */
BipeMetrics *bipe_metrics_new (const BipeRoute *routes) G_GNUC_WARN_UNUSED_RESULT;
void bipe_metrics_free (BipeMetrics *self);

/**
 * bipe_metrics_note_request:
 * @route: (nullable): one of the routes; %NULL: it came to none
 * @status: 0: its client left before there was one
 */
void bipe_metrics_note_request (BipeMetrics *self,
                                const BipeRoute *route,
                                guint status,
                                gint64 microseconds);

/* Appends them in Prometheus' text format, those that have not occurred left out. */
void bipe_metrics_append (const BipeMetrics *self, GString *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeMetrics, bipe_metrics_free)

G_END_DECLS
