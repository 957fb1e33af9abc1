/* peer.h: the connections: how many there may be, and how long each may stand still.
 *
 * libsoup 3.2 has no time limit, neither on a request nor on its headers: a sweep ends those that
 * are late.
 */
#pragma once

#include <libsoup/soup.h>

#include "server/certificate.h"
#include "server/service.h"
#include "server/wire.h"

G_BEGIN_DECLS

/**
 * BipeHangUp:
 * @BIPE_HANG_UP_RESET: the connection is broken off: nobody can be told anything any more
 * @BIPE_HANG_UP_END: the client says that it has no more to send, too; whoever goes on waiting for
 *   the answer, as `nc -N` does, can't be told from one who has gone
 */
typedef enum
{
  BIPE_HANG_UP_RESET,
  BIPE_HANG_UP_END,
} BipeHangUp;

/**
 * BipePeer:
 * @wire: borrowed: libsoup's, or whoever stole it; the peer ends with it
 * @local: the connection's own local address, an object that tells it from all others
 * @address: the client's, as text
 * @network: as whom it counts, by its address
 * @exchange: (nullable): the request under way
 * @message: (nullable): between two requests: the last one, the only handle on libsoup's connection
 * @hang_up: (nullable): while it is heeded
 * @hung_up: what is done then
 * @since: monotonic time at which the present phase has begun, or made its last progress
 * @is_loopback: both ends are, by the socket, never by a header
 */
struct _BipePeer
{
  BipePeers *peers;
  BipeWire *wire;
  GSocket *socket;
  GSocketAddress *local;
  char *address;
  char *network;
  BipeExchange *exchange;
  SoupServerMessage *message;
  GSource *hang_up;
  void (*hung_up) (BipeExchange *exchange);
  gint64 since;
  gboolean is_loopback;
};

/* @soup, borrowed, serves them. @emptied is called whenever the last connection has gone. */
BipePeers *bipe_peers_new (BipeService *service,
                           SoupServer *soup,
                           void (*emptied) (gpointer user_data),
                           gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;

/* The connections themselves are libsoup's: they must be gone before. */
void bipe_peers_free (BipePeers *self);

guint bipe_peers_get_count (BipePeers *self);

/* Connections that were turned away since the start, of one client or of all too many. */
guint64 bipe_peers_get_n_refused (BipePeers *self);

/* The peer at the other end of @message's connection, or NULL. */
BipePeer *bipe_peers_find (BipePeers *self, SoupServerMessage *message);

/* Connections from now on: with TLS, which is required but on loopback, or, for NULL, plain. */
void bipe_peers_set_certificate (BipePeers *self, BipeCertificate *certificate);

/* Ends those that would not be let in now: to other addresses than those that @sockets
 * (element-type GSocket) listen on, or plain where TLS is required. */
void bipe_peers_end_unserved (BipePeers *self, GPtrArray *sockets);

/* A new connection: served, or turned away where there are too many. */
void bipe_peers_accept (BipePeers *self, GSocket *socket);

/* A request begins: a connection's first when it is accepted, later ones at their first byte. */
BipePeer *bipe_peers_begin (BipePeers *self, SoupServerMessage *message);

/* By TLS. */
gboolean bipe_peer_is_secure (const BipePeer *self);

/* From now on @hung_up is called, once, when the client of the request under way hangs up before
 * there is an answer: for one that costs much, or may be told only once. */
void
bipe_peer_heed_hang_up (BipePeer *self, BipeHangUp what, void (*hung_up) (BipeExchange *exchange));

/* Its answer is on the wire, or never will be (@is_aborted); libsoup has not yet decided about the
 * connection, and follows what is decided here. */
void bipe_peer_end (BipePeer *self, SoupServerMessage *message, gboolean is_aborted);

/* Takes the connection out of libsoup's hands; the request that was under way is over. Returns
 * (nullable): libsoup's stream over @wire, which may have read ahead; *wire is always given. */
GIOStream *bipe_peer_steal (BipePeer *self,
                            SoupServerMessage *message,
                            BipeWire **wire) G_GNUC_WARN_UNUSED_RESULT;

/* Ends all connections that wait for a next request. */
void bipe_peers_close_idle (BipePeers *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipePeers, bipe_peers_free)

G_END_DECLS
