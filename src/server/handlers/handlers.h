/* handlers.h: what the routes lead to. Each answers its exchange once. */
#pragma once

#include "server/exchange.h"

G_BEGIN_DECLS

/* legacy.c: the routes of seed 000 */
void bipe_legacy_collect (BipeExchange *exchange);
void bipe_legacy_list (BipeExchange *exchange);
void bipe_legacy_find (BipeExchange *exchange);

/* health.c */
void bipe_health_get (BipeExchange *exchange);

/* prometheus.c */
void bipe_metrics_get (BipeExchange *exchange);

/* socketio.c */
void bipe_socketio_serve (BipeExchange *exchange);

/* event-stream.c */
void bipe_events_get (BipeExchange *exchange);

/* scans.c */
void bipe_scans_post (BipeExchange *exchange);
void bipe_scans_list (BipeExchange *exchange);
void bipe_scans_find (BipeExchange *exchange);
void bipe_scans_void (BipeExchange *exchange);
void bipe_scans_restore (BipeExchange *exchange);

/* tokens.c */
void bipe_tokens_post (BipeExchange *exchange);
void bipe_tokens_list (BipeExchange *exchange);
void bipe_tokens_revoke (BipeExchange *exchange);

/* decode.c */
void bipe_decode_post (BipeExchange *exchange);

/* queue.c */
void bipe_queue_list (BipeExchange *exchange);
void bipe_queue_next (BipeExchange *exchange);
void bipe_queue_release (BipeExchange *exchange);
void bipe_queue_edit (BipeExchange *exchange);
void bipe_queue_remove (BipeExchange *exchange);

G_END_DECLS
