/* test-request-head.c: heads, whole and cut anywhere. */
#include "config.h"

#include <string.h>

#include "server/request-head.h"

#define LINE "POST / HTTP/1.1\r\n"
#define HOST "Host: a\r\n"

static const struct
{
  const char *name;
  const char *head;
  guint64 body_length;
  gboolean is_chunked;
} good[] = {
  { "a line alone", "GET / HTTP/1.1\r\n\r\n" },
  { "a header", LINE HOST "\r\n" },
  { "an empty line before", "\r\n" LINE HOST "\r\n" },
  { "a method of signs", "!#$%&'*+-.^_`|~a9 / HTTP/1.1\r\n\r\n" },
  { "an address of signs", "GET *!\"<>[]{}|^`\\~#? HTTP/1.1\r\n\r\n" },
  { "HTTP/1.0", "GET / HTTP/1.0\r\nContent-Length: 3\r\n\r\n", 3 },
  { "a version for others to judge", "PRI * HTTP/2.0\r\n\r\n" },
  { "a name of signs", LINE "!#$%&'*+-.^_`|~a9:b\r\n\r\n" },
  { "no value", LINE "A:\r\n\r\n" },
  { "a blank value", LINE "A: \t \r\n\r\n" },
  { "blanks around and in it", LINE "A: \t b \t c\t \r\n\r\n" },
  { "colons in it", LINE "A::b:c\r\n\r\n" },
  { "no ASCII", LINE "A: \x80\xc3\xa9\xff\r\n\r\n" },
  { "a length", LINE "Content-Length: 16\r\n\r\n", 16 },
  { "a length without blanks", LINE "content-LENGTH:16\r\n\r\n", 16 },
  { "a length between blanks", LINE "Content-Length:\t 16 \t\r\n\r\n", 16 },
  { "no length", LINE "Content-Length: 0\r\n\r\n", 0 },
  { "a length with zeros", LINE "Content-Length: 00016\r\n\r\n", 16 },
  { "the largest length", LINE "Content-Length: 18446744073709551615\r\n\r\n", G_MAXUINT64 },
  { "a larger one", LINE "Content-Length: 18446744073709551632\r\n\r\n", G_MAXUINT64 },
  { "a far larger one", LINE "Content-Length: 100000000000000000000007\r\n\r\n", G_MAXUINT64 },
  { "chunks", LINE "Transfer-Encoding: chunked\r\n\r\n", 0, TRUE },
  { "chunks by another name", LINE "transfer-encoding:\tCHUNKED \r\n\r\n", 0, TRUE },
  { "names that begin so",
    LINE "Content-Length2: x\r\nTransfer-Encoding2: x\r\nContent-Lengt: x\r\n\r\n" },
  { "a name that is long",
    LINE "Content-LengthContent-LengthContent-LengthContent-Length: x\r\n\r\n" },
};

