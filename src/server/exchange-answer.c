/* exchange-answer.c: how an answer goes out: by libsoup, or over the connection that is taken from
 * it. */
#include "config.h"

#include "server/chain.h"
#include "server/exchange-private.h"
#include "server/peer.h"

/* A refused request with a longer body than this is not read to its end. */
#define DRAINED_MAX (64 * 1024)

/* The answer's head, without its last line, as it goes over a connection that libsoup no longer
 * has.
 */
static GString *
print_head (BipeExchange *self, guint status)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (self->message);
  GString *out = g_string_sized_new (512);
  SoupMessageHeadersIter iter;
  const char *name, *value;

  g_string_append_printf (out, "HTTP/1.1 %u %s\r\n", status, bipe_fault_phrase (status));
  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    g_string_append_printf (out, "%s: %s\r\n", name, value);
  return out;
}

/* Whether the rest of the request is not worth reading, or can't be found. */
static gboolean
must_close (BipeExchange *self)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (self->message);

  if (self->has_failed
      && (self->fault == BIPE_FAULT_MALFORMED || self->fault == BIPE_FAULT_LONG_HEADERS
          || self->fault == BIPE_FAULT_SLOW_REQUEST || self->fault == BIPE_FAULT_TOO_LARGE
          || self->fault == BIPE_FAULT_INSECURE))
    return TRUE;
  return soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CHUNKED
         || soup_message_headers_get_content_length (headers) > DRAINED_MAX
         || soup_message_headers_get_expectations (headers) != 0;
}

/* Takes @head, which gets its empty line here. */
static BipeOutbox *
take_over (BipeExchange *self,
           guint status,
           GString *head,
           const BipeOutboxListener *listener,
           gpointer user_data)
{
  g_autoptr(SoupServerMessage) message = g_object_ref (self->message);
  g_autoptr(BipeWire) wire = NULL;
  g_autoptr(GIOStream) stream = NULL;
  BipeOutbox *outbox = NULL;

  soup_server_message_set_status (message, status, bipe_fault_phrase (status)); /* for the log */
  stream = bipe_peer_steal (self->peer, message, &wire);
  if (stream != NULL)
    {
      outbox = bipe_outbox_new (stream, wire, listener, user_data);
      g_string_append (head, "\r\n");
      g_byte_array_append (bipe_outbox_get_buffer (outbox), (guint8 *)head->str, (guint)head->len);
      bipe_outbox_flush (outbox);
    }
  g_string_free (head, TRUE);
  return outbox;
}

static void
send_and_close (BipeExchange *self, guint status, GString *body)
{
  GString *head = print_head (self, status);
  BipeOutbox *outbox;

  g_string_append_printf (head, "Content-Length: %" G_GSIZE_FORMAT "\r\nConnection: close\r\n",
                          body->len);
  outbox = take_over (self, status, head, NULL, NULL);
  if (outbox != NULL)
    {
      g_byte_array_append (bipe_outbox_get_buffer (outbox), (guint8 *)body->str, (guint)body->len);
      bipe_outbox_finish (outbox);
    }
  g_string_free (body, TRUE);
}

static void
unpause (BipeExchange *self)
{
  if (self->is_paused)
    soup_server_message_unpause (self->message);
  self->is_paused = FALSE;
}

/* libsoup 3.2 takes a trailer for the next request (CVE-2026-1801): nothing is read behind the last
 * chunk. */
static gboolean
has_chunks (BipeExchange *self)
{
  return soup_message_headers_get_one (soup_server_message_get_request_headers (self->message),
                                       "Transfer-Encoding")
         != NULL;
}

/* Of 304 a length would be told that is another answer's (RFC 9110, section 8.6). */
static gboolean
has_no_body (guint status)
{
  return status == SOUP_STATUS_NO_CONTENT || status == SOUP_STATUS_NOT_MODIFIED;
}

static void
deliver (BipeExchange *self, guint status, const char *content_type, GString *body)
{
  gboolean is_early = self->state == BIPE_EXCHANGE_RECEIVING;
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (self->message);

  self->state = BIPE_EXCHANGE_ANSWERED;
  self->peer->since = g_get_monotonic_time ();
  self->n_bytes = body != NULL ? body->len : 0;
  if (content_type != NULL)
    soup_message_headers_replace (headers, "Content-Type", content_type);
  else
    soup_message_headers_remove (headers, "Content-Type");

  if (is_early && must_close (self))
    {
      send_and_close (self, status, body != NULL ? body : g_string_new (NULL));
      return;
    }
  if (is_early)
    soup_message_body_set_accumulate (soup_server_message_get_request_body (self->message), FALSE);

  soup_message_headers_set_encoding (headers, has_no_body (status) ? SOUP_ENCODING_NONE
                                                                   : SOUP_ENCODING_CONTENT_LENGTH);
  if (self->service->is_stopping || has_chunks (self))
    soup_message_headers_replace (headers, "Connection", "close");
  soup_server_message_set_status (self->message, status, bipe_fault_phrase (status));
  if (body != NULL)
    {
      gsize length = body->len;

      bipe_wire_cork (self->peer->wire);
      soup_message_body_append_take (soup_server_message_get_response_body (self->message),
                                     (guchar *)g_string_free (body, FALSE), length);
    }
  unpause (self);
}

