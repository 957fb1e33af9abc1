/* engine-transport.h: Engine.IO's two transports: HTTP requests and WebSockets, brought to the
 * sessions of the room socketio. */
#pragma once

#include "server/exchange.h"
#include "socketio/engine.h"

G_BEGIN_DECLS

/* Answers a request to the path of @engine, whatever its method. A session's client is the
 * BipePass of the request that opens it. */
void bipe_engine_transport_serve (BipeExchange *exchange, BipeEngine *engine);

/* Runs the deadlines of @timed, an engine or sockets, which must live as long; to be attached, and
 * destroyed. */
GSource *bipe_engine_transport_new_source (gint64 (*get_deadline) (gpointer timed),
                                           void (*tick) (gpointer timed),
                                           gpointer timed) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
