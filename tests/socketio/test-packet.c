#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "socketio/packet.h"

#define PLACE(number) "{\"_placeholder\":true,\"num\":" #number "}"

/* What comes in order: and, as a frame, goes out so again. */
static const struct
{
  const char *text;
  BipePacketType type;
  const char *space;
  gint64 id; /* −1: none */
  guint n_attachments;
  const char *json;
  const char *arguments; /* with a line feed behind each; NULL: none */
  const char *frame;     /* NULL: as it came */
} good[] = {
  { "0", BIPE_PACKET_CONNECT, "/", -1, 0, NULL, NULL, NULL },
  { "0{}", BIPE_PACKET_CONNECT, "/", -1, 0, "{}", NULL, NULL },
  { "0{\"token\":\"123\"}", BIPE_PACKET_CONNECT, "/", -1, 0, "{\"token\":\"123\"}", NULL, NULL },
  { "0/custom,", BIPE_PACKET_CONNECT, "/custom", -1, 0, NULL, NULL, NULL },
  { "0/custom", BIPE_PACKET_CONNECT, "/custom", -1, 0, NULL, NULL, "40/custom," },
  { "0/custom,{\"a\":1}", BIPE_PACKET_CONNECT, "/custom", -1, 0, "{\"a\":1}", NULL, NULL },
  { "0/custom?x=1,", BIPE_PACKET_CONNECT, "/custom", -1, 0, NULL, NULL, "40/custom," },
  { "0/custom?x=1&y=?,{\"a\":1}", BIPE_PACKET_CONNECT, "/custom", -1, 0, "{\"a\":1}", NULL,
    "40/custom,{\"a\":1}" },
  { "0/,", BIPE_PACKET_CONNECT, "/", -1, 0, NULL, NULL, "40" },
  { "0/?x=1,", BIPE_PACKET_CONNECT, "/", -1, 0, NULL, NULL, "40" },
  { "0/a b/\303\251\"{,", BIPE_PACKET_CONNECT, "/a b/\303\251\"{", -1, 0, NULL, NULL, NULL },
  { "1", BIPE_PACKET_DISCONNECT, "/", -1, 0, NULL, NULL, NULL },
  { "1/custom,", BIPE_PACKET_DISCONNECT, "/custom", -1, 0, NULL, NULL, NULL },
  { "2[\"message\",1.10, \"a\" ]", BIPE_PACKET_EVENT, "/", -1, 0, "[\"message\",1.10, \"a\" ]",
    "\"message\"\n1.10\n\"a\"\n", NULL },
  { "20[\"a\"]", BIPE_PACKET_EVENT, "/", 0, 0, "[\"a\"]", "\"a\"\n", NULL },
  { "2 [\"a\"] ", BIPE_PACKET_EVENT, "/", -1, 0, " [\"a\"] ", "\"a\"\n", NULL },
  { "2/custom,13[\"a\",[1,{}]]", BIPE_PACKET_EVENT, "/custom", 13, 0, "[\"a\",[1,{}]]",
    "\"a\"\n[1,{}]\n", NULL },
  { "29223372036854775807[\"\"]", BIPE_PACKET_EVENT, "/", G_MAXINT64, 0, "[\"\"]", "\"\"\n", NULL },
  { "2[\"a\"," PLACE (0) "]", BIPE_PACKET_EVENT, "/", -1, 0, "[\"a\"," PLACE (0) "]",
    "\"a\"\n" PLACE (0) "\n", NULL },
  { "313[]", BIPE_PACKET_ACK, "/", 13, 0, "[]", "", NULL },
  { "3/custom,0[null]", BIPE_PACKET_ACK, "/custom", 0, 0, "[null]", "null\n", NULL },
  { "4{\"message\":\"no\"}", BIPE_PACKET_CONNECT_ERROR, "/", -1, 0, "{\"message\":\"no\"}", NULL,
    NULL },
  { "50-[\"a\"]", BIPE_PACKET_BINARY_EVENT, "/", -1, 0, "[\"a\"]", "\"a\"\n", NULL },
  { "51-[\"a\"," PLACE (0) "]", BIPE_PACKET_BINARY_EVENT, "/", -1, 1, "[\"a\"," PLACE (0) "]",
    "\"a\"\n" PLACE (0) "\n", NULL },
  { "52-/custom,7[\"a\",{\"x\":[" PLACE (1) "]}," PLACE (0) "]", BIPE_PACKET_BINARY_EVENT,
    "/custom", 7, 2, "[\"a\",{\"x\":[" PLACE (1) "]}," PLACE (0) "]",
    "\"a\"\n{\"x\":[" PLACE (1) "]}\n" PLACE (0) "\n", NULL },
  { "2[\"a\",\"\\u0000\",123456789012345678901234567890,1.10]", BIPE_PACKET_EVENT, "/", -1, 0,
    "[\"a\",\"\\u0000\",123456789012345678901234567890,1.10]",
    "\"a\"\n\"\\u0000\"\n123456789012345678901234567890\n1.10\n", NULL },
  /* What none but a receiver can judge. */
  { "2[\"a\",1e400,{\"b\":1,\"b\":2}]", BIPE_PACKET_EVENT, "/", -1, 0,
    "[\"a\",1e400,{\"b\":1,\"b\":2}]", "\"a\"\n1e400\n{\"b\":1,\"b\":2}\n", NULL },
  { "51-[\"a\",1e400," PLACE (0) "]", BIPE_PACKET_BINARY_EVENT, "/", -1, 1,
    "[\"a\",1e400," PLACE (0) "]", "\"a\"\n1e400\n" PLACE (0) "\n", NULL },
  { "0{\"a\":1e400}", BIPE_PACKET_CONNECT, "/", -1, 0, "{\"a\":1e400}", NULL, NULL },
  { "50-[\"a\",{\"_placeholder\":false,\"num\":5}]", BIPE_PACKET_BINARY_EVENT, "/", -1, 0,
    "[\"a\",{\"_placeholder\":false,\"num\":5}]", "\"a\"\n{\"_placeholder\":false,\"num\":5}\n",
    NULL },
  { "61-7[" PLACE (0) "]", BIPE_PACKET_BINARY_ACK, "/", 7, 1, "[" PLACE (0) "]", PLACE (0) "\n",
    NULL },
};

