/* rate-limit.c: who shows one wrong token after another is told no more than that for a while. Only
 * the answer to a wrong token is changed, on its way back: a good one always counts, so nobody can
 * lock out a client that shares his address. */
#include "config.h"

#include "server/chain.h"
#include "server/peer.h"

static void
leave (BipeExchange *exchange)
{
  BipeFault fault;
  const char *message;
  char seconds[16];
  guint wait;

  if (!bipe_exchange_get_failure (exchange, &fault, &message)
      || (fault != BIPE_FAULT_TOKEN_INVALID && fault != BIPE_FAULT_TOKEN_EXPIRED))
    return;
  wait = bipe_gate_count_failure (bipe_exchange_get_gate (exchange),
                                  bipe_exchange_get_peer (exchange)->address);
  if (wait == 0)
    return;
  g_snprintf (seconds, sizeof seconds, "%u", wait);
  bipe_exchange_set_failure (exchange, BIPE_FAULT_TOO_MANY, BIPE_GATE_TOO_MANY);
  bipe_exchange_set_answer_header (exchange, "Retry-After", seconds);
}

const BipeLayer bipe_layer_rate_limit = { .name = "rate limit", .leave = leave };
