/* events.h: the one way out: hands every event to every subscriber, in the subscriber's own main
 * context, in order, many at once where many have come. */
#pragma once

#include "base/event.h"
#include "base/types.h"

G_BEGIN_DECLS

#define BIPE_TYPE_EVENTS (bipe_events_get_type ())
G_DECLARE_FINAL_TYPE (BipeEvents, bipe_events, BIPE, EVENTS, GObject)

/* Events that may wait for one subscriber; past it they are dropped, and it is told. */
#define BIPE_EVENTS_BACKLOG_MAX 65536

/**
 * BipeEventsFunc:
 * @events: (element-type BipeEvent): at least one, or none where there is only a gap
 * @has_gap: events before these were dropped: whoever keeps a picture must load it anew
 */
typedef void (*BipeEventsFunc) (GPtrArray *events, gboolean has_gap, gpointer user_data);

BipeEvents *bipe_events_new (void) G_GNUC_WARN_UNUSED_RESULT;

/* Any thread. @func runs in @context; NULL: the main thread's default one. Returns a number for
 * bipe_events_unsubscribe(). A newcomer hears what is published from now on. */
guint bipe_events_subscribe (BipeEvents *self,
                             GMainContext *context,
                             BipeEventsFunc func,
                             gpointer user_data);

/* To be called in the subscriber's context; @func is not called afterwards. */
void bipe_events_unsubscribe (BipeEvents *self, guint id);

/* Engine thread: @events (element-type BipeEvent) to everybody. */
void bipe_events_publish (BipeEvents *self, GPtrArray *events);

G_END_DECLS
