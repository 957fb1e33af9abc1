#include "config.h"

#include "server/exchange.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "server/chain.h"
#include "server/outbox.h"
#include "server/peer.h"
#include "server/percent.h"
#include "server/router.h"

#define JSON_TYPE "application/json"

/* A refused request with a longer body than this is not read to its end. */
#define DRAINED_MAX (64 * 1024)

struct _BipeExchange
{
  guint n_refs; /* one is the peer's */
  BipeExchangeState state;
  gboolean is_paused;
  BipeService *service;

  /* Borrowed; NULL once the client has gone. */
  BipePeer *peer;
  SoupServerMessage *message;

  gint64 started;
  BipePass *pass;
  const BipeRoute *route;
  char *variable;
  char *range;
  GCancellable *cancellable;

  gsize n_bytes; /* of the answer's body, where it did not come in pieces */

  /* The answer's failure, while it passes the layers. */
  gboolean has_failed;
  BipeFault fault;
  char *failure;
};

BipeExchange *
bipe_exchange_new (BipeService *service, BipePeer *peer, SoupServerMessage *message)
{
  BipeExchange *self = g_new0 (BipeExchange, 1);
  SoupMessageHeaders *answer = soup_server_message_get_response_headers (message);

  self->n_refs = 1;
  self->service = service;
  self->peer = peer;
  /* A connection that ends by itself takes its message with it before anybody is told. */
  g_set_weak_pointer (&self->message, message);
  self->started = g_get_monotonic_time ();

  /* libsoup answers by itself what it can't read, with nothing said between. Its answer shall have
   * room for a body, which bipe_exchange_explain() gives it. */
  soup_message_headers_set_encoding (answer, SOUP_ENCODING_EOF);
  soup_message_headers_replace (answer, "Content-Type", JSON_TYPE);
  return self;
}

BipeExchange *
bipe_exchange_ref (BipeExchange *self)
{
  self->n_refs++;
  return self;
}

void
bipe_exchange_unref (BipeExchange *self)
{
  g_return_if_fail (self->n_refs > 0);

  self->n_refs--;
  if (self->n_refs == 1 && self->state == BIPE_EXCHANGE_HANDLING && self->message != NULL
      && !g_cancellable_is_cancelled (self->cancellable))
    {
      g_critical ("%s %s was left without an answer", bipe_exchange_get_method (self),
                  bipe_exchange_get_path (self));
      bipe_exchange_refuse (self, BIPE_FAULT_UNEXPECTED, "the request was left without an answer");
    }
  if (self->n_refs > 0)
    return;
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->pass, bipe_pass_unref);
  g_free (self->failure);
  g_free (self->range);
  g_free (self->variable);
  g_free (self);
}

void
bipe_exchange_detach (BipeExchange *self)
{
  if (self->message != NULL)
    bipe_chain_done (self);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  self->peer = NULL;
  g_clear_weak_pointer (&self->message);
}

BipeExchangeState
bipe_exchange_get_state (BipeExchange *self)
{
  return self->state;
}

const BipeServerOptions *
bipe_exchange_get_options (BipeExchange *self)
{
  return &self->service->options;
}

BipeStation *
bipe_exchange_get_station (BipeExchange *self)
{
  return self->service->station;
}

BipeHub *
bipe_exchange_get_hub (BipeExchange *self)
{
  return self->service->hub;
}

BipeGate *
bipe_exchange_get_gate (BipeExchange *self)
{
  return self->service->gate;
}

BipeRegistry *
bipe_exchange_get_registry (BipeExchange *self)
{
  return self->service->registry;
}

BipePairing *
bipe_exchange_get_pairing (BipeExchange *self)
{
  return self->service->pairing;
}

BipePresence *
bipe_exchange_get_presence (BipeExchange *self)
{
  return self->service->presence;
}

BipeDecoder *
bipe_exchange_get_decoder (BipeExchange *self)
{
  return self->service->decoder;
}

const BipeRoute *
bipe_exchange_get_routes (BipeExchange *self)
{
  return self->service->routes;
}

BipeMetrics *
bipe_exchange_get_metrics (BipeExchange *self)
{
  return self->service->metrics;
}

BipeRefusals *
bipe_exchange_get_refused_hosts (BipeExchange *self)
{
  return self->service->refused_hosts;
}

BipePeer *
bipe_exchange_get_peer (BipeExchange *self)
{
  return self->peer;
}

SoupServerMessage *
bipe_exchange_get_message (BipeExchange *self)
{
  return self->message;
}

gint64
bipe_exchange_get_started (BipeExchange *self)
{
  return self->started;
}

