#include "config.h"

#include <malloc.h>
#include <string.h>

#include "base/error.h"
#include "socketio/websocket-frames.h"

#define TEXT(literal) literal, sizeof literal - 1
#define HELLO_MASKED "\x12\x34\x56\x78\x7a\x51\x3a\x14\x7d"

#define MAX_MESSAGE 1024

/* What a reader says, in the words of the table of frames below, each with '|' behind it; "!" and
 * the status where it fails. */
typedef struct
{
  BipeWebsocketReader *reader;
  GString *log;
  guint stop_after; /* calls; 0: never */
  guint n_calls;
  gboolean is_closed;
  const char *start; /* the piece that is being fed */
  const char *end;
  guint n_copied; /* calls with data from elsewhere */
} Listener;

static char
letter_of (BipeWebsocketOpcode opcode)
{
  return opcode == BIPE_WEBSOCKET_TEXT     ? 'T'
         : opcode == BIPE_WEBSOCKET_BINARY ? 'B'
         : opcode == BIPE_WEBSOCKET_CLOSE  ? 'X'
         : opcode == BIPE_WEBSOCKET_PING   ? 'P'
         : opcode == BIPE_WEBSOCKET_PONG   ? 'O'
                                           : '?';
}

static void
heard_cb (BipeWebsocketOpcode opcode,
          const char *data,
          gsize length,
          BipeWebsocketStatus status,
          gpointer user_data)
{
  Listener *self = user_data;

  g_assert_cmpint (data[length], ==, '\0');
  g_assert_cmpint (status != 0, ==, opcode == BIPE_WEBSOCKET_CLOSE);
  g_string_append_c (self->log, letter_of (opcode));
  self->is_closed = opcode == BIPE_WEBSOCKET_CLOSE;
  if (self->is_closed)
    g_string_append_printf (self->log, "%u", status);
  g_string_append_len (self->log, data, (gssize)length);
  g_string_append_c (self->log, '|');
  if (data < self->start || data >= self->end)
    self->n_copied++;
  if (++self->n_calls == self->stop_after)
    bipe_websocket_reader_stop (self->reader);
}

static void
listener_init (Listener *self, gsize max_message)
{
  *self = (Listener){ .log = g_string_new (NULL) };
  self->reader = bipe_websocket_reader_new (max_message, heard_cb, self);
}

static void
listener_clear (Listener *self)
{
  bipe_websocket_reader_free (self->reader);
  g_string_free (self->log, TRUE);
}

/* From a copy of just that length, so that a byte past either end is seen. */
static gboolean
feed (Listener *self, const char *bytes, gsize length)
{
  g_autofree char *piece = g_memdup2 (bytes, length);
  g_autoptr(GError) error = NULL;
  BipeWebsocketStatus status = 0;

  self->start = piece;
  self->end = piece + length;
  if (length == 0 || bipe_websocket_reader_feed (self->reader, piece, length, &status, &error))
    {
      g_assert_no_error (error);
      g_assert_cmpint (status, ==, 0);
      return TRUE;
    }
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
  g_assert_true (g_str_has_prefix (error->message, "cannot read a WebSocket frame: "));
  g_string_append_printf (self->log, "!%u", status);
  return FALSE;
}

static void
append_frame_of (GString *out, guint8 first, const char *payload, gsize length)
{
  guint32 random = g_random_int ();
  const guint8 *mask = (const guint8 *)&random;

  g_string_append_c (out, (char)first);
  if (length < 126)
    {
      g_string_append_c (out, (char)(0x80 | length));
    }
  else
    {
      guint size = length < 65536 ? 2 : 8;

      g_string_append_c (out, (char)(0x80 | (size == 2 ? 126 : 127)));
      for (guint i = size; i > 0; i--)
        g_string_append_c (out, (char)((guint64)length >> 8 * (i - 1)));
    }
  g_string_append_len (out, (const char *)mask, 4);
  for (gsize i = 0; i < length; i++)
    g_string_append_c (out, (char)(payload[i] ^ mask[i % 4]));
}

/* Frames with '|' between them: T text, B binary, C continuation, X close, P ping, O pong, and the
 * payload; a small letter is a frame that others follow. */
