#include "config.h"

#include "socketio/engine-packet-3.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "socketio/engine-base64.h"
#include "socketio/utf8.h"

#define LENGTH_END '\xff'

/* A body is taken apart in two steps: where each packet begins and ends, and then, when no length
 * is read any more, the packets themselves, whose NULs take the place of what stood behind them. */
typedef struct
{
  BipeEngineKind kind;
  char *data;
  gsize length;
} Slice;

static gboolean
fail (GError **error, const char *why)
{
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "malformed Engine.IO packet: %s", why);
  return FALSE;
}

gboolean
bipe_engine_packet3_parse (BipeEngineKind kind,
                           char *data,
                           gsize length,
                           BipeEnginePacket *packet,
                           GError **error)
{
  gsize decoded;

  if (kind == BIPE_ENGINE_BINARY)
    {
      if (length == 0 || *data != BIPE_ENGINE_PACKET_MESSAGE)
        return fail (error, "only messages may be binary");
      *packet = (BipeEnginePacket){ BIPE_ENGINE_PACKET_MESSAGE, BIPE_ENGINE_BINARY, data + 1,
                                    length - 1 };
      return TRUE;
    }
  if (length == 0 || *data != 'b')
    return bipe_engine_packet_parse (data, length, packet, error);
  if (length == 1 || data[1] != '0' + BIPE_ENGINE_PACKET_MESSAGE)
    return fail (error, "only messages may be binary");
  if (!bipe_engine_base64_decode (data + 2, length - 2, &decoded))
    return fail (error, "its base64 is not in order");
  *packet = (BipeEnginePacket){ BIPE_ENGINE_PACKET_MESSAGE, BIPE_ENGINE_BINARY, data + 2, decoded };
  return TRUE;
}

GBytes *
bipe_engine_packet3_wrap (GBytes *bytes, BipeEngineKind *kind)
{
  gsize length;
  const void *data = g_bytes_get_data (bytes, &length);
  char *message = g_malloc (1 + length);

  message[0] = BIPE_ENGINE_PACKET_MESSAGE;
  if (length > 0)
    memcpy (message + 1, data, length);
  return g_bytes_new_take (message, 1 + length);
}

static void
append_base64 (GString *text, const char *data, gsize length)
{
  g_string_append (text, "b4");
  bipe_engine_base64_append (text, data, length);
}

GBytes *
bipe_engine_packet3_wrap_base64 (GBytes *bytes, BipeEngineKind *kind)
{
  GString *text = g_string_new (NULL);
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  append_base64 (text, data, length);
  *kind = BIPE_ENGINE_TEXT;
  return g_string_free_to_bytes (text);
}

/* Digits that stand for @zero and those behind it, up to @end, which is passed over. No packet is
 * longer than what is left: so few digits that nothing overflows. */
static gboolean
read_length (char **at, const char *limit, char zero, char end, gsize *value)
{
  const char *start = *at;

  *value = 0;
  for (; *at < limit && **at != end; (*at)++)
    {
      int digit = **at - zero;

      if (digit < 0 || digit > 9 || *value > (gsize)(limit - start))
        return FALSE;
      *value = *value * 10 + (gsize)digit;
    }
  if (*at == start || *at == limit || *start == zero)
    return FALSE;
  (*at)++;
  return TRUE;
}

/* Where @n UTF-16 units of valid UTF-8 end; NULL: behind @limit, or inside of a character. */
static char *
skip_units (char *at, const char *limit, gsize n)
{
  while (n > 0 && at < limit)
    {
      gsize units = (guchar)*at >= 0xf0 ? 2 : 1;

      if (units > n)
        return NULL;
      n -= units;
      at = g_utf8_next_char (at);
    }
  return n == 0 ? at : NULL;
}

static gboolean
slice_text (char *body, gsize length, GArray *slices, GError **error)
{
  char *limit = body + length;

  if (!bipe_utf8_is_valid (body, length))
    return fail (error, "it is no UTF-8");
  for (char *at = body; at < limit;)
    {
      Slice slice = { .kind = BIPE_ENGINE_TEXT };
      gsize n_units;

      if (!read_length (&at, limit, '0', ':', &n_units))
        return fail (error, "its length is no number");
      slice.data = at;
      at = skip_units (at, limit, n_units);
      if (at == NULL)
        return fail (error, "its length is not that of what follows");
      slice.length = (gsize)(at - slice.data);
      g_array_append_val (slices, slice);
    }
  return TRUE;
}

