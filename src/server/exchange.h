/* exchange.h: one request and its answer.
 *
 *   RECEIVING → HANDLING → ANSWERED
 *
 * A handler that lets go of its last reference while HANDLING has made a mistake: it is logged as
 * critical, and the client gets the answer for an unexpected fault. An answer to a client that has
 * gone, or whose time was up, is dropped. Not to cross threads. */
#pragma once

#include <jansson.h>
#include <libsoup/soup.h>

#include "server/fault.h"
#include "server/gate.h"
#include "server/outbox.h"
#include "server/pass.h"
#include "server/service.h"

G_BEGIN_DECLS

typedef enum
{
  BIPE_EXCHANGE_RECEIVING,
  BIPE_EXCHANGE_HANDLING,
  BIPE_EXCHANGE_ANSWERED,
} BipeExchangeState;

BipeExchange *bipe_exchange_new (BipeService *service,
                                 BipePeer *peer,
                                 SoupServerMessage *message) G_GNUC_WARN_UNUSED_RESULT;
BipeExchange *bipe_exchange_ref (BipeExchange *self);
void bipe_exchange_unref (BipeExchange *self);

/* The server's: the headers are there; the body is there; libsoup has refused it by itself and
 * written the headers; the connection is gone or the answer written. */
void bipe_exchange_take_headers (BipeExchange *self);
void bipe_exchange_take_body (BipeExchange *self);
void bipe_exchange_explain (BipeExchange *self);
void bipe_exchange_detach (BipeExchange *self);

/* The request. What it returns is the exchange's; not to be called once the client has gone. */
BipeExchangeState bipe_exchange_get_state (BipeExchange *self);
const BipeServerOptions *bipe_exchange_get_options (BipeExchange *self);
BipeStation *bipe_exchange_get_station (BipeExchange *self);
BipeRecords *bipe_exchange_get_records (BipeExchange *self); /* the station's */
BipeHub *bipe_exchange_get_hub (BipeExchange *self);
BipeGate *bipe_exchange_get_gate (BipeExchange *self);
BipeRegistry *
bipe_exchange_get_registry (BipeExchange *self); /* NULL, where the routes need none */

/* Likewise. */
BipePairing *bipe_exchange_get_pairing (BipeExchange *self);
BipePresence *bipe_exchange_get_presence (BipeExchange *self);

BipeDecoder *bipe_exchange_get_decoder (BipeExchange *self);
const BipeRoute *bipe_exchange_get_routes (BipeExchange *self);
BipeMetrics *bipe_exchange_get_metrics (BipeExchange *self);
BipeRefusals *bipe_exchange_get_refused_hosts (BipeExchange *self);
BipePeer *bipe_exchange_get_peer (BipeExchange *self);
SoupServerMessage *bipe_exchange_get_message (BipeExchange *self);
gint64
bipe_exchange_get_started (BipeExchange *self); /* when its headers were there, if they were */
const char *bipe_exchange_get_method (BipeExchange *self);
const char *bipe_exchange_get_path (BipeExchange *self); /* as it came, without its query */
const char *bipe_exchange_get_header (BipeExchange *self, const char *name);
gboolean bipe_exchange_has_body (BipeExchange *self);

/* For the layer that bounds them: so many bytes of the body are held from now until the exchange is
 * detached. Returns what all requests together hold. */
gsize bipe_exchange_hold (BipeExchange *self, gsize n_bytes);

/* The body as it came. */
GBytes *bipe_exchange_dup_bytes (BipeExchange *self) G_GNUC_WARN_UNUSED_RESULT;

/* The body as JSON. FALSE: BIPE_ERROR_INVALID. */
gboolean bipe_exchange_get_body (BipeExchange *self, json_t **value, GError **error);

/* Decoded names and values in turn, or NULL with BIPE_ERROR_INVALID. */
GPtrArray *bipe_exchange_parse_query (BipeExchange *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The header Range, which libsoup must not see: it would answer it, too. NULL: there was none. */
void bipe_exchange_hide_range (BipeExchange *self);
const char *bipe_exchange_get_range (BipeExchange *self);

/* Cancelled when the answer is no longer wanted. */
GCancellable *bipe_exchange_get_cancellable (BipeExchange *self);

/* What the layers find out: who it is, where it goes. */
void bipe_exchange_take_pass (BipeExchange *self, BipePass *pass);
BipePass *bipe_exchange_get_pass (BipeExchange *self);
void bipe_exchange_set_route (BipeExchange *self, const BipeRoute *route, char *variable);

/* NULL: none has it. */
const BipeRoute *bipe_exchange_get_route (BipeExchange *self);

/* The part of the path that the route's pattern leaves open, decoded. */
const char *bipe_exchange_get_variable (BipeExchange *self);

/* The answer: one of these, once; a second is dropped. */

/* @body is taken; NULL: none. */
void
bipe_exchange_reply (BipeExchange *self, guint status, const char *content_type, GString *body);

/* Of bytes that others have, too. */
void bipe_exchange_reply_bytes (BipeExchange *self,
                                guint status,
                                const char *content_type,
                                GBytes *body);

/* {"code":200,"data":…,"message":"ok"}: append the data to what begin returns, and reply with it.
 */
GString *bipe_exchange_begin_data (void) G_GNUC_WARN_UNUSED_RESULT;
void bipe_exchange_reply_data (BipeExchange *self, guint status, GString *data);

/* The one place where errors become statuses. */
void bipe_exchange_fail (BipeExchange *self, const GError *error);
void bipe_exchange_refuse (BipeExchange *self, BipeFault fault, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* Status 200, and a body that comes in pieces: see stream.h. FALSE: none is wanted (HEAD, or nobody
 * is there any more). */
gboolean bipe_exchange_start_stream (BipeExchange *self, const char *content_type);

/* The answer's head with the headers set so far, and then the connection itself, for a WebSocket or
 * a stream without an end: no longer libsoup's. NULL: none is wanted (HEAD, or nobody is there any
 * more). */
BipeOutbox *bipe_exchange_take_over (BipeExchange *self,
                                     guint status,
                                     const char *content_type,
                                     const BipeOutboxListener *listener,
                                     gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;

/* The station ends: what is under way is answered, and no more. */
gboolean bipe_exchange_is_stopping (BipeExchange *self);

/* Breaks the connection off, so that nobody takes for whole what is not. */
void bipe_exchange_cut (BipeExchange *self);

/* A header of the answer. */
void bipe_exchange_set_answer_header (BipeExchange *self, const char *name, const char *value);

/* Of the body that was answered. */
gsize bipe_exchange_get_n_bytes (BipeExchange *self);

/* For the layers, while an answer passes them: the failure that it tells, if any. */
gboolean bipe_exchange_get_failure (BipeExchange *self, BipeFault *fault, const char **message);
void bipe_exchange_set_failure (BipeExchange *self, BipeFault fault, const char *message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeExchange, bipe_exchange_unref)

G_END_DECLS
