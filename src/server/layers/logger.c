/* logger.c: one structured line a request: what was asked and what went over the wire. Neither
 * query nor headers nor bodies are in it, so no secret can be. The same is counted for /metrics. */
#include "config.h"

#include "server/chain.h"
#include "server/metrics.h"
#include "server/peer.h"

/* Connections that end before anything was asked are no requests. */
static void
count (BipeExchange *exchange, gint64 duration)
{
  gboolean is_answered = bipe_exchange_get_state (exchange) == BIPE_EXCHANGE_ANSWERED;
  SoupServerMessage *message = bipe_exchange_get_message (exchange);

  if (is_answered || bipe_exchange_get_method (exchange)[0] != '\0')
    bipe_metrics_note_request (
        bipe_exchange_get_metrics (exchange), bipe_exchange_get_route (exchange),
        is_answered ? soup_server_message_get_status (message) : 0, duration);
}

static void
done (BipeExchange *exchange)
{
  SoupServerMessage *message = bipe_exchange_get_message (exchange);
  gint64 duration = g_get_monotonic_time () - bipe_exchange_get_started (exchange);
  g_autofree char *method = NULL, *path = NULL, *status = NULL;

  count (exchange, duration);
  if (!bipe_exchange_get_options (exchange)->is_logging)
    return;

  /* Nothing that a client sends may start a line of its own. */
  method = g_strescape (bipe_exchange_get_method (exchange), NULL);
  path = g_strescape (bipe_exchange_get_path (exchange), NULL);
  if (bipe_exchange_get_state (exchange) == BIPE_EXCHANGE_ANSWERED)
    status = g_strdup_printf ("%u", soup_server_message_get_status (message));
  else
    status = g_strdup ("left");
  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_INFO, "BIPE_METHOD", method, "BIPE_PATH", path,
                    "BIPE_STATUS", status, "BIPE_PEER", bipe_exchange_get_peer (exchange)->address,
                    "MESSAGE", "%s %s %s, %" G_GINT64_FORMAT " us, %" G_GSIZE_FORMAT " bytes to %s",
                    method[0] != '\0' ? method : "-", path[0] != '\0' ? path : "-", status,
                    duration, bipe_exchange_get_n_bytes (exchange),
                    bipe_exchange_get_peer (exchange)->address);
}

const BipeLayer bipe_layer_logger = { .name = "logger", .done = done };
