/* event-stream.c: /v1/events: what happens at this station, as a WebSocket or as Server-Sent Events
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
#include "config.h"

#include <string.h>

#include "server/handlers/common.h"
#include "server/handlers/handlers.h"
#include "server/websocket.h"

/* Often enough that a silent station is not taken for one that stands still. */
#define HEARTBEAT_SECONDS 10

/* Nothing is expected from a reader. */
#define MESSAGE_MAX 1024

/* One reader, over either. */
typedef struct
{
  BipeOutbox *outbox;
  BipeWebsocket *websocket;
  BipeEventFeedReader *reader;
  BipeVisit *visit; /* NULL: it has ended */
  BipePresenceEntry *entry;
  GSource *heartbeat;
} Client;

static void
free_client (Client *self)
{
  g_source_destroy (self->heartbeat);
  g_source_unref (self->heartbeat);
  bipe_event_feed_leave (self->reader);
  g_clear_pointer (&self->visit, bipe_visit_leave);
  bipe_presence_leave (self->entry);
  g_clear_pointer (&self->outbox, bipe_outbox_free);
  g_clear_pointer (&self->websocket, bipe_websocket_free);
  g_free (self);
}

static void
start (Client *self,
       BipeExchange *exchange,
       gint64 after,
       const BipeEventFeedListener *listener,
       GSourceFunc heartbeat_cb,
       void (*ended) (gpointer user_data))
{
  BipeEventFeed *feed = bipe_hub_get_feed (bipe_exchange_get_hub (exchange));
  BipePass *pass = bipe_exchange_get_pass (exchange);

  self->reader = bipe_event_feed_join (feed, after, listener, self);
  self->visit
      = bipe_gate_enter (bipe_exchange_get_gate (exchange), pass, BIPE_SCOPE_READ, ended, self);
  self->entry = bipe_presence_enter (bipe_exchange_get_presence (exchange),
                                     self->websocket != NULL ? "WebSocket" : "events",
                                     pass->address, pass->grant, listener->dropped, self);
  self->heartbeat = g_timeout_source_new_seconds (HEARTBEAT_SECONDS);
  g_source_set_callback (self->heartbeat, heartbeat_cb, self, NULL);
  g_source_attach (self->heartbeat, g_main_context_get_thread_default ());
}

/* Server-Sent Events. */

static void
stream_event_cb (GBytes *bytes, gpointer user_data)
{
  Client *self = user_data;
  gsize length;
  const void *data = g_bytes_get_data (bytes, &length);

  g_byte_array_append (bipe_outbox_get_buffer (self->outbox), data, (guint)length);
  bipe_outbox_flush (self->outbox);
}

static gboolean
stream_heartbeat_cb (gpointer user_data)
{
  Client *self = user_data;

  g_byte_array_append (bipe_outbox_get_buffer (self->outbox), (const guint8 *)":\n\n", 3);
  bipe_outbox_flush (self->outbox);
  return G_SOURCE_CONTINUE;
}

static gsize
stream_backlog_cb (gpointer user_data)
{
  return bipe_outbox_get_backlog (((Client *)user_data)->outbox);
}

static void
client_gone_cb (gpointer user_data)
{
  free_client (user_data);
}

static void
stream_ended_cb (gpointer user_data)
{
  Client *self = user_data;

  self->visit = NULL;
  free_client (self);
}

static const BipeEventFeedListener stream_feed
    = { BIPE_EVENT_FEED_SSE, stream_event_cb, stream_backlog_cb, client_gone_cb };

static void
ignore_cb (char *bytes, gsize length, gpointer user_data)
{
}

static const BipeOutboxListener stream_outbox = { ignore_cb, client_gone_cb };

static void
start_stream (BipeExchange *exchange, gint64 after)
{
  Client *self = g_new0 (Client, 1);

  bipe_exchange_set_answer_header (exchange, "Cache-Control", "no-store");
  bipe_exchange_set_answer_header (exchange, "Connection", "close");
  self->outbox = bipe_exchange_take_over (exchange, SOUP_STATUS_OK, "text/event-stream",
                                          &stream_outbox, self);
  if (self->outbox != NULL)
    start (self, exchange, after, &stream_feed, stream_heartbeat_cb, stream_ended_cb);
  else
    g_free (self);
}

