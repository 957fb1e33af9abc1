#define _GNU_SOURCE /* POLLRDHUP */
#include "config.h"

#include "server/peer.h"

#include <glib-unix.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "server/client-network.h"
#include "server/exchange.h"
#include "server/listener.h"
#include "server/outbox.h"

/* Connections over the bound that are told so, at once; those past it are hung up on. */
#define TURNED_AWAY_MAX 64

/* Of all places those that are kept for this machine: else whoever takes them from outside keeps
 * the operator out, too, who would revoke his token. Of few places at most half. */
#define LOOPBACK_PLACES 32

struct _BipePeers
{
  BipeService *service;
  SoupServer *soup;
  GSocket *pretence;
  BipeCertificate *certificate; /* NULL: no TLS */
  void (*emptied) (gpointer user_data);
  gpointer user_data;

  GHashTable *by_address;  /* of BipePeer, owned; by the local address, an object each */
  GHashTable *n_by_client; /* how many, by the client's network; none is zero */
  guint n_turned_away;
  guint64 n_refused; /* since the start */
  GMainContext *context;
  GSource *sweep; /* only while there are connections */
};

static void
clear_hang_up (BipePeer *self)
{
  if (self->hang_up != NULL)
    g_source_destroy (self->hang_up);
  g_clear_pointer (&self->hang_up, g_source_unref);
}

static void
end_exchange (BipePeer *self)
{
  BipeExchange *exchange = g_steal_pointer (&self->exchange);

  clear_hang_up (self);
  if (exchange == NULL)
    return;
  bipe_exchange_detach (exchange);
  bipe_exchange_unref (exchange);
}

static guint
count_client (BipePeers *self, const char *network)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->n_by_client, network));
}

static void
set_client_count (BipePeers *self, const char *network, guint n)
{
  if (n > 0)
    g_hash_table_insert (self->n_by_client, g_strdup (network), GUINT_TO_POINTER (n));
  else
    g_hash_table_remove (self->n_by_client, network);
}

static void
free_peer (gpointer data)
{
  BipePeer *self = data;

  end_exchange (self);
  set_client_count (self->peers, self->network, count_client (self->peers, self->network) - 1);
  g_clear_object (&self->message);
  g_object_unref (self->socket);
  g_object_unref (self->local);
  g_free (self->network);
  g_free (self->address);
  g_free (self);
}

static void
stop_sweep (BipePeers *self)
{
  if (self->sweep == NULL)
    return;
  g_source_destroy (self->sweep);
  g_clear_pointer (&self->sweep, g_source_unref);
}

static void
wire_gone_cb (gpointer data, GObject *where_it_was)
{
  BipePeer *peer = data;
  BipePeers *self = peer->peers;

  g_hash_table_remove (self->by_address, peer->local);
  if (g_hash_table_size (self->by_address) > 0)
    return;
  stop_sweep (self);
  self->emptied (self->user_data);
}

GIOStream *
bipe_peer_steal (BipePeer *self, SoupServerMessage *message, BipeWire **wire)
{
  end_exchange (self);
  bipe_wire_set_idle (self->wire, FALSE);
  bipe_wire_expect_requests (self->wire, FALSE);
  bipe_wire_uncork (self->wire);
  *wire = g_object_ref (self->wire);
  return soup_server_message_steal_connection (message);
}

/* Ends a connection that waits for a next request. */
static void
close_idle (BipePeer *self)
{
  g_autoptr(SoupServerMessage) message = g_steal_pointer (&self->message);
  g_autoptr(BipeWire) wire = NULL;
  GIOStream *stream = bipe_peer_steal (self, message, &wire);

  g_io_stream_close (G_IO_STREAM (wire), NULL, NULL);
  g_clear_object (&stream);
}

static void
ended_cb (gpointer user_data)
{
  BipePeer *self = user_data;
  BipeFault fault;
  const char *why = bipe_wire_get_fault (self->wire, &fault);

  if (self->message != NULL)
    close_idle (self);
  else if (self->exchange != NULL && why != NULL)
    {
      if (fault == BIPE_FAULT_INSECURE)
        bipe_exchange_set_answer_header (self->exchange, "Upgrade", "TLS/1.2, HTTP/1.1");
      bipe_exchange_refuse (self->exchange, fault, "%s", why);
    }
}

