#include "config.h"

#include "socketio/engine-dialect.h"

#include <string.h>

#include "socketio/engine-packet-3.h"

static gboolean
parse_message (BipeEngineKind kind,
               char *data,
               gsize length,
               BipeEnginePacket *packet,
               GError **error)
{
  if (kind == BIPE_ENGINE_TEXT)
    return bipe_engine_packet_parse (data, length, packet, error);
  *packet = (BipeEnginePacket){ BIPE_ENGINE_PACKET_MESSAGE, kind, data, length };
  return TRUE;
}

/* A body is text, whatever it is called. */
static GArray *
parse_payload (BipeEngineKind kind, char *body, gsize length, GError **error)
{
  return bipe_engine_payload_parse (body, length, error);
}

static const BipeEnginePayloads separated
    = { bipe_engine_payload_measure, bipe_engine_payload_append };
static const BipeEnginePayloads counted
    = { bipe_engine_payload3_measure_text, bipe_engine_payload3_append_text };
static const BipeEnginePayloads counted_bytes
    = { bipe_engine_payload3_measure_bytes, bipe_engine_payload3_append_bytes };

static const BipeEngineDialect version_4 = {
  .version = 4,
  .is_server_pinging = TRUE,
  .parse_message = parse_message,
  .parse_payload = parse_payload,
  .text = &separated,
};

static const BipeEngineDialect version_3 = {
  .version = 3,
  .parse_message = bipe_engine_packet3_parse,
  .wrap = bipe_engine_packet3_wrap,
  .parse_payload = bipe_engine_payload3_parse,
  .text = &counted,
  .bytes = &counted_bytes,
};

static const BipeEngineDialect version_3_base64 = {
  .version = 3,
  .parse_message = bipe_engine_packet3_parse,
  .wrap = bipe_engine_packet3_wrap_base64,
  .parse_payload = bipe_engine_payload3_parse,
  .text = &counted,
};

const BipeEngineDialect *
bipe_engine_dialect_find (const char *eio, const char *b64, gboolean allow_eio3)
{
  if (g_strcmp0 (eio, "4") == 0)
    return &version_4;
  if (!allow_eio3 || (eio != NULL && strcmp (eio, "3") != 0))
    return NULL;
  return b64 != NULL ? &version_3_base64 : &version_3;
}
