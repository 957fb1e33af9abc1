/* chain.h: the layers that every request passes, and its answer in the reverse order. */
#pragma once

#include "server/exchange.h"

G_BEGIN_DECLS

/**
 * BipeLayer:
 * @enter: (nullable): the request's headers are there; may answer in the place of what follows
 * @leave: (nullable): the answer is made; may change it. Runs for every answer, also one that was
 * made before this layer was reached.
 * @done: (nullable): the answer is on the wire, or never will be
 */
typedef struct
{
  const char *name;
  void (*enter) (BipeExchange *exchange);
  void (*leave) (BipeExchange *exchange);
  void (*done) (BipeExchange *exchange);
} BipeLayer;

extern const BipeLayer bipe_layer_exceptions;
extern const BipeLayer bipe_layer_logger;
extern const BipeLayer bipe_layer_time_limit;
extern const BipeLayer bipe_layer_size_limit;
extern const BipeLayer bipe_layer_cors;
extern const BipeLayer bipe_layer_host_and_origin;
extern const BipeLayer bipe_layer_rate_limit;
extern const BipeLayer bipe_layer_authentication;
extern const BipeLayer bipe_layer_router;

void bipe_chain_enter (BipeExchange *exchange);
void bipe_chain_leave (BipeExchange *exchange);
void bipe_chain_done (BipeExchange *exchange);

G_END_DECLS