static void
end_late (BipePeer *self, gint64 limit)
{
  if (self->exchange == NULL)
    {
      if (self->message != NULL)
        close_idle (self);
      else if (bipe_wire_get_moved (self->wire) < limit)
        bipe_wire_abort (self->wire); /* a socket or a stream that stands still */
      return;
    }
  if (!bipe_wire_can_answer (self->wire))
    {
      bipe_wire_abort (self->wire);
      return;
    }

  switch (bipe_exchange_get_state (self->exchange))
    {
    case BIPE_EXCHANGE_RECEIVING:
      bipe_exchange_refuse (self->exchange, BIPE_FAULT_SLOW_REQUEST,
                            "the request did not arrive in time");
      return;
    case BIPE_EXCHANGE_HANDLING:
      bipe_exchange_refuse (self->exchange, BIPE_FAULT_SLOW_ANSWER,
                            "the answer was not ready in time");
      return;
    case BIPE_EXCHANGE_ANSWERED:
      bipe_exchange_cut (self->exchange);
      return;
    default:
      g_return_if_reached ();
    }
}

static gboolean
sweep_cb (gpointer data)
{
  BipePeers *self = data;
  gint64 limit
      = g_get_monotonic_time () - (gint64)self->service->options.time_limit * G_USEC_PER_SEC;
  /* Ending one changes the table. */
  g_autoptr(GList) peers = g_hash_table_get_values (self->by_address);

  for (GList *l = peers; l != NULL; l = l->next)
    {
      BipePeer *peer = l->data;

      if (peer->since < limit)
        end_late (peer, limit);
    }
  return G_SOURCE_CONTINUE;
}

static void
start_sweep (BipePeers *self)
{
  if (self->sweep != NULL)
    return;
  self->sweep = g_timeout_source_new_seconds (1);
  g_source_set_callback (self->sweep, sweep_cb, self, NULL);
  g_source_attach (self->sweep, self->context);
}

/* libsoup ends each connection after one request where it listens nowhere itself. It takes a
 * connected socket for one that listens; nothing ever comes by this one. */
static void
pretend_to_listen (BipePeers *self)
{
  g_autoptr(GSocket) near = NULL;
  int pair[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
    return; /* then each connection serves one request */
  self->pretence = g_socket_new_from_fd (pair[0], NULL);
  near = g_socket_new_from_fd (pair[1], NULL);
  soup_server_listen_socket (self->soup, near, 0, NULL);
}

BipePeers *
bipe_peers_new (BipeService *service,
                SoupServer *soup,
                void (*emptied) (gpointer user_data),
                gpointer user_data)
{
  BipePeers *self = g_new0 (BipePeers, 1);

  self->service = service;
  self->soup = soup;
  self->emptied = emptied;
  self->user_data = user_data;
  self->by_address = g_hash_table_new_full (NULL, NULL, NULL, free_peer);
  self->n_by_client = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->context = g_main_context_ref_thread_default ();
  pretend_to_listen (self);
  return self;
}

void
bipe_peers_free (BipePeers *self)
{
  GHashTableIter iter;
  gpointer peer;

  stop_sweep (self);
  g_hash_table_iter_init (&iter, self->by_address);
  while (g_hash_table_iter_next (&iter, NULL, &peer))
    {
      BipeWire *wire = ((BipePeer *)peer)->wire;

      g_object_weak_unref (G_OBJECT (wire), wire_gone_cb, peer);
      bipe_wire_forget_owner (wire);
    }
  g_hash_table_unref (self->by_address);
  g_hash_table_unref (self->n_by_client);
  g_clear_object (&self->pretence);
  g_clear_pointer (&self->certificate, bipe_certificate_unref);
  g_main_context_unref (self->context);
  g_free (self);
}

guint
bipe_peers_get_count (BipePeers *self)
{
  return g_hash_table_size (self->by_address);
}

guint64
bipe_peers_get_n_refused (BipePeers *self)
{
  return self->n_refused;
}

void
bipe_peers_set_certificate (BipePeers *self, BipeCertificate *certificate)
{
  BipeCertificate *old = self->certificate;

  self->certificate = certificate != NULL ? bipe_certificate_ref (certificate) : NULL;
  g_clear_pointer (&old, bipe_certificate_unref);
}

static gboolean
is_served (const BipePeer *self, GPtrArray *sockets)
{
  GInetAddress *local = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (self->local));

  if (self->peers->certificate != NULL && !self->is_loopback && bipe_wire_is_plain (self->wire))
    return FALSE;
  return bipe_listener_serves (sockets, local);
}

