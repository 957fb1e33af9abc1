/* cors.c: lets allowed web pages read the answers, failures too, and answers their preflights. */
#include "config.h"

#include <string.h>

#include "server/chain.h"
#include "server/layers/origin.h"
#include "server/peer.h"

static const char *
get_allowed_origin (BipeExchange *exchange)
{
  const char *origin = bipe_exchange_get_header (exchange, "Origin");

  if (origin == NULL
      || !bipe_origin_is_allowed (bipe_exchange_get_options (exchange), origin,
                                  bipe_exchange_get_header (exchange, "Host"),
                                  bipe_peer_is_secure (bipe_exchange_get_peer (exchange))))
    return NULL;
  return origin;
}

static void
enter (BipeExchange *exchange)
{
  if (strcmp (bipe_exchange_get_method (exchange), "OPTIONS") != 0
      || bipe_exchange_get_header (exchange, "Access-Control-Request-Method") == NULL
      || get_allowed_origin (exchange) == NULL)
    return;

  bipe_exchange_set_answer_header (exchange, "Access-Control-Allow-Methods",
                                   "GET, HEAD, POST, PATCH, DELETE");
  bipe_exchange_set_answer_header (exchange, "Access-Control-Allow-Headers",
                                   "Authorization, Content-Type, Idempotency-Key, Last-Event-ID");
  bipe_exchange_set_answer_header (exchange, "Access-Control-Max-Age", "600");
  bipe_exchange_reply (exchange, SOUP_STATUS_NO_CONTENT, NULL, NULL);
}

static void
leave (BipeExchange *exchange)
{
  const char *origin = get_allowed_origin (exchange);

  if (origin == NULL)
    return;
  bipe_exchange_set_answer_header (exchange, "Access-Control-Allow-Origin", origin);
  bipe_exchange_set_answer_header (exchange, "Access-Control-Expose-Headers", "Retry-After");
  bipe_exchange_set_answer_header (exchange, "Vary", "Origin");
}

const BipeLayer bipe_layer_cors = { .name = "CORS", .enter = enter, .leave = leave };