static GString *
print_frames (const char *text, gsize length)
{
  static const char letters[] = { 'C', 'T', 'B', 0, 0, 0, 0, 0, 'X', 'P', 'O' };
  GString *out = g_string_new (NULL);
  const char *end = text + length;

  while (text < end)
    {
      const char *next = memchr (text, '|', (gsize)(end - text));
      gsize size = (gsize)((next != NULL ? next : end) - text);
      const char *letter = memchr (letters, g_ascii_toupper (*text), sizeof letters);
      guint8 final = g_ascii_isupper (*text) ? 0x80 : 0;

      g_assert_nonnull (letter);
      append_frame_of (out, final | (guint8)(letter - letters), text + 1, size - 1);
      text += size + (next != NULL ? 1 : 0);
    }
  return out;
}

/* Feeds @bytes in pieces of @size bytes, or of random ones up to −@size. */
static void
assert_heard (const GString *bytes, gsize max_message, int size, const char *log, gsize n_log)
{
  Listener listener;
  gboolean is_fine = TRUE;
  gsize n;

  listener_init (&listener, max_message);
  for (gsize at = 0; is_fine && at < bytes->len; at += n)
    {
      n = (gsize)(size > 0 ? size : g_random_int_range (1, 1 - size));
      n = MIN (n, bytes->len - at);
      is_fine = feed (&listener, bytes->str + at, n);
    }
  g_assert_cmpmem (listener.log->str, listener.log->len, log, n_log);

  /* Nothing is read after a failure or a close. */
  if (!is_fine || listener.is_closed)
    {
      g_autoptr(GString) more = print_frames (TEXT ("Tmore|P|Xmore"));

      g_assert_true (feed (&listener, more->str, more->len));
      g_assert_cmpuint (listener.log->len, ==, n_log);
      g_assert_false (bipe_websocket_reader_is_inside (listener.reader));
    }
  listener_clear (&listener);
}

/* Whole, byte by byte, and in many other cuts. */
static void
assert_heard_in_any_cuts (const GString *bytes, gsize max_message, const char *log, gsize n_log)
{
  assert_heard (bytes, max_message, (int)bytes->len + 1, log, n_log);
  for (int size = 1; size <= 20; size++)
    assert_heard (bytes, max_message, size, log, n_log);
  for (int i = 0; i < 100; i++)
    assert_heard (bytes, max_message, -(i % 40 + 1), log, n_log);
}

