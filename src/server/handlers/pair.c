/* pair.c: /v1/pair, where a device asks for its token with the code that it was shown, and
 * /v1/pairing, where an administrator without a window has a code made and answers who asks. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/timestamp.h"
#include "server/handlers/common.h"
#include "server/handlers/handlers.h"
#include "server/peer.h"

/* An administrator waits as long as a device does. */
#define AWAIT_SECONDS 20

#define WAITING "{\"state\":\"waiting\"}"

/* An answer that takes its time, until there is one, or its client has gone. */
typedef struct
{
  BipeExchange *exchange;
  GSource *timeout; /* NULL: it ends by itself */
} Wait;

static void
free_wait (Wait *self)
{
  if (self->timeout != NULL)
    g_source_destroy (self->timeout);
  g_clear_pointer (&self->timeout, g_source_unref);
  bipe_exchange_unref (self->exchange);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Wait, free_wait)

static void
hung_up_cb (BipeExchange *exchange)
{
  bipe_exchange_set_answer_header (exchange, "Connection", "close");
  g_cancellable_cancel (bipe_exchange_get_cancellable (exchange));
}

static gboolean
timeout_cb (gpointer user_data)
{
  g_cancellable_cancel (bipe_exchange_get_cancellable (((Wait *)user_data)->exchange));
  return G_SOURCE_REMOVE;
}

/* While the answer waits nobody reads the connection, and what is told to one who has hung up would
 * be lost. @timeout: seconds; 0: none */
static Wait *
wait_new (BipeExchange *exchange, guint timeout)
{
  BipePeer *peer = bipe_exchange_get_peer (exchange);
  Wait *self = g_new0 (Wait, 1);

  self->exchange = bipe_exchange_ref (exchange);
  bipe_peer_heed_hang_up (peer, BIPE_HANG_UP_END, hung_up_cb);
  if (timeout > 0)
    {
      self->timeout = g_timeout_source_new_seconds (timeout);
      g_source_set_callback (self->timeout, timeout_cb, self, NULL);
      g_source_attach (self->timeout, g_main_context_get_thread_default ());
    }
  /* It has a bound of its own, not the time that other answers may take. */
  peer->since = G_MAXINT64;
  return self;
}

static void
reply_waiting (BipeExchange *exchange)
{
  GString *data = bipe_exchange_begin_data ();

  g_string_append (data, WAITING);
  bipe_exchange_reply_data (exchange, SOUP_STATUS_ACCEPTED, data);
}

/* FALSE: the exchange is answered. */
static gboolean
check_possible (BipeExchange *exchange)
{
  if (bipe_pairing_is_possible (bipe_exchange_get_pairing (exchange)))
    return TRUE;
  bipe_exchange_refuse (exchange, BIPE_FAULT_FORBIDDEN,
                        "pairing needs TLS, and this server has no certificate; it makes one when "
                        "it listens beyond this machine, or with tls=on");
  return FALSE;
}

/* The device. */

/* Who is refused can't tell whether the code was wrong, or over, or the operator said no; and all
 * of it counts as a wrong token does. */
static void
refuse (BipeExchange *exchange)
{
  BipePass *pass = bipe_exchange_get_pass (exchange);
  guint wait = bipe_gate_count_failure (bipe_exchange_get_gate (exchange), pass->address);
  char seconds[16];

  if (wait == 0)
    {
      bipe_exchange_refuse (exchange, BIPE_FAULT_FORBIDDEN, "the code is not valid");
      return;
    }
  g_snprintf (seconds, sizeof seconds, "%u", wait);
  bipe_exchange_set_answer_header (exchange, "Retry-After", seconds);
  bipe_exchange_refuse (exchange, BIPE_FAULT_TOO_MANY, BIPE_GATE_TOO_MANY);
}

/* One who has shown too much that was wrong is heard with the right code only: else anybody could
 * go on ending every code that is shown. */
static gboolean
is_heard (BipeExchange *exchange, const char *code)
{
  BipePass *pass = bipe_exchange_get_pass (exchange);

  return bipe_gate_get_wait (bipe_exchange_get_gate (exchange), pass->address) == 0
         || bipe_pairing_is_code (bipe_exchange_get_pairing (exchange), code);
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Wait) wait = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeGrant) grant = NULL;
  g_autofree char *token = NULL;
  BipePairingOutcome outcome
      = bipe_pairing_ask_finish (BIPE_PAIRING (source), result, &token, &grant, &error);

  if (bipe_exchange_get_message (wait->exchange) == NULL)
    return;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || outcome == BIPE_PAIRING_WAITS)
    reply_waiting (wait->exchange);
  else if (error != NULL)
    bipe_exchange_fail (wait->exchange, error);
  else if (outcome == BIPE_PAIRING_APPROVED)
    bipe_handlers_reply_token (wait->exchange, grant, token);
  else
    refuse (wait->exchange);
}

/* Three texts and nothing else. */
static gboolean
read_ask (const json_t *body, const char *texts[3], GError **error)
{
  static const char *const names[] = { "code", "nonce", "name" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (!bipe_json_get_string (body, names[i], &texts[i], error))
        return FALSE;
      if (texts[i] == NULL)
        {
          g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "%s is missing", names[i]);
          return FALSE;
        }
    }
  if (json_object_size (body) == G_N_ELEMENTS (names))
    return TRUE;
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID,
               "the body must have code, nonce and name, and nothing else");
  return FALSE;
}

