#include "config.h"

#include "server/chain.h"

static const BipeLayer *const chain[] = {
  &bipe_layer_exceptions,      /**/
  &bipe_layer_logger,          /**/
  &bipe_layer_time_limit,      /**/
  &bipe_layer_size_limit,      /**/
  &bipe_layer_cors,            /**/
  &bipe_layer_host_and_origin, /**/
  &bipe_layer_rate_limit,      /**/
  &bipe_layer_authentication,  /**/
  &bipe_layer_router,
};

void
bipe_chain_enter (BipeExchange *exchange)
{
  for (guint i = 0; i < G_N_ELEMENTS (chain); i++)
    {
      if (chain[i]->enter != NULL)
        chain[i]->enter (exchange);
      if (bipe_exchange_get_state (exchange) == BIPE_EXCHANGE_ANSWERED)
        return;
    }
}

void
bipe_chain_leave (BipeExchange *exchange)
{
  for (guint i = G_N_ELEMENTS (chain); i > 0; i--)
    if (chain[i - 1]->leave != NULL)
      chain[i - 1]->leave (exchange);
}

void
bipe_chain_done (BipeExchange *exchange)
{
  for (guint i = G_N_ELEMENTS (chain); i > 0; i--)
    if (chain[i - 1]->done != NULL)
      chain[i - 1]->done (exchange);
}
