/* authentication.c: who asks, in its form without tokens: whoever sits at this machine may scan,
 * read, collect and speak. What came through a proxy did not come from this machine, whatever the
 * socket says. */
#include "config.h"

#include "server/chain.h"
#include "server/peer.h"

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

static void
enter (BipeExchange *exchange)
{
  if (bipe_exchange_get_peer (exchange)->is_loopback
      && !is_forwarded (bipe_exchange_get_message (exchange)))
    bipe_exchange_set_scopes (exchange, LOOPBACK_SCOPES);
}

const BipeLayer bipe_layer_authentication = { .name = "authentication", .enter = enter };
