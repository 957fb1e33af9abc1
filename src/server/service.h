/* service.h: what every request is served with, and the forward names of this room. */
#pragma once

#include "server/server.h"

G_BEGIN_DECLS

typedef struct _BipeExchange BipeExchange;
typedef struct _BipePeer BipePeer;
typedef struct _BipePeers BipePeers;
typedef struct _BipeRoute BipeRoute;

typedef struct
{
  BipeServerOptions options;
  BipeStation *station;
  gboolean is_stopping; /* connections end with the answer that is under way */
} BipeService;

G_END_DECLS
