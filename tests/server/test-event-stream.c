/* test-event-stream.c: /v1/events over raw bytes: what readers of the station's events get, by
 * Server-Sent Events and by WebSocket. */
#define _GNU_SOURCE /* memmem() */
#include "config.h"

#include <string.h>
#include <sys/socket.h>

#include "live.h"
#include "server/event-feed.h"

#define STREAM "Host: localhost\r\nAccept: text/event-stream\r\n"
#define SOCKET                                                                                     \
  "Host: localhost\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"                   \
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static GSocket *
open_events (Live *live, const char *query, const char *headers)
{
  GSocket *socket = live_connect (live);
  g_autofree char *request
      = g_strdup_printf ("GET /v1/events%s HTTP/1.1\r\n%s\r\n", query, headers);

  live_send (socket, request, -1);
  return socket;
}

/* Reads on until @wanted has come. */
static void
expect (GSocket *socket, GString *seen, const char *wanted)
{
  char buffer[65536];

  while (memmem (seen->str, seen->len, wanted, strlen (wanted)) == NULL)
    {
      g_autoptr(GError) error = NULL;
      gssize n = g_socket_receive (socket, buffer, sizeof buffer, NULL, &error);

      g_assert_no_error (error);
      if (n == 0)
        g_error ("the end came instead of %s", wanted);
      g_string_append_len (seen, buffer, n);
    }
}

static guint
count (const GString *seen, const char *text)
{
  guint n = 0;
  const char *end = seen->str + seen->len;

  for (const char *p = seen->str; (p = memmem (p, (gsize)(end - p), text, strlen (text))) != NULL;
       p++)
    n++;
  return n;
}

/* The last `id:` of a stream. */
static char *
dup_last_id (const GString *seen)
{
  const char *id = g_strrstr (seen->str, "\nid: ");

  g_assert_nonnull (id);
  return g_strndup (id + 5, strcspn (id + 5, "\n"));
}

static void
test_stream (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(GString) seen = g_string_new (NULL), again = g_string_new (NULL);
  g_autoptr(GSocket) socket = NULL, second = NULL;
  g_autofree char *id = NULL, *headers = NULL;

  live_fill (live, "old", 3);
  socket = open_events (live, "?after=0", STREAM);
  expect (socket, seen, "\"code\":\"old2\"");
  live_fill (live, "new", 2);
  expect (socket, seen, "event: stored\ndata: {\"seq\":10,");
  g_assert_true (g_str_has_prefix (seen->str, "HTTP/1.1 200 OK\r\n"));
  g_assert_nonnull (strstr (seen->str, "\r\nContent-Type: text/event-stream\r\n"));
  g_assert_cmpuint (count (seen, "event: queued\n"), ==, 5);
  g_assert_cmpuint (count (seen, "event: stored\n"), ==, 5);
  g_assert_cmpuint (count (seen, "event: reset\n"), ==, 0);

  /* Back with the last that it had: the header knows better than the address. */
  id = dup_last_id (seen);
  headers = g_strdup_printf (STREAM "Last-Event-ID: %s\r\n", id);
  g_clear_object (&socket);
  live_fill (live, "missed", 2);
  second = open_events (live, "?after=0", headers);
  expect (second, again, "\"code\":\"missed1\"");
  expect (second, again, "{\"seq\":14,");
  g_assert_cmpuint (count (again, "event: queued\n"), ==, 2);
  g_assert_cmpuint (count (again, "event: stored\n"), ==, 2);
  g_clear_object (&second);
  live_stop (live);
}

static void
test_from_now (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(GString) seen = g_string_new (NULL);
  g_autoptr(GSocket) socket = NULL;

  live_fill (live, "old", 3);
  socket = open_events (live, "", STREAM);
  expect (socket, seen, "\r\n\r\n");
  live_fill (live, "new", 1);
  expect (socket, seen, "event: stored\n");
  g_assert_cmpuint (count (seen, "\"code\":\"old"), ==, 0);
  g_clear_object (&socket);
  live_stop (live);
}

/* A number that this journal never gave. */
static void
test_reset (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(GString) seen = g_string_new (NULL);
  g_autoptr(GSocket) socket = NULL;

  live_fill (live, "old", 2);
  socket = open_events (live, "?after=1000", STREAM);
  expect (socket, seen, "event: reset\ndata: {\"seq\":0,\"event\":\"reset\"}\n\n");
  expect (socket, seen, "event: queued\ndata: {\"seq\":1,");
  g_clear_object (&socket);
  live_stop (live);
}

