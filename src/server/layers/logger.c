/* logger.c: one structured line a request: what was asked and what went over the wire. Neither
 * query nor headers nor bodies are in it, so no secret can be. */
#include "config.h"

#include "server/chain.h"
#include "server/peer.h"

static void
done (BipeExchange *exchange)
{
  SoupServerMessage *message = bipe_exchange_get_message (exchange);
  const char *method = bipe_exchange_get_method (exchange);
  g_autofree char *path = NULL;
  const char *peer = bipe_exchange_get_peer (exchange)->address;
  gint64 took;

  if (!bipe_exchange_get_options (exchange)->is_logging
      || (method[0] == '\0' && soup_server_message_get_status (message) == 0))
    return;

  /* Nothing that a client sends may start a line of its own. */
  path = g_strescape (bipe_exchange_get_path (exchange), NULL);
  took = g_get_monotonic_time () - bipe_exchange_get_started (exchange);
  g_log_structured (
      G_LOG_DOMAIN, G_LOG_LEVEL_INFO, "BIPE_METHOD", method, "BIPE_PATH", path, "BIPE_PEER", peer,
      "MESSAGE", "%s %s %u, %" G_GINT64_FORMAT " us, %" G_GSIZE_FORMAT " bytes to %s",
      method[0] != '\0' ? method : "-", path[0] != '\0' ? path : "-",
      soup_server_message_get_status (message), took, bipe_exchange_get_n_bytes (exchange), peer);
}

const BipeLayer bipe_layer_logger = { .name = "logger", .done = done };