static const struct
{
  const char *name;
  const char *frames;
  gsize n_frames;
  const char *log;
  gsize n_log;
} streams[] = {
  { "nothing", TEXT (""), TEXT ("") },
  { "a text", TEXT ("Thello"), TEXT ("Thello|") },
  { "an empty text", TEXT ("T"), TEXT ("T|") },
  { "binary", TEXT ("B\1\0\377"), TEXT ("B\1\0\377|") },
  { "empty binary", TEXT ("B"), TEXT ("B|") },
  { "messages in one piece", TEXT ("Ta|Tbb|Bccc|Tdddd"), TEXT ("Ta|Tbb|Bccc|Tdddd|") },
  { "empty ones in one piece", TEXT ("T|B|P|O|T"), TEXT ("T|B|P|O|T|") },
  { "two fragments", TEXT ("thel|Clo"), TEXT ("Thello|") },
  { "four fragments", TEXT ("bh|ce|cl|Clo"), TEXT ("Bhello|") },
  { "empty fragments", TEXT ("t|c|Chello|t|c|c|C"), TEXT ("Thello|T|") },
  { "two messages in fragments", TEXT ("ta|Cb|bc|Cd"), TEXT ("Tab|Bcd|") },
  { "a long, then a short one", TEXT ("tlonger|C!|tx|C"), TEXT ("Tlonger!|Tx|") },
  { "ping between fragments", TEXT ("thel|Pare you there|Clo"), TEXT ("Pare you there|Thello|") },
  { "pings between fragments", TEXT ("th|P1|ce|P2|O3|Cllo"), TEXT ("P1|P2|O3|Thello|") },
  { "ping and pong", TEXT ("P|Oabc|P\0\377"), TEXT ("P|Oabc|P\0\377|") },

  { "beyond ASCII", TEXT ("T\316\272\341\275\271\317\203\316\274\316\265"),
    TEXT ("T\316\272\341\275\271\317\203\316\274\316\265|") },
  { "a character over fragments", TEXT ("t\360|c\237\230|C\200"), TEXT ("T\360\237\230\200|") },
  { "the last character", TEXT ("T\364\217\277\277"), TEXT ("T\364\217\277\277|") },
  { "no character, but UTF-8", TEXT ("T\357\277\277"), TEXT ("T\357\277\277|") },
  { "U+0000", TEXT ("T\0"), TEXT ("T\0|") },
  { "U+0000 among others", TEXT ("T\0\303\251\0\0a\0"), TEXT ("T\0\303\251\0\0a\0|") },
  { "no UTF-8 in binary", TEXT ("B\377\200"), TEXT ("B\377\200|") },
  { "no UTF-8 in ping and pong", TEXT ("P\377|O\200"), TEXT ("P\377|O\200|") },

  { "no UTF-8", TEXT ("Ta|Tabcdefgh\377|Tb"), TEXT ("Ta|!1007") },
  { "no UTF-8 in the first bytes", TEXT ("T\377abcdefghi"), TEXT ("!1007") },
  { "no UTF-8 in the last bytes", TEXT ("Tabcdefghi\377"), TEXT ("!1007") },
  { "no UTF-8 in a fragment", TEXT ("ta|c\200|Cb|Tb"), TEXT ("!1007") },
  { "no UTF-8 behind U+0000", TEXT ("T\0\303\251\0\377"), TEXT ("!1007") },
  { "half a character", TEXT ("T\303"), TEXT ("!1007") },
  { "half a character, then U+0000", TEXT ("T\303\0\251"), TEXT ("!1007") },
  { "half a character in fragments", TEXT ("t\360|C\237\230"), TEXT ("!1007") },
  { "overlong", TEXT ("T\300\257"), TEXT ("!1007") },
  { "overlong U+0000", TEXT ("T\300\200"), TEXT ("!1007") },
  { "a surrogate", TEXT ("T\355\240\200"), TEXT ("!1007") },
  { "a pair of surrogates", TEXT ("T\355\240\200\355\260\200"), TEXT ("!1007") },
  { "beyond Unicode", TEXT ("T\364\220\200\200"), TEXT ("!1007") },
  { "five bytes", TEXT ("T\370\210\200\200\200"), TEXT ("!1007") },
  { "six bytes", TEXT ("T\374\204\200\200\200\200"), TEXT ("!1007") },

  { "a close", TEXT ("Ta|X\3\350bye|Tb"), TEXT ("Ta|X1000bye|") },
  { "a close without a reason", TEXT ("X\3\351"), TEXT ("X1001|") },
  { "a close without a code", TEXT ("X|P"), TEXT ("X1005|") },
  { "two closes", TEXT ("X\3\350|X\3\351"), TEXT ("X1000|") },
  { "a reason beyond ASCII", TEXT ("X\3\350\303\251"), TEXT ("X1000\303\251|") },
  { "a close between fragments", TEXT ("ta|X\3\350|Cb"), TEXT ("X1000|") },
  { "garbage behind a close", TEXT ("X\3\350|ta|tb"), TEXT ("X1000|") },
  { "a close of one byte", TEXT ("X\3"), TEXT ("!1002") },
  { "a close of one byte, like 3840", TEXT ("X\17"), TEXT ("!1002") },
  { "a reason that is no UTF-8", TEXT ("X\3\350\377"), TEXT ("!1007") },
  { "a code that may not be sent", TEXT ("Ta|X\3\355bye|Tb"), TEXT ("Ta|!1002") },

  { "a continuation of nothing", TEXT ("C"), TEXT ("!1002") },
  { "a fragment that continues nothing", TEXT ("ca|Cb"), TEXT ("!1002") },
  { "a continuation behind a message", TEXT ("Ta|Cb"), TEXT ("Ta|!1002") },
  { "a continuation behind the last", TEXT ("ta|Cb|Cc"), TEXT ("Tab|!1002") },
  { "a ping begins no message", TEXT ("Pa|Cb"), TEXT ("Pa|!1002") },
  { "a text inside a text", TEXT ("ta|Tb"), TEXT ("!1002") },
  { "binary inside a text", TEXT ("ta|Bb"), TEXT ("!1002") },
  { "a fragment inside binary", TEXT ("ba|P|tb"), TEXT ("P|!1002") },
  { "a ping in fragments", TEXT ("pa|Cb"), TEXT ("!1002") },
  { "a pong in fragments", TEXT ("Ta|oa|Ob"), TEXT ("Ta|!1002") },
  { "a close in fragments", TEXT ("x\3\350"), TEXT ("!1002") },
};

static void
test_streams (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    {
      g_autoptr(GString) bytes = print_frames (streams[i].frames, streams[i].n_frames);

      g_test_message ("%s", streams[i].name);
      assert_heard_in_any_cuts (bytes, MAX_MESSAGE, streams[i].log, streams[i].n_log);
    }
}

