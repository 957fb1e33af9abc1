#include "config.h"

#include <string.h>

#include "base/error.h"
#include "socketio/engine-packet.h"

#define TEXT(literal) .text = literal, .length = sizeof literal - 1

/* Packets as "<type>t<text>" and "<type>b<bytes>", with a line feed behind each; NULL: malformed.
 */
static const struct
{
  const char *name;
  const char *text;
  gsize length;
  const char *packets;
} payloads[] = {
  { "a message", TEXT ("4hello"), "4thello\n" },
  { "an empty message", TEXT ("4"), "4t\n" },
  { "each type",
    TEXT ("0{}\x1e"
          "1\x1e"
          "2probe\x1e"
          "3\x1e"
          "4\x1e"
          "5\x1e"
          "6"),
    "0t{}\n1t\n2tprobe\n3t\n4t\n5t\n6t\n" },
  { "beyond ASCII",
    TEXT ("4\342\202\254\x1e"
          "4\303\251"),
    "4t\342\202\254\n4t\303\251\n" },
  { "binary", TEXT ("bAQIDBA=="), "4b\1\2\3\4\n" },
  { "binary without padding", TEXT ("bYWJj"), "4babc\n" },
  { "binary, padded once", TEXT ("bYWI="), "4bab\n" },
  { "binary, padded twice", TEXT ("bYQ=="), "4ba\n" },
  { "empty binary", TEXT ("b"), "4b\n" },
  { "the last two digits", TEXT ("b+/+/"), "4b\373\377\277\n" },
  { "binary between texts",
    TEXT ("4a\x1e"
          "bYg==\x1e"
          "4c"),
    "4ta\n4bb\n4tc\n" },
  { "b inside a text", TEXT ("4bYQ=="), "4tbYQ==\n" },

  { "nothing", TEXT (""), NULL },
  { "an unknown type", TEXT ("7"), NULL },
  { "a letter", TEXT ("abc"), NULL },
  { "a separator alone", TEXT ("\x1e"), NULL },
  { "a separator first",
    TEXT ("\x1e"
          "4a"),
    NULL },
  { "a separator last", TEXT ("4a\x1e"), NULL },
  { "two separators",
    TEXT ("4a\x1e\x1e"
          "4b"),
    NULL },
  { "malformed behind a good one",
    TEXT ("4a\x1e"
          "x"),
    NULL },
  { "no UTF-8", TEXT ("4\xff"), NULL },
  { "a sequence over the separator", TEXT ("4\xc3\x1e\xa9"), NULL },
  { "NUL for a type", TEXT ("\0"), NULL },
  { "NUL in base64", TEXT ("bYQ\0="), NULL },
  { "no UTF-8 behind a NUL", TEXT ("4a\0\xff"), NULL },
  { "base64 that is cut", TEXT ("bYQ="), NULL },
  { "base64 without its padding", TEXT ("bYQ"), NULL },
  { "base64 of one digit", TEXT ("bY"), NULL },
  { "base64 with a blank", TEXT ("bYW J"), NULL },
  { "base64 with a line feed", TEXT ("bYWJj\n"), NULL },
  { "base64 of a URL", TEXT ("b-_-_"), NULL },
  { "padding alone", TEXT ("b===="), NULL },
  { "padding of three", TEXT ("bY==="), NULL },
  { "padding of three and no bits", TEXT ("bA==="), NULL },
  { "padding inside", TEXT ("bYQ==YQ=="), NULL },
  { "padding before a digit", TEXT ("bY=Q="), NULL },
  { "bits under one padding", TEXT ("bYWJ="), NULL },
  { "bits under two paddings", TEXT ("bYR=="), NULL },
};

