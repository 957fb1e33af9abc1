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

/* page.c: the page for browsers */
void bipe_page_get (BipeExchange *exchange);
void bipe_page_get_file (BipeExchange *exchange);

/* prometheus.c */
void bipe_metrics_get (BipeExchange *exchange);

/* socketio.c */
void bipe_socketio_serve (BipeExchange *exchange);

/* event-stream.c */
void bipe_events_get (BipeExchange *exchange);

/* csv.c */
void bipe_csv_get (BipeExchange *exchange);

/* docs.c */
void bipe_openapi_get (BipeExchange *exchange);
void bipe_docs_get (BipeExchange *exchange);
void bipe_docs_get_file (BipeExchange *exchange);

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

/* pair.c */
void bipe_pair_post (BipeExchange *exchange);
void bipe_pairing_offer (BipeExchange *exchange);
void bipe_pairing_await (BipeExchange *exchange);
void bipe_pairing_approve (BipeExchange *exchange);
void bipe_pairing_end (BipeExchange *exchange);

/* gateway.c: seed 001's gateway */
void bipe_gateway_hello (BipeExchange *exchange);
void bipe_gateway_input (BipeExchange *exchange);

/* speaking.c: seed 001's speech service, and /v1/speech */
void bipe_speech_hello (BipeExchange *exchange);
void bipe_speech_output (BipeExchange *exchange);
void bipe_speech_file (BipeExchange *exchange);
void bipe_speech_post (BipeExchange *exchange);
void bipe_speech_get (BipeExchange *exchange);

/* decode.c */
void bipe_decode_post (BipeExchange *exchange);

/* queue.c */
void bipe_queue_list (BipeExchange *exchange);
void bipe_queue_next (BipeExchange *exchange);
void bipe_queue_release (BipeExchange *exchange);
void bipe_queue_edit (BipeExchange *exchange);
void bipe_queue_remove (BipeExchange *exchange);

G_END_DECLS
