/* packet.c: a packet that is good is the same packet after it has gone out and come in again, and
 * its arguments are those that jansson finds, where it can read them. */
#include "config.h"

#include "socketio/packet.h"

#include <string.h>

#include "base/json.h"
#include "target.h"

static void
check_arguments (const BipePacket *packet)
{
  g_autoptr(json_t) value = bipe_json_parse (packet->json, strlen (packet->json), NULL);

  if (value == NULL)
    return; /* a number that is too large, U+0000, a key twice: see json-slice.c */
  g_assert_cmpint (json_is_array (value), ==, packet->arguments != NULL);
  if (packet->arguments == NULL)
    return;
  g_assert_cmpuint (packet->arguments->len, ==, json_array_size (value));
  for (guint i = 0; i < packet->arguments->len; i++)
    {
      const char *text = g_ptr_array_index (packet->arguments, i);
      /* As an element, since jansson takes a bare number for one with whatever stands behind. */
      g_autofree char *array = g_strconcat ("[", text, "]", NULL);
      g_autoptr(json_t) element = bipe_json_parse (array, strlen (array), NULL);

      g_assert_cmpuint (json_array_size (element), ==, 1);
      g_assert_true (json_equal (json_array_get (element, 0), json_array_get (value, i)));
      g_assert_false (g_ascii_isspace (text[0]) || g_ascii_isspace (text[strlen (text) - 1]));
    }
}

static void
check_event (const BipePacket *packet)
{
  g_autoptr(json_t) value = bipe_json_parse (packet->json, strlen (packet->json), NULL);
  const char *name = json_string_value (json_array_get (value, 0));

  g_assert_true (value == NULL || bipe_packet_is_event (packet, name));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr(BipePacket) packet = bipe_packet_parse ((const char *)data, size, NULL);
  g_autoptr(BipePacket) again = NULL;
  g_autoptr(GBytes) frame = NULL;
  const char *text;
  gsize length;

  if (packet == NULL)
    return 0;

  frame = bipe_packet_to_frame (packet);
  text = g_bytes_get_data (frame, &length);
  g_assert_true (g_utf8_validate_len (text, length, NULL));
  again = bipe_packet_parse (text + 1, length - 1, NULL);
  g_assert_nonnull (again);
  g_assert_cmpint (again->type, ==, packet->type);
  g_assert_cmpstr (again->space, ==, packet->space);
  g_assert_cmpint (again->has_id, ==, packet->has_id);
  g_assert_cmpuint (again->id, ==, packet->id);
  g_assert_cmpuint (again->n_attachments, ==, packet->n_attachments);
  g_assert_cmpstr (again->json, ==, packet->json);

  if (packet->json != NULL)
    check_arguments (packet);
  if (packet->type == BIPE_PACKET_EVENT || packet->type == BIPE_PACKET_BINARY_EVENT)
    check_event (packet);
  return 0;
}