/* Nobody waits for a second answer, nor for one whose client has gone. */
static gboolean
is_wanted (BipeExchange *self)
{
  return self->message != NULL && self->state != BIPE_EXCHANGE_ANSWERED;
}

void
bipe_exchange_reply (BipeExchange *self, guint status, const char *content_type, GString *body)
{
  if (!is_wanted (self))
    {
      if (body != NULL)
        g_string_free (body, TRUE);
      return;
    }
  bipe_chain_leave (self);
  deliver (self, status, content_type, body);
}

void
bipe_exchange_reply_bytes (BipeExchange *self, guint status, const char *content_type, GBytes *body)
{
  if (!is_wanted (self))
    return;
  bipe_chain_leave (self);
  bipe_wire_cork (self->peer->wire);
  soup_message_body_append_bytes (soup_server_message_get_response_body (self->message), body);
  deliver (self, status, content_type, NULL);
}

GString *
bipe_exchange_begin_data (void)
{
  GString *data = g_string_sized_new (640);

  g_string_append (data, "{\"code\":200,\"data\":");
  return data;
}

void
bipe_exchange_reply_data (BipeExchange *self, guint status, GString *data)
{
  g_string_append (data, ",\"message\":\"ok\"}");
  bipe_exchange_reply (self, status, BIPE_EXCHANGE_JSON, data);
}

static void
fail (BipeExchange *self, BipeFault fault, char *message)
{
  char *json;

  self->has_failed = TRUE;
  self->fault = fault;
  self->failure = message;
  bipe_chain_leave (self);
  json = bipe_fault_to_json (self->fault, self->failure, bipe_exchange_get_method (self),
                             bipe_exchange_get_path (self));
  if (fault == BIPE_FAULT_NOT_KEPT)
    bipe_exchange_set_answer_header (self, "Retry-After", "5");
  deliver (self, bipe_fault_status (self->fault), BIPE_EXCHANGE_JSON, g_string_new (json));
  g_free (json);
}

void
bipe_exchange_fail (BipeExchange *self, const GError *error)
{
  if (is_wanted (self))
    fail (self, bipe_fault_from_error (error), g_strdup (error->message));
}

void
bipe_exchange_refuse (BipeExchange *self, BipeFault fault, const char *format, ...)
{
  va_list arguments;

  if (!is_wanted (self))
    return;
  va_start (arguments, format);
  fail (self, fault, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

gboolean
bipe_exchange_start_stream (BipeExchange *self, const char *content_type)
{
  SoupMessageHeaders *headers;

  if (!is_wanted (self))
    return FALSE;
  bipe_chain_leave (self);
  headers = soup_server_message_get_response_headers (self->message);
  deliver (self, SOUP_STATUS_OK, content_type, NULL);
  /* HTTP/1.0 has no chunks. */
  soup_message_headers_set_encoding (headers, soup_server_message_get_http_version (self->message)
                                                      == SOUP_HTTP_1_0
                                                  ? SOUP_ENCODING_EOF
                                                  : SOUP_ENCODING_CHUNKED);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (self->message), FALSE);
  return soup_server_message_get_method (self->message) != SOUP_METHOD_HEAD;
}

BipeOutbox *
bipe_exchange_take_over (BipeExchange *self,
                         guint status,
                         const char *content_type,
                         const BipeOutboxListener *listener,
                         gpointer user_data)
{
  SoupMessageHeaders *headers;

  if (!is_wanted (self))
    return NULL;
  if (soup_server_message_get_method (self->message) == SOUP_METHOD_HEAD)
    {
      bipe_exchange_reply (self, status, content_type, NULL);
      return NULL;
    }
  bipe_chain_leave (self);
  self->state = BIPE_EXCHANGE_ANSWERED;
  headers = soup_server_message_get_response_headers (self->message);
  if (content_type != NULL)
    soup_message_headers_replace (headers, "Content-Type", content_type);
  else
    soup_message_headers_remove (headers, "Content-Type");
  return take_over (self, status, print_head (self, status), listener, user_data);
}

void
bipe_exchange_cut (BipeExchange *self)
{
  g_autoptr(SoupServerMessage) message = NULL;
  g_autoptr(BipeWire) wire = NULL;
  g_autoptr(GIOStream) stream = NULL;

  if (self->message == NULL)
    return;
  message = g_object_ref (self->message);
  bipe_wire_mute (self->peer->wire);
  stream = bipe_peer_steal (self->peer, message, &wire);
  /* A reset, not an end: the end of an answer without a length would look like its last byte. */
  bipe_wire_cut (wire);
}

void
bipe_exchange_set_answer_header (BipeExchange *self, const char *name, const char *value)
{
  if (self->message != NULL)
    soup_message_headers_replace (soup_server_message_get_response_headers (self->message), name,
                                  value);
}

gboolean
bipe_exchange_get_failure (BipeExchange *self, BipeFault *fault, const char **message)
{
  if (!self->has_failed)
    return FALSE;
  *fault = self->fault;
  *message = self->failure;
  return TRUE;
}

void
bipe_exchange_set_failure (BipeExchange *self, BipeFault fault, const char *message)
{
  self->fault = fault;
  g_free (self->failure);
  self->failure = g_strdup (message);
}

gsize
bipe_exchange_get_n_bytes (BipeExchange *self)
{
  return MAX (self->n_bytes, (gsize)soup_server_message_get_response_body (self->message)->length);
}
