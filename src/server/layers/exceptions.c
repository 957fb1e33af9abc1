/* exceptions.c: what nobody planned for is told to the log, and to clients only under development.
 */
#include "config.h"

#include "server/chain.h"

static void
leave (BipeExchange *exchange)
{
  BipeFault fault;
  const char *message;

  if (!bipe_exchange_get_failure (exchange, &fault, &message) || fault != BIPE_FAULT_UNEXPECTED)
    return;
  g_warning ("cannot answer %s %s: %s", bipe_exchange_get_method (exchange),
             bipe_exchange_get_path (exchange), message);
  if (!bipe_exchange_get_options (exchange)->is_development)
    bipe_exchange_set_failure (exchange, BIPE_FAULT_UNEXPECTED,
                               "unexpected fault; the station's log has it");
}

const BipeLayer bipe_layer_exceptions = { .name = "exceptions", .leave = leave };
