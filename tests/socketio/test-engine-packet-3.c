#include "config.h"

#include <string.h>

#include "base/error.h"
#include "socketio/engine-packet-3.h"

#define TEXT(literal) .text = literal, .length = sizeof literal - 1

/* Bodies of text, and their packets as "<type>t<text>" and "<type>b<bytes>", with a line feed
 * behind each; NULL: malformed. */
typedef struct
{
  const char *name;
  const char *text;
  gsize length;
  const char *packets;
} Case;

static const Case texts[] = {
  { "a message", TEXT ("6:4hello"), "4thello\n" },
  { "an empty message", TEXT ("1:4"), "4t\n" },
  { "each type",
    TEXT ("3:0{}"
          "1:1"
          "6:2probe"
          "1:3"
          "1:4"
          "1:5"
          "1:6"),
    "0t{}\n1t\n2tprobe\n3t\n4t\n5t\n6t\n" },
  { "two bytes, one unit", TEXT ("2:4\303\251"), "4t\303\251\n" },
  { "three bytes, one unit",
    TEXT ("4:4\342\202\254\342\202\254\342\202\254"
          "2:4a"),
    "4t\342\202\254\342\202\254\342\202\254\n4ta\n" },
  { "four bytes, two units",
    TEXT ("3:4\360\237\230\200"
          "1:6"),
    "4t\360\237\230\200\n6t\n" },
  { "digits and colons inside", TEXT ("7:4a1:2:31:6"), "4ta1:2:3\n6t\n" },
  { "a length of two digits", TEXT ("11:42[\"a\",1.10"), "4t2[\"a\",1.10\n" },
  { "binary", TEXT ("10:b4AQIDBA=="), "4b\1\2\3\4\n" },
  { "empty binary", TEXT ("2:b4"), "4b\n" },
  { "empty binary between texts",
    TEXT ("2:4a"
          "2:b4"
          "2:4c"),
    "4ta\n4b\n4tc\n" },
  { "binary between texts",
    TEXT ("2:4a"
          "6:b4Yg=="
          "2:4c"),
    "4ta\n4bb\n4tc\n" },
  { "b inside a text", TEXT ("7:4b4YQ=="), "4tb4YQ==\n" },

  { "nothing", TEXT (""), NULL },
  { "no length", TEXT ("4hello"), NULL },
  { "an empty length", TEXT (":4"), NULL },
  { "a colon alone", TEXT (":"), NULL },
  { "a length alone", TEXT ("1"), NULL },
  { "a length and a colon", TEXT ("1:"), NULL },
  { "a length of zero", TEXT ("0:"), NULL },
  { "a leading zero", TEXT ("01:4"), NULL },
  { "a sign", TEXT ("+1:4"), NULL },
  { "a negative length", TEXT ("-1:4"), NULL },
  { "a blank before", TEXT (" 1:4"), NULL },
  { "a blank behind", TEXT ("1 :4"), NULL },
  { "hexadecimal", TEXT ("0x1:4"), NULL },
  { "a fraction", TEXT ("1.0:4"), NULL },
  { "one too long", TEXT ("3:4a"), NULL },
  { "one too short", TEXT ("1:4a"), NULL },
  { "a length past 64 bits", TEXT ("18446744073709551618:4a"), NULL },
  { "a long length", TEXT ("99999999999999999999999999999999999999999:4"), NULL },
  { "counted in bytes", TEXT ("3:4\303\251"), NULL },
  { "half of a pair", TEXT ("2:4\360\237\230\200"), NULL },
  { "no UTF-8", TEXT ("2:4\xff"), NULL },
  { "an unknown type", TEXT ("1:7"), NULL },
  { "a letter", TEXT ("3:abc"), NULL },
  { "malformed behind a good one", TEXT ("1:4x"), NULL },
  { "binary that is no message", TEXT ("6:b2YQ=="), NULL },
  { "binary without its type", TEXT ("1:b"), NULL },
  { "binary as version 4 has it", TEXT ("5:bYQ=="), NULL },
  { "base64 that is cut", TEXT ("5:b4YQ="), NULL },
  { "a body of version 4",
    TEXT ("4a\x1e"
          "4b"),
    NULL },
  { "a body of bytes", TEXT ("\0\1\3774"), NULL },
};

