#define _GNU_SOURCE /* POLLRDHUP */
#include "config.h"

#include "server/peer.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "server/exchange.h"

#define HUNG_UP ((GIOCondition)POLLRDHUP)

struct _BipePeers
{
  BipeService *service;
  void (*emptied) (gpointer user_data);
  gpointer user_data;

  GHashTable *by_anchor; /* of BipePeer, owned */
  GMainContext *context;
  GSource *sweep; /* only while there are connections */
};

static void
end_exchange (BipePeer *self)
{
  BipeExchange *exchange = g_steal_pointer (&self->exchange);

  if (exchange == NULL)
    return;
  bipe_exchange_detach (exchange);
  bipe_exchange_unref (exchange);
}

static void
stop_watch (BipePeer *self)
{
  if (self->watch == NULL)
    return;
  g_source_destroy (self->watch);
  g_clear_pointer (&self->watch, g_source_unref);
}

static void
free_peer (gpointer data)
{
  BipePeer *self = data;

  end_exchange (self);
  stop_watch (self);
  g_clear_object (&self->message);
  g_clear_weak_pointer (&self->socket);
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

/* libsoup 3.2 never gives back the reference that it gets from accept(); 3.4 does. */
static void
give_back_socket (BipePeer *self)
{
  GSocket *socket = self->socket;

  if (socket == NULL)
    return;
  g_clear_weak_pointer (&self->socket);
  if (g_socket_is_closed (socket) && G_OBJECT (socket)->ref_count == 1)
    g_object_unref (socket);
}

static void
anchor_gone_cb (gpointer data, GObject *where_it_was)
{
  BipePeers *self = data;

  give_back_socket (g_hash_table_lookup (self->by_anchor, where_it_was));
  g_hash_table_remove (self->by_anchor, where_it_was);
  if (g_hash_table_size (self->by_anchor) > 0)
    return;
  stop_sweep (self);
  self->emptied (self->user_data);
}

GIOStream *
bipe_peer_steal (BipePeer *self, SoupServerMessage *message)
{
  stop_watch (self);
  end_exchange (self);
  return soup_server_message_steal_connection (message);
}

/* Ends a connection that waits for a next request. */
static void
close_idle (BipePeer *self)
{
  g_autoptr(SoupServerMessage) message = g_steal_pointer (&self->message);
  g_autoptr(GIOStream) stream = bipe_peer_steal (self, message);

  if (stream != NULL)
    g_io_stream_close (stream, NULL, NULL);
}

static void
set_watch (BipePeer *self, GIOCondition condition)
{
  if (self->watch != NULL)
    g_source_modify_unix_fd (self->watch, self->watch_tag, condition);
}

/* A next request has begun to come. */
static void
leave_idle (BipePeer *self)
{
  g_clear_object (&self->message);
  set_watch (self, HUNG_UP);
}

/* The kernel counts the end of the stream as readable a moment before it says that the peer has
 * hung up; a read waits for that moment. */
static gboolean
is_at_end (BipePeer *self)
{
  char byte;
  ssize_t n = recv (g_socket_get_fd (self->socket), &byte, 1, MSG_PEEK | MSG_DONTWAIT);

  return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

static gboolean
watch_cb (gpointer data)
{
  BipePeer *self = data;

  if (self->message == NULL)
    {
      self->has_hung_up = TRUE;
      stop_watch (self);
    }
  else if (is_at_end (self))
    close_idle (self);
  else
    leave_idle (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
watch_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs watch_funcs = { .dispatch = watch_dispatch };

/* GLib polls a descriptor once for all its sources, so this one, being more urgent, is always asked
 * before libsoup's own. Between two requests it looks at whatever libsoup would read. */
static void
start_watch (BipePeer *self)
{
  self->watch = g_source_new (&watch_funcs, sizeof (GSource));
  self->watch_tag = g_source_add_unix_fd (self->watch, g_socket_get_fd (self->socket), HUNG_UP);
  g_source_set_priority (self->watch, G_PRIORITY_HIGH);
  g_source_set_callback (self->watch, watch_cb, self, NULL);
  g_source_attach (self->watch, self->peers->context);
}

static void
end_late (BipePeer *self)
{
  if (self->exchange == NULL)
    {
      if (self->message != NULL)
        close_idle (self);
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
  g_autoptr(GList) peers = g_hash_table_get_values (self->by_anchor);

  for (GList *l = peers; l != NULL; l = l->next)
    {
      BipePeer *peer = l->data;

      if (peer->since < limit)
        end_late (peer);
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

BipePeers *
bipe_peers_new (BipeService *service, void (*emptied) (gpointer user_data), gpointer user_data)
{
  BipePeers *self = g_new0 (BipePeers, 1);

  self->service = service;
  self->emptied = emptied;
  self->user_data = user_data;
  self->by_anchor = g_hash_table_new_full (NULL, NULL, NULL, free_peer);
  self->context = g_main_context_ref_thread_default ();
  return self;
}

void
bipe_peers_free (BipePeers *self)
{
  GHashTableIter iter;
  gpointer anchor;

  stop_sweep (self);
  g_hash_table_iter_init (&iter, self->by_anchor);
  while (g_hash_table_iter_next (&iter, &anchor, NULL))
    g_object_weak_unref (anchor, anchor_gone_cb, self);
  g_hash_table_unref (self->by_anchor);
  g_main_context_unref (self->context);
  g_free (self);
}

guint
bipe_peers_get_count (BipePeers *self)
{
  return g_hash_table_size (self->by_anchor);
}

static BipePeer *
add_peer (BipePeers *self, SoupServerMessage *message)
{
  GSocketAddress *remote = soup_server_message_get_remote_address (message);
  GInetAddress *address = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote));
  BipePeer *peer = g_new0 (BipePeer, 1);

  peer->peers = self;
  peer->anchor = G_OBJECT (soup_server_message_get_local_address (message));
  g_set_weak_pointer (&peer->socket, soup_server_message_get_socket (message));
  peer->address = g_inet_address_to_string (address);
  peer->is_loopback = g_inet_address_get_is_loopback (address);
  peer->is_excess = bipe_peers_get_count (self) >= self->service->options.max_connections;
  g_hash_table_insert (self->by_anchor, peer->anchor, peer);
  g_object_weak_ref (peer->anchor, anchor_gone_cb, self);
  start_watch (peer);
  start_sweep (self);
  return peer;
}

BipePeer *
bipe_peers_find (BipePeers *self, SoupServerMessage *message)
{
  return g_hash_table_lookup (self->by_anchor, soup_server_message_get_local_address (message));
}

/* Told at once and hung up on: to wait for its request would cost what there is too little of. */
static void
turn_away (BipePeer *self)
{
  g_autofree char *json = bipe_fault_to_json (BIPE_FAULT_BUSY, "too many connections", "", "");
  g_autofree char *answer
      = g_strdup_printf ("HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
                         "Content-Length: %" G_GSIZE_FORMAT "\r\nRetry-After: 5\r\n"
                         "Connection: close\r\n\r\n%s",
                         strlen (json), json);

  g_socket_send (self->socket, answer, strlen (answer), NULL, NULL);
  g_socket_shutdown (self->socket, TRUE, TRUE, NULL);
}

BipePeer *
bipe_peers_begin (BipePeers *self, SoupServerMessage *message)
{
  BipePeer *peer = bipe_peers_find (self, message);

  if (peer == NULL)
    {
      peer = add_peer (self, message);
      if (peer->is_excess)
        turn_away (peer);
    }
  end_exchange (peer);
  leave_idle (peer);
  peer->exchange = bipe_exchange_new (self->service, peer, message);
  peer->since = g_get_monotonic_time ();
  return peer;
}

void
bipe_peer_end (BipePeer *self, SoupServerMessage *message, gboolean is_aborted)
{
  SoupMessageHeaders *answer = soup_server_message_get_response_headers (message);
  gboolean stays;

  end_exchange (self);
  stays = !is_aborted && !self->has_hung_up && !self->peers->service->is_stopping
          && soup_server_message_get_http_version (message) == SOUP_HTTP_1_1
          && soup_message_headers_get_encoding (answer) != SOUP_ENCODING_EOF
          && !soup_message_headers_header_contains (answer, "Connection", "close")
          && !soup_message_headers_header_contains (
              soup_server_message_get_request_headers (message), "Connection", "close");
  if (stays)
    {
      self->message = g_object_ref (message);
      set_watch (self, G_IO_IN);
    }
  else
    {
      soup_message_headers_replace (answer, "Connection", "close");
      stop_watch (self);
    }
  self->since = g_get_monotonic_time ();
}

void
bipe_peers_close_idle (BipePeers *self)
{
  g_autoptr(GList) peers = g_hash_table_get_values (self->by_anchor);

  for (GList *l = peers; l != NULL; l = l->next)
    if (((BipePeer *)l->data)->message != NULL)
      close_idle (l->data);
}
