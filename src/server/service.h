/* service.h: what every request is served with, and the forward names of this room. */
#pragma once

#include "access/pairing.h"
#include "access/presence.h"
#include "decoder/decoder.h"
#include "server/gate.h"
#include "server/hub.h"
#include "server/refusals.h"
#include "server/server.h"

G_BEGIN_DECLS

typedef struct _BipeExchange BipeExchange;
typedef struct _BipeMetrics BipeMetrics;
typedef struct _BipePeer BipePeer;
typedef struct _BipePeers BipePeers;

typedef struct
{
  BipeServerOptions options;
  BipeStation *station; /* NULL, with the hub: the routes need none */
  BipeHub *hub;
  BipeRegistry *registry; /* NULL, likewise */
  BipePairing *pairing;   /* NULL, likewise */
  BipePresence *presence; /* NULL, likewise */
  BipeGate *gate;
  BipeDecoder *decoder;
  const BipeRoute *routes;
  BipeMetrics *metrics;
  BipeRefusals *refused_hosts;
  gsize n_held;         /* bytes of requests' bodies, but for the smallest */
  gboolean is_stopping; /* connections end with the answer that is under way */
} BipeService;

G_END_DECLS