static void
test_socket (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(GString) seen = g_string_new (NULL);
  g_autoptr(GSocket) socket = NULL;

  live_fill (live, "old", 2);
  socket = open_events (live, "?after=0", SOCKET);
  expect (socket, seen, "\"code\":\"old1\"");
  /* RFC 6455, section 1.3 */
  g_assert_nonnull (
      strstr (seen->str, "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  g_assert_null (strstr (seen->str, "Sec-WebSocket-Extensions"));
  /* A ping gets its pong, a close its close, both masked with zeros. */
  live_send (socket, "\x89\x82\0\0\0\0hi", 8);
  expect (socket, seen, "\x8a\x02hi");
  live_send (socket, "\x88\x82\0\0\0\0\x03\xe8", 8);
  expect (socket, seen, "\x88\x02\x03\xe8");
  g_assert_cmpint (g_socket_receive (socket, seen->str, 1, NULL, NULL), ==, 0);
  g_clear_object (&socket);
  live_stop (live);
}

static const struct
{
  const char *query;
  const char *headers;
  guint status;
  int error_code;
} refused[] = {
  { "", NULL, 400, 1001 },
  { "?after=-1", STREAM, 400, 1001 },
  { "?after=x", STREAM, 400, 1001 },
  { "", STREAM "Last-Event-ID: 1.5\r\n", 400, 1001 },
  { "",
    "Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    426, 1007 },
  { "",
    "Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n",
    400, 1001 },
  { "",
    "Host: localhost\r\nUpgrade: websocket\r\nConnection: close\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    400, 1001 },
  { "", SOCKET "Origin: https://elsewhere.example\r\n", 403, 1004 },
};

static void
test_refused (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autofree char *target = g_strdup_printf ("/v1/events%s", refused[i].query);
      g_autoptr(Answer) answer = live_ask (live, "GET", target, refused[i].headers, NULL);

      g_test_message ("%u: %s%s", i, answer->head, answer->body);
      assert_failure (answer, refused[i].status, refused[i].error_code);
    }
  live_stop (live);
}

static void
test_head (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(Answer) stream = live_ask (live, "HEAD", "/v1/events", STREAM, NULL);
  g_autoptr(Answer) socket = live_ask (live, "HEAD", "/v1/events", SOCKET, NULL);

  g_assert_cmpuint (stream->status, ==, 200);
  g_assert_true (answer_has_header (stream, "Content-Type: text/event-stream"));
  g_assert_cmpuint (stream->length, ==, 0);
  g_assert_cmpuint (socket->status, ==, 400);
  live_stop (live);
}

/* Who reads nothing is dropped, and harms nobody. */
static void
test_slow (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autofree char *prefix = g_strnfill (6000, '7');
  g_autoptr(GString) seen = g_string_new (NULL), late = g_string_new (NULL);
  g_autoptr(GSocket) idle = live_connect (live), busy = NULL;
  char buffer[65536];
  gssize n;

  g_socket_set_option (idle, SOL_SOCKET, SO_RCVBUF, 65536, NULL);
  live_send (idle, "GET /v1/events HTTP/1.1\r\n" STREAM "\r\n", -1);
  busy = open_events (live, "", STREAM);
  expect (busy, seen, "\r\n\r\n");
  expect (idle, late, "\r\n\r\n");
  for (guint i = 0; i < 10; i++)
    {
      g_autofree char *round = g_strdup_printf ("%u-%s-", i, prefix);
      g_autofree char *last = g_strdup_printf ("%s99\"", round);

      live_fill (live, round, 100);
      expect (busy, seen, last);
    }
  expect (busy, seen, "{\"seq\":2000,");
  g_assert_cmpuint (count (seen, "event: queued\n"), ==, 1000);

  while ((n = g_socket_receive (idle, buffer, sizeof buffer, NULL, NULL)) > 0)
    g_string_append_len (late, buffer, n);
  g_assert_cmpuint (late->len, <, seen->len);
  g_assert_cmpuint (count (late, "{\"seq\":2000,"), ==, 0);
  g_clear_object (&busy);
  live_stop (live);
}

/* Nobody waits for readers at the end. */
static void
test_stop (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(GString) seen = g_string_new (NULL);
  g_autoptr(GString) other = g_string_new (NULL);
  g_autoptr(GSocket) stream = open_events (live, "", STREAM);
  g_autoptr(GSocket) socket = open_events (live, "", SOCKET);
  char byte;
  gint64 start;

  expect (stream, seen, "\r\n\r\n");
  expect (socket, other, "\r\n\r\n");
  start = g_get_monotonic_time ();
  live_stop_begin (live);
  expect (socket, other, "\x88\x02\x03\xe9"); /* going away */
  g_assert_cmpint (g_socket_receive (stream, &byte, 1, NULL, NULL), ==, 0);
  g_clear_object (&socket);
  g_clear_object (&stream);
  live_stop_end (live);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 4 * G_USEC_PER_SEC);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/event-stream/stream", test_stream);
  g_test_add_func ("/event-stream/from-now", test_from_now);
  g_test_add_func ("/event-stream/reset", test_reset);
  g_test_add_func ("/event-stream/socket", test_socket);
  g_test_add_func ("/event-stream/refused", test_refused);
  g_test_add_func ("/event-stream/head", test_head);
  g_test_add_func ("/event-stream/slow", test_slow);
  g_test_add_func ("/event-stream/stop", test_stop);
  return g_test_run ();
}
