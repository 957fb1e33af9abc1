/* sockets.h: Socket.IO, protocol 5, and 4 above Engine.IO 3: namespaces, events, acks, binary
 * attachments. Follows https://github.com/socketio/socket.io-protocol (revisions 5 and 4). Not to
 * cross threads. */
#pragma once

#include "socketio/engine.h"
#include "socketio/packet.h"

G_BEGIN_DECLS

typedef struct _BipeSockets BipeSockets;

/* One client in one namespace. */
typedef struct _BipeSocket BipeSocket;

/**
 * BipeNamespace:
 * @name: "/", "/events" …
 * @connecting: (nullable): @auth is the client's JSON object as it came, or %NULL; of protocol 4
 * its query, an object of texts. FALSE refuses it with the message of @error, and with the data of
 * bipe_socket_set_refusal()
 * @connected: (nullable): it has its sid, and may be sent to
 * @event: (nullable): EVENT or BINARY_EVENT with all its attachments; @packet is borrowed
 * @disconnected: (nullable): the last that is heard of it
 * @acknowledged: (nullable): ACK or BINARY_ACK, with the id that was sent; @packet is borrowed
 */
typedef struct
{
  const char *name;
  gboolean (*connecting) (BipeSocket *socket, const char *auth, gpointer user_data, GError **error);
  void (*connected) (BipeSocket *socket, const char *auth, gpointer user_data);
  void (*event) (BipeSocket *socket, const BipePacket *packet, gpointer user_data);
  void (*disconnected) (BipeSocket *socket, gpointer user_data);
  void (*acknowledged) (BipeSocket *socket, const BipePacket *packet, gpointer user_data);
} BipeNamespace;

/**
 * bipe_sockets_new:
 * @options: of the engine, which this owns
 * @connect_timeout: ms that a session may go without a namespace
 * @stranger_timeout: likewise of a stranger's
 * @namespaces: (array length=n_namespaces): not copied
 */
BipeSockets *bipe_sockets_new (const BipeEngineOptions *options,
                               guint connect_timeout,
                               guint stranger_timeout,
                               BipeClock *clock,
                               const BipeNamespace *namespaces,
                               gsize n_namespaces,
                               gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void bipe_sockets_free (BipeSockets *self);

/* For the transports. */
BipeEngine *bipe_sockets_get_engine (BipeSockets *self);

/* As of the engine, with the limit for connecting counted in. */
gint64 bipe_sockets_get_deadline (BipeSockets *self);
void bipe_sockets_tick (BipeSockets *self);

BipeEngineSession *bipe_socket_get_session (BipeSocket *self);

/* What the namespace keeps with it; freed after `disconnected`. */
void bipe_socket_set_data (BipeSocket *self, gpointer data, GDestroyNotify destroy);
gpointer bipe_socket_get_data (BipeSocket *self);

/* For a namespace's `connecting` that returns FALSE: @json goes with the message, as "data", to
 * clients that have a place for it (protocol 5). */
void bipe_socket_set_refusal (BipeSocket *self, const char *json);

/* A socket may end while its ack is still to come: keep a reference, and sending does nothing
 * afterwards. */
BipeSocket *bipe_socket_ref (BipeSocket *self) G_GNUC_WARN_UNUSED_RESULT;
void bipe_socket_unref (BipeSocket *self);

/**
 * bipe_socket_send:
 * @packet: EVENT, BINARY_EVENT, ACK or BINARY_ACK; its namespace is the socket's
 */
void bipe_socket_send (BipeSocket *self, const BipePacket *packet);

/* To many sockets of one namespace: make the frame once (bipe_packet_to_frame()), send it to each.
 */
void bipe_socket_send_frame (BipeSocket *self, GBytes *frame);

/* An ack whose arguments are @json, an array. */
void bipe_socket_acknowledge (BipeSocket *self, guint64 id, const char *json);

/* "41": the client stays in its other namespaces. */
void bipe_socket_disconnect (BipeSocket *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeSockets, bipe_sockets_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeSocket, bipe_socket_unref)

G_END_DECLS