/* @n_good: the bytes before what is wrong. */
static const struct
{
  const char *name;
  const char *head;
  gsize n_good;
} bad[] = {
  { "no method", " / HTTP/1.1\r\n\r\n", 0 },
  { "TLS", "\x16\x03\x01\x02", 0 },
  { "a bracket in the method", "G(T / HTTP/1.1\r\n\r\n", 1 },
  { "no ASCII in the method", "G\xc3\x89T / HTTP/1.1\r\n\r\n", 1 },
  { "a tab behind the method", "GET\t/ HTTP/1.1\r\n\r\n", 3 },
  { "a line that ends with the method", "GET\r\n\r\n", 3 },
  { "two blanks", "GET  / HTTP/1.1\r\n\r\n", 4 },
  { "no address", "GET  HTTP/1.1\r\n\r\n", 4 },
  { "a line without a version", "GET /\r\n\r\n", 5 },
  { "a tab in the address", "GET /\tHTTP/1.1\r\n\r\n", 5 },
  { "DEL in the address", "GET /\x7f HTTP/1.1\r\n\r\n", 5 },
  { "no ASCII in the address", "GET /\xc3\xa9 HTTP/1.1\r\n\r\n", 5 },
  { "two blanks before the version", "GET /  HTTP/1.1\r\n\r\n", 6 },
  { "no version", "GET / \r\n\r\n", 6 },
  { "a small version", "GET / http/1.1\r\n\r\n", 14 },
  { "another protocol", "GET / HTPP/1.1\r\n\r\n", 14 },
  { "a version of one number", "GET / HTTP/1\r\n\r\n", 12 },
  { "a version of letters", "GET / HTTP/1.x\r\n\r\n", 14 },
  { "a long version", "GET / HTTP/1.10\r\n\r\n", 15 },
  { "a very long version", "GET / HTTP/1.1HTTP/1.1HTTP/1.1HTTP/1.1\r\n\r\n", 38 },
  { "a blank behind the version", "GET / HTTP/1.1 \r\n\r\n", 14 },
  { "a word behind the version", "GET / HTTP/1.1 x\r\n\r\n", 14 },
  { "a line feed alone", "GET / HTTP/1.1\n\r\n", 14 },
  { "a return alone", "GET / HTTP/1.1\rX: y\r\n\r\n", 15 },
  { "two empty lines before", "\r\n\r\nGET / HTTP/1.1\r\n\r\n", 2 },
  { "a line feed before", "\nGET / HTTP/1.1\r\n\r\n", 0 },
  { "a return before", "\rGET / HTTP/1.1\r\n\r\n", 1 },
  { "a blank before the colon", LINE "A : b\r\n\r\n", 18 },
  { "a tab before the colon", LINE "A\t: b\r\n\r\n", 18 },
  { "a blank before a length's colon", LINE "Content-Length : 16\r\n\r\n", 31 },
  { "a line without a colon", LINE "A\r\n\r\n", 18 },
  { "a line without a name", LINE ": b\r\n\r\n", 17 },
  { "a name with a bracket", LINE "A(b): c\r\n\r\n", 18 },
  { "a name with DEL", LINE "A\x7f: c\r\n\r\n", 18 },
  { "a name that is no ASCII", LINE "\xc3\xa9: c\r\n\r\n", 17 },
  { "a blank before the first header", LINE " A: b\r\n\r\n", 17 },
  { "a folded value", LINE "A: b\r\n c\r\n\r\n", 23 },
  { "a value folded by a tab", LINE "A: b\r\n\tc\r\n\r\n", 23 },
  { "a line of blanks", LINE "A: b\r\n \r\n\r\n", 23 },
  { "a value's line feed alone", LINE "A: b\nContent-Length: 16\r\n\r\n", 21 },
  { "a value's return alone", LINE "A: b\rc\r\n\r\n", 22 },
  { "two returns", LINE "A: b\r\r\n\r\n", 22 },
  { "a value with an escape", LINE "A: \x1b[0m\r\n\r\n", 20 },
  { "a value with DEL", LINE "A: b\x7f\r\n\r\n", 21 },
  { "an empty line's line feed alone", LINE "A: b\r\n\n", 23 },
  { "an empty line's return alone", LINE "A: b\r\n\rX", 24 },
  { "an empty length", LINE "Content-Length:\r\n\r\n", 32 },
  { "a blank length", LINE "Content-Length: \r\n\r\n", 33 },
  { "a length with a sign", LINE "Content-Length: +1\r\n\r\n", 35 },
  { "a negative length", LINE "Content-Length: -1\r\n\r\n", 35 },
  { "a hexadecimal length", LINE "Content-Length: 0x1\r\n\r\n", 36 },
  { "a length with a point", LINE "Content-Length: 1.0\r\n\r\n", 36 },
  { "a list of lengths", LINE "Content-Length: 1,1\r\n\r\n", 36 },
  { "two numbers", LINE "Content-Length: 1 1\r\n\r\n", 36 },
  { "two numbers far apart", LINE "Content-Length: 16                              7\r\n\r\n", 66 },
  { "a length of too many digits", LINE "Content-Length: 0000000000000000000000016\r\n\r\n", 58 },
  { "two lengths", LINE "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 50 },
  { "two names for a length", LINE "Content-Length: 1\r\ncontent-length: 2\r\n\r\n", 50 },
  { "no coding", LINE "Transfer-Encoding:\r\n\r\n", 35 },
  { "another coding", LINE "Transfer-Encoding: gzip\r\n\r\n", 40 },
  { "no coding by name", LINE "Transfer-Encoding: identity\r\n\r\n", 44 },
  { "a coding that begins so", LINE "Transfer-Encoding: chunkedx\r\n\r\n", 44 },
  { "a coding with a blank in it", LINE "Transfer-Encoding: chun ked\r\n\r\n", 44 },
  { "a coding with a vertical tab", LINE "Transfer-Encoding: \vchunked\r\n\r\n", 36 },
  { "codings", LINE "Transfer-Encoding: gzip, chunked\r\n\r\n", 49 },
  { "one coding twice", LINE "Transfer-Encoding: chunked, chunked\r\n\r\n", 52 },
  { "two codings", LINE "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 62 },
  { "chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 34 },
  { "chunks in HTTP/1.2", "POST / HTTP/1.2\r\nTransfer-Encoding: chunked\r\n\r\n", 34 },
  { "a length and chunks", LINE "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 65 },
  { "chunks and a length", LINE "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 65 },
};

/* In pieces of @size bytes, each in memory of its own. */
static gsize
feed (BipeRequestHead *head, const char *bytes, gsize length, gsize size)
{
  gsize n = 0, n_taken;

  do
    {
      gsize n_piece = MIN (size, length - n);
      g_autofree char *piece = g_memdup2 (bytes + n, n_piece);

      n_taken = bipe_request_head_feed (head, piece, n_piece);
      g_assert_cmpuint (n_taken, <=, n_piece);
      if (n_taken < n_piece)
        g_assert_true (head->is_whole || head->why != NULL);
      n += n_taken;
    }
  while (n < length && !head->is_whole && head->why == NULL);
  return n;
}

static void
test_good (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    for (gsize size = 1; size <= strlen (good[i].head); size++)
      {
        g_autofree char *bytes = g_strconcat (good[i].head, "POST", NULL);
        BipeRequestHead head = { 0 };
        gsize n = feed (&head, bytes, strlen (bytes), size);

        g_test_message ("%s, by %" G_GSIZE_FORMAT ": %s", good[i].name, size, head.why);
        g_assert_null (head.why);
        g_assert_true (head.is_whole);
        g_assert_cmpuint (n, ==, strlen (good[i].head));
        g_assert_cmpuint (head.n_bytes, ==, n);
        g_assert_cmpint (head.is_chunked, ==, good[i].is_chunked);
        g_assert_cmpuint (head.body_length, ==, good[i].body_length);
      }
}

static void
test_bad (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    for (gsize size = 1; size <= strlen (bad[i].head); size++)
      {
        BipeRequestHead head = { 0 };
        gsize n = feed (&head, bad[i].head, strlen (bad[i].head), size);

        g_test_message ("%s, by %" G_GSIZE_FORMAT ": %s", bad[i].name, size, head.why);
        g_assert_nonnull (head.why);
        g_assert_false (head.is_whole);
        g_assert_cmpint (head.fault, ==, BIPE_FAULT_MALFORMED);
        g_assert_cmpuint (n, ==, bad[i].n_good);
        g_assert_cmpuint (head.n_bytes, ==, n);
        /* It stays so. */
        g_assert_cmpuint (bipe_request_head_feed (&head, "\r\n\r\n", 4), ==, 0);
      }
}

/* The client is told which rule it has broken. */
static void
test_sentences (void)
{
  static const struct
  {
    const char *head;
    const char *part;
  } sentences[] = {
    { "GET  /", "request line" },
    { "GET /\xc3\xa9", "percent-encoded" },
    { "\r\n\r", "empty line" },
    { "GET / HTTP/1.1\r ", "CR and LF" },
    { LINE "A: b\n", "CR and LF" },
    { LINE "A: b\x01", "control character" },
    { LINE "A: b\r\n c", "second line" },
    { LINE "A :", "colon" },
    { LINE "A(:", "name has a character" },
    { LINE "Content-Length: 1, 1\r", "Content-Length" },
    { LINE "Transfer-Encoding: gzip\r", "Transfer-Encoding" },
    { "POST / HTTP/1.0\r\nTransfer-Encoding:", "HTTP/1.1" },
    { LINE "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "both" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sentences); i++)
    {
      BipeRequestHead head = { 0 };

      feed (&head, sentences[i].head, strlen (sentences[i].head), 100);
      g_test_message ("%s: %s", sentences[i].head, head.why);
      g_assert_nonnull (head.why);
      g_assert_nonnull (strstr (head.why, sentences[i].part));
    }
}

/* Every byte, at every place where only some may be. */
static void
test_bytes (void)
{
  static const struct
  {
    const char *before;
    const char *after;
    const char *others; /* that are good there, but for letters and digits */
    gboolean is_any;    /* the visible ones, no ASCII and blanks are good, too */
  } places[] = {
    { "G", " / HTTP/1.1\r\n\r\n", "!#$%&'*+-.^_`|~ ", FALSE },
    { LINE "A", ": b\r\n\r\n", "!#$%&'*+-.^_`|~:", FALSE },
    { LINE "A: b", "c\r\n\r\n", "", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    for (guint c = 0; c < 256; c++)
      {
        g_autoptr(GString) bytes = g_string_new (places[i].before);
        BipeRequestHead head = { 0 };
        gboolean is_good = g_ascii_isalnum (c) || (c != 0 && strchr (places[i].others, (char)c));

        if (places[i].is_any)
          is_good = c == '\t' || (c >= ' ' && c != 0x7f);
        /* The method's end comes twice then. */
        if (i == 0 && c == ' ')
          is_good = FALSE;
        g_string_append_c (bytes, (char)c);
        g_string_append (bytes, places[i].after);
        feed (&head, bytes->str, bytes->len, bytes->len);
        g_test_message ("%u, 0x%02x: %s", i, c, head.why);
        g_assert_cmpint (head.is_whole, ==, is_good);
      }
}

static void
test_long (void)
{
  static const struct
  {
    const char *before;
    const char *after;
  } places[] = {
    { "", "" },
    { "GET /", " HTTP/1.1\r\n\r\n" },
    { "GET / HTTP/1.1\r\n", ": a\r\n\r\n" },
    { "GET / HTTP/1.1\r\nA:", "\r\n\r\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    for (gsize size = 1; size < 200000; size = size * 7 + 1)
      {
        gsize room = BIPE_REQUEST_HEAD_MAX - strlen (places[i].before) - strlen (places[i].after);
        g_autofree char *filling = g_strnfill (room + 1, 'a');
        g_autofree char *longer = g_strconcat (places[i].before, filling, places[i].after, NULL);
        g_autofree char *longest
            = g_strconcat (places[i].before, filling + 1, places[i].after, NULL);
        BipeRequestHead head = { 0 }, last = { 0 };

        g_assert_cmpuint (feed (&head, longer, strlen (longer), size), ==, BIPE_REQUEST_HEAD_MAX);
        g_assert_false (head.is_whole);
        g_assert_cmpint (head.fault, ==, BIPE_FAULT_LONG_HEADERS);
        g_assert_cmpuint (feed (&last, longest, strlen (longest), size), ==, BIPE_REQUEST_HEAD_MAX);
        g_assert_cmpint (last.is_whole, ==, i > 0);
      }
}

static void
test_end (void)
{
  BipeRequestHead head = { 0 };

  feed (&head, LINE HOST, strlen (LINE HOST), 100);
  g_assert_null (head.why);
  bipe_request_head_end (&head);
  g_assert_nonnull (head.why);
  g_assert_cmpint (head.fault, ==, BIPE_FAULT_MALFORMED);
}

/* Who must make libsoup begin a request asks for this. */
static void
test_has_line (void)
{
  BipeRequestHead head = { 0 };

  feed (&head, "GET / HTTP/1.1\r", 15, 100);
  g_assert_false (head.has_line);
  feed (&head, "\n", 1, 100);
  g_assert_true (head.has_line);
}

static void
test_speed (void)
{
  static const char bytes[] = "GET /v1/scans?limit=100 HTTP/1.1\r\nHost: localhost:5000\r\n"
                              "User-Agent: curl/7.88.1\r\nAccept: application/json\r\n"
                              "Accept-Encoding: gzip\r\nContent-Length: 0\r\n\r\n";
  enum
  {
    N_TIMES = 1000000,
  };
  gint64 start = g_get_monotonic_time ();
  double nanoseconds;

  if (!g_test_perf ())
    {
      g_test_skip ("measured with -m perf");
      return;
    }
  for (guint i = 0; i < N_TIMES; i++)
    {
      BipeRequestHead head = { 0 };

      bipe_request_head_feed (&head, bytes, sizeof bytes - 1);
      g_assert_true (head.is_whole);
    }
  nanoseconds = (double)(g_get_monotonic_time () - start) * 1000 / N_TIMES;
  g_test_minimized_result (nanoseconds, "%.0f ns for a head of %" G_GSIZE_FORMAT " bytes",
                           nanoseconds, sizeof bytes - 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/request-head/good", test_good);
  g_test_add_func ("/request-head/bad", test_bad);
  g_test_add_func ("/request-head/sentences", test_sentences);
  g_test_add_func ("/request-head/bytes", test_bytes);
  g_test_add_func ("/request-head/long", test_long);
  g_test_add_func ("/request-head/end", test_end);
  g_test_add_func ("/request-head/has-line", test_has_line);
  g_test_add_func ("/request-head/speed", test_speed);
  return g_test_run ();
}