const char *
bipe_exchange_get_method (BipeExchange *self)
{
  const char *method = soup_server_message_get_method (self->message);

  return method != NULL ? method : "";
}

const char *
bipe_exchange_get_path (BipeExchange *self)
{
  GUri *uri = soup_server_message_get_uri (self->message);
  const char *path = uri != NULL ? g_uri_get_path (uri) : "";

  return uri != NULL && path[0] == '\0' ? "/" : path;
}

const char *
bipe_exchange_get_header (BipeExchange *self, const char *name)
{
  return soup_message_headers_get_one (soup_server_message_get_request_headers (self->message),
                                       name);
}

gboolean
bipe_exchange_has_body (BipeExchange *self)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (self->message);

  return soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CHUNKED
         || soup_message_headers_get_content_length (headers) > 0;
}

GBytes *
bipe_exchange_dup_bytes (BipeExchange *self)
{
  return soup_message_body_flatten (soup_server_message_get_request_body (self->message));
}

gboolean
bipe_exchange_get_body (BipeExchange *self, json_t **value, GError **error)
{
  g_autoptr(GBytes) bytes = bipe_exchange_dup_bytes (self);
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);

  *value = bipe_json_parse (length > 0 ? text : "", length, error);
  return *value != NULL;
}

GPtrArray *
bipe_exchange_parse_query (BipeExchange *self, GError **error)
{
  const char *query = g_uri_get_query (soup_server_message_get_uri (self->message));

  return bipe_percent_decode_form (query != NULL ? query : "", error);
}

gsize
bipe_exchange_get_n_bytes (BipeExchange *self)
{
  return MAX (self->n_bytes, (gsize)soup_server_message_get_response_body (self->message)->length);
}

void
bipe_exchange_hide_range (BipeExchange *self)
{
  self->range = g_strdup (bipe_exchange_get_header (self, "Range"));
  soup_message_headers_remove (soup_server_message_get_request_headers (self->message), "Range");
}

const char *
bipe_exchange_get_range (BipeExchange *self)
{
  return self->range;
}

GCancellable *
bipe_exchange_get_cancellable (BipeExchange *self)
{
  if (self->cancellable == NULL)
    self->cancellable = g_cancellable_new ();
  return self->cancellable;
}

void
bipe_exchange_take_pass (BipeExchange *self, BipePass *pass)
{
  self->pass = pass;
}

BipePass *
bipe_exchange_get_pass (BipeExchange *self)
{
  return self->pass;
}

void
bipe_exchange_set_route (BipeExchange *self, const BipeRoute *route, char *variable)
{
  self->route = route;
  self->variable = variable;
}

const BipeRoute *
bipe_exchange_get_route (BipeExchange *self)
{
  return self->route;
}

const char *
bipe_exchange_get_variable (BipeExchange *self)
{
  return self->variable;
}

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
  bipe_exchange_reply (self, status, JSON_TYPE, data);
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
  deliver (self, bipe_fault_status (self->fault), JSON_TYPE, g_string_new (json));
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

gboolean
bipe_exchange_is_stopping (BipeExchange *self)
{
  return self->service->is_stopping;
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

void
bipe_exchange_take_headers (BipeExchange *self)
{
  /* Browsers connect ahead of a request, and what they wait is not its time. */
  self->started = g_get_monotonic_time ();
  bipe_exchange_ref (self);
  bipe_chain_enter (self);
  bipe_exchange_unref (self);
}

void
bipe_exchange_take_body (BipeExchange *self)
{
  if (self->state != BIPE_EXCHANGE_RECEIVING)
    return;
  self->state = BIPE_EXCHANGE_HANDLING;
  /* The peer's reference goes within, where the connection is taken over. */
  bipe_exchange_ref (self);
  self->route->handler (self);
  if (self->state == BIPE_EXCHANGE_HANDLING && self->message != NULL && self->n_refs > 2)
    {
      soup_server_message_pause (self->message);
      self->is_paused = TRUE;
    }
  bipe_exchange_unref (self);
}

void
bipe_exchange_explain (BipeExchange *self)
{
  SoupMessageBody *body = soup_server_message_get_response_body (self->message);
  char *json;

  if (self->state != BIPE_EXCHANGE_RECEIVING)
    return;
  self->state = BIPE_EXCHANGE_ANSWERED;
  json = bipe_fault_status_to_json (soup_server_message_get_status (self->message));
  soup_message_body_append_take (body, (guchar *)json, strlen (json));
  soup_message_body_complete (body);
  /* Nothing more will be heard of a request that had no method. */
  bipe_exchange_detach (self);
}