void
bipe_peers_end_unserved (BipePeers *self, GPtrArray *sockets)
{
  /* Ending one changes the table. */
  g_autoptr(GList) peers = g_hash_table_get_values (self->by_address);

  for (GList *l = peers; l != NULL; l = l->next)
    {
      BipePeer *peer = l->data;

      if (is_served (peer, sockets))
        continue;
      if (peer->message != NULL)
        close_idle (peer);
      else
        bipe_wire_abort (peer->wire);
    }
}

static void
turned_away_gone_cb (gpointer data, GObject *where_it_was)
{
  BipePeers *self = data;

  self->n_turned_away--;
}

/* Told at once and hung up on: to wait for its request would cost what there is too little of. @why
 * NULL: hung up on alone, where it could be told only after a handshake. */
static void
turn_away (BipePeers *self, GIOStream *base, const char *why)
{
  g_autofree char *json = bipe_fault_to_json (BIPE_FAULT_BUSY, why != NULL ? why : "", "", "");
  g_autofree char *answer
      = g_strdup_printf ("HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
                         "Content-Length: %" G_GSIZE_FORMAT "\r\nRetry-After: 5\r\n"
                         "Connection: close\r\n\r\n%s",
                         strlen (json), json);
  BipeWire *wire;
  BipeOutbox *outbox;

  self->n_refused++;
  if (why == NULL || self->n_turned_away == TURNED_AWAY_MAX)
    return;
  self->n_turned_away++;
  wire = bipe_wire_new (base, NULL, NULL);
  g_object_weak_ref (G_OBJECT (wire), turned_away_gone_cb, self);
  outbox = bipe_outbox_new (G_IO_STREAM (wire), wire, NULL, NULL);
  g_object_unref (wire);
  g_byte_array_append (bipe_outbox_get_buffer (outbox), (guint8 *)answer, (guint)strlen (answer));
  bipe_outbox_finish (outbox);
}

/* Why there may not be one more from @network; NULL where there may. */
static const char *
check_room (BipePeers *self, const char *network, gboolean is_near)
{
  const BipeServerOptions *options = &self->service->options;
  guint n_kept = is_near ? 0 : MIN (LOOPBACK_PLACES, options->max_connections / 2);

  if (bipe_peers_get_count (self) >= options->max_connections - n_kept)
    return "too many connections";
  if (options->max_connections_per_address > 0
      && count_client (self, network) >= options->max_connections_per_address)
    return "too many connections from one address";
  return NULL;
}

static gboolean
is_loopback (GSocketAddress *address)
{
  return g_inet_address_get_is_loopback (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
}

/* Takes @name, which is the client's address as text, and @network, as whom it counts. */
static BipePeer *
add_peer (BipePeers *self,
          GIOStream *base,
          GSocket *socket,
          gboolean is_near,
          char *name,
          char *network)
{
  BipePeer *peer = g_new0 (BipePeer, 1);

  peer->peers = self;
  peer->socket = g_object_ref (socket);
  peer->local = g_socket_get_local_address (socket, NULL);
  peer->address = name;
  peer->network = network;
  peer->is_loopback = is_near;
  peer->since = g_get_monotonic_time ();
  peer->wire = bipe_wire_new (base, ended_cb, peer);
  if (self->certificate != NULL)
    bipe_wire_offer_tls (peer->wire, self->certificate, !is_near);
  g_hash_table_insert (self->by_address, peer->local, peer);
  set_client_count (self, network, count_client (self, network) + 1);
  bipe_wire_expect_requests (peer->wire, TRUE);
  g_object_weak_ref (G_OBJECT (peer->wire), wire_gone_cb, peer);
  start_sweep (self);
  return peer;
}

void
bipe_peers_accept (BipePeers *self, GSocket *socket)
{
  g_autoptr(GSocketConnection) base = g_socket_connection_factory_create_connection (socket);
  g_autoptr(GSocketAddress) remote = g_socket_get_remote_address (socket, NULL);
  g_autoptr(GSocketAddress) local = g_socket_get_local_address (socket, NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeWire) wire = NULL;
  g_autofree char *name = NULL;
  g_autofree char *network = NULL;
  GInetAddress *address;
  gboolean is_near;
  const char *why;
  BipePeer *peer;

  g_socket_set_blocking (socket, FALSE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  if (remote == NULL || local == NULL)
    return; /* it has gone already */
  is_near = is_loopback (remote) && is_loopback (local);
  address = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote));
  name = g_inet_address_to_string (address);
  network = bipe_client_network_dup (name);
  why = check_room (self, network, is_near);
  if (why != NULL)
    {
      turn_away (self, G_IO_STREAM (base), self->certificate == NULL || is_near ? why : NULL);
      return;
    }
  peer = add_peer (self, G_IO_STREAM (base), socket, is_near, g_steal_pointer (&name),
                   g_steal_pointer (&network));
  wire = peer->wire;
  if (!soup_server_accept_iostream (self->soup, G_IO_STREAM (wire), peer->local, remote, &error))
    g_warning ("cannot serve a connection: %s", error->message);
}

