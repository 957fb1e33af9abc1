/* engine-payload.c: a payload that is taken apart without a fault is, put together, the same bytes.
 */
#include "config.h"

#include <string.h>

#include "socketio/engine-packet.h"
#include "target.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr(GString) body = g_string_new_len ((const char *)data, (gssize)size);
  g_autoptr(GString) again = g_string_new (NULL);
  g_autoptr(GArray) packets = bipe_engine_payload_parse (body->str, size, NULL);

  if (packets == NULL)
    return 0;
  g_assert_cmpuint (packets->len, >, 0);
  for (guint i = 0; i < packets->len; i++)
    {
      const BipeEnginePacket *packet = &g_array_index (packets, BipeEnginePacket, i);
      g_autoptr(GString) text = g_string_new (NULL);
      gsize before = again->len;
      gsize measure;

      g_assert_cmpint (packet->data[packet->length], ==, '\0');
      g_string_append_len (text, packet->data, (gssize)packet->length);
      if (packet->kind == BIPE_ENGINE_TEXT)
        {
          BipeEnginePacket alone;

          g_string_prepend_c (text, (char)('0' + packet->type));
          g_assert_true (bipe_engine_packet_parse (text->str, text->len, &alone, NULL));
          g_assert_cmpint (alone.type, ==, packet->type);
          g_assert_cmpmem (alone.data, alone.length, packet->data, packet->length);
        }
      else
        g_assert_cmpint (packet->type, ==, BIPE_ENGINE_PACKET_MESSAGE);

      measure = bipe_engine_payload_measure (packet->kind, text->len);
      bipe_engine_payload_append (again, packet->kind, text->str, text->len);
      g_assert_cmpuint (again->len - before, ==, before == 0 ? measure - 1 : measure);
    }
  g_assert_cmpmem (again->str, again->len, data, size);
  return 0;
}
