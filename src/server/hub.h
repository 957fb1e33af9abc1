/* hub.h: the station as Socket.IO clients see it: `message` brings a code in, as in the seed, and
 * the namespace /events tells what becomes of all of them. Of the engine's thread. */
#pragma once

#include "access/presence.h"
#include "server/event-feed.h"
#include "server/gate.h"
#include "socketio/sockets.h"

G_BEGIN_DECLS

typedef struct _BipeHub BipeHub;

/* @gate: borrowed, judges the tokens that clients connect with
 * @presence: hears of each session, from its first namespace to its last
 * @allow_eio3: whether clients of Socket.IO 2, and of 1, are served, too */
BipeHub *bipe_hub_new (BipeStation *station,
                       BipeGate *gate,
                       BipePresence *presence,
                       gboolean allow_eio3) G_GNUC_WARN_UNUSED_RESULT;
void bipe_hub_free (BipeHub *self);

BipeSockets *bipe_hub_get_sockets (BipeHub *self);
BipeEventFeed *bipe_hub_get_feed (BipeHub *self);

/* Says goodbye to all clients. */
void bipe_hub_close (BipeHub *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeHub, bipe_hub_free)

G_END_DECLS