static gboolean
slice_bytes (char *body, gsize length, GArray *slices, GError **error)
{
  char *limit = body + length;

  for (char *at = body; at < limit;)
    {
      Slice slice = { .kind = *at == 1 ? BIPE_ENGINE_BINARY : BIPE_ENGINE_TEXT };

      if (*at != 0 && *at != 1)
        return fail (error, "it is neither text nor binary");
      at++;
      if (!read_length (&at, limit, 0, LENGTH_END, &slice.length))
        return fail (error, "its length is no number");
      if (slice.length > (gsize)(limit - at))
        return fail (error, "its length is not that of what follows");
      slice.data = at;
      at += slice.length;
      g_array_append_val (slices, slice);
    }
  return TRUE;
}

GArray *
bipe_engine_payload3_parse (BipeEngineKind kind, char *body, gsize length, GError **error)
{
  g_autoptr(GArray) slices = g_array_new (FALSE, FALSE, sizeof (Slice));
  g_autoptr(GArray) packets = g_array_new (FALSE, FALSE, sizeof (BipeEnginePacket));

  if (length == 0)
    {
      fail (error, "it is empty");
      return NULL;
    }
  if (kind == BIPE_ENGINE_TEXT ? !slice_text (body, length, slices, error)
                               : !slice_bytes (body, length, slices, error))
    return NULL;
  for (guint i = 0; i < slices->len; i++)
    {
      const Slice *slice = &g_array_index (slices, Slice, i);
      BipeEnginePacket packet;

      slice->data[slice->length] = '\0';
      if (!bipe_engine_packet3_parse (slice->kind, slice->data, slice->length, &packet, error))
        return NULL;
      g_array_append_val (packets, packet);
    }
  return g_steal_pointer (&packets);
}

static gsize
count_digits (gsize number)
{
  gsize n = 1;

  for (; number >= 10; number /= 10)
    n++;
  return n;
}

static gsize
count_units (const char *text, gsize length)
{
  gsize n = 0;

  /* All bytes but those inside of a character, and one more for each pair of surrogates. */
  for (gsize i = 0; i < length; i++)
    n += ((guchar)text[i] & 0xc0) != 0x80 ? ((guchar)text[i] >= 0xf0 ? 2 : 1) : 0;
  return n;
}

gsize
bipe_engine_payload3_measure_text (BipeEngineKind kind, gsize length)
{
  gsize packet = kind == BIPE_ENGINE_BINARY ? 2 + bipe_engine_base64_measure (length) : length;

  return count_digits (packet) + 1 + packet;
}

void
bipe_engine_payload3_append_text (GString *payload,
                                  BipeEngineKind kind,
                                  const char *data,
                                  gsize length)
{
  gboolean is_text = kind == BIPE_ENGINE_TEXT;

  bipe_json_append_integer (payload, (gint64)(is_text ? count_units (data, length)
                                                      : 2 + bipe_engine_base64_measure (length)));
  g_string_append_c (payload, ':');
  if (is_text)
    g_string_append_len (payload, data, (gssize)length);
  else
    append_base64 (payload, data, length);
}

gsize
bipe_engine_payload3_measure_bytes (BipeEngineKind kind, gsize length)
{
  gsize packet = kind == BIPE_ENGINE_BINARY ? 1 + length : length;

  return 1 + count_digits (packet) + 1 + packet;
}

void
bipe_engine_payload3_append_bytes (GString *payload,
                                   BipeEngineKind kind,
                                   const char *data,
                                   gsize length)
{
  gboolean is_binary = kind == BIPE_ENGINE_BINARY;
  gsize start;

  g_string_append_c (payload, is_binary ? 1 : 0);
  start = payload->len;
  bipe_json_append_integer (payload, (gint64)(is_binary ? 1 + length : length));
  for (gsize i = start; i < payload->len; i++)
    payload->str[i] -= '0';
  g_string_append_c (payload, LENGTH_END);
  if (is_binary)
    g_string_append_c (payload, BIPE_ENGINE_PACKET_MESSAGE);
  g_string_append_len (payload, data, (gssize)length);
}
