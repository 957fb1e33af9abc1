/* test-connections.c: connections in time and number: late, silent, half closed, kept, too many. */
#include "config.h"

#include <dirent.h>
#include <string.h>
#include <sys/socket.h>

#include "access/scopes.h"
#include "base/status.h"
#include "live.h"

#define HEALTH "GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
#define CLOSING "\r\nConnection: close\r\n\r\n"
#define POST "POST /v1/scans HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"

/* What a client sends before it falls silent, and what it then gets. */
static const struct
{
  const char *name;
  const char *bytes;
  guint status;
  int error_code;
} late[] = {
  { "nothing", "", 408, 1006 },
  { "half a line", "GET /v1/hea", 408, 1006 },
  { "half the headers", "GET /v1/health HTTP/1.1\r\nHost: localhost\r\n", 408, 1006 },
  { "no body", POST "Content-Length: 16\r\n\r\n", 408, 1006 },
  { "half a body", POST "Content-Length: 16\r\n\r\n{\"code\":", 408, 1006 },
  { "half a chunk", POST "Transfer-Encoding: chunked\r\n\r\n10\r\n{\"code\":", 408, 1006 },
};

static void
test_late (void)
{
  BipeServerOptions options = live_options ();
  Live *live;

  options.time_limit = 1;
  live = live_start (&options, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (late); i++)
    {
      g_autoptr(Answer) answer = live_talk (live, late[i].bytes, -1);

      g_test_message ("%s: %s%s", late[i].name, answer->head, answer->body);
      assert_failure (answer, late[i].status, late[i].error_code);
    }
  live_stop (live);
}

static void
count_descriptors (Live *live, gpointer data)
{
  DIR *dir = opendir ("/proc/self/fd");
  guint n = 0;

  while (readdir (dir) != NULL)
    n++;
  closedir (dir);
  *(guint *)data = n;
}

static guint
get_descriptors (Live *live)
{
  guint n;

  live_run (live, count_descriptors, &n);
  return n;
}

static void
receive_answer (GSocket *socket)
{
  g_autoptr(GString) bytes = g_string_new (NULL);
  char buffer[4096];

  while (strstr (bytes->str, "\"message\":\"ok\"}") == NULL)
    {
      gssize n = g_socket_receive (socket, buffer, sizeof buffer, NULL, NULL);

      g_assert_cmpint (n, >, 0);
      g_string_append_len (bytes, buffer, n);
    }
}

/* How a client leaves, after a first request or without one. */
static const struct
{
  const char *name;
  const char *first;
  const char *second;
  gboolean is_reset;
} leaving[] = {
  { "before any request", NULL, NULL, FALSE },
  { "between two requests", HEALTH, NULL, FALSE },
  { "in a second request's headers", HEALTH, "GET /v1", FALSE },
  { "in a second request's body", HEALTH, POST "Content-Length: 16\r\n\r\n{", FALSE },
  { "after a second request", HEALTH, HEALTH, FALSE },
  { "between two requests, with a reset", HEALTH, NULL, TRUE },
  { "in a second request's headers, with a reset", HEALTH, "GET /v1", TRUE },
  { "after a second request, with a reset", HEALTH, HEALTH, TRUE },
};

/* Closing it is a reset. */
static void
set_reset (GSocket *socket)
{
  struct linger linger = { .l_onoff = 1, .l_linger = 0 };

  g_assert_no_errno (
      setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
}

/* libsoup 3.2 keeps the connections that clients close between two requests. */
static void
test_leaving (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (leaving); i++)
    {
      guint before = get_descriptors (live);

      g_test_message ("%s", leaving[i].name);
      for (guint j = 0; j < 50; j++)
        {
          g_autoptr(GSocket) socket = live_connect (live);

          if (leaving[i].is_reset)
            set_reset (socket);
          if (leaving[i].first != NULL)
            {
              live_send (socket, leaving[i].first, -1);
              receive_answer (socket);
            }
          if (leaving[i].second != NULL)
            live_send (socket, leaving[i].second, -1);
        }
      /* A leak never ends; the test's time limit tells. */
      while (get_descriptors (live) > before)
        g_usleep (10 * 1000);
    }
  live_stop (live);
}

static gpointer
hurry (gpointer data)
{
  for (guint i = 0; i < 4000; i++)
    {
      g_autoptr(GSocket) socket = live_connect (data);

      live_send (socket, HEALTH, -1);
      receive_answer (socket);
    }
  return NULL;
}

/* The end of a stream comes in the middle of what the server does: it once took the process with
 * it, about once in five thousand. */
static void
test_hurried (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  GThread *clients[4];

  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    clients[i] = g_thread_new ("client", hurry, live);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    g_thread_join (clients[i]);
  live_stop (live);
}

