/* test-exchange.c: what an exchange promises whatever a handler does: it is answered, once. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "live.h"
#include "server/chain.h"
#include "server/metrics.h"
#include "server/peer.h"
#include "server/router.h"

/* What the room has logged since the last look. */
static GString *logged;

static GLogWriterOutput
writer (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE"))
      g_string_append_printf (logged, "%s%s\n", level & G_LOG_LEVEL_CRITICAL ? "critical: " : "",
                              (char *)fields[i].value);
  return G_LOG_WRITER_HANDLED;
}

static void
assert_logged (const char *text)
{
  g_assert_nonnull (strstr (logged->str, text));
  g_string_truncate (logged, 0);
}

static void
forget (BipeExchange *exchange)
{
}

static void
answer_twice (BipeExchange *exchange)
{
  bipe_exchange_refuse (exchange, BIPE_FAULT_CONFLICT, "first");
  bipe_exchange_refuse (exchange, BIPE_FAULT_NOT_FOUND, "second");
  bipe_exchange_reply (exchange, SOUP_STATUS_OK, "text/plain", g_string_new ("third"));
}

static const struct
{
  BipeError code;
  guint status;
  int error_code;
} errors[] = {
  { BIPE_ERROR_FAILED, 500, 999 },       { BIPE_ERROR_INVALID, 400, 1001 },
  { BIPE_ERROR_NOT_FOUND, 404, 1002 },   { BIPE_ERROR_CONFLICT, 409, 1007 },
  { BIPE_ERROR_FULL, 503, 1010 },        { BIPE_ERROR_UNAVAILABLE, 503, 1009 },
  { BIPE_ERROR_REJECTED, 409, 1007 },    { BIPE_ERROR_SETTING, 500, 999 },
  { BIPE_ERROR_NOT_WRITABLE, 500, 999 },
};

static guint which_error;

static void
fail_with_error (BipeExchange *exchange)
{
  g_autoptr(GError) error = NULL;

  g_set_error (&error, BIPE_ERROR, errors[which_error].code, "the cause");
  bipe_exchange_fail (exchange, error);
}

static BipeExchange *kept;

static void
keep (BipeExchange *exchange)
{
  kept = bipe_exchange_ref (exchange);
}

static gboolean
cut_cb (gpointer user_data)
{
  g_autoptr(BipeExchange) exchange = user_data;

  bipe_exchange_cut (exchange);
  return G_SOURCE_REMOVE;
}

static void
wrote_chunk_cb (SoupServerMessage *message, gpointer user_data)
{
  g_idle_add (cut_cb, bipe_exchange_ref (user_data));
}

/* A list that is broken off behind its first piece. */
static void
break_off (BipeExchange *exchange)
{
  SoupServerMessage *message = bipe_exchange_get_message (exchange);

  g_assert_true (bipe_exchange_start_stream (exchange, "text/plain"));
  g_signal_connect (message, "wrote-chunk", G_CALLBACK (wrote_chunk_cb), exchange);
  soup_message_body_append (soup_server_message_get_response_body (message), SOUP_MEMORY_STATIC,
                            "rows", 4);
}

/* The smallest server that can carry exchanges: the real one's glue, with one handler. */
typedef struct
{
  BipeService service;
  BipePeers *peers;
  SoupServer *soup;
  BipeRoute routes[2];
  gboolean has_emptied;
} Bench;

static void
emptied_cb (gpointer user_data)
{
  ((Bench *)user_data)->has_emptied = TRUE;
}

static void
started_cb (SoupServer *soup, SoupServerMessage *message, gpointer user_data)
{
  bipe_peers_begin (((Bench *)user_data)->peers, message);
}

static void
handler_cb (SoupServer *soup,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer user_data)
{
  Bench *bench = user_data;
  BipeExchange *exchange = bipe_peers_find (bench->peers, message)->exchange;

  bipe_exchange_set_route (exchange, &bench->routes[0], NULL);
  bipe_exchange_take_body (exchange);
}

static void
ended_cb (SoupServer *soup, SoupServerMessage *message, gpointer user_data)
{
  BipePeer *peer = bipe_peers_find (((Bench *)user_data)->peers, message);

  bipe_peer_end (peer, message, FALSE);
}

static gpointer
ask (gpointer data)
{
  GSocket *socket = data;

  live_send (socket, "GET /path?secret=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
             -1);
  return live_receive (socket);
}

/* A connection: its two ends. */
static GSocket *
connect_pair (GSocket **far)
{
  g_auto(GStrv) addresses = g_strsplit ("127.0.0.1", ",", 0);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) sockets = live_open_sockets (addresses, 0, &error);
  g_autoptr(GSocketAddress) address = NULL;
  GSocket *near;

  g_assert_no_error (error);
  address = g_socket_get_local_address (sockets->pdata[0], &error);
  g_assert_no_error (error);
  near = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_socket_connect (near, address, NULL, &error);
  g_assert_no_error (error);
  *far = g_socket_accept (sockets->pdata[0], NULL, &error);
  g_assert_no_error (error);
  return near;
}

