#include "config.h"

#include <string.h>

#include "base/json.h"
#include "server/chain.h"
#include "server/exchange-private.h"
#include "server/percent.h"
#include "server/router.h"

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
  soup_message_headers_replace (answer, "Content-Type", BIPE_EXCHANGE_JSON);
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
  bipe_exchange_hold (self, 0);
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

BipeRecords *
bipe_exchange_get_records (BipeExchange *self)
{
  return bipe_station_get_records (self->service->station);
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

gboolean
bipe_exchange_is_stopping (BipeExchange *self)
{
  return self->service->is_stopping;
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

gsize
bipe_exchange_hold (BipeExchange *self, gsize n_bytes)
{
  self->service->n_held += n_bytes - self->n_held;
  self->n_held = n_bytes;
  return self->service->n_held;
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