static const struct
{
  const char *name;
  const char *text;
} bad[] = {
  { "nothing", "" },
  { "an unknown type", "7[\"a\"]" },
  { "a letter for a type", "abc" },
  { "a sign for a type", "-1" },
  { "auth that is a string", "0\"a\"" },
  { "auth that is an array", "0[]" },
  { "auth that is null", "0null" },
  { "auth that is cut", "0{" },
  { "an id on connecting", "01{}" },
  { "two values", "0{}{}" },
  { "a namespace without its slash", "0custom," },
  { "disconnecting with data", "1{}" },
  { "disconnecting with an id", "11" },
  { "disconnecting with garbage", "1abc" },
  { "an event without arguments", "2" },
  { "an event that is an object", "2{}" },
  { "an event without a name", "2[]" },
  { "an event with a number for a name", "2[1]" },
  { "an event with null for a name", "2[null]" },
  { "an event that is cut", "2[\"a\"" },
  { "an event with garbage behind", "2[\"a\"]x" },
  { "an event whose id is none", "2abc[\"a\"]" },
  { "an event whose id is negative", "2-1[\"a\"]" },
  { "an id with a leading zero", "200[\"a\"]" },
  { "an id of more than 64 bits", "218446744073709551616[\"a\"]" },
  { "an id of a hundred digits",
    "21111111111111111111111111111111111111111111111111111111111111111111111111111111111[\"a\"]" },
  { "an id with nothing behind", "212" },
  { "comments", "2[\"a\"]//" },
  { "a namespace with nothing behind", "2/custom," },
  { "a namespace without a comma", "2/custom[\"a\"]" },
  { "an ack without an id", "3[]" },
  { "an ack that is an object", "31{}" },
  { "an ack without arguments", "31" },
  { "an error that is a string", "4\"a\"" },
  { "attachments in an event", "21-[\"a\"," PLACE (0) "]" },
  { "a binary event without a count", "5[\"a\"]" },
  { "a binary event with a dash alone", "5-[\"a\"]" },
  { "a binary event without a dash", "51[\"a\"," PLACE (0) "]" },
  { "a count that ends the text", "51" },
  { "a count with a leading zero", "501-[\"a\"," PLACE (0) "]" },
  { "a count that is negative", "5-1-[\"a\"]" },
  { "more attachments than are allowed", "565-[\"a\"]" },
  { "a count of more than 64 bits", "518446744073709551617-[\"a\"," PLACE (0) "]" },
  { "fewer placeholders", "51-[\"a\"]" },
  { "more placeholders", "51-[\"a\"," PLACE (0) "," PLACE (1) "]" },
  { "a placeholder twice", "52-[\"a\"," PLACE (0) "," PLACE (0) "]" },
  { "a placeholder of another number", "51-[\"a\"," PLACE (1) "]" },
  { "a placeholder of a negative number", "51-[\"a\"," PLACE (-1) "]" },
  { "a placeholder of a huge number", "51-[\"a\"," PLACE (4294967296) "]" },
  { "a placeholder of a real number", "51-[\"a\"," PLACE (0.5) "]" },
  { "a placeholder of no number", "51-[\"a\",{\"_placeholder\":true}]" },
  { "a placeholder for a name", "51-[" PLACE (0) "]" },
  { "a binary ack without an id", "60-[]" },
  { "no UTF-8 in the namespace", "0/\xff," },
  { "no UTF-8 in the arguments", "2[\"\xff\"]" },
};