/* A client may say that it has no more to send, and still wants its answer. */
static void
test_half_closed (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr(GSocket) socket = live_connect (live);
      g_autoptr(GString) received = NULL;
      g_autoptr(Answer) answer = NULL;

      live_send (socket, POST "Content-Length: 17\r\n\r\n{\"code\":\"123456\"}", -1);
      g_socket_shutdown (socket, FALSE, TRUE, NULL);
      received = live_receive (socket);
      answer = answer_parse (received);
      g_assert_cmpuint (answer->status, ==, 201);
    }
  live_stop (live);
}

static void
test_kept (void)
{
  BipeServerOptions options = live_options ();
  Live *live;
  g_autoptr(GSocket) socket = NULL;
  g_autoptr(GString) rest = NULL;

  options.time_limit = 1;
  live = live_start (&options, FALSE);
  socket = live_connect (live);
  for (guint i = 0; i < 3; i++)
    {
      live_send (socket, HEALTH, -1);
      receive_answer (socket);
    }
  /* Two at once. */
  live_send (socket, HEALTH HEALTH, -1);
  receive_answer (socket);
  /* Silent for too long: ended, without a word. */
  rest = live_receive (socket);
  g_assert_null (strstr (rest->str, "408"));
  live_stop (live);
}

static void
test_too_many (void)
{
  GSocket *sockets[4];
  BipeServerOptions options = live_options ();
  Live *live;

  options.max_connections = G_N_ELEMENTS (sockets);
  live = live_start (&options, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (sockets); i++)
    {
      sockets[i] = live_connect (live);
      live_send (sockets[i], HEALTH, -1);
      receive_answer (sockets[i]);
    }
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(Answer) answer = live_talk (live, "", 0);

      assert_failure (answer, 503, 1007);
    }
  /* Those inside go on, and where one leaves another gets in. */
  live_send (sockets[0], HEALTH, -1);
  receive_answer (sockets[0]);
  g_object_unref (sockets[1]);
  for (guint status = 0; status != 200;)
    {
      g_autoptr(Answer) answer = live_ask (live, "GET", "/v1/health", NULL, NULL);

      status = answer->status;
    }
  g_object_unref (sockets[0]);
  g_object_unref (sockets[2]);
  g_object_unref (sockets[3]);
  live_stop (live);
}

/* Over the same server, from another of this machine's addresses; the whole of 127.0.0.0/8 is. */
static GSocket *
connect_from (Live *live, const char *address)
{
  g_autoptr(GSocket) sample = live_connect (live);
  g_autoptr(GSocketAddress) remote = g_socket_get_remote_address (sample, NULL);
  g_autoptr(GSocketAddress) local = g_inet_socket_address_new_from_string (address, 0);
  g_autoptr(GError) error = NULL;
  GSocket *socket
      = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);

  g_assert_no_error (error);
  g_socket_set_timeout (socket, 60);
  g_assert_true (g_socket_bind (socket, local, FALSE, &error));
  g_assert_true (g_socket_connect (socket, remote, NULL, &error));
  g_assert_no_error (error);
  return socket;
}

static void
test_too_many_from_one (void)
{
  g_autoptr(GSocket) other = NULL;
  GSocket *sockets[3];
  BipeServerOptions options = live_options ();
  Live *live;

  options.max_connections_per_address = G_N_ELEMENTS (sockets);
  live = live_start (&options, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (sockets); i++)
    {
      sockets[i] = connect_from (live, "127.0.0.2");
      live_send (sockets[i], HEALTH, -1);
      receive_answer (sockets[i]);
    }
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(GSocket) socket = connect_from (live, "127.0.0.2");
      g_autoptr(GString) received = live_receive (socket);
      g_autoptr(Answer) answer = answer_parse (received);

      assert_failure (answer, 503, 1007);
      g_assert_nonnull (strstr (answer->body, "one address"));
    }
  /* Others have room, those inside go on, and where one leaves another gets in. */
  other = connect_from (live, "127.0.0.3");
  live_send (other, HEALTH, -1);
  receive_answer (other);
  live_send (sockets[0], HEALTH, -1);
  receive_answer (sockets[0]);
  g_object_unref (sockets[1]);
  for (gboolean is_in = FALSE; !is_in;)
    {
      g_autoptr(GSocket) socket = connect_from (live, "127.0.0.2");
      g_autoptr(GString) received = NULL;

      live_send (socket, "GET /v1/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", -1);
      received = live_receive (socket);
      is_in = strstr (received->str, "503") == NULL;
    }
  g_object_unref (sockets[0]);
  g_object_unref (sockets[2]);
  live_stop (live);
}