/* WebSocket. */

static void
socket_event_cb (GBytes *bytes, gpointer user_data)
{
  gsize length;
  const void *data = g_bytes_get_data (bytes, &length);

  bipe_websocket_send (((Client *)user_data)->websocket, BIPE_WEBSOCKET_TEXT, data, length);
}

static gboolean
socket_heartbeat_cb (gpointer user_data)
{
  bipe_websocket_send (((Client *)user_data)->websocket, BIPE_WEBSOCKET_PING, "", 0);
  return G_SOURCE_CONTINUE;
}

static gsize
socket_backlog_cb (gpointer user_data)
{
  return bipe_websocket_get_backlog (((Client *)user_data)->websocket);
}

static void
socket_dropped_cb (gpointer user_data)
{
  Client *self = user_data;

  bipe_websocket_close (g_steal_pointer (&self->websocket), BIPE_WEBSOCKET_GOING_AWAY, "");
  free_client (self);
}

static void
socket_ended_cb (gpointer user_data)
{
  Client *self = user_data;

  self->visit = NULL;
  bipe_websocket_close (g_steal_pointer (&self->websocket), BIPE_WEBSOCKET_REFUSED,
                        "token is not valid any more");
  free_client (self);
}

static const BipeEventFeedListener socket_feed
    = { BIPE_EVENT_FEED_JSON, socket_event_cb, socket_backlog_cb, socket_dropped_cb };

static void
socket_message_cb (BipeWebsocket *websocket,
                   BipeWebsocketOpcode opcode,
                   const char *data,
                   gsize length,
                   gpointer user_data)
{
}

static void
socket_closed_cb (BipeWebsocket *websocket, gpointer user_data)
{
  free_client (user_data);
}

static const BipeWebsocketListener socket_listener = { socket_message_cb, socket_closed_cb };

static void
start_socket (BipeExchange *exchange, gint64 after)
{
  Client *self = g_new0 (Client, 1);

  self->websocket = bipe_websocket_accept (exchange, MESSAGE_MAX, &socket_listener, self);
  if (self->websocket != NULL)
    start (self, exchange, after, &socket_feed, socket_heartbeat_cb, socket_ended_cb);
  else
    g_free (self);
}

/* −1: from now on. FALSE: the exchange is answered. */
static gboolean
read_after (BipeExchange *exchange, gint64 *after)
{
  const char *text = bipe_exchange_get_header (exchange, "Last-Event-ID");
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) parameters = bipe_exchange_parse_query (exchange, &error);

  if (parameters == NULL)
    {
      bipe_exchange_fail (exchange, error);
      return FALSE;
    }
  /* A browser that reconnects repeats the address, and knows better by now. */
  for (guint i = 0; text == NULL && i + 1 < parameters->len; i += 2)
    if (g_str_equal (parameters->pdata[i], "after"))
      text = parameters->pdata[i + 1];
  *after = -1;
  if (text == NULL || (bipe_handlers_parse_id (text, after) && *after >= 0))
    return TRUE;
  bipe_exchange_refuse (exchange, BIPE_FAULT_INVALID, "after must be the seq of an event");
  return FALSE;
}

void
bipe_events_get (BipeExchange *exchange)
{
  const char *accept = bipe_exchange_get_header (exchange, "Accept");
  gint64 after;

  if (!read_after (exchange, &after))
    return;
  if (bipe_websocket_is_wanted (exchange))
    start_socket (exchange, after);
  else if (accept != NULL && strstr (accept, "text/event-stream") != NULL)
    start_stream (exchange, after);
  else
    bipe_exchange_refuse (exchange, BIPE_FAULT_INVALID,
                          "events come as a WebSocket, or with Accept: text/event-stream");
}
