/* time-limit.c: the limit itself is kept by the sweep over the connections (peer.c), since it also
 * holds for a request whose headers never came, and so never reached a layer. Here begins its
 * second half: what waits for the station is told when nobody wants the answer any more. */
#include "config.h"

#include "server/chain.h"

static void
leave (BipeExchange *exchange)
{
  BipeFault fault;
  const char *message;

  if (bipe_exchange_get_failure (exchange, &fault, &message) && fault == BIPE_FAULT_SLOW_ANSWER)
    g_cancellable_cancel (bipe_exchange_get_cancellable (exchange));
}

const BipeLayer bipe_layer_time_limit = { .name = "time limit", .leave = leave };