/* Bodies over the limit, in every way of sending them: the client reads why. */
static const struct
{
  const char *name;
  const char *head;
  gboolean is_chunked;
  gsize length;
} large[] = {
  { "2 MiB", POST "Content-Length: 2097152\r\n\r\n", FALSE, 2097152 },
  { "20 MiB", POST "Content-Length: 20971520\r\n\r\n", FALSE, 20971520 },
  { "announced alone", POST "Content-Length: 9223372036854775807\r\n\r\n", FALSE, 0 },
  { "asked first", POST "Expect: 100-continue\r\nContent-Length: 2097152\r\n\r\n", FALSE, 0 },
  { "chunks", POST "Transfer-Encoding: chunked\r\n\r\n", TRUE, 2097152 },
};

static void
send_large (GSocket *socket, gsize length, gboolean is_chunked)
{
  g_autofree char *block = g_strnfill (65536, '7');

  for (gsize sent = 0; sent < length; sent += 65536)
    {
      if (is_chunked)
        live_send (socket, "10000\r\n", -1);
      live_send (socket, block, 65536);
      if (is_chunked)
        live_send (socket, "\r\n", -1);
    }
}

static void
test_large (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (large); i++)
    {
      g_autoptr(GSocket) socket = live_connect (live);
      g_autoptr(GString) received = NULL;
      g_autoptr(Answer) answer = NULL;

      live_send (socket, large[i].head, -1);
      send_large (socket, large[i].length, large[i].is_chunked);
      received = live_receive (socket);
      answer = answer_parse (received);
      g_test_message ("%s: %s%s", large[i].name, answer->head, answer->body);
      assert_failure (answer, 413, 1005);
    }
  live_stop (live);
}

/* Bodies that are held while they come slowly: all together are bounded, and room that was left is
 * taken again. */
static void
test_held (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autofree char *body = g_strnfill (1024 * 1024 - 1, '7');
  g_autoptr(GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GString) received = NULL;
  g_autoptr(Answer) refused = NULL, taken = NULL;
  GSocket *answered = NULL;

  for (guint i = 0; i < 65; i++)
    {
      g_ptr_array_add (sockets, live_connect (live));
      live_send (sockets->pdata[i], POST "Content-Length: 1048576\r\n\r\n", -1);
      live_send (sockets->pdata[i], body, -1);
    }
  for (guint i = 0; answered == NULL; i = (i + 1) % sockets->len)
    if (g_socket_condition_timed_wait (sockets->pdata[i], G_IO_IN, 10000, NULL, NULL))
      answered = sockets->pdata[i];
  received = live_receive (answered);
  refused = answer_parse (received);
  assert_failure (refused, 503, 1007);
  g_assert_nonnull (strstr (refused->head, "Retry-After: 1\r\n"));

  g_ptr_array_set_size (sockets, 0);
  do
    {
      g_autoptr(GSocket) socket = live_connect (live);
      g_autoptr(GString) answer = NULL;

      live_send (socket, POST "Connection: close\r\nContent-Length: 100000\r\n\r\n{\"code\":\"",
                 -1);
      live_send (socket, body, 100000 - 11);
      live_send (socket, "\"}", 2);
      answer = live_receive (socket);
      g_clear_pointer (&taken, answer_free);
      taken = answer_parse (answer);
    }
  while (taken->status == 503);
  assert_failure (taken, 400, 1001);
  live_stop (live);
}

/* Strangers fill only half of that: there is room left for who has a token. */
static void
test_strangers (void)
{
  BipeServerOptions options = live_options ();
  g_autofree char *body = g_strnfill (1024 * 1024 - 1, '7');
  g_autoptr(GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *token = NULL, *head = NULL;
  g_autoptr(GSocket) socket = NULL;
  g_autoptr(GString) received = NULL;
  g_autoptr(Answer) answer = NULL;
  guint n_refused = 0;
  Live *live;

  options.needs_token = TRUE;
  live = live_start (&options, FALSE);
  token = live_issue (live, "scanner", BIPE_SCOPE_SCAN, NULL);
  for (guint i = 0; i < 66; i++)
    {
      g_ptr_array_add (sockets, live_connect (live));
      live_send (sockets->pdata[i],
                 "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048576\r\n\r\n", -1);
      live_send (sockets->pdata[i], body, -1);
    }
  while (n_refused < 33)
    {
      n_refused = 0;
      for (guint i = 0; i < sockets->len; i++)
        if (g_socket_condition_check (sockets->pdata[i], G_IO_IN | G_IO_HUP) != 0)
          n_refused++;
      g_usleep (10000);
    }

  socket = live_connect (live);
  head = g_strdup_printf (POST "Authorization: Bearer %s\r\nContent-Length: 100000" CLOSING, token);
  live_send (socket, head, -1);
  live_send (socket, "{\"code\":\"", -1);
  live_send (socket, body, 100000 - 11);
  live_send (socket, "\"}", 2);
  received = live_receive (socket);
  answer = answer_parse (received);
  assert_failure (answer, 400, 1001);
  g_ptr_array_set_size (sockets, 0);
  live_stop (live);
}

/* What was refused, even in the midst of a chunk, is held no longer. */
static void
test_let_go (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);

  for (guint i = 0; i < 70; i++)
    {
      g_autoptr(GSocket) socket = live_connect (live);
      g_autoptr(GString) received = NULL;
      g_autoptr(Answer) answer = NULL;

      live_send (socket, POST "Transfer-Encoding: chunked\r\n\r\n", -1);
      send_large (socket, 1200 * 1024, TRUE);
      received = live_receive (socket);
      answer = answer_parse (received);
      assert_failure (answer, 413, 1005);
    }
  live_stop (live);
}

