/* test-guards.c: who is let in: hosts, origins, preflights, and requests that two readers could
 * read in two ways. libsoup lets all of it pass. */
#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "live.h"
#include "server/refusals.h"

typedef struct
{
  const char *name;
  const char *bytes;
  guint status;
  int error_code; /* 0: no failure */
} Case;

#define BODY "{\"code\":\"never\"}"
#define POST "POST /v1/scans HTTP/1.1\r\nContent-Type: application/json\r\n"

/* Each is answered and the connection closed, without the client's asking for it. */
static const Case malformed[] = {
  { "no HTTP", "BROKEN\r\n\r\n", 400, 1001 },
  { "no version", "GET /v1/health\r\n\r\n", 400, 1001 },
  { "another version", "GET /v1/health HTTP/3.0\r\nHost: localhost\r\n\r\n", 505, 1007 },
  { "no host", "GET /v1/health HTTP/1.1\r\n\r\n", 400, 1001 },
  { "empty host", "GET /v1/health HTTP/1.1\r\nHost: \r\n\r\n", 400, 1001 },
  { "two hosts", POST "Host: localhost\r\nHost: localhost\r\nContent-Length: 16\r\n\r\n" BODY, 400,
    1001 },
  { "two hosts in one", POST "Host: localhost, evil\r\nContent-Length: 16\r\n\r\n" BODY, 400,
    1001 },
  { "absolute and foreign", "GET http://evil.example/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    400, 1001 },
  { "absolute and foreign, by a prefix",
    "GET http://local/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, 1001 },
  { "absolute and of another scheme",
    "GET ftp://localhost/v1/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400,
    1001 },
  { "length and chunks",
    POST "Host: localhost\r\nContent-Length: 16\r\nTransfer-Encoding: chunked\r\n\r\n"
         "10\r\n" BODY "\r\n0\r\n\r\n",
    400, 1001 },
  { "two lengths", POST "Host: localhost\r\nContent-Length: 16\r\nContent-Length: 17\r\n\r\n" BODY,
    400, 1001 },
  { "one length twice",
    POST "Host: localhost\r\nContent-Length: 16\r\nContent-Length: 16\r\n\r\n" BODY, 400, 1001 },
  { "length past all bounds",
    POST "Host: localhost\r\nContent-Length: 18446744073709551632\r\n\r\n" BODY, 413, 1005 },
  { "negative length", POST "Host: localhost\r\nContent-Length: -1\r\n\r\n" BODY, 400, 1001 },
  { "signed length", POST "Host: localhost\r\nContent-Length: +16\r\n\r\n" BODY, 400, 1001 },
  { "length that is none", POST "Host: localhost\r\nContent-Length: x\r\n\r\n" BODY, 400, 1001 },
  { "unknown transfer coding",
    POST "Host: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" BODY, 400, 1001 },
  { "unknown expectation",
    POST "Host: localhost\r\nExpect: wonders\r\nContent-Length: 16\r\n\r\n" BODY, 417, 1007 },
  { "length and identity",
    POST "Host: localhost\r\nContent-Length: 16\r\nTransfer-Encoding: identity\r\n\r\n" BODY, 400,
    1001 },
  { "an empty coding and a length",
    POST "Host: localhost\r\nTransfer-Encoding:\r\nContent-Length: 16\r\n\r\n" BODY, 400, 1001 },
  { "blank lines alone", "\r\n\r\n\r\n", 400, 1001 },
  { "a word too many", "GET /v1/health HTTP/1.1 x\r\nHost: localhost\r\n\r\n", 400, 1001 },
  { "HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, 1007 },
  { "no such port", "GET http://localhost:99999999/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400,
    1001 },
  { "TLS", "\x16\x03\x01\x02", 400, 1001 },
  { "blank before a colon", POST "Host: localhost\r\nContent-Length : 16\r\n\r\n" BODY, 400, 1001 },
  { "a line without a colon", POST "Host: localhost\r\nabc\r\nContent-Length: 16\r\n\r\n" BODY, 400,
    1001 },
  { "a folded line", POST "Host: localhost\r\nA: b\r\n c\r\nContent-Length: 16\r\n\r\n" BODY, 400,
    1001 },
  { "line feeds alone", "GET /v1/health HTTP/1.1\nHost: localhost\n\n", 400, 1001 },
  { "a last line feed alone", "GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\n", 400, 1001 },
  { "length and chunks, after the first line",
    POST "Transfer-Encoding: chunked\r\nContent-Length: 0\r\nHost: localhost\r\n\r\n", 400, 1001 },
  { "tunnel", "CONNECT evil.example:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, 1001 },
};

#define HEALTH "GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
#define HEALTHY "\"message\":\"ok\"}"

/* How a request comes. */
typedef enum
{
  ALONE,
  PIECEMEAL,
  BEHIND, /* another one, together with it */
  LATER,  /* on a connection that was kept */
  N_WAYS,
} Way;

static void
send_piecemeal (GSocket *socket, const char *bytes)
{
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  for (; *bytes != '\0'; bytes++)
    live_send (socket, bytes, 1);
}

static void
receive_health (GSocket *socket)
{
  g_autoptr(GString) bytes = g_string_new (NULL);
  char buffer[4096];

  while (strstr (bytes->str, HEALTHY) == NULL)
    {
      gssize n = g_socket_receive (socket, buffer, sizeof buffer, NULL, NULL);

      g_assert_cmpint (n, >, 0);
      g_string_append_len (bytes, buffer, n);
    }
}

/* @is_end: the client says that it has no more to send. */
static Answer *
talk (Live *live, Way way, const char *bytes, gboolean is_end)
{
  g_autoptr(GSocket) socket = live_connect (live);
  g_autofree char *both = g_strconcat (HEALTH, bytes, NULL);
  g_autoptr(GString) received = NULL;

  if (way == LATER)
    {
      live_send (socket, HEALTH, -1);
      receive_health (socket);
    }
  if (way == PIECEMEAL)
    send_piecemeal (socket, bytes);
  else
    live_send (socket, way == BEHIND ? both : bytes, -1);
  if (is_end)
    g_socket_shutdown (socket, FALSE, TRUE, NULL);
  received = live_receive (socket);
  if (way == BEHIND)
    {
      const char *first = strstr (received->str, HEALTHY);

      g_assert_nonnull (first);
      g_string_erase (received, 0, first + strlen (HEALTHY) - received->str);
    }
  return answer_parse (received);
}

static void
test_malformed (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(Answer) next = NULL;

  for (guint i = 0; i < N_WAYS * G_N_ELEMENTS (malformed); i++)
    {
      const Case *given = &malformed[i / N_WAYS];
      g_autoptr(Answer) answer = talk (live, i % N_WAYS, given->bytes, FALSE);

      g_test_message ("%s, %u: %s%s", given->name, i % N_WAYS, answer->head, answer->body);
      assert_failure (answer, given->status, given->error_code);
    }
  /* None of them has left a scan. */
  next = live_ask (live, "POST", "/v1/queue/next", NULL, NULL);
  g_assert_cmpstr (next->body, ==, "{\"code\":200,\"data\":null,\"message\":\"ok\"}");
  live_stop (live);
}

/* libsoup 3.2 takes what has come of a head for all of it. */
static void
test_cut (void)
{
  static const char head[] = POST "Host: localhost\r\nContent-Length: 16\r\n\r\n";
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(Answer) next = NULL;

  for (gsize n = 1; n < strlen (head); n++)
    for (Way way = 0; way < N_WAYS; way++)
      {
        g_autofree char *bytes = g_strndup (head, n);
        g_autoptr(Answer) answer = talk (live, way, bytes, TRUE);

        g_test_message ("%" G_GSIZE_FORMAT " bytes, %u: %s", n, way, answer->head);
        assert_failure (answer, 400, 1001);
      }
  next = live_ask (live, "POST", "/v1/queue/next", NULL, NULL);
  g_assert_cmpstr (next->body, ==, "{\"code\":200,\"data\":null,\"message\":\"ok\"}");
  live_stop (live);
}

/* Requests with a body, one behind the other, cut anywhere. */
static void
test_pieces (void)
{
  static const char first[] = "\r\nPOST /v1/scans HTTP/1.1\r\nHost: localhost\r\n"
                              "Content-Type: application/json\r\nContent-Length:\t14 \r\n\r\n"
                              "{\"code\":\"one\"}";
  static const char second[] = "POST /v1/scans HTTP/1.1\r\nhost:localhost\r\n"
                               "content-type:application/json\r\ntransfer-encoding:Chunked\r\n\r\n"
                               "5;a=\"b\"\r\n{\"cod\r\n0009\r\ne\":\"two\"}\r\n0\r\n\r\n";
  g_autofree char *bytes = g_strconcat (first, second, HEALTH, NULL);
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);

  for (gsize n = 0; n < strlen (bytes); n++)
    {
      g_autoptr(GSocket) socket = live_connect (live);
      g_autoptr(GString) received = NULL;
      const char *one, *two;

      g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
      live_send (socket, bytes, (gssize)n);
      g_usleep (500);
      live_send (socket, bytes + n, -1);
      received = live_receive (socket);
      one = strstr (received->str, "\"code\":\"one\"");
      g_assert_nonnull (one);
      two = strstr (one, "\"code\":\"two\"");
      g_assert_nonnull (two);
      /* Nothing is heard behind chunks. */
      g_assert_null (strstr (two, "HTTP/1."));
    }
  live_stop (live);
}

/* Bodies in chunks, each with a request behind it that is not to be heard: libsoup 3.2 sees the end
 * of such a body elsewhere than others do (CVE-2026-1801), or takes what belongs to it for the next
 * request. */
static const struct
{
  const char *name;
  const char *chunks;
  guint status;
} bodies[] = {
  { "as it should be", "10\r\n" BODY "\r\n0\r\n\r\n", 201 },
  { "a trailer", "10\r\n" BODY "\r\n0\r\nHost: evil.example\r\n\r\n", 201 },
  { "a request as a trailer", "10\r\n" BODY "\r\n0\r\nGET /v1/health HTTP/1.1\r\nHost: a\r\n\r\n",
    201 },
  { "a size's line feed alone", "10\n" BODY "\r\n0\r\n\r\n", 400 },
  { "data's line feed alone", "10\r\n" BODY "\n0\r\n\r\n", 400 },
  { "a line feed in an extension", "10;a\nb\r\n" BODY "\r\n0\r\n\r\n", 400 },
  { "no end of data", "10\r\n" BODY "XX0\r\n\r\n", 400 },
  { "0x", "0x10\r\n" BODY "\r\n0\r\n\r\n", 400 },
  { "a sign", "+10\r\n" BODY "\r\n0\r\n\r\n", 400 },
  { "a negative size", "-10\r\n" BODY "\r\n0\r\n\r\n", 400 },
  { "a word behind the size", "10 zz\r\n" BODY "\r\n0\r\n\r\n", 400 },
  { "no size", "\r\n" BODY "\r\n0\r\n\r\n", 400 },
  { "a size of 64 bits", "ffffffffffffffff\r\n" BODY "\r\n0\r\n\r\n", 400 },
  { "a size of 68 bits", "10000000000000010\r\n" BODY "\r\n0\r\n\r\n", 400 },
};

static void
test_chunks (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);

  for (guint i = 0; i < N_WAYS * G_N_ELEMENTS (bodies); i++)
    {
      guint which = i / N_WAYS;
      g_autofree char *bytes = g_strconcat (
          POST "Host: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", bodies[which].chunks,
          "GET /v1/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n", NULL);
      g_autoptr(Answer) answer = talk (live, i % N_WAYS, bytes, FALSE);

      g_test_message ("%s, %u: %s%s", bodies[which].name, i % N_WAYS, answer->head, answer->body);
      g_assert_null (strstr (answer->body, "HTTP/1."));
      g_assert_null (strstr (answer->body, "smuggled"));
      g_assert_true (answer_has_header (answer, "Connection: close"));
      if (bodies[which].status == 400)
        assert_failure (answer, 400, 1001);
      else
        g_assert_cmpuint (answer->status, ==, bodies[which].status);
    }
  live_stop (live);
}

/* libsoup 3.2 would give each by itself, overlapping ones as often as they are named
 * (CVE-2025-32907), and some from past the end (CVE-2026-2443). */
static void
test_ranges (void)
{
  static const char *const ranges[] = {
    "0-4",
    "0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0",
    "9-,8-,7-,6-,5-,4-,3-,2-,1-,0-",
    "-1",
    "-0",
    "--5",
    "9999-",
    "5-2,18446744073709551615-",
    "0-9223372036854775807",
    "-9223372036854775807",
    "18446744073709551610-18446744073709551615",
  };
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(Answer) whole = live_ask (live, "GET", "/v1/queue", NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++)
    {
      g_autofree char *header = g_strdup_printf ("Range: bytes=%s\r\n", ranges[i]);
      g_autoptr(Answer) answer = live_ask (live, "GET", "/v1/queue", header, NULL);

      g_test_message ("%s", ranges[i]);
      g_assert_cmpuint (answer->status, ==, 200);
      g_assert_cmpstr (answer->body, ==, whole->body);
      g_assert_null (strstr (answer->head, "Content-Range"));
    }
  live_stop (live);
}

/* A socket's own limits, over a real one: permessage-deflate is never agreed to, and frames that
 * ask for too much, or are none, end it with a word. */
#define MASKED "\x80"
#define MASK "\0\0\0\0"
#define FRAME(bytes) bytes, sizeof bytes - 1

static const struct
{
  const char *name;
  const char *first;
  gsize n_first;
  const char *again; /* without an end, as far as the client is concerned */
  gsize n_again;
  guint code;
} frames[] = {
  { "closed by the client", FRAME ("\x88\x82" MASK "\x03\xe8"), NULL, 0, 1000 },
  { "compressed", FRAME ("\xc1\x81" MASK "a"), NULL, 0, 1002 },
  { "unmasked",
    FRAME ("\x81\x01"
           "a"),
    NULL, 0, 1002 },
  { "unknown opcode", FRAME ("\x83\x80" MASK), NULL, 0, 1002 },
  { "a long ping", FRAME ("\x89\xfe\x00\x7e" MASK), NULL, 0, 1002 },
  { "a long close", FRAME ("\x88\xfe\x00\x7e" MASK), NULL, 0, 1002 },
  { "a ping in pieces", FRAME ("\x09\x80" MASK), NULL, 0, 1002 },
  { "a message of 1,025 bytes", FRAME ("\x81\xfe\x04\x01" MASK), NULL, 0, 1009 },
  { "a message of 2^62 bytes", FRAME ("\x81\xff\x40\0\0\0\0\0\0\0" MASK), NULL, 0, 1009 },
  { "a length of 2^63", FRAME ("\x81\xff\x80\0\0\0\0\0\0\0" MASK), NULL, 0, 1002 },
  { "endless fragments", FRAME ("\x01\x81" MASK "a"), FRAME ("\0\x81" MASK "a"), 1009 },
  { "endless empty fragments", FRAME ("\x01" MASKED MASK), FRAME ("\0" MASKED MASK), 1009 },
  { "no text", FRAME ("\x81\x81" MASK "\xff"), NULL, 0, 1007 },
};

static void
test_frames (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
    {
      g_autoptr(GString) bytes = g_string_new (
          "GET /v1/events HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
          "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
          "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n");
      g_autoptr(Answer) answer = NULL;

      g_string_append_len (bytes, frames[i].first, (gssize)frames[i].n_first);
      for (guint k = 0; frames[i].again != NULL && k < 100000; k++)
        g_string_append_len (bytes, frames[i].again, (gssize)frames[i].n_again);
      answer = live_talk (live, bytes->str, (gssize)bytes->len);
      g_test_message ("%s: %s", frames[i].name, answer->head);
      g_assert_cmpuint (answer->status, ==, 101);
      g_assert_null (strstr (answer->head, "Sec-WebSocket-Extensions"));
      g_assert_cmpuint (answer->length, >=, 4);
      g_assert_cmphex ((guint8)answer->body[0], ==, 0x88);
      g_assert_cmpuint ((guint)(guint8)answer->body[2] << 8 | (guint8)answer->body[3], ==,
                        frames[i].code);
    }
  live_stop (live);
}

static const struct
{
  const char *headers;
  guint status;
  int error_code;
  const char *allowed_origin; /* told in the answer */
} visits[] = {
  { "Host: localhost\r\n", 200, 0, NULL },
  { "Host: LOCALHOST:5000\r\n", 200, 0, NULL },
  { "Host: 127.0.0.1:80\r\n", 200, 0, NULL },
  { "Host: [::1]:5000\r\n", 200, 0, NULL },
  { "Host: scanner.example\r\n", 200, 0, NULL },
  { "Host: scanner.example:8080\r\n", 200, 0, NULL },
  { "Host: evil.example\r\n", 421, 1007, NULL },
  { "Host: localhost.evil.example\r\n", 421, 1007, NULL },
  { "Host: 127.0.0.1.evil.example\r\n", 421, 1007, NULL },
  { "Host: 8.8.8.8\r\n", 421, 1007, NULL },
  { "Host: localhost:x\r\n", 400, 1001, NULL },

  { "Origin: http://localhost:3000\r\n", 200, 0, "http://localhost:3000" },
  { "Origin: https://localhost\r\n", 200, 0, "https://localhost" },
  { "Origin: http://127.0.0.1:8080\r\n", 200, 0, "http://127.0.0.1:8080" },
  { "Origin: http://[::1]\r\n", 200, 0, "http://[::1]" },
  { "Origin: https://shop.example\r\n", 200, 0, "https://shop.example" },
  { "Host: scanner.example\r\nOrigin: http://scanner.example\r\n", 200, 0,
    "http://scanner.example" },
  { "Origin: http://shop.example\r\n", 403, 1004, NULL },
  { "Origin: https://shop.example.evil\r\n", 403, 1004, NULL },
  { "Origin: http://evil.example\r\n", 403, 1004, NULL },
  { "Origin: http://localhost.evil.example\r\n", 403, 1004, NULL },
  { "Origin: http://localhost@evil.example\r\n", 403, 1004, NULL },
  { "Origin: http://scanner.example\r\n", 403, 1004, NULL },
  { "Origin: null\r\n", 403, 1004, NULL },
  { "Origin: file://\r\n", 403, 1004, NULL },
  { "Origin: \r\n", 403, 1004, NULL },
  { "Sec-Fetch-Site: cross-site\r\n", 403, 1004, NULL },
  { "Sec-Fetch-Site: same-origin\r\n", 200, 0, NULL },
  { "Sec-Fetch-Site: none\r\n", 200, 0, NULL },
  { "Sec-Fetch-Site: cross-site\r\nOrigin: https://shop.example\r\n", 200, 0,
    "https://shop.example" },
  { "Sec-Fetch-Site: cross-site\r\nOrigin: http://evil.example\r\n", 403, 1004, NULL },
  /* A name that an attacker gives this machine: the same origin, and yet refused. */
  { "Host: evil.example\r\nOrigin: http://evil.example\r\n", 421, 1007, "http://evil.example" },
};

static void
test_visits (void)
{
  static const char *const origins[] = { "https://shop.example", NULL };
  g_auto(GStrv) hosts = g_strsplit ("scanner.example", ",", 0);
  BipeServerOptions options = live_options ();
  Live *live;

  options.allowed_hosts = hosts;
  live = live_start_for_pages (&options, origins);
  for (guint i = 0; i < G_N_ELEMENTS (visits); i++)
    {
      g_autoptr(Answer) answer = live_ask (live, "GET", "/v1/scans", visits[i].headers, NULL);
      const char *told = strstr (answer->head, "Access-Control-Allow-Origin: ");

      g_test_message ("%s: %s", visits[i].headers, answer->head);
      if (visits[i].error_code != 0)
        assert_failure (answer, visits[i].status, visits[i].error_code);
      else
        g_assert_cmpuint (answer->status, ==, visits[i].status);
      g_assert_cmpint (told != NULL, ==, visits[i].allowed_origin != NULL);
      if (told != NULL)
        g_assert_true (g_str_has_prefix (told + strlen ("Access-Control-Allow-Origin: "),
                                         visits[i].allowed_origin));
    }
  live_stop (live);
}

static void
test_any_origin (void)
{
  static const char *const origins[] = { "*", NULL };
  BipeServerOptions options = live_options ();
  Live *live = live_start_for_pages (&options, origins);
  g_autoptr(Answer) answer = live_ask (live, "GET", "/v1/scans", "Origin: null\r\n", NULL);

  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_true (answer_has_header (answer, "Access-Control-Allow-Origin: null"));
  live_stop (live);
}

static void
result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

/* Of pages that were refused, and of these alone, somebody hears; one that is let in then is so at
 * once, on a connection that stands, too. */
static void
test_refused_origin (void)
{
  static const char page[] = "Origin: https://shop.example\r\n";
  static const char *const unheard[] = {
    "Origin: http://localhost:3000\r\n",
    "Origin: file://\r\n",
    "Host: evil.example\r\nOrigin: http://evil.example\r\n",
    "Sec-Fetch-Site: cross-site\r\n",
  };
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(GSocket) socket = live_connect (live);
  g_autoptr(GAsyncResult) result = NULL;
  g_autofree char *origin = NULL;
  g_autoptr(Answer) refused = NULL, allowed = NULL, preflight = NULL, other = NULL;
  g_autoptr(GString) kept = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (unheard); i++)
    answer_free (live_ask (live, "GET", "/v1/scans", unheard[i], NULL));
  refused = live_ask (live, "GET", "/v1/scans", page, NULL);
  assert_failure (refused, 403, 1004);
  bipe_origins_await_async (live_get_origins (live), NULL, result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  origin = bipe_origins_await_finish (live_get_origins (live), result, NULL);
  g_assert_cmpstr (origin, ==, "https://shop.example");

  bipe_origins_allow (live_get_origins (live), origin);
  allowed = live_ask (live, "GET", "/v1/scans", page, NULL);
  g_assert_cmpuint (allowed->status, ==, 200);
  g_assert_true (answer_has_header (allowed, "Access-Control-Allow-Origin: https://shop.example"));
  live_send (socket,
             "GET /v1/queue HTTP/1.1\r\nHost: localhost\r\nOrigin: https://shop.example\r\n"
             "Connection: close\r\n\r\n",
             -1);
  kept = live_receive (socket);
  g_assert_true (g_str_has_prefix (kept->str, "HTTP/1.1 200 "));
  preflight
      = live_ask (live, "OPTIONS", "/v1/scans",
                  "Origin: https://shop.example\r\nAccess-Control-Request-Method: POST\r\n", NULL);
  g_assert_cmpuint (preflight->status, ==, 204);
  other = live_ask (live, "GET", "/v1/scans", "Origin: http://shop.example\r\n", NULL);
  assert_failure (other, 403, 1004);

  g_clear_object (&result);
  live_stop (live);
}

/* A page must also be able to read why it failed, whichever layer said so. */
static void
test_failures_are_readable (void)
{
  static const struct
  {
    const char *method;
    const char *target;
    const char *headers;
    const char *body;
    guint status;
  } cases[] = {
    { "GET", "/nothing", "", NULL, 404 },
    { "POST", "/v1/scans", "", "{}", 400 },
    { "POST", "/v1/scans", "Content-Type: text/plain\r\n", "x", 415 },
    { "DELETE", "/v1/scans/1", "", NULL, 403 },
    { "POST", "/v1/scans", "", "12345678901234567890123456789012345678901234567890", 413 },
  };
  BipeServerOptions options = live_options ();
  Live *live;

  options.body_limit = 32;
  live = live_start (&options, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *headers
          = g_strdup_printf ("Origin: http://localhost:3000\r\n%s", cases[i].headers);
      g_autoptr(Answer) answer
                 = live_ask (live, cases[i].method, cases[i].target, headers, cases[i].body);

      g_assert_cmpuint (answer->status, ==, cases[i].status);
      g_assert_true (
          answer_has_header (answer, "Access-Control-Allow-Origin: http://localhost:3000"));
      g_assert_true (answer_has_header (answer, "Vary: Origin"));
    }
  live_stop (live);
}

static void
test_preflight (void)
{
  static const struct
  {
    const char *origin;
    guint status;
    int error_code;
  } cases[] = {
    { "http://localhost:3000", 204, 0 },
    { "http://evil.example", 403, 1004 },
    { "null", 403, 1004 },
  };
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *headers
          = g_strdup_printf ("Origin: %s\r\nAccess-Control-Request-Method: POST\r\n"
                             "Access-Control-Request-Headers: content-type\r\n",
                             cases[i].origin);
      g_autoptr(Answer) answer = live_ask (live, "OPTIONS", "/v1/scans", headers, NULL);

      g_assert_cmpuint (answer->status, ==, cases[i].status);
      if (cases[i].error_code != 0)
        assert_failure (answer, cases[i].status, cases[i].error_code);
      else
        {
          g_assert_true (
              answer_has_header (answer, "Access-Control-Allow-Origin: http://localhost:3000"));
          g_assert_nonnull (strstr (answer->head, "Access-Control-Allow-Methods: "));
          g_assert_nonnull (strstr (answer->head, "Content-Type, Idempotency-Key, Last-Event-ID"));
          g_assert_cmpstr (answer->body, ==, "");
        }
    }
  live_stop (live);
}

#define CROSS "Sec-Fetch-Site: cross-site\r\n"
#define FOLLOWED CROSS "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n"

/* A link on another site may be followed to what is for people, and to nothing else. */
static void
test_followed_links (void)
{
  static const struct
  {
    const char *method;
    const char *target;
    const char *headers;
    guint status;
  } cases[] = {
    { "GET", "/", FOLLOWED, 200 },
    { "GET", "/?from=there", FOLLOWED, 200 },
    { "GET", "/docs", FOLLOWED "Sec-Fetch-User: ?1\r\n", 200 },
    { "GET", "/", CROSS, 403 },
    { "GET", "/", CROSS "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n", 403 },
    { "GET", "/", CROSS "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: document\r\n", 403 },
    { "GET", "/web/page.js", FOLLOWED, 403 },
    { "GET", "/v1/scans", FOLLOWED, 403 },
    { "GET", "/v1/scans.csv", FOLLOWED, 403 },
    { "GET", "/v1/openapi.json", FOLLOWED, 403 },
    { "GET", "/qrcode/all", FOLLOWED, 403 },
    { "POST", "/codigo/", FOLLOWED, 403 },
    { "POST", "/", FOLLOWED, 403 },
    { "GET", "/", FOLLOWED "Origin: http://evil.example\r\n", 403 },
    { "GET", "/", FOLLOWED "Host: evil.example\r\n", 421 },
  };
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(Answer) answer
                 = live_ask (live, cases[i].method, cases[i].target, cases[i].headers, NULL);

      g_test_message ("%s %s, %s", cases[i].method, cases[i].target, cases[i].headers);
      g_assert_cmpuint (answer->status, ==, cases[i].status);
    }
  live_stop (live);
}

