/* engine-packet.h: Engine.IO's packets, and the bodies of long-polling that hold several, as
 * version 4 has them.
 *
 *   packet   <type><data>, type '0' to '6'; a binary message on polling: 'b' and its base64
 *   payload  packets with U+001E between them
 *
 * On a WebSocket each packet is a text message of its own, and a binary message is bare. */
#pragma once

#include <glib.h>

#include "socketio/engine.h"

G_BEGIN_DECLS

typedef enum
{
  BIPE_ENGINE_PACKET_OPEN,
  BIPE_ENGINE_PACKET_CLOSE,
  BIPE_ENGINE_PACKET_PING,
  BIPE_ENGINE_PACKET_PONG,
  BIPE_ENGINE_PACKET_MESSAGE,
  BIPE_ENGINE_PACKET_UPGRADE,
  BIPE_ENGINE_PACKET_NOOP,
} BipeEnginePacketType;

/**
 * BipeEnginePacket:
 * @kind: binary only where it is a message
 * @data: without the type; ends with a NUL that is not counted
 */
typedef struct
{
  BipeEnginePacketType type;
  BipeEngineKind kind;
  const char *data;
  gsize length;
} BipeEnginePacket;

/* A text message of a WebSocket. @text ends with a NUL at @length, and must outlive @packet. FALSE:
 * BIPE_ERROR_INVALID */
gboolean
bipe_engine_packet_parse (const char *text, gsize length, BipeEnginePacket *packet, GError **error);

/**
 * bipe_engine_payload_parse:
 * @body: ends with a NUL at @length; its packets are made ready in place, so it is changed, and
 * must outlive what is returned
 *
 * Returns: (element-type BipeEnginePacket): at least one; or %NULL with BIPE_ERROR_INVALID
 */
GArray *
bipe_engine_payload_parse (char *body, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What bipe_engine_payload_append() adds to a payload that is not empty. */
gsize bipe_engine_payload_measure (BipeEngineKind kind, gsize length);

/* @data: for text the packet with its type; for binary the bytes themselves */
void
bipe_engine_payload_append (GString *payload, BipeEngineKind kind, const char *data, gsize length);

G_END_DECLS
