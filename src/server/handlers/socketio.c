/* socketio.c: /socket.io/: the hub's clients. */
#include "config.h"

#include "server/engine-transport.h"
#include "server/handlers/handlers.h"

void
bipe_socketio_serve (BipeExchange *exchange)
{
  BipeSockets *sockets = bipe_hub_get_sockets (bipe_exchange_get_hub (exchange));

  bipe_engine_transport_serve (exchange, bipe_sockets_get_engine (sockets));
}
