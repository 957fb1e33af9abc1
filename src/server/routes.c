/* routes.c: the table of contents of everything that is served. */
#include "config.h"

#include "server/handlers/handlers.h"
#include "server/router.h"

const BipeRoute bipe_routes[] = {
  { "POST", "/codigo/", BIPE_SCOPE_COLLECT, BIPE_BODY_ANY, bipe_legacy_collect },
  { "POST", "/codigo", BIPE_SCOPE_COLLECT, BIPE_BODY_ANY, bipe_legacy_collect },
  { "GET", "/qrcode/all", BIPE_SCOPE_READ, BIPE_BODY_ANY, bipe_legacy_list },
  { "GET", "/qrcode/id={id}", BIPE_SCOPE_READ, BIPE_BODY_ANY, bipe_legacy_find },

  /* What a client may do here is asked when it connects to a namespace, with its token. */
  { "GET", "/socket.io/", BIPE_SCOPE_NONE, BIPE_BODY_ANY, bipe_socketio_serve },
  { "POST", "/socket.io/", BIPE_SCOPE_NONE, BIPE_BODY_ANY, bipe_socketio_serve },
  { "PUT", "/socket.io/", BIPE_SCOPE_NONE, BIPE_BODY_ANY, bipe_socketio_serve },

  { "GET", "/metrics", BIPE_SCOPE_READ, BIPE_BODY_JSON, bipe_metrics_get },
  { "GET", "/v1/health", BIPE_SCOPE_NONE, BIPE_BODY_JSON, bipe_health_get },
  { "GET", "/", BIPE_SCOPE_NONE, BIPE_BODY_JSON, bipe_page_get },
  { "GET", "/web/{file}", BIPE_SCOPE_NONE, BIPE_BODY_JSON, bipe_page_get_file },
  { "GET", "/v1/openapi.json", BIPE_SCOPE_NONE, BIPE_BODY_JSON, bipe_openapi_get },
  { "GET", "/docs", BIPE_SCOPE_NONE, BIPE_BODY_JSON, bipe_docs_get },
  { "GET", "/docs/{file}", BIPE_SCOPE_NONE, BIPE_BODY_JSON, bipe_docs_get_file },

  { "POST", "/v1/scans", BIPE_SCOPE_SCAN, BIPE_BODY_JSON, bipe_scans_post },
  { "GET", "/v1/scans", BIPE_SCOPE_READ, BIPE_BODY_JSON, bipe_scans_list },
  { "GET", "/v1/scans.csv", BIPE_SCOPE_READ, BIPE_BODY_JSON, bipe_csv_get },
  { "GET", "/v1/scans/{ref}", BIPE_SCOPE_READ, BIPE_BODY_JSON, bipe_scans_find },
  { "DELETE", "/v1/scans/{ref}", BIPE_SCOPE_VOID, BIPE_BODY_JSON, bipe_scans_void },
  { "POST", "/v1/scans/{ref}/restore", BIPE_SCOPE_VOID, BIPE_BODY_JSON, bipe_scans_restore },

  { "POST", "/v1/decode", BIPE_SCOPE_SCAN, BIPE_BODY_PICTURE, bipe_decode_post },

  { "POST", "/input", BIPE_SCOPE_SPEECH, BIPE_BODY_ANY, bipe_gateway_input },
  { "POST", "/output", BIPE_SCOPE_SPEECH, BIPE_BODY_ANY, bipe_speech_output },
  { "GET", "/files/{name}", BIPE_SCOPE_READ, BIPE_BODY_ANY, bipe_speech_file },
  { "POST", "/v1/speech", BIPE_SCOPE_SPEECH, BIPE_BODY_JSON, bipe_speech_post },
  { "GET", "/v1/speech/{name}.mp3", BIPE_SCOPE_READ, BIPE_BODY_JSON, bipe_speech_get },

  { "GET", "/v1/events", BIPE_SCOPE_READ, BIPE_BODY_JSON, bipe_events_get },

  { "GET", "/v1/queue", BIPE_SCOPE_READ, BIPE_BODY_JSON, bipe_queue_list },
  { "POST", "/v1/queue/next", BIPE_SCOPE_COLLECT, BIPE_BODY_JSON, bipe_queue_next },
  { "POST", "/v1/queue/release", BIPE_SCOPE_COLLECT, BIPE_BODY_JSON, bipe_queue_release },
  { "PATCH", "/v1/queue/{uuid}", BIPE_SCOPE_VOID, BIPE_BODY_JSON, bipe_queue_edit },
  { "DELETE", "/v1/queue/{uuid}", BIPE_SCOPE_VOID, BIPE_BODY_JSON, bipe_queue_remove },

  /* Whoever has the code may ask; the operator answers, in the window or by the routes after it. */
  { "POST", "/v1/pair", BIPE_SCOPE_NONE, BIPE_BODY_SMALL, bipe_pair_post },
  { "POST", "/v1/pairing", BIPE_SCOPE_ADMIN, BIPE_BODY_JSON, bipe_pairing_offer },
  { "GET", "/v1/pairing", BIPE_SCOPE_ADMIN, BIPE_BODY_JSON, bipe_pairing_await },
  { "POST", "/v1/pairing/approve", BIPE_SCOPE_ADMIN, BIPE_BODY_JSON, bipe_pairing_approve },
  { "DELETE", "/v1/pairing", BIPE_SCOPE_ADMIN, BIPE_BODY_JSON, bipe_pairing_end },

  { "POST", "/v1/tokens", BIPE_SCOPE_ADMIN, BIPE_BODY_JSON, bipe_tokens_post },
  { "GET", "/v1/tokens", BIPE_SCOPE_ADMIN, BIPE_BODY_JSON, bipe_tokens_list },
  { "DELETE", "/v1/tokens/{jti}", BIPE_SCOPE_ADMIN, BIPE_BODY_JSON, bipe_tokens_revoke },
  { NULL },
};