static const Case bytes[] = {
  { "a message", TEXT ("\0\6\3774hello"), "4thello\n" },
  { "an empty message", TEXT ("\0\1\3774"), "4t\n" },
  { "text counted in bytes", TEXT ("\0\5\3774\360\237\230\200"), "4t\360\237\230\200\n" },
  { "a length of two digits", TEXT ("\0\1\2\3774123456789ab"), "4t123456789ab\n" },
  { "binary", TEXT ("\1\5\377\4\1\2\3\4"), "4b\1\2\3\4\n" },
  { "empty binary",
    TEXT ("\1\1\377\4"
          "\0\1\3776"),
    "4b\n6t\n" },
  { "the reference's example", TEXT ("\0\6\3774hello\1\4\377\4\1\2\3"), "4thello\n4b\1\2\3\n" },
  { "binary that looks like a length", TEXT ("\1\4\377\4\1\1\377"), "4b\1\1\377\n" },
  { "base64 among bytes", TEXT ("\0\6\377b4YQ=="), "4ba\n" },

  { "nothing", TEXT (""), NULL },
  { "neither text nor binary", TEXT ("\2\1\3774"), NULL },
  { "no length", TEXT ("\0\3774"), NULL },
  { "a mark alone", TEXT ("\0"), NULL },
  { "no end of the length", TEXT ("\0\1"), NULL },
  { "a length of zero", TEXT ("\0\0\377"), NULL },
  { "a leading zero", TEXT ("\0\0\1\3774"), NULL },
  { "a digit past nine", TEXT ("\0\12\3774123456789"), NULL },
  { "digits as characters", TEXT ("\0001\3774"), NULL },
  { "one too long", TEXT ("\0\3\3774a"), NULL },
  { "one too short", TEXT ("\0\1\3774a"), NULL },
  { "a length past 64 bits", TEXT ("\0\1\10\4\4\6\7\4\4\0\7\3\7\0\11\5\5\1\6\1\10\3774a"), NULL },
  { "text that is no UTF-8", TEXT ("\0\2\3774\xff"), NULL },
  { "binary that is no message", TEXT ("\1\2\377\2a"), NULL },
  { "binary with a character for its type", TEXT ("\1\2\3774a"), NULL },
  { "a body of text", TEXT ("1:4"), NULL },
};

static GArray *
parse (BipeEngineKind kind, const char *text, gsize length, GString *body, GError **error)
{
  g_string_truncate (body, 0);
  g_string_append_len (body, text, (gssize)length);
  return bipe_engine_payload3_parse (kind, body->str, body->len, error);
}

static void
append (BipeEngineKind kind, GString *body, const BipeEnginePacket *packet)
{
  g_autoptr(GString) data = g_string_new_len (packet->data, (gssize)packet->length);
  gsize before = body->len, measure;

  if (packet->kind == BIPE_ENGINE_TEXT)
    g_string_prepend_c (data, (char)('0' + packet->type));
  if (kind == BIPE_ENGINE_TEXT)
    {
      bipe_engine_payload3_append_text (body, packet->kind, data->str, data->len);
      measure = bipe_engine_payload3_measure_text (packet->kind, data->len);
    }
  else
    {
      bipe_engine_payload3_append_bytes (body, packet->kind, data->str, data->len);
      measure = bipe_engine_payload3_measure_bytes (packet->kind, data->len);
      g_assert_cmpuint (measure, ==, body->len - before);
    }
  g_assert_cmpuint (measure, >=, body->len - before);
}

/* Packets with all that they say. */
static char *
print (GArray *packets)
{
  GString *found = g_string_new (NULL);

  for (guint i = 0; i < packets->len; i++)
    {
      const BipeEnginePacket *packet = &g_array_index (packets, BipeEnginePacket, i);

      g_assert_cmpint (packet->data[packet->length], ==, '\0');
      g_string_append_printf (found, "%d%c", packet->type,
                              packet->kind == BIPE_ENGINE_TEXT ? 't' : 'b');
      g_string_append_len (found, packet->data, (gssize)packet->length);
      g_string_append_c (found, '\n');
    }
  return g_string_free (found, FALSE);
}

static void
check_case (BipeEngineKind kind, const Case *test)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) body = g_string_new (NULL);
  g_autoptr(GString) again = g_string_new (NULL);
  g_autoptr(GArray) packets = NULL;
  g_autofree char *found = NULL;

  g_test_message ("%s", test->name);
  packets = parse (kind, test->text, test->length, body, &error);
  g_assert_cmpint (packets != NULL, ==, test->packets != NULL);
  if (packets == NULL)
    {
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
      return;
    }
  g_assert_no_error (error);
  found = print (packets);
  g_assert_cmpstr (found, ==, test->packets);

  /* Put together, it is what it was; but base64 among bytes. */
  for (guint i = 0; i < packets->len; i++)
    append (kind, again, &g_array_index (packets, BipeEnginePacket, i));
  if (strcmp (test->name, "base64 among bytes") != 0)
    g_assert_cmpmem (again->str, again->len, test->text, test->length);
}

static void
test_text (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    check_case (BIPE_ENGINE_TEXT, &texts[i]);
}

static void
test_bytes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bytes); i++)
    check_case (BIPE_ENGINE_BINARY, &bytes[i]);
}

