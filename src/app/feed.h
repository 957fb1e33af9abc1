/* feed.h: the station's events as the window takes them: in its main context, and gathered, so that
 * the models change at most once a frame however many arrive. */
#pragma once

#include <gio/gio.h>

#include "station/events.h"

G_BEGIN_DECLS

#define BIPE_TYPE_FEED (bipe_feed_get_type ())
G_DECLARE_FINAL_TYPE (BipeFeed, bipe_feed, BIPE, FEED, GObject)

/**
 * BipeFeed::arrived:
 * @events: (element-type BipeEvent): in their order; may be empty where there is only a gap
 * @has_gap: events before these were dropped: whoever keeps a picture must load it anew
 */

/* Any thread. Gathers from now on; all else is the main thread's. */
BipeFeed *bipe_feed_new (BipeEvents *events) G_GNUC_WARN_UNUSED_RESULT;

/* Whoever listens is connected: what was gathered arrives, and then what follows. */
void bipe_feed_start (BipeFeed *self);

G_END_DECLS
