/* websocket.h: a WebSocket that a client has opened: the handshake, messages both ways, and the
 * end. Pings are answered here. What stands still is ended by the sweep over the connections
 * (peer.h). */
#pragma once

#include "server/exchange.h"
#include "socketio/websocket-frames.h"

G_BEGIN_DECLS

typedef struct _BipeWebsocket BipeWebsocket;

/**
 * BipeWebsocketListener:
 * @message: a whole one, TEXT or BINARY; @data is borrowed and ends with a NUL
 * @closed: it has ended, by the client, a fault or the network; the last that is heard of it, never
 *   from within a call into it. It is to be freed
 *
 * Either may free it.
 */
typedef struct
{
  void (*message) (BipeWebsocket *websocket,
                   BipeWebsocketOpcode opcode,
                   const char *data,
                   gsize length,
                   gpointer user_data);
  void (*closed) (BipeWebsocket *websocket, gpointer user_data);
} BipeWebsocketListener;

/* Whether the request asks for one. */
gboolean bipe_websocket_is_wanted (BipeExchange *exchange);

/* Answers the request: with the handshake, or with what is wrong with it, and NULL then.
 * @max_message: bytes of one message from the client. */
BipeWebsocket *bipe_websocket_accept (BipeExchange *exchange,
                                      gsize max_message,
                                      const BipeWebsocketListener *listener,
                                      gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;

/* Closes hard where bipe_websocket_close() was not called. */
void bipe_websocket_free (BipeWebsocket *self);

void bipe_websocket_send (BipeWebsocket *self,
                          BipeWebsocketOpcode opcode,
                          const void *data,
                          gsize length);

/* Bytes that the client has not taken yet. */
gsize bipe_websocket_get_backlog (BipeWebsocket *self);

/* @holds: the client's messages are not read for now, so that he has to wait; those that are read
 * already still come. */
void bipe_websocket_hold (BipeWebsocket *self, gboolean holds);

/* Says goodbye after what was sent, and frees it. */
void bipe_websocket_close (BipeWebsocket *self, BipeWebsocketStatus status, const char *reason);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeWebsocket, bipe_websocket_free)

G_END_DECLS