/* Without a NUL behind it, so that a read past the end is seen. */
static BipePacket *
parse (const char *text, gsize length, GError **error)
{
  g_autofree char *copy = g_memdup2 (text, length);

  return bipe_packet_parse (copy, length, error);
}

static void
test_good (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(BipePacket) packet = parse (good[i].text, strlen (good[i].text), &error);
      g_autoptr(GString) arguments = g_string_new (NULL);
      g_autoptr(GBytes) frame = NULL;
      g_autofree char *text = NULL, *expected = NULL;

      g_test_message ("%s", good[i].text);
      g_assert_no_error (error);
      g_assert_cmpint (packet->type, ==, good[i].type);
      g_assert_cmpstr (packet->space, ==, good[i].space);
      g_assert_cmpint (packet->has_id, ==, good[i].id >= 0);
      if (packet->has_id)
        g_assert_cmpuint (packet->id, ==, (guint64)good[i].id);
      g_assert_cmpuint (packet->n_attachments, ==, good[i].n_attachments);
      g_assert_cmpstr (packet->json, ==, good[i].json);
      g_assert_cmpint (packet->arguments != NULL, ==, good[i].arguments != NULL);
      for (guint j = 0; good[i].arguments != NULL && j < packet->arguments->len; j++)
        g_string_append_printf (arguments, "%s\n", (char *)packet->arguments->pdata[j]);
      if (good[i].arguments != NULL)
        g_assert_cmpstr (arguments->str, ==, good[i].arguments);

      frame = bipe_packet_to_frame (packet);
      text = g_strndup (g_bytes_get_data (frame, NULL), g_bytes_get_size (frame));
      expected = good[i].frame != NULL ? g_strdup (good[i].frame)
                                       : g_strconcat ("4", good[i].text, NULL);
      g_assert_cmpstr (text, ==, expected);
    }
}

static void
test_bad (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(BipePacket) packet = parse (bad[i].text, strlen (bad[i].text), &error);

      g_test_message ("%s", bad[i].name);
      g_assert_null (packet);
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
    }
}