/* Headers that print_frames() does not make. Most are told before their mask has come. */
static const struct
{
  const char *name;
  const char *bytes;
  gsize length;
  const char *log;
} headers[] = {
  { "a known mask", TEXT ("\x81\x85" HELLO_MASKED), "Thello|" },
  { "a mask of zero", TEXT ("\x81\x85\0\0\0\0hello"), "Thello|" },
  { "no mask", TEXT ("\x81\x05"), "!1002" },
  { "no mask, length in two bytes", TEXT ("\x81\x7e"), "!1002" },
  { "a ping without a mask", TEXT ("\x89\0"), "!1002" },
  { "a close without a mask", TEXT ("\x88\0"), "!1002" },
  { "first reserved bit", TEXT ("\xc1\x80"), "!1002" },
  { "second reserved bit", TEXT ("\xa1\x80"), "!1002" },
  { "third reserved bit", TEXT ("\x91\x80"), "!1002" },
  { "all reserved bits, control", TEXT ("\xf9\x80"), "!1002" },
  { "a reserved bit in a continuation", TEXT ("\x01\x80\0\0\0\0\x90\x80"), "!1002" },
  { "opcode 3", TEXT ("\x83\x80"), "!1002" },
  { "opcode 4", TEXT ("\x84\x80"), "!1002" },
  { "opcode 5", TEXT ("\x85\x80"), "!1002" },
  { "opcode 6", TEXT ("\x86\x80"), "!1002" },
  { "opcode 7", TEXT ("\x87\x80"), "!1002" },
  { "opcode 11", TEXT ("\x8b\x80"), "!1002" },
  { "opcode 12", TEXT ("\x8c\x80"), "!1002" },
  { "opcode 13", TEXT ("\x8d\x80"), "!1002" },
  { "opcode 14", TEXT ("\x8e\x80"), "!1002" },
  { "opcode 15", TEXT ("\x8f\x80"), "!1002" },
  { "an unknown opcode inside a message", TEXT ("\x01\x80\0\0\0\0\x83\x80"), "!1002" },
  { "behind a good one", TEXT ("\x81\x85" HELLO_MASKED "\x83\x80"), "Thello|!1002" },
  { "a long ping", TEXT ("\x89\xfe"), "!1002" },
  { "a very long pong", TEXT ("\x8a\xff"), "!1002" },
  { "a long close", TEXT ("\x88\xfe"), "!1002" },
  { "125 in two bytes", TEXT ("\x81\xfe\0\x7d\0\0\0\0"), "!1002" },
  { "0 in two bytes", TEXT ("\x82\xfe\0\0\0\0\0\0"), "!1002" },
  { "126 in eight bytes", TEXT ("\x81\xff\0\0\0\0\0\0\0\x7e\0\0\0\0"), "!1002" },
  { "0 in eight bytes", TEXT ("\x82\xff\0\0\0\0\0\0\0\0\0\0\0\0"), "!1002" },
  { "65535 in eight bytes", TEXT ("\x82\xff\0\0\0\0\0\0\xff\xff\0\0\0\0"), "!1002" },
  { "65536 in eight bytes", TEXT ("\x82\xff\0\0\0\0\0\1\0\0\0\0\0\0"), "!1009" },
  { "65535 in two bytes", TEXT ("\x82\xfe\xff\xff\0\0\0\0"), "!1009" },
  { "the longest", TEXT ("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0"), "!1009" },
  { "a negative length", TEXT ("\x82\xff\x80\0\0\0\0\0\0\0\0\0\0\0"), "!1002" },
  { "the most negative length", TEXT ("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0"),
    "!1002" },
};

static void
test_headers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      g_autoptr(GString) bytes = g_string_new_len (headers[i].bytes, (gssize)headers[i].length);

      g_test_message ("%s", headers[i].name);
      assert_heard_in_any_cuts (bytes, MAX_MESSAGE, headers[i].log, strlen (headers[i].log));
    }
}

/* All of them: the words of section 7.4, once more. */
static void
test_close_codes (void)
{
  for (guint code = 0; code <= G_MAXUINT16; code++)
    {
      char payload[] = { (char)(code >> 8), (char)code, 'a' };
      gboolean is_registered
          = code >= 1000 && code < 1015 && code != 1004 && code != 1005 && code != 1006;
      gboolean may_be_sent = is_registered || (code >= 3000 && code < 5000);
      g_autofree char *log = may_be_sent ? g_strdup_printf ("X%ua|", code) : g_strdup ("!1002");
      g_autoptr(GString) bytes = g_string_new (NULL);

      append_frame_of (bytes, 0x88, payload, sizeof payload);
      assert_heard (bytes, MAX_MESSAGE, 1000, log, strlen (log));
      assert_heard (bytes, MAX_MESSAGE, 1, log, strlen (log));
    }
}