void
bipe_pair_post (BipeExchange *exchange)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(json_t) body = NULL;
  const char *texts[3];

  bipe_exchange_set_answer_header (exchange, "Cache-Control", "no-store");
  if (!check_possible (exchange))
    return;
  if (!bipe_peer_is_secure (bipe_exchange_get_peer (exchange)))
    {
      bipe_exchange_refuse (exchange, BIPE_FAULT_FORBIDDEN,
                            "pairing needs TLS: ask at the https:// address");
      return;
    }
  body = bipe_handlers_parse_object (exchange, &error);
  if (body == NULL || !read_ask (body, texts, &error))
    {
      bipe_exchange_fail (exchange, error);
      return;
    }
  if (!is_heard (exchange, texts[0]))
    {
      refuse (exchange);
      return;
    }
  bipe_pairing_ask_async (bipe_exchange_get_pairing (exchange), texts[0], texts[1], texts[2],
                          bipe_exchange_get_pass (exchange)->address,
                          bipe_exchange_get_cancellable (exchange), asked_cb,
                          wait_new (exchange, 0));
}

/* The administrator. */

static void
append_links (GString *data, BipePairing *pairing, const char *code)
{
  g_auto(GStrv) links = bipe_pairing_dup_links (pairing, code);

  g_string_append_c (data, '[');
  for (guint i = 0; links[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (data, ',');
      bipe_json_append_string (data, links[i]);
    }
  g_string_append_c (data, ']');
}

static void
offered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeExchange) exchange = user_data;
  g_autoptr(GError) error = NULL;
  BipePairing *pairing = BIPE_PAIRING (source);
  g_autofree BipePairingOffer *offer = bipe_pairing_offer_finish (pairing, result, &error);
  char expires_at[BIPE_TIMESTAMP_SIZE];
  GString *data;

  if (offer == NULL)
    {
      bipe_exchange_fail (exchange, error);
      return;
    }
  bipe_timestamp_format (offer->expires_at, expires_at);
  data = bipe_exchange_begin_data ();
  g_string_append_printf (data, "{\"code\":\"%s\",\"expires_at\":\"%s\",\"links\":", offer->code,
                          expires_at);
  append_links (data, pairing, offer->code);
  g_string_append_c (data, '}');
  bipe_exchange_reply_data (exchange, SOUP_STATUS_CREATED, data);
}

void
bipe_pairing_offer (BipeExchange *exchange)
{
  bipe_exchange_set_answer_header (exchange, "Cache-Control", "no-store");
  if (check_possible (exchange))
    bipe_pairing_offer_async (bipe_exchange_get_pairing (exchange), offered_cb,
                              bipe_exchange_ref (exchange));
}

static void
awaited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Wait) wait = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipePairingRequest) request
             = bipe_pairing_await_finish (BIPE_PAIRING (source), result, &error);
  GString *data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    reply_waiting (wait->exchange);
  else if (error != NULL)
    bipe_exchange_fail (wait->exchange, error);
  else
    {
      data = bipe_exchange_begin_data ();
      g_string_append (data, "{\"state\":\"asked\",\"name\":");
      bipe_json_append_string (data, request->name);
      g_string_append (data, ",\"address\":");
      bipe_json_append_string (data, request->address);
      g_string_append_printf (data, ",\"digits\":\"%s\"}", request->digits);
      bipe_exchange_reply_data (wait->exchange, SOUP_STATUS_OK, data);
    }
}

void
bipe_pairing_await (BipeExchange *exchange)
{
  bipe_exchange_set_answer_header (exchange, "Cache-Control", "no-store");
  bipe_pairing_await_async (bipe_exchange_get_pairing (exchange),
                            bipe_exchange_get_cancellable (exchange), awaited_cb,
                            wait_new (exchange, AWAIT_SECONDS));
}

static void
approved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeExchange) exchange = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeGrant) grant = bipe_pairing_approve_finish (BIPE_PAIRING (source), result, &error);
  GString *data;

  if (grant == NULL)
    {
      bipe_exchange_fail (exchange, error);
      return;
    }
  data = bipe_exchange_begin_data ();
  bipe_grant_append_json (grant, data);
  bipe_exchange_reply_data (exchange, SOUP_STATUS_OK, data);
}

/* @name stays NULL, and @days as they are, where nobody says. */
static gboolean
read_approval (const json_t *body,
               const char **digits,
               const char **name,
               guint *scopes,
               gint64 *days,
               GError **error)
{
  if (!bipe_json_get_string (body, "digits", digits, error)
      || !bipe_json_get_string (body, "name", name, error))
    return FALSE;
  if (*digits == NULL)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "digits are missing");
      return FALSE;
    }
  return bipe_handlers_get_rights (body, scopes, days, error);
}

void
bipe_pairing_approve (BipeExchange *exchange)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(json_t) body = bipe_handlers_parse_object (exchange, &error);
  gint64 days = bipe_exchange_get_options (exchange)->token_days;
  const char *digits, *name;
  guint scopes;

  if (body == NULL || !read_approval (body, &digits, &name, &scopes, &days, &error))
    {
      bipe_exchange_fail (exchange, error);
      return;
    }
  bipe_pairing_approve_async (bipe_exchange_get_pairing (exchange), digits, name, scopes, days,
                              approved_cb, bipe_exchange_ref (exchange));
}

void
bipe_pairing_end (BipeExchange *exchange)
{
  GString *data = bipe_exchange_begin_data ();

  bipe_pairing_close (bipe_exchange_get_pairing (exchange));
  g_string_append (data, "null");
  bipe_exchange_reply_data (exchange, SOUP_STATUS_OK, data);
}