static void
test_payloads (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (payloads); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *body = g_malloc0 (payloads[i].length + 1);
      g_autoptr(GString) found = g_string_new (NULL);
      g_autoptr(GString) again = g_string_new (NULL);
      g_autoptr(GArray) packets = NULL;

      g_test_message ("%s", payloads[i].name);
      memcpy (body, payloads[i].text, payloads[i].length);
      packets = bipe_engine_payload_parse (body, payloads[i].length, &error);
      g_assert_cmpint (packets != NULL, ==, payloads[i].packets != NULL);
      if (packets == NULL)
        {
          g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
          continue;
        }

      g_assert_no_error (error);
      for (guint j = 0; j < packets->len; j++)
        {
          const BipeEnginePacket *packet = &g_array_index (packets, BipeEnginePacket, j);
          g_autofree char *text = g_strdup_printf ("%d%s", packet->type, packet->data);
          gboolean is_text = packet->kind == BIPE_ENGINE_TEXT;
          const char *data = is_text ? text : packet->data;
          gsize length = packet->length + (is_text ? 1 : 0);
          gsize before = again->len;

          g_assert_cmpint (packet->data[packet->length], ==, '\0');
          g_string_append_printf (found, "%d%c", packet->type, is_text ? 't' : 'b');
          g_string_append_len (found, packet->data, (gssize)packet->length);
          g_string_append_c (found, '\n');

          bipe_engine_payload_append (again, packet->kind, data, length);
          g_assert_cmpuint (again->len - before + (before == 0 ? 1 : 0), ==,
                            bipe_engine_payload_measure (packet->kind, length));
        }
      g_assert_cmpstr (found->str, ==, payloads[i].packets);
      g_assert_cmpmem (again->str, again->len, payloads[i].text, payloads[i].length);
    }
}

static void
test_every_length (void)
{
  guint8 bytes[300];

  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8)(i * 37);
  for (gsize length = 0; length <= sizeof bytes; length++)
    {
      g_autoptr(GString) payload = g_string_new ("4a");
      g_autoptr(GArray) packets = NULL;
      const BipeEnginePacket *packet;

      bipe_engine_payload_append (payload, BIPE_ENGINE_BINARY, (const char *)bytes, length);
      g_assert_cmpuint (payload->len - 2, ==,
                        bipe_engine_payload_measure (BIPE_ENGINE_BINARY, length));
      packets = bipe_engine_payload_parse (payload->str, payload->len, NULL);
      g_assert_cmpuint (packets->len, ==, 2);
      packet = &g_array_index (packets, BipeEnginePacket, 1);
      g_assert_cmpmem (packet->data, packet->length, bytes, length);
    }
}

/* A character like any other. */
static void
test_nul (void)
{
  char body[] = "4a\0b\x1e"
                "4\0";
  g_autoptr(GArray) packets = bipe_engine_payload_parse (body, sizeof body - 1, NULL);
  const BipeEnginePacket *packet;

  g_assert_cmpuint (packets->len, ==, 2);
  packet = &g_array_index (packets, BipeEnginePacket, 0);
  g_assert_cmpmem (packet->data, packet->length, "a\0b", 3);
  packet = &g_array_index (packets, BipeEnginePacket, 1);
  g_assert_cmpmem (packet->data, packet->length, "\0", 1);
}

static void
test_message (void)
{
  static const struct
  {
    const char *text;
    gsize length;
    gboolean is_good;
  } cases[] = {
    { TEXT ("4hello"), TRUE },
    { TEXT ("3"), TRUE },
    { TEXT ("4a\x1e"
            "4b"),
      TRUE },
    { TEXT (""), FALSE },
    { TEXT ("7"), FALSE },
    { TEXT ("bYQ=="), FALSE },
    { TEXT ("4\xff"), FALSE },
    { TEXT ("4\0"), TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BipeEnginePacket packet;
      g_autoptr(GError) error = NULL;

      g_assert_cmpint (bipe_engine_packet_parse (cases[i].text, cases[i].length, &packet, &error),
                       ==, cases[i].is_good);
      if (!cases[i].is_good)
        {
          g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
          continue;
        }
      g_assert_cmpint (packet.type, ==, cases[i].text[0] - '0');
      g_assert_cmpint (packet.kind, ==, BIPE_ENGINE_TEXT);
      g_assert_cmpmem (packet.data, packet.length, cases[i].text + 1, cases[i].length - 1);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine-packet/payloads", test_payloads);
  g_test_add_func ("/engine-packet/every-length", test_every_length);
  g_test_add_func ("/engine-packet/nul", test_nul);
  g_test_add_func ("/engine-packet/message", test_message);
  return g_test_run ();
}