static GString *
make_log (char letter, const char *payload, gsize length)
{
  GString *log = g_string_new (NULL);

  g_string_append_c (log, letter);
  g_string_append_len (log, payload, (gssize)length);
  g_string_append_c (log, '|');
  return log;
}

static void
test_every_length (void)
{
  static const guint lengths[] = { 65534, 65535, 65536, 65537, 100000 };
  g_autofree char *payload = g_malloc (100000);

  for (guint i = 0; i < 100000; i++)
    payload[i] = (char)(i * 37 >> 2);
  for (guint i = 0; i < 300 + G_N_ELEMENTS (lengths); i++)
    {
      guint length = i < 300 ? i : lengths[i - 300];
      g_autoptr(GString) bytes = g_string_new (NULL);
      g_autoptr(GString) log = make_log ('B', payload, length);

      append_frame_of (bytes, 0x82, payload, length);
      append_frame_of (bytes, 0x89, NULL, 0);
      g_string_append (log, "P|");
      assert_heard (bytes, length, (int)bytes->len, log->str, log->len);
      assert_heard (bytes, length, 1, log->str, log->len);
      for (int j = 0; j < 20; j++)
        assert_heard (bytes, length, -(int)(length / 2 + 2), log->str, log->len);
    }
}

/* The longest that may be in a control frame; it is no part of the message around it. */
static void
test_control_max (void)
{
  g_autofree char *payload = g_strnfill (BIPE_WEBSOCKET_CONTROL_MAX, 'a');
  g_autoptr(GString) bytes = print_frames (TEXT ("t01234"));
  g_autoptr(GString) tail = print_frames (TEXT ("C56789"));
  g_autofree char *log
      = g_strconcat ("P", payload, "|O", payload, "|T0123456789|X1000", payload + 2, "|", NULL);

  append_frame_of (bytes, 0x89, payload, BIPE_WEBSOCKET_CONTROL_MAX);
  append_frame_of (bytes, 0x8a, payload, BIPE_WEBSOCKET_CONTROL_MAX);
  g_string_append_len (bytes, tail->str, (gssize)tail->len);
  memcpy (payload, "\3\350", 2);
  append_frame_of (bytes, 0x88, payload, BIPE_WEBSOCKET_CONTROL_MAX);
  assert_heard_in_any_cuts (bytes, 10, log, strlen (log));
}

static void
test_max_message (void)
{
  static const struct
  {
    const char *name;
    gsize max_message;
    const char *frames;
    const char *log;
  } cases[] = {
    { "just", 5, "Thello|Thello", "Thello|Thello|" },
    { "one more", 5, "Ta|Thello!", "Ta|!1009" },
    { "nothing", 0, "T|t|C|Ping", "T|T|Ping|" },
    { "one more than nothing", 0, "Ta", "!1009" },
    { "just, in fragments", 5, "the|P123456|c|cllo|C", "P123456|Thello|" },
    { "twice", 5, "the|Cllo|the|Cllo", "Thello|Thello|" },
    { "one more in the last", 5, "the|cllo|C!", "!1009" },
    { "one more in a middle one", 5, "the|cllo!|C", "!1009" },
    { "each fragment longer than all may be", 5, "thello!|Chello!", "!1009" },
    { "the bound holds after another message", 5, "Thello|the|P|Cllo!", "Thello|P|!1009" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GString) bytes = print_frames (cases[i].frames, strlen (cases[i].frames));

      g_test_message ("%s", cases[i].name);
      assert_heard_in_any_cuts (bytes, cases[i].max_message, cases[i].log, strlen (cases[i].log));
    }
}

/* What is too big is so with its header. */
static void
test_announced (void)
{
  Listener listener;

  listener_init (&listener, 5);
  g_assert_true (feed (&listener, TEXT ("\x01\x82\0\0\0\0he")));
  g_assert_false (feed (&listener, TEXT ("\x80\x84\0\0\0\0")));
  g_assert_cmpstr (listener.log->str, ==, "!1009");
  listener_clear (&listener);
}

static void
count_cb (BipeWebsocketOpcode opcode,
          const char *data,
          gsize length,
          BipeWebsocketStatus status,
          gpointer user_data)
{
  guint *n_calls = user_data;

  *n_calls += 1;
}

static gsize
count_memory (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
}