/* What a client gets where @handler answers. @leaves: the server goes once the handler has run. */
static Answer *
run (const BipeServerOptions *options, void (*handler) (BipeExchange *exchange), gboolean leaves)
{
  Bench bench = { .service.options = *options,
                  .routes[0] = { .method = "GET", .pattern = "/path", .handler = handler } };
  g_autoptr(GSocket) far = NULL;
  g_autoptr(GSocket) socket = connect_pair (&far);
  GString *received;
  GThread *client;
  Answer *answer;

  bench.service.metrics = bipe_metrics_new (bench.routes);
  bench.soup = soup_server_new (NULL, NULL);
  bench.peers = bipe_peers_new (&bench.service, bench.soup, emptied_cb, &bench);
  soup_server_add_handler (bench.soup, "/", handler_cb, &bench, NULL);
  g_signal_connect (bench.soup, "request-started", G_CALLBACK (started_cb), &bench);
  g_signal_connect (bench.soup, "request-finished", G_CALLBACK (ended_cb), &bench);
  g_signal_connect (bench.soup, "request-aborted", G_CALLBACK (ended_cb), &bench);

  bipe_peers_accept (bench.peers, far);
  client = g_thread_new ("client", ask, socket);
  while (leaves ? kept == NULL : !bench.has_emptied)
    g_main_context_iteration (NULL, TRUE);
  if (leaves)
    soup_server_disconnect (bench.soup);
  received = g_thread_join (client);
  answer = answer_parse (received);
  g_string_free (received, TRUE);
  soup_server_disconnect (bench.soup);
  g_object_unref (bench.soup);
  bipe_peers_free (bench.peers);
  bipe_metrics_free (bench.service.metrics);
  return answer;
}

static void
test_forgotten (void)
{
  BipeServerOptions options = live_options ();
  g_autoptr(Answer) answer = run (&options, forget, FALSE);

  assert_logged ("critical: GET /path was left without an answer\n");
  assert_failure (answer, 500, 999);
}

static void
test_once (void)
{
  BipeServerOptions options = live_options ();
  g_autoptr(Answer) answer = run (&options, answer_twice, FALSE);

  assert_failure (answer, 409, 1007);
  g_assert_nonnull (strstr (answer->body, "first"));
}

/* libsoup would end it with a last chunk, as if it were whole. */
static void
test_broken_off (void)
{
  BipeServerOptions options = live_options ();
  g_autoptr(Answer) answer = run (&options, break_off, FALSE);

  g_assert_false (answer->is_whole);
}

static void
test_errors (void)
{
  BipeServerOptions options = live_options ();

  for (which_error = 0; which_error < G_N_ELEMENTS (errors); which_error++)
    {
      gboolean is_unexpected = errors[which_error].status == 500;
      g_autoptr(Answer) answer = NULL;

      answer = run (&options, fail_with_error, FALSE);
      if (is_unexpected)
        assert_logged ("cannot answer GET /path: the cause\n");
      assert_failure (answer, errors[which_error].status, errors[which_error].error_code);
      /* What went wrong inside is nobody's business outside. */
      g_assert_cmpint (strstr (answer->body, "the cause") == NULL, ==, is_unexpected);
      g_assert_cmpint (strstr (answer->head, "\r\nRetry-After: ") != NULL, ==,
                       errors[which_error].error_code == 1010);
    }
}

static void
test_development (void)
{
  BipeServerOptions options = live_options ();
  g_autoptr(Answer) answer = NULL;

  options.is_development = TRUE;
  which_error = 0;
  answer = run (&options, fail_with_error, FALSE);
  assert_logged ("cannot answer GET /path: the cause\n");
  assert_failure (answer, 500, 999);
  g_assert_nonnull (strstr (answer->body, "the cause"));
}

/* The station comes back with its answer when the client, the connection and the server have gone.
 */
static void
test_gone (void)
{
  BipeServerOptions options = live_options ();
  g_autoptr(Answer) answer = run (&options, keep, TRUE);

  g_assert_cmpstr (answer->head, ==, "");
  bipe_exchange_reply_data (kept, SOUP_STATUS_OK, bipe_exchange_begin_data ());
  g_clear_pointer (&kept, bipe_exchange_unref);
}

/* The time is up while the station works: it is told so, and what it then says is dropped. */
static void
test_slow (void)
{
  BipeServerOptions options = live_options ();
  g_autoptr(Answer) answer = NULL;

  options.time_limit = 1;
  answer = run (&options, keep, FALSE);
  assert_failure (answer, 503, 1006);
  g_assert_true (g_cancellable_is_cancelled (bipe_exchange_get_cancellable (kept)));
  bipe_exchange_reply_data (kept, SOUP_STATUS_OK, bipe_exchange_begin_data ());
  g_clear_pointer (&kept, bipe_exchange_unref);
}

static void
test_log (void)
{
  BipeServerOptions options = live_options ();
  g_autoptr(Answer) quiet = run (&options, answer_twice, FALSE);
  g_autoptr(Answer) told = NULL;

  assert_failure (quiet, 409, 1007);
  g_assert_cmpstr (logged->str, ==, "");
  options.is_logging = TRUE;
  told = run (&options, answer_twice, FALSE);
  g_assert_null (strstr (logged->str, "secret"));
  assert_logged ("GET /path 409, ");
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  logged = g_string_new (NULL);
  g_log_set_writer_func (writer, NULL, NULL);
  g_test_add_func ("/exchange/forgotten", test_forgotten);
  g_test_add_func ("/exchange/once", test_once);
  g_test_add_func ("/exchange/broken-off", test_broken_off);
  g_test_add_func ("/exchange/errors", test_errors);
  g_test_add_func ("/exchange/development", test_development);
  g_test_add_func ("/exchange/gone", test_gone);
  g_test_add_func ("/exchange/slow", test_slow);
  g_test_add_func ("/exchange/log", test_log);
  status = g_test_run ();
  g_string_free (logged, TRUE);
  return status;
}
