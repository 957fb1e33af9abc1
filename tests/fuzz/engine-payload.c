/* engine-payload.c: a payload that is taken apart without a fault is, put together, the same bytes;
 * read as each of the versions' three forms. */
#include "config.h"

#include <string.h>

#include "socketio/engine-packet-3.h"
#include "target.h"

/* The packet as it is given to the functions that append it. */
static GString *
dup_data (const BipeEnginePacket *packet)
{
  GString *data = g_string_new_len (packet->data, (gssize)packet->length);

  g_assert_cmpint (packet->data[packet->length], ==, '\0');
  if (packet->kind == BIPE_ENGINE_TEXT)
    g_string_prepend_c (data, (char)('0' + packet->type));
  else
    g_assert_cmpint (packet->type, ==, BIPE_ENGINE_PACKET_MESSAGE);
  return data;
}

static void
check_version_4 (const uint8_t *data, size_t size)
{
  g_autoptr(GString) body = g_string_new_len ((const char *)data, (gssize)size);
  g_autoptr(GString) again = g_string_new (NULL);
  g_autoptr(GArray) packets = bipe_engine_payload_parse (body->str, size, NULL);

  if (packets == NULL)
    return;
  g_assert_cmpuint (packets->len, >, 0);
  for (guint i = 0; i < packets->len; i++)
    {
      const BipeEnginePacket *packet = &g_array_index (packets, BipeEnginePacket, i);
      g_autoptr(GString) text = dup_data (packet);
      gsize before = again->len;
      gsize measure = bipe_engine_payload_measure (packet->kind, text->len);

      if (packet->kind == BIPE_ENGINE_TEXT)
        {
          BipeEnginePacket alone;

          g_assert_true (bipe_engine_packet_parse (text->str, text->len, &alone, NULL));
          g_assert_cmpint (alone.type, ==, packet->type);
          g_assert_cmpmem (alone.data, alone.length, packet->data, packet->length);
        }
      bipe_engine_payload_append (again, packet->kind, text->str, text->len);
      g_assert_cmpuint (again->len - before, ==, before == 0 ? measure - 1 : measure);
    }
  g_assert_cmpmem (again->str, again->len, data, size);
}

/* Puts @packets together as a body of the other @kind, or of the same. */
static GString *
print_version_3 (BipeEngineKind kind, GArray *packets)
{
  GString *body = g_string_new (NULL);

  for (guint i = 0; i < packets->len; i++)
    {
      const BipeEnginePacket *packet = &g_array_index (packets, BipeEnginePacket, i);
      g_autoptr(GString) text = dup_data (packet);
      gsize before = body->len;
      gsize measure;

      if (kind == BIPE_ENGINE_TEXT)
        {
          measure = bipe_engine_payload3_measure_text (packet->kind, text->len);
          bipe_engine_payload3_append_text (body, packet->kind, text->str, text->len);
        }
      else
        {
          measure = bipe_engine_payload3_measure_bytes (packet->kind, text->len);
          bipe_engine_payload3_append_bytes (body, packet->kind, text->str, text->len);
        }
      g_assert_cmpuint (body->len - before, <=, measure);
    }
  return body;
}

/* Base64 among bytes comes out as bytes, so that only text is the same again; the other form says
 * the same, which this is then made of again. */
static void
check_version_3 (BipeEngineKind kind, const uint8_t *data, size_t size)
{
  BipeEngineKind other = kind == BIPE_ENGINE_TEXT ? BIPE_ENGINE_BINARY : BIPE_ENGINE_TEXT;
  g_autoptr(GString) body = g_string_new_len ((const char *)data, (gssize)size);
  g_autoptr(GArray) packets = bipe_engine_payload3_parse (kind, body->str, size, NULL);
  g_autoptr(GString) same = NULL, translated = NULL, again = NULL;
  g_autoptr(GArray) translated_packets = NULL;

  if (packets == NULL)
    return;
  g_assert_cmpuint (packets->len, >, 0);
  same = print_version_3 (kind, packets);
  if (kind == BIPE_ENGINE_TEXT)
    g_assert_cmpmem (same->str, same->len, data, size);

  translated = print_version_3 (other, packets);
  translated_packets = bipe_engine_payload3_parse (other, translated->str, translated->len, NULL);
  g_assert_nonnull (translated_packets);
  again = print_version_3 (kind, translated_packets);
  g_assert_cmpmem (again->str, again->len, same->str, same->len);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  check_version_4 (data, size);
  check_version_3 (BIPE_ENGINE_TEXT, data, size);
  check_version_3 (BIPE_ENGINE_BINARY, data, size);
  return 0;
}