/* Room is taken for what has come, not for what is announced, and given back after the message.
 * The sanitizer's malloc() counts nothing, so there this can't fail. */
static void
test_memory (void)
{
  static char header[] = "\x82\xff\0\0\0\0\1\0\0\0\0\0\0\0";
  static char piece[4096];
  guint n_calls = 0;
  g_autoptr(BipeWebsocketReader) reader
             = bipe_websocket_reader_new (G_MAXSIZE, count_cb, &n_calls);
  BipeWebsocketStatus status;
  gsize before = count_memory ();

  bipe_websocket_reader_feed (reader, header, sizeof header - 1, &status, NULL);
  bipe_websocket_reader_feed (reader, piece, 1000, &status, NULL);
  g_assert_true (bipe_websocket_reader_is_inside (reader));
  g_assert_cmpuint (count_memory (), <, before + 4096);

  for (gsize left = 0x1000000 - 1000; left > 0; left -= MIN (left, sizeof piece))
    bipe_websocket_reader_feed (reader, piece, MIN (left, sizeof piece), &status, NULL);
  g_assert_cmpuint (n_calls, ==, 1);
  g_assert_cmpuint (count_memory (), <, before + 4096);
}

/* A message lies where it came, as long as its mask lies there, too. */
static void
test_copies (void)
{
  static const char frame[] = "\x81\x85" HELLO_MASKED;

  for (gsize cut = 0; cut < sizeof frame - 1; cut++)
    {
      Listener listener;

      listener_init (&listener, MAX_MESSAGE);
      g_assert_true (feed (&listener, frame, cut));
      g_assert_true (feed (&listener, frame + cut, sizeof frame - 1 - cut));
      g_assert_cmpstr (listener.log->str, ==, "Thello|");
      g_assert_cmpuint (listener.n_copied, ==, cut > 2 ? 1 : 0);
      listener_clear (&listener);
    }
}

static void
test_fragments_max (void)
{
  for (guint n_more = 0; n_more < 2; n_more++)
    for (guint size = 0; size < 2; size++)
      {
        g_autoptr(GString) bytes = g_string_new (NULL);
        g_autofree char *all = g_strnfill (size * BIPE_WEBSOCKET_FRAGMENTS_MAX, 'a');
        g_autofree char *log = n_more > 0 ? g_strdup ("!1009") : g_strdup_printf ("T%s|Ta|", all);

        for (guint i = 0; i < BIPE_WEBSOCKET_FRAGMENTS_MAX + n_more; i++)
          append_frame_of (bytes,
                           i == 0                                           ? 0x01
                           : i == BIPE_WEBSOCKET_FRAGMENTS_MAX + n_more - 1 ? 0x80
                                                                            : 0x00,
                           "a", size);
        append_frame_of (bytes, 0x01, "a", 1);
        append_frame_of (bytes, 0x80, "", 0);
        assert_heard (bytes, 1 << 20, (int)bytes->len, log, strlen (log));
        assert_heard (bytes, 1 << 20, 1, log, strlen (log));
        assert_heard (bytes, 1 << 20, -9, log, strlen (log));
      }
}

static void
test_many (void)
{
  g_autoptr(GString) frames = g_string_new (NULL);
  g_autoptr(GString) bytes = NULL;
  Listener listener;

  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (frames, "%c%u\303\251%*s|", "TBPO"[i % 4], i, i % 60, "");
  bytes = print_frames (frames->str, frames->len - 1);
  for (int size = 1; size < 200; size++)
    assert_heard (bytes, MAX_MESSAGE, size, frames->str, frames->len);

  listener_init (&listener, MAX_MESSAGE);
  g_assert_true (feed (&listener, bytes->str, bytes->len));
  g_assert_cmpuint (listener.n_calls, ==, 1000);
  g_assert_cmpuint (listener.n_copied, ==, 0);
  listener_clear (&listener);
}

