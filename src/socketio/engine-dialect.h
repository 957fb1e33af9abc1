/* engine-dialect.h: what the versions of Engine.IO do each in its own way. A session speaks one of
 * these dialects, and knows no version besides. */
#pragma once

#include "socketio/engine-packet.h"

G_BEGIN_DECLS

/**
 * BipeEnginePayloads: how answers to polls are put together
 * @measure: what @append adds at most
 */
typedef struct
{
  gsize (*measure) (BipeEngineKind kind, gsize length);
  void (*append) (GString *payload, BipeEngineKind kind, const char *data, gsize length);
} BipeEnginePayloads;

/**
 * BipeEngineDialect:
 * @version: 3 or 4
 * @is_server_pinging: otherwise it is the client who does
 * @parse_message: a WebSocket's message, which is changed
 * @wrap: (nullable): makes binary a WebSocket's message; %NULL: it is one as it is
 * @parse_payload: a POST's body, which is changed
 * @text: answers that are text
 * @bytes: (nullable): answers with something binary among it; %NULL: they are text, too
 */
typedef struct
{
  guint version;
  gboolean is_server_pinging;
  gboolean (*parse_message) (BipeEngineKind kind,
                             char *data,
                             gsize length,
                             BipeEnginePacket *packet,
                             GError **error);
  GBytes *(*wrap) (GBytes *bytes, BipeEngineKind *kind);
  GArray *(*parse_payload) (BipeEngineKind kind, char *body, gsize length, GError **error);
  const BipeEnginePayloads *text;
  const BipeEnginePayloads *bytes;
} BipeEngineDialect;

/**
 * bipe_engine_dialect_find:
 * @eio: (nullable): version 3 goes without saying, as its early clients do
 * @b64: (nullable): given by clients of version 3 that take no binary
 * @allow_eio3: whether version 3 is spoken
 *
 * Returns: (nullable): %NULL: none
 */
const BipeEngineDialect *
bipe_engine_dialect_find (const char *eio, const char *b64, gboolean allow_eio3);

G_END_DECLS