static void
test_nul (void)
{
  static const struct
  {
    const char *text;
    gsize length;
  } texts[] = {
    { "0/a\0b,", 6 }, { "0\0", 2 }, { "1\0", 2 }, { "2[\"a\"]\0", 7 }, { "2[\"a\0\"]", 7 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_null (parse (texts[i].text, texts[i].length, NULL));
}

/* As many as are allowed, which is also where the bits of the seen ones end. */
static void
test_attachments_max (void)
{
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(BipePacket) whole = NULL, lacking = NULL;

  g_string_printf (text, "5%d-[\"a\"", BIPE_PACKET_ATTACHMENTS_MAX);
  for (guint i = 0; i < BIPE_PACKET_ATTACHMENTS_MAX - 1; i++)
    g_string_append_printf (text, ",{\"_placeholder\":true,\"num\":%u}", i);
  g_string_append_c (text, ']');
  lacking = parse (text->str, text->len, NULL);
  g_assert_null (lacking);

  g_string_truncate (text, text->len - 1);
  g_string_append_printf (text, ",{\"_placeholder\":true,\"num\":%d}]",
                          BIPE_PACKET_ATTACHMENTS_MAX - 1);
  whole = parse (text->str, text->len, NULL);
  g_assert_nonnull (whole);
}

static void
test_depth (void)
{
  g_autoptr(GString) text = g_string_new ("2[\"a\",");
  g_autoptr(BipePacket) deep = NULL, deeper = NULL;

  for (guint i = 1; i < BIPE_JSON_DEPTH_MAX; i++)
    g_string_append_c (text, '[');
  for (guint i = 0; i < BIPE_JSON_DEPTH_MAX; i++)
    g_string_append_c (text, ']');
  deep = parse (text->str, text->len, NULL);
  g_assert_nonnull (deep);

  g_string_insert_c (text, 6, '[');
  g_string_append_c (text, ']');
  deeper = parse (text->str, text->len, NULL);
  g_assert_null (deeper);
}

static void
test_largest_id (void)
{
  static const char text[] = "218446744073709551615[\"a\"]";
  g_autoptr(BipePacket) packet = parse (text, strlen (text), NULL);
  g_autoptr(GBytes) frame = NULL;

  g_assert_nonnull (packet);
  g_assert_cmpuint (packet->id, ==, G_MAXUINT64);
  frame = bipe_packet_to_frame (packet);
  g_assert_cmpmem (g_bytes_get_data (frame, NULL), g_bytes_get_size (frame),
                   "4218446744073709551615[\"a\"]", strlen (text) + 1);
}

static void
test_is_event (void)
{
  static const struct
  {
    const char *text;
    const char *name;
    gboolean is_event;
  } cases[] = {
    { "2[\"message\"]", "message", TRUE },
    { "2[\"message\"]", "messag", FALSE },
    { "2[\"message\"]", "messages", FALSE },
    { "2[\"message\"]", "Message", FALSE },
    { "2[\"\"]", "", TRUE },
    { "2[\"\\u006dessage\"]", "message", TRUE },
    { "2[\"\\u006dessages\"]", "message", FALSE },
    { "2[\"a\\\"b\"]", "a\"b", TRUE },
    { "50-[\"message\"]", "message", TRUE },
    { "31[\"message\"]", "message", FALSE },
    { "0", "message", FALSE },
  };
  g_autoptr(BipePacket) empty = bipe_packet_new (BIPE_PACKET_EVENT);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(BipePacket) packet = parse (cases[i].text, strlen (cases[i].text), NULL);

      g_test_message ("%s", cases[i].text);
      g_assert_nonnull (packet);
      g_assert_cmpint (bipe_packet_is_event (packet, cases[i].name), ==, cases[i].is_event);
    }
  g_assert_false (bipe_packet_is_event (empty, ""));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/packet/good", test_good);
  g_test_add_func ("/packet/bad", test_bad);
  g_test_add_func ("/packet/nul", test_nul);
  g_test_add_func ("/packet/attachments-max", test_attachments_max);
  g_test_add_func ("/packet/depth", test_depth);
  g_test_add_func ("/packet/largest-id", test_largest_id);
  g_test_add_func ("/packet/is-event", test_is_event);
  return g_test_run ();
}
