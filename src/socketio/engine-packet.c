#include "config.h"

#include "socketio/engine-packet.h"

#include <string.h>

#include "base/error.h"
#include "socketio/engine-base64.h"
#include "socketio/utf8.h"

#define SEPARATOR '\x1e'

static gboolean
fail (GError **error, const char *why)
{
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "malformed Engine.IO packet: %s", why);
  return FALSE;
}

/* Of a text that is known to be UTF-8. */
static gboolean
parse_text (const char *text, gsize length, BipeEnginePacket *packet, GError **error)
{
  if (length == 0)
    return fail (error, "it is empty");
  if (*text < '0' || *text > '6')
    return fail (error, "its type is unknown");
  *packet = (BipeEnginePacket){ (BipeEnginePacketType)(*text - '0'), BIPE_ENGINE_TEXT, text + 1,
                                length - 1 };
  return TRUE;
}

gboolean
bipe_engine_packet_parse (const char *text, gsize length, BipeEnginePacket *packet, GError **error)
{
  if (!bipe_utf8_is_valid (text, length))
    return fail (error, "it is no UTF-8");
  return parse_text (text, length, packet, error);
}

static gboolean
parse_one (char *text, gsize length, BipeEnginePacket *packet, GError **error)
{
  gsize decoded;

  if (length == 0 || *text != 'b')
    return parse_text (text, length, packet, error);
  if (!bipe_engine_base64_decode (text + 1, length - 1, &decoded))
    return fail (error, "its base64 is not in order");
  *packet = (BipeEnginePacket){ BIPE_ENGINE_PACKET_MESSAGE, BIPE_ENGINE_BINARY, text + 1, decoded };
  return TRUE;
}

GArray *
bipe_engine_payload_parse (char *body, gsize length, GError **error)
{
  g_autoptr(GArray) packets = g_array_new (FALSE, FALSE, sizeof (BipeEnginePacket));

  if (!bipe_utf8_is_valid (body, length))
    {
      fail (error, "it is no UTF-8");
      return NULL;
    }
  for (char *text = body; text != NULL;)
    {
      gsize rest = (gsize)(body + length - text);
      char *end = memchr (text, SEPARATOR, rest);
      BipeEnginePacket packet;

      if (end != NULL)
        *end = '\0';
      if (!parse_one (text, end != NULL ? (gsize)(end - text) : rest, &packet, error))
        return NULL;
      g_array_append_val (packets, packet);
      text = end != NULL ? end + 1 : NULL;
    }
  return g_steal_pointer (&packets);
}

gsize
bipe_engine_payload_measure (BipeEngineKind kind, gsize length)
{
  return 1 + (kind == BIPE_ENGINE_BINARY ? 1 + bipe_engine_base64_measure (length) : length);
}

void
bipe_engine_payload_append (GString *payload, BipeEngineKind kind, const char *data, gsize length)
{
  if (payload->len > 0)
    g_string_append_c (payload, SEPARATOR);
  if (kind == BIPE_ENGINE_TEXT)
    {
      g_string_append_len (payload, data, (gssize)length);
      return;
    }
  g_string_append_c (payload, 'b');
  bipe_engine_base64_append (payload, data, length);
}