/* Binary messages of every length, with a text behind each, in both forms. */
static void
test_every_length (void)
{
  char data[300];

  for (guint i = 0; i < sizeof data; i++)
    data[i] = (char)(i * 37);
  for (guint kind = BIPE_ENGINE_TEXT; kind <= BIPE_ENGINE_BINARY; kind++)
    for (gsize length = 0; length <= sizeof data; length++)
      {
        const BipeEnginePacket binary
            = { BIPE_ENGINE_PACKET_MESSAGE, BIPE_ENGINE_BINARY, data, length };
        const BipeEnginePacket noop = { BIPE_ENGINE_PACKET_NOOP, BIPE_ENGINE_TEXT, "", 0 };
        g_autoptr(GString) body = g_string_new (NULL);
        g_autoptr(GString) copy = g_string_new (NULL);
        g_autoptr(GArray) packets = NULL;
        const BipeEnginePacket *first;

        append (kind, body, &binary);
        append (kind, body, &noop);
        packets = parse (kind, body->str, body->len, copy, NULL);
        g_assert_nonnull (packets);
        g_assert_cmpuint (packets->len, ==, 2);
        first = &g_array_index (packets, BipeEnginePacket, 0);
        g_assert_cmpmem (first->data, first->length, data, length);
        g_assert_cmpint (g_array_index (packets, BipeEnginePacket, 1).type, ==,
                         BIPE_ENGINE_PACKET_NOOP);
      }
}

/* Very many packets are taken apart in one go through the body. */
static void
test_many (void)
{
  const guint n = 300000;
  g_autoptr(GString) body = g_string_new (NULL);
  g_autoptr(GArray) packets = NULL;
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < n; i++)
    g_string_append (body, "1:6");
  packets = bipe_engine_payload3_parse (BIPE_ENGINE_TEXT, body->str, body->len, NULL);
  g_assert_cmpuint (packets->len, ==, n);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 2 * G_USEC_PER_SEC);
}

static void
test_message (void)
{
  static const struct
  {
    BipeEngineKind kind;
    const char *text;
    gsize length;
    const char *packet; /* NULL: malformed */
  } cases[] = {
    { BIPE_ENGINE_TEXT, TEXT ("4hello"), "4thello\n" },
    { BIPE_ENGINE_TEXT, TEXT ("2probe"), "2tprobe\n" },
    { BIPE_ENGINE_TEXT, TEXT ("b4YQ=="), "4ba\n" },
    { BIPE_ENGINE_TEXT, TEXT ("b4"), "4b\n" },
    { BIPE_ENGINE_BINARY, TEXT ("\4abc"), "4babc\n" },
    { BIPE_ENGINE_BINARY, TEXT ("\4"), "4b\n" },
    { BIPE_ENGINE_TEXT, TEXT (""), NULL },
    { BIPE_ENGINE_TEXT, TEXT ("7"), NULL },
    { BIPE_ENGINE_TEXT, TEXT ("4\xff"), NULL },
    { BIPE_ENGINE_TEXT, TEXT ("bYQ=="), NULL },
    { BIPE_ENGINE_TEXT, TEXT ("b"), NULL },
    { BIPE_ENGINE_TEXT, TEXT ("b1YQ=="), NULL },
    { BIPE_ENGINE_BINARY, TEXT (""), NULL },
    { BIPE_ENGINE_BINARY, TEXT ("4abc"), NULL },
    { BIPE_ENGINE_BINARY, TEXT ("\2probe"), NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *data = g_strndup (cases[i].text, cases[i].length);
      g_autoptr(GArray) packets = g_array_new (FALSE, FALSE, sizeof (BipeEnginePacket));
      g_autofree char *found = NULL;
      g_autoptr(GError) error = NULL;
      BipeEnginePacket packet;

      g_test_message ("no. %u", i);
      g_assert_cmpint (
          bipe_engine_packet3_parse (cases[i].kind, data, cases[i].length, &packet, &error), ==,
          cases[i].packet != NULL);
      if (cases[i].packet == NULL)
        {
          g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
          continue;
        }
      g_array_append_val (packets, packet);
      found = print (packets);
      g_assert_cmpstr (found, ==, cases[i].packet);
    }
}

static void
test_wrap (void)
{
  static const struct
  {
    GBytes *(*wrap) (GBytes *bytes, BipeEngineKind *kind);
    BipeEngineKind kind;
    const char *data;
    const char *wrapped;
  } cases[] = {
    { bipe_engine_packet3_wrap, BIPE_ENGINE_BINARY, "abc", "\4abc" },
    { bipe_engine_packet3_wrap, BIPE_ENGINE_BINARY, "", "\4" },
    { bipe_engine_packet3_wrap_base64, BIPE_ENGINE_TEXT, "a", "b4YQ==" },
    { bipe_engine_packet3_wrap_base64, BIPE_ENGINE_TEXT, "", "b4" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GBytes) data = g_bytes_new_static (cases[i].data, strlen (cases[i].data));
      BipeEngineKind kind = BIPE_ENGINE_BINARY;
      g_autoptr(GBytes) wrapped = cases[i].wrap (data, &kind);

      g_assert_cmpint (kind, ==, cases[i].kind);
      g_assert_cmpmem (g_bytes_get_data (wrapped, NULL), g_bytes_get_size (wrapped),
                       cases[i].wrapped, strlen (cases[i].wrapped));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine-packet-3/text", test_text);
  g_test_add_func ("/engine-packet-3/bytes", test_bytes);
  g_test_add_func ("/engine-packet-3/every-length", test_every_length);
  g_test_add_func ("/engine-packet-3/many", test_many);
  g_test_add_func ("/engine-packet-3/message", test_message);
  g_test_add_func ("/engine-packet-3/wrap", test_wrap);
  return g_test_run ();
}