static void
test_stop (void)
{
  static const struct
  {
    const char *frames;
    guint stop_after;
    const char *log;
  } cases[] = {
    { "Ta|Tb|Tc", 1, "Ta|" },  { "Ta|Tb|Tc", 2, "Ta|Tb|" }, { "Pa|Tb", 1, "Pa|" },
    { "ta|Cb|Tc", 1, "Tab|" }, { "ta|P|Cb", 1, "P|" },      { "Ta|ca", 1, "Ta|" },
    { "Ta|X", 1, "Ta|" },      { "X|X", 1, "X1005|" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize size = 1; size < 100; size++)
      {
        g_autoptr(GString) bytes = print_frames (cases[i].frames, strlen (cases[i].frames));
        Listener listener;

        listener_init (&listener, MAX_MESSAGE);
        listener.stop_after = cases[i].stop_after;
        for (gsize at = 0; at < bytes->len; at += size)
          g_assert_true (feed (&listener, bytes->str + at, MIN (size, bytes->len - at)));
        g_assert_cmpstr (listener.log->str, ==, cases[i].log);
        g_assert_false (bipe_websocket_reader_is_inside (listener.reader));
        listener_clear (&listener);
      }
}

static void
test_stop_between (void)
{
  Listener listener;

  listener_init (&listener, MAX_MESSAGE);
  g_assert_true (feed (&listener, TEXT ("\x81\x85\0\0\0\0he")));
  bipe_websocket_reader_stop (listener.reader);
  g_assert_false (bipe_websocket_reader_is_inside (listener.reader));
  g_assert_true (feed (&listener, TEXT ("llo\x81\x05hello")));
  g_assert_cmpuint (listener.log->len, ==, 0);
  listener_clear (&listener);
}

/* Where nothing is awaited: only before the first, and behind the last frame of a message. */
static void
test_inside (void)
{
  static const char *frames[]
      = { "Thello", "T", "the|cllo|C", "the|P|C", "Pabc", "t|C|Ta|Pabc", "X\3\350bye", NULL };

  for (guint i = 0; frames[i] != NULL; i++)
    {
      g_auto(GStrv) parts = g_strsplit (frames[i], "|", -1);
      gboolean is_in_message = FALSE;
      Listener listener;

      listener_init (&listener, MAX_MESSAGE);
      g_assert_false (bipe_websocket_reader_is_inside (listener.reader));
      for (guint j = 0; parts[j] != NULL; j++)
        {
          g_autoptr(GString) bytes = print_frames (parts[j], strlen (parts[j]));

          if (strchr ("tbcTBC", parts[j][0]) != NULL)
            is_in_message = g_ascii_islower (parts[j][0]);
          for (gsize at = 0; at < bytes->len; at++)
            {
              g_assert_true (feed (&listener, bytes->str + at, 1));
              g_assert_cmpint (bipe_websocket_reader_is_inside (listener.reader), ==,
                               at + 1 < bytes->len || is_in_message);
            }
        }
      listener_clear (&listener);
    }
}

static void
test_append_frame (void)
{
  static const struct
  {
    BipeWebsocketOpcode opcode;
    gsize length;
    const char *header;
    gsize n_header;
  } cases[] = {
    { BIPE_WEBSOCKET_TEXT, 0, TEXT ("\x81\0") },
    { BIPE_WEBSOCKET_TEXT, 1, TEXT ("\x81\1") },
    { BIPE_WEBSOCKET_BINARY, 125, TEXT ("\x82\x7d") },
    { BIPE_WEBSOCKET_BINARY, 126, TEXT ("\x82\x7e\0\x7e") },
    { BIPE_WEBSOCKET_TEXT, 65535, TEXT ("\x81\x7e\xff\xff") },
    { BIPE_WEBSOCKET_TEXT, 65536, TEXT ("\x81\x7f\0\0\0\0\0\1\0\0") },
    { BIPE_WEBSOCKET_BINARY, 0x123456, TEXT ("\x82\x7f\0\0\0\0\0\x12\x34\x56") },
    { BIPE_WEBSOCKET_PING, 0, TEXT ("\x89\0") },
    { BIPE_WEBSOCKET_PONG, 125, TEXT ("\x8a\x7d") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GByteArray) out = g_byte_array_new ();
      g_autofree char *data = g_strnfill (cases[i].length, 'a');

      g_byte_array_append (out, (const guint8 *)"x", 1);
      bipe_websocket_append_frame (out, cases[i].opcode, cases[i].length > 0 ? data : NULL,
                                   cases[i].length);
      g_assert_cmpuint (out->len, ==, 1 + cases[i].n_header + cases[i].length);
      g_assert_cmpmem (out->data + 1, cases[i].n_header, cases[i].header, cases[i].n_header);
      g_assert_cmpmem (out->data + 1 + cases[i].n_header, cases[i].length, data, cases[i].length);
    }
}

static void
test_append_close (void)
{
  static const struct
  {
    BipeWebsocketStatus status;
    const char *reason;
    const char *frame;
    gsize length; /* of the payload */
  } cases[] = {
    { BIPE_WEBSOCKET_NORMAL, "bye", "\x88\5\3\350bye", 5 },
    { BIPE_WEBSOCKET_TOO_BIG, "", "\x88\2\3\361", 2 },
    { BIPE_WEBSOCKET_BAD_DATA, NULL, "\x88\2\3\357", 2 },
    { BIPE_WEBSOCKET_NO_STATUS, NULL, "\x88\0", 0 },
    { BIPE_WEBSOCKET_NO_STATUS, "bye", "\x88\0", 0 },
    { (BipeWebsocketStatus)4999, "a",
      "\x88\3\x13\x87"
      "a",
      3 },
  };
  static const struct
  {
    guint n_before;
    const char *end;
    gsize length;
  } cuts[] = {
    { 122, "a", 125 },
    { 122, "ab", 125 },
    { 121, "\303\251", 125 },
    { 122, "\303\251", 124 },
    { 123, "\303\251", 125 },
    { 120, "\360\237\230\200", 122 },
    { 119, "\360\237\230\200\303\251", 125 },
    { 500, "", 125 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GByteArray) out = g_byte_array_new ();

      bipe_websocket_append_close (out, cases[i].status, cases[i].reason);
      g_assert_cmpmem (out->data, out->len, cases[i].frame, 2 + cases[i].length);
    }
  for (guint i = 0; i < G_N_ELEMENTS (cuts); i++)
    {
      g_autoptr(GByteArray) out = g_byte_array_new ();
      g_autofree char *before = g_strnfill (cuts[i].n_before, 'a');
      g_autofree char *reason = g_strconcat (before, cuts[i].end, NULL);

      bipe_websocket_append_close (out, BIPE_WEBSOCKET_NORMAL, reason);
      g_assert_cmpuint (out->len, ==, 2 + cuts[i].length);
      g_assert_cmpuint (out->data[1], ==, cuts[i].length);
      g_assert_cmpmem (out->data + 4, cuts[i].length - 2, reason, cuts[i].length - 2);
    }
}

static void
test_accept_key (void)
{
  static const struct
  {
    const char *key;
    const char *accept;
  } cases[] = {
    { "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" }, /* section 1.3 */
    { "x3JJHMbDL1EzLkh9GBhXDw==", "HSmrc0sMlYUkAGmm5OPpG2HaGWk=" },
    { NULL, NULL },
    { "", NULL },
    { "dGhlIHNhbXBsZSBub25jZQ", NULL },
    { "dGhlIHNhbXBsZSBub25jZQ=", NULL },
    { "dGhlIHNhbXBsZSBub25jZQ==x", NULL },
    { "dGhlIHNhbXBsZSBub25jZQ== ", NULL },
    { " dGhlIHNhbXBsZSBub25jZQ==", NULL },
    { "dGhlIHNhbXBsZSBub25jZQ===", NULL },
    { "dGhlIHNhbXBsZSBub25jZX0=", NULL }, /* 17 bytes */
    { "dGhlIHNhbXBsZSBub25j", NULL },     /* 15 bytes */
    { "dGhlIHNhbXBsZSBub2=jZQ==", NULL },
    { "dGhlIHNhbXBsZSBub2\303\251ZQ==", NULL },
    { "dGhlIHNhbXBsZSBub2-jZQ==", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *accept = bipe_websocket_accept_key (cases[i].key);

      g_assert_cmpstr (accept, ==, cases[i].accept);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_random_set_seed ((guint32)g_test_rand_int ());
  g_test_add_func ("/websocket/streams", test_streams);
  g_test_add_func ("/websocket/headers", test_headers);
  g_test_add_func ("/websocket/close-codes", test_close_codes);
  g_test_add_func ("/websocket/every-length", test_every_length);
  g_test_add_func ("/websocket/control-max", test_control_max);
  g_test_add_func ("/websocket/max-message", test_max_message);
  g_test_add_func ("/websocket/announced", test_announced);
  g_test_add_func ("/websocket/memory", test_memory);
  g_test_add_func ("/websocket/copies", test_copies);
  g_test_add_func ("/websocket/fragments-max", test_fragments_max);
  g_test_add_func ("/websocket/many", test_many);
  g_test_add_func ("/websocket/stop", test_stop);
  g_test_add_func ("/websocket/stop-between", test_stop_between);
  g_test_add_func ("/websocket/inside", test_inside);
  g_test_add_func ("/websocket/append-frame", test_append_frame);
  g_test_add_func ("/websocket/append-close", test_append_close);
  g_test_add_func ("/websocket/accept-key", test_accept_key);
  return g_test_run ();
}
