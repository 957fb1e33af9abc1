/* authentication.c: who asks: the holder of a token, or whoever sits at this machine, who may scan,
 * read, collect and speak. What came through a proxy did not come from this machine, whatever the
 * socket says. Browsers can't give a WebSocket or an EventSource a header, so for these alone the
 * token may stand in the query. */
#include "config.h"

#include <string.h>

#include "server/chain.h"
#include "server/peer.h"
#include "server/websocket.h"

#define LOOPBACK_SCOPES (BIPE_SCOPE_SCAN | BIPE_SCOPE_READ | BIPE_SCOPE_COLLECT | BIPE_SCOPE_SPEECH)

static gboolean
is_forwarded (SoupServerMessage *message)
{
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, soup_server_message_get_request_headers (message));
  while (soup_message_headers_iter_next (&iter, &name, &value))
    if (g_ascii_strncasecmp (name, "X-Forwarded-", 12) == 0
        || g_ascii_strcasecmp (name, "Forwarded") == 0 || g_ascii_strcasecmp (name, "Via") == 0)
      return TRUE;
  return FALSE;
}

/* What stands behind "Bearer"; of another scheme, or of several headers, an empty one, which is no
 * token: whoever gives something does not want to be taken for nobody. */
static char *
read_header (const char *header)
{
  static const char scheme[] = "Bearer ";

  if (g_ascii_strncasecmp (header, scheme, strlen (scheme)) != 0)
    return g_strdup ("");
  return g_strstrip (g_strdup (header + strlen (scheme)));
}

static gboolean
may_use_query (BipeExchange *exchange)
{
  const char *accept = bipe_exchange_get_header (exchange, "Accept");

  return bipe_websocket_is_wanted (exchange)
         || (strcmp (bipe_exchange_get_method (exchange), "GET") == 0 && accept != NULL
             && strstr (accept, "text/event-stream") != NULL);
}

/* NULL: there is none. */
static char *
read_query (BipeExchange *exchange)
{
  g_autoptr(GPtrArray) parameters = bipe_exchange_parse_query (exchange, NULL);

  for (guint i = 0; parameters != NULL && i + 1 < parameters->len; i += 2)
    if (g_str_equal (parameters->pdata[i], "token"))
      return g_strdup (parameters->pdata[i + 1]);
  return NULL;
}

static char *
read_token (BipeExchange *exchange)
{
  SoupMessageHeaders *headers
      = soup_server_message_get_request_headers (bipe_exchange_get_message (exchange));
  const char *header = soup_message_headers_get_list (headers, "Authorization");

  if (header != NULL)
    return read_header (header);
  return may_use_query (exchange) ? read_query (exchange) : NULL;
}

static guint
get_loopback_scopes (BipeExchange *exchange)
{
  return bipe_exchange_get_peer (exchange)->is_loopback
                 && !bipe_exchange_get_options (exchange)->needs_token
                 && !is_forwarded (bipe_exchange_get_message (exchange))
             ? LOOPBACK_SCOPES
             : BIPE_SCOPE_NONE;
}

static void
enter (BipeExchange *exchange)
{
  const char *address = bipe_exchange_get_peer (exchange)->address;
  g_autofree char *token = read_token (exchange);
  BipeGrant *grant = NULL;
  BipeFault fault;
  const char *why;

  if (token != NULL)
    grant = bipe_gate_judge (bipe_exchange_get_gate (exchange), token, &fault, &why);
  if (token != NULL && grant == NULL)
    bipe_exchange_refuse (exchange, fault, "%s", why);
  else
    bipe_exchange_take_pass (
        exchange, bipe_pass_new (address, bipe_exchange_get_registry (exchange), grant,
                                 grant == NULL ? get_loopback_scopes (exchange) : BIPE_SCOPE_NONE));
}

/* RFC 6750, section 3. */
static void
leave (BipeExchange *exchange)
{
  BipeFault fault;
  const char *message;

  if (!bipe_exchange_get_failure (exchange, &fault, &message))
    return;
  if (fault == BIPE_FAULT_UNAUTHORIZED)
    bipe_exchange_set_answer_header (exchange, "WWW-Authenticate", "Bearer");
  else if (fault == BIPE_FAULT_TOKEN_INVALID || fault == BIPE_FAULT_TOKEN_EXPIRED)
    bipe_exchange_set_answer_header (exchange, "WWW-Authenticate",
                                     "Bearer error=\"invalid_token\"");
}

const BipeLayer bipe_layer_authentication
    = { .name = "authentication", .enter = enter, .leave = leave };
