#include "config.h"

#include "socketio/engine-packet.h"

#include <string.h>

#include "base/error.h"
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

/* The value of one digit; −1: it is none. */
static int
base64_value (char c)
{
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decodes in place. GLib's passes over what is no base64; here nothing else may be in it, it is
 * padded, and the bits that the padding leaves over are zero: one text for one value. */
static gboolean
decode_base64 (char *text, gsize length, gsize *decoded)
{
  gsize padding = 0;
  char *out = text;

  if (length % 4 != 0)
    return FALSE;
  while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
    padding++;

  for (gsize i = 0; i < length; i += 4)
    {
      gsize n_padded = i + 4 == length ? padding : 0;
      guint group = 0;

      for (gsize j = 0; j < 4; j++)
        {
          int value = j < 4 - n_padded ? base64_value (text[i + j]) : 0;

          if (value < 0)
            return FALSE;
          group = group << 6 | (guint)value;
        }
      if ((group & ((1u << 8 * n_padded) - 1)) != 0)
        return FALSE;
      for (gsize j = 0; j < 3 - n_padded; j++)
        *out++ = (char)(group >> (16 - 8 * j));
    }
  *out = '\0';
  *decoded = (gsize)(out - text);
  return TRUE;
}

static gboolean
parse_one (char *text, gsize length, BipeEnginePacket *packet, GError **error)
{
  gsize decoded;

  if (length == 0 || *text != 'b')
    return parse_text (text, length, packet, error);
  if (!decode_base64 (text + 1, length - 1, &decoded))
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
  return 1 + (kind == BIPE_ENGINE_BINARY ? 1 + (length + 2) / 3 * 4 : length);
}

void
bipe_engine_payload_append (GString *payload, BipeEngineKind kind, const char *data, gsize length)
{
  int state = 0, save = 0;
  gsize start;

  if (payload->len > 0)
    g_string_append_c (payload, SEPARATOR);
  if (kind == BIPE_ENGINE_TEXT)
    {
      g_string_append_len (payload, data, (gssize)length);
      return;
    }

  g_string_append_c (payload, 'b');
  start = payload->len;
  g_string_set_size (payload, start + (length / 3 + 1) * 4 + 4);
  start += g_base64_encode_step ((const guchar *)data, length, FALSE, payload->str + start, &state,
                                 &save);
  start += g_base64_encode_close (FALSE, payload->str + start, &state, &save);
  g_string_truncate (payload, start);
}
