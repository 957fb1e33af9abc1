/* exchange-private.h: an exchange, for its request's half and its answer's. */
#pragma once

#include "server/exchange.h"

G_BEGIN_DECLS

#define BIPE_EXCHANGE_JSON "application/json"

struct _BipeExchange
{
  guint n_refs; /* one is the peer's */
  BipeExchangeState state;
  gboolean is_paused;
  BipeService *service;

  /* Borrowed; NULL once the client has gone. */
  BipePeer *peer;
  SoupServerMessage *message;

  gint64 started;
  BipePass *pass;
  const BipeRoute *route;
  char *variable;
  char *range;
  GCancellable *cancellable;

  gsize n_held;  /* of the request's body, where it counts among all that are held */
  gsize n_bytes; /* of the answer's body, where it did not come in pieces */

  /* The answer's failure, while it passes the layers. */
  gboolean has_failed;
  BipeFault fault;
  char *failure;
};

G_END_DECLS
