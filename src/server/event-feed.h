/* event-feed.h: the station's events for remote readers: each event is encoded once, however many
 * read it, and a reader that comes back goes on where it was. Of the engine's thread. */
#pragma once

#include "station/station.h"

G_BEGIN_DECLS

typedef struct _BipeEventFeed BipeEventFeed;
typedef struct _BipeEventFeedReader BipeEventFeedReader;

/* The forms that an event has on the wire. */
typedef enum
{
  BIPE_EVENT_FEED_JSON,     /* {"seq":…,"event":"stored","at":"…","scan":{…}} */
  BIPE_EVENT_FEED_SSE,      /* Server-Sent Events: id, event, data */
  BIPE_EVENT_FEED_SOCKETIO, /* a frame of Engine.IO: 42/events,["event",…] */
} BipeEventFeedForm;

#define BIPE_EVENT_FEED_N_FORMS 3

/* What a reader may leave untaken; less where there are more than 16, who share what 16 may. */
#define BIPE_EVENT_FEED_BACKLOG_MAX (4 * 1024 * 1024)

/**
 * BipeEventFeedListener:
 * @event: in order and without a gap; @bytes is shared
 * @get_backlog: bytes that the reader has not taken yet
 * @dropped: it has left too much untaken, or the station ends; it is to be closed, and to leave
 */
typedef struct
{
  BipeEventFeedForm form;
  void (*event) (GBytes *bytes, gpointer user_data);
  gsize (*get_backlog) (gpointer user_data);
  void (*dropped) (gpointer user_data);
} BipeEventFeedListener;

BipeEventFeed *bipe_event_feed_new (BipeStation *station) G_GNUC_WARN_UNUSED_RESULT;

/* The station ends: every reader is dropped. */
void bipe_event_feed_drop_all (BipeEventFeed *self);

/* All readers have left. */
void bipe_event_feed_free (BipeEventFeed *self);

/**
 * bipe_event_feed_join:
 * @after: the seq of the last event that the reader has; −1: from now on. Where that is not kept
 * any more, or was never given, `reset` comes first
 *
 * Nothing is called from within.
 */
BipeEventFeedReader *bipe_event_feed_join (BipeEventFeed *self,
                                           gint64 after,
                                           const BipeEventFeedListener *listener,
                                           gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;

void bipe_event_feed_leave (BipeEventFeedReader *reader);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeEventFeed, bipe_event_feed_free)

G_END_DECLS