BipePeer *
bipe_peers_find (BipePeers *self, SoupServerMessage *message)
{
  return g_hash_table_lookup (self->by_address, soup_server_message_get_local_address (message));
}

BipePeer *
bipe_peers_begin (BipePeers *self, SoupServerMessage *message)
{
  BipePeer *peer = bipe_peers_find (self, message);

  end_exchange (peer);
  g_clear_object (&peer->message);
  bipe_wire_set_idle (peer->wire, FALSE);
  peer->exchange = bipe_exchange_new (self->service, peer, message);
  peer->since = g_get_monotonic_time ();
  return peer;
}

gboolean
bipe_peer_is_secure (const BipePeer *self)
{
  return bipe_wire_is_secure (self->wire);
}

static gboolean
hung_up_cb (int fd, GIOCondition condition, gpointer user_data)
{
  BipePeer *self = user_data;
  g_autoptr(BipeExchange) exchange = bipe_exchange_ref (self->exchange);

  clear_hang_up (self);
  if (bipe_exchange_get_state (exchange) == BIPE_EXCHANGE_HANDLING)
    self->hung_up (exchange);
  return G_SOURCE_REMOVE;
}

/* libsoup reads nothing meanwhile. Neither does this: what comes may be the next request. */
void
bipe_peer_heed_hang_up (BipePeer *self, BipeHangUp what, void (*hung_up) (BipeExchange *exchange))
{
  int condition = G_IO_HUP | G_IO_ERR | (what == BIPE_HANG_UP_END ? POLLRDHUP : 0);

  if (self->hang_up != NULL)
    return;
  self->hung_up = hung_up;
  self->hang_up = g_unix_fd_source_new (bipe_wire_get_fd (self->wire), (GIOCondition)condition);
  /* Before an answer that comes in the same turn, and would be lost. */
  g_source_set_priority (self->hang_up, G_PRIORITY_HIGH);
  g_source_set_callback (self->hang_up, G_SOURCE_FUNC (hung_up_cb), self, NULL);
  g_source_attach (self->hang_up, self->peers->context);
}

void
bipe_peer_end (BipePeer *self, SoupServerMessage *message, gboolean is_aborted)
{
  SoupMessageHeaders *answer = soup_server_message_get_response_headers (message);
  gboolean stays;

  end_exchange (self);
  stays = !is_aborted && !self->peers->service->is_stopping
          && soup_server_message_get_http_version (message) == SOUP_HTTP_1_1
          && soup_message_headers_get_encoding (answer) != SOUP_ENCODING_EOF
          && !soup_message_headers_header_contains (answer, "Connection", "close")
          && !soup_message_headers_header_contains (
              soup_server_message_get_request_headers (message), "Connection", "close");
  if (stays)
    {
      self->message = g_object_ref (message);
      bipe_wire_set_idle (self->wire, TRUE);
    }
  else
    soup_message_headers_replace (answer, "Connection", "close");
  bipe_wire_uncork (self->wire);
  self->since = g_get_monotonic_time ();
}

void
bipe_peers_close_idle (BipePeers *self)
{
  g_autoptr(GList) peers = g_hash_table_get_values (self->by_address);

  for (GList *l = peers; l != NULL; l = l->next)
    if (((BipePeer *)l->data)->message != NULL)
      close_idle (l->data);
}