/* The two services of seed 001, each alone. Who asks them shows a token, and those are given out
 * and revoked while they run: see bipe-server token. */
static const BipeRoute gateway_routes[] = {
  { "GET", "/", BIPE_SCOPE_NONE, BIPE_BODY_JSON, bipe_gateway_hello },
  { "GET", "/v1/health", BIPE_SCOPE_NONE, BIPE_BODY_JSON, bipe_health_get },
  { "POST", "/input", BIPE_SCOPE_SPEECH, BIPE_BODY_ANY, bipe_gateway_input },

  { "POST", "/v1/tokens", BIPE_SCOPE_ADMIN, BIPE_BODY_JSON, bipe_tokens_post },
  { "GET", "/v1/tokens", BIPE_SCOPE_ADMIN, BIPE_BODY_JSON, bipe_tokens_list },
  { "DELETE", "/v1/tokens/{jti}", BIPE_SCOPE_ADMIN, BIPE_BODY_JSON, bipe_tokens_revoke },
  { NULL },
};

static const BipeRoute speech_routes[] = {
  { "GET", "/", BIPE_SCOPE_NONE, BIPE_BODY_JSON, bipe_speech_hello },
  { "GET", "/v1/health", BIPE_SCOPE_NONE, BIPE_BODY_JSON, bipe_health_get },
  { "POST", "/output", BIPE_SCOPE_SPEECH, BIPE_BODY_ANY, bipe_speech_output },
  { "GET", "/files/{name}", BIPE_SCOPE_READ, BIPE_BODY_ANY, bipe_speech_file },
  { "POST", "/v1/speech", BIPE_SCOPE_SPEECH, BIPE_BODY_JSON, bipe_speech_post },
  { "GET", "/v1/speech/{name}.mp3", BIPE_SCOPE_READ, BIPE_BODY_JSON, bipe_speech_get },

  { "POST", "/v1/tokens", BIPE_SCOPE_ADMIN, BIPE_BODY_JSON, bipe_tokens_post },
  { "GET", "/v1/tokens", BIPE_SCOPE_ADMIN, BIPE_BODY_JSON, bipe_tokens_list },
  { "DELETE", "/v1/tokens/{jti}", BIPE_SCOPE_ADMIN, BIPE_BODY_JSON, bipe_tokens_revoke },
  { NULL },
};

const BipeRoute *
bipe_routes_of (BipeServerRole role)
{
  switch (role)
    {
    case BIPE_SERVER_GATEWAY:
      return gateway_routes;
    case BIPE_SERVER_SPEECH:
      return speech_routes;
    case BIPE_SERVER_ALL:
    default:
      return bipe_routes;
    }
}