/* Lines and headers up to 64 KiB are read, longer ones refused, on a fresh connection and on a kept
 * one; a body does not count. */
static const struct
{
  const char *name;
  const char *before;
  gsize length;
  const char *after;
  guint status;
} heads[] = {
  { "a long header", "GET /v1/health HTTP/1.1\r\nHost: localhost\r\nA: ", 60000, CLOSING, 200 },
  { "too long a header", "GET /v1/health HTTP/1.1\r\nHost: localhost\r\nA: ", 66000, CLOSING, 431 },
  { "far too long a header", "GET / HTTP/1.1\r\nHost: localhost\r\nA: ", 4000000, CLOSING, 431 },
  { "too long a name", "GET / HTTP/1.1\r\nHost: localhost\r\n", 70000, ": a" CLOSING, 431 },
  { "too long a line", "GET /", 70000, " HTTP/1.1\r\nHost: localhost" CLOSING, 431 },
  { "no end", "GET /", 70000, "", 431 },
  { "a body of its own", POST "Connection: close\r\nContent-Length: 300010\r\n\r\n{\"code\":\"",
    300000, "\"", 400 },
};

static void
test_heads (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);

  for (guint i = 0; i < 2 * G_N_ELEMENTS (heads); i++)
    {
      guint which = i / 2;
      g_autoptr(GSocket) socket = live_connect (live);
      g_autofree char *filling = g_strnfill (heads[which].length, '7');
      g_autofree char *bytes = g_strconcat (heads[which].before, filling, heads[which].after, NULL);
      g_autoptr(GString) received = NULL;
      g_autoptr(Answer) answer = NULL;

      if (i % 2 == 1)
        {
          live_send (socket, HEALTH, -1);
          receive_answer (socket);
        }
      live_send (socket, bytes, -1);
      received = live_receive (socket);
      answer = answer_parse (received);
      g_test_message ("%s, %s: %s%s", heads[which].name, i % 2 == 1 ? "kept" : "fresh",
                      answer->head, answer->body);
      if (heads[which].status == 431)
        assert_failure (answer, 431, 1007);
      else
        g_assert_cmpuint (answer->status, ==, heads[which].status);
    }
  live_stop (live);
}

/* A stop answers what is under way; live_stop() asserts that all has gone. */
static void
test_stop (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(GSocket) idle = live_connect (live);
  g_autoptr(GSocket) busy = live_connect (live);
  g_autoptr(GString) received = NULL;
  g_autoptr(Answer) answer = NULL;

  live_send (idle, HEALTH, -1);
  receive_answer (idle);
  live_send (busy, POST "Content-Length: 17\r\n\r\n{\"code\":\"123456\"", -1);
  live_stop_begin (live);
  live_send (busy, "}", -1);
  received = live_receive (busy);
  answer = answer_parse (received);
  g_assert_cmpuint (answer->status, ==, 201);
  g_assert_true (answer_has_header (answer, "Connection: close"));
  live_stop_end (live);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/connections/late", test_late);
  g_test_add_func ("/connections/leaving", test_leaving);
  g_test_add_func ("/connections/hurried", test_hurried);
  g_test_add_func ("/connections/half-closed", test_half_closed);
  g_test_add_func ("/connections/kept", test_kept);
  g_test_add_func ("/connections/too-many", test_too_many);
  g_test_add_func ("/connections/too-many-from-one", test_too_many_from_one);
  g_test_add_func ("/connections/large", test_large);
  g_test_add_func ("/connections/held", test_held);
  g_test_add_func ("/connections/strangers", test_strangers);
  g_test_add_func ("/connections/let-go", test_let_go);
  g_test_add_func ("/connections/heads", test_heads);
  g_test_add_func ("/connections/stop", test_stop);
  return g_test_run ();
}
