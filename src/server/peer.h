/* peer.h: the connections: how many there may be, and how long each may stand still.
 *
 * What libsoup 3.2 does not do, is done here:
 *  - it has no time limit, neither on a request nor on its headers: a sweep ends those that are
 * late;
 *  - when a client closes a connection between two requests, libsoup keeps it, descriptor and all,
 * for ever, and to steal it then ends the program: a watch ends it before libsoup would read the
 * end of the stream;
 *  - it forgets a reference to every socket that it accepts: given back when the connection has
 * gone.
 */
#pragma once

#include <libsoup/soup.h>

#include "server/service.h"

G_BEGIN_DECLS

/**
 * BipePeer:
 * @anchor: borrowed: the connection's local address, an object that libsoup makes for each
 * connection and frees with it; so the peer ends with it, too
 * @socket: borrowed; NULL once it has gone
 * @address: the client's, as text
 * @exchange: (nullable): the request under way
 * @message: (nullable): between two requests: the last one, the only handle on libsoup's connection
 * @since: monotonic time at which the present phase has begun, or made its last progress
 * @is_loopback: by the socket, never by a header
 * @is_excess: over the bound: it gets a refusal and nothing else
 * @has_hung_up: nothing more will come from the client
 */
struct _BipePeer
{
  BipePeers *peers;
  GObject *anchor;
  GSocket *socket;
  char *address;
  BipeExchange *exchange;
  SoupServerMessage *message;
  GSource *watch;
  gpointer watch_tag;
  gint64 since;
  gboolean is_loopback;
  gboolean is_excess;
  gboolean has_hung_up;
};

/* @emptied is called whenever the last connection has gone. */
BipePeers *bipe_peers_new (BipeService *service,
                           void (*emptied) (gpointer user_data),
                           gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;

/* The connections themselves are libsoup's: they must be gone before. */
void bipe_peers_free (BipePeers *self);

guint bipe_peers_get_count (BipePeers *self);

/* The peer at the other end of @message's connection, or NULL. */
BipePeer *bipe_peers_find (BipePeers *self, SoupServerMessage *message);

/* A request begins, for a new peer when its connection is accepted. */
BipePeer *bipe_peers_begin (BipePeers *self, SoupServerMessage *message);

/* Its answer is on the wire, or never will be (@is_aborted); libsoup has not yet decided about the
 * connection, and follows what is decided here. */
void bipe_peer_end (BipePeer *self, SoupServerMessage *message, gboolean is_aborted);

/* Takes the connection out of libsoup's hands; the request that was under way is over. */
GIOStream *bipe_peer_steal (BipePeer *self, SoupServerMessage *message) G_GNUC_WARN_UNUSED_RESULT;

/* Ends all connections that wait for a next request. */
void bipe_peers_close_idle (BipePeers *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipePeers, bipe_peers_free)

G_END_DECLS