static guint n_told;

static GLogWriterOutput
writer (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE")
        && strstr (fields[i].value, "refused a request for the host") != NULL)
      n_told++;
  return g_log_writer_default (level, fields, n_fields, user_data);
}

/* Who asks for one name after another does not fill the log. */
static void
test_told_hosts (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);

  n_told = 0;
  for (guint i = 0; i < 2 * BIPE_REFUSALS_MAX; i++)
    for (guint k = 0; k < 3; k++)
      {
        g_autofree char *header = g_strdup_printf ("Host: evil-%u.example\r\n", i);
        g_autoptr(Answer) answer = live_ask (live, "GET", "/v1/health", header, NULL);

        g_assert_cmpuint (answer->status, ==, 421);
      }
  /* A slow machine takes more than the minute. */
  g_assert_cmpuint (n_told, >=, BIPE_REFUSALS_MAX + 1);
  g_assert_cmpuint (n_told, <, 3 * BIPE_REFUSALS_MAX);
  live_stop (live);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (writer, NULL, NULL);
  g_test_add_func ("/guards/malformed", test_malformed);
  g_test_add_func ("/guards/cut", test_cut);
  g_test_add_func ("/guards/pieces", test_pieces);
  g_test_add_func ("/guards/chunks", test_chunks);
  g_test_add_func ("/guards/ranges", test_ranges);
  g_test_add_func ("/guards/frames", test_frames);
  g_test_add_func ("/guards/visits", test_visits);
  g_test_add_func ("/guards/any-origin", test_any_origin);
  g_test_add_func ("/guards/refused-origin", test_refused_origin);
  g_test_add_func ("/guards/followed-links", test_followed_links);
  g_test_add_func ("/guards/told-hosts", test_told_hosts);
  g_test_add_func ("/guards/failures-are-readable", test_failures_are_readable);
  g_test_add_func ("/guards/preflight", test_preflight);
  return g_test_run ();
}
