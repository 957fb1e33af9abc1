#include "config.h"

#include "server/websocket.h"

/* Pongs that a client may leave untaken, by asking for ever more of them. */
#define PONG_BACKLOG_MAX (64 * 1024)

struct _BipeWebsocket
{
  guint n_refs; /* the owner's, and that of what is being read */
  BipeWebsocketReader *reader;
  BipeOutbox *outbox;                    /* NULL once it is closed */
  const BipeWebsocketListener *listener; /* NULL once it is freed */
  gpointer user_data;
};

static void
unref (BipeWebsocket *self)
{
  if (--self->n_refs > 0)
    return;
  g_clear_pointer (&self->outbox, bipe_outbox_free);
  bipe_websocket_reader_free (self->reader);
  g_free (self);
}

static void
say_goodbye (BipeWebsocket *self, BipeWebsocketStatus status, const char *reason)
{
  BipeOutbox *outbox = g_steal_pointer (&self->outbox);

  if (outbox == NULL)
    return;
  bipe_websocket_append_close (bipe_outbox_get_buffer (outbox), status, reason);
  bipe_outbox_finish (outbox);
}

/* Only from within the outbox's own calls. */
static void
end (BipeWebsocket *self)
{
  const BipeWebsocketListener *listener = g_steal_pointer (&self->listener);

  bipe_websocket_reader_stop (self->reader);
  if (listener != NULL)
    listener->closed (self, self->user_data);
}

static void
frame_cb (BipeWebsocketOpcode opcode,
          const char *data,
          gsize length,
          BipeWebsocketStatus status,
          gpointer user_data)
{
  BipeWebsocket *self = user_data;

  switch (opcode)
    {
    case BIPE_WEBSOCKET_TEXT:
    case BIPE_WEBSOCKET_BINARY:
      if (self->listener != NULL)
        self->listener->message (self, opcode, data, length, self->user_data);
      return;
    case BIPE_WEBSOCKET_PING:
      if (self->outbox == NULL)
        return;
      if (bipe_outbox_get_backlog (self->outbox) < PONG_BACKLOG_MAX)
        bipe_websocket_send (self, BIPE_WEBSOCKET_PONG, data, length);
      return;
    case BIPE_WEBSOCKET_CLOSE:
      say_goodbye (self, status, "");
      return;
    case BIPE_WEBSOCKET_PONG:
    case BIPE_WEBSOCKET_CONTINUATION:
    default:
      return;
    }
}

static void
received_cb (char *bytes, gsize length, gpointer user_data)
{
  BipeWebsocket *self = user_data;
  g_autoptr(GError) error = NULL;
  BipeWebsocketStatus status;

  self->n_refs++;
  if (!bipe_websocket_reader_feed (self->reader, bytes, length, &status, &error))
    say_goodbye (self, status, error->message);
  if (self->outbox == NULL)
    end (self);
  unref (self);
}

static void
ended_cb (gpointer user_data)
{
  BipeWebsocket *self = user_data;

  g_clear_pointer (&self->outbox, bipe_outbox_free);
  end (self);
}

static const BipeOutboxListener outbox_listener = { received_cb, ended_cb };

static gboolean
has_token (BipeExchange *exchange, const char *header, const char *token)
{
  SoupServerMessage *message = bipe_exchange_get_message (exchange);

  return soup_message_headers_header_contains (soup_server_message_get_request_headers (message),
                                               header, token);
}

gboolean
bipe_websocket_is_wanted (BipeExchange *exchange)
{
  return g_str_equal (bipe_exchange_get_method (exchange), "GET")
         && has_token (exchange, "Upgrade", "websocket");
}

BipeWebsocket *
bipe_websocket_accept (BipeExchange *exchange,
                       gsize max_message,
                       const BipeWebsocketListener *listener,
                       gpointer user_data)
{
  const char *version = bipe_exchange_get_header (exchange, "Sec-WebSocket-Version");
  g_autofree char *key
      = bipe_websocket_accept_key (bipe_exchange_get_header (exchange, "Sec-WebSocket-Key"));
  BipeWebsocket *self;

  if (g_strcmp0 (version, "13") != 0)
    {
      bipe_exchange_set_answer_header (exchange, "Sec-WebSocket-Version", "13");
      bipe_exchange_refuse (exchange, BIPE_FAULT_UPGRADE, "only WebSocket version 13 is spoken");
      return NULL;
    }
  if (key == NULL || !has_token (exchange, "Connection", "upgrade"))
    {
      bipe_exchange_refuse (exchange, BIPE_FAULT_INVALID, "malformed WebSocket handshake");
      return NULL;
    }

  bipe_exchange_set_answer_header (exchange, "Upgrade", "websocket");
  bipe_exchange_set_answer_header (exchange, "Connection", "Upgrade");
  bipe_exchange_set_answer_header (exchange, "Sec-WebSocket-Accept", key);
  self = g_new0 (BipeWebsocket, 1);
  self->n_refs = 1;
  self->reader = bipe_websocket_reader_new (max_message, frame_cb, self);
  self->listener = listener;
  self->user_data = user_data;
  self->outbox = bipe_exchange_take_over (exchange, SOUP_STATUS_SWITCHING_PROTOCOLS, NULL,
                                          &outbox_listener, self);
  if (self->outbox != NULL)
    return self;
  unref (self);
  return NULL;
}

void
bipe_websocket_free (BipeWebsocket *self)
{
  self->listener = NULL;
  bipe_websocket_reader_stop (self->reader);
  g_clear_pointer (&self->outbox, bipe_outbox_free);
  unref (self);
}

void
bipe_websocket_send (BipeWebsocket *self,
                     BipeWebsocketOpcode opcode,
                     const void *data,
                     gsize length)
{
  if (self->outbox == NULL)
    return;
  bipe_websocket_append_frame (bipe_outbox_get_buffer (self->outbox), opcode, data, length);
  bipe_outbox_flush (self->outbox);
}

gsize
bipe_websocket_get_backlog (BipeWebsocket *self)
{
  return self->outbox != NULL ? bipe_outbox_get_backlog (self->outbox) : 0;
}

void
bipe_websocket_hold (BipeWebsocket *self, gboolean holds)
{
  if (self->outbox != NULL)
    bipe_outbox_hold (self->outbox, holds);
}

void
bipe_websocket_close (BipeWebsocket *self, BipeWebsocketStatus status, const char *reason)
{
  say_goodbye (self, status, reason);
  bipe_websocket_free (self);
}
