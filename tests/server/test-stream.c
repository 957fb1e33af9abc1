/* test-stream.c: long lists. */
#include "config.h"

#include <string.h>
#include <sys/socket.h>

#include "access/scopes.h"
#include "base/json.h"
#include "live.h"

#define N_ROWS 50000
#define ALL "GET /qrcode/all HTTP/1.1\r\nHost: localhost\r\n"

/* Longer than any JSON that is let in. */
static json_t *
parse (const Answer *answer)
{
  json_t *list = json_loadb (answer->body, answer->length, JSON_REJECT_DUPLICATES, NULL);

  g_assert_nonnull (list);
  return list;
}

static void
test_empty (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(Answer) answer = live_ask (live, "GET", "/qrcode/all", NULL, NULL);

  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_cmpstr (answer->body, ==, "[]");
  g_assert_true (answer->is_whole);
  live_stop (live);
}

/* A last page that is full, one that is not, and one row. */
static void
test_pages (void)
{
  static const guint counts[] = { 1, 999, 1, 1 };
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  guint n_rows = 0;

  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      g_autoptr(Answer) answer = NULL;
      g_autoptr(json_t) list = NULL;

      live_fill (live, "c", counts[i]);
      n_rows += counts[i];
      answer = live_ask (live, "GET", "/qrcode/all", NULL, NULL);
      g_assert_true (answer->is_whole);
      list = parse (answer);
      g_assert_cmpuint (json_array_size (list), ==, n_rows);
    }
  live_stop (live);
}

static void
check_rows (const Answer *answer)
{
  g_autoptr(json_t) list = parse (answer);
  gsize i;
  json_t *row;

  g_assert_cmpuint (json_array_size (list), ==, N_ROWS);
  json_array_foreach (list, i, row)
  {
    g_autofree char *code = g_strdup_printf ("r%" G_GSIZE_FORMAT, i);

    g_assert_cmpint (json_integer_value (json_object_get (row, "id")), ==, (gint64)i + 1);
    g_assert_cmpstr (json_string_value (json_object_get (row, "codigo_barra")), ==, code);
  }
}

static void
test_long (void)
{
  BipeServerOptions options = live_options ();
  Live *live;
  g_autoptr(Answer) chunked = NULL;
  g_autoptr(Answer) old = NULL;
  g_autoptr(Answer) head = NULL;

  live = live_start (&options, FALSE);
  live_fill (live, "r", N_ROWS);
  chunked = live_ask (live, "GET", "/qrcode/all", NULL, NULL);
  g_assert_true (answer_has_header (chunked, "Transfer-Encoding: chunked"));
  g_assert_true (chunked->is_whole);
  check_rows (chunked);
  old = live_talk (live, "GET /qrcode/all HTTP/1.0\r\n\r\n", -1);
  g_assert_false (answer_has_header (old, "Transfer-Encoding: chunked"));
  check_rows (old);
  head = live_ask (live, "HEAD", "/qrcode/all", NULL, NULL);
  g_assert_cmpuint (head->status, ==, 200);
  g_assert_cmpstr (head->body, ==, "");
  live_stop (live);
}

/* A client that stops reading is cut off, and others are served meanwhile; one that leaves in the
 * middle takes nothing with it. */
static void
test_stalled (void)
{
  BipeServerOptions options = live_options ();
  Live *live;
  g_autoptr(GSocket) stalled = NULL;
  g_autoptr(GString) received = NULL;
  g_autoptr(Answer) answer = NULL;
  gboolean is_cut = FALSE;

  options.time_limit = 1;
  live = live_start (&options, FALSE);
  live_fill (live, "a code that is long enough to fill the buffers between two programs r", N_ROWS);

  stalled = live_connect (live);
  g_socket_set_option (stalled, SOL_SOCKET, SO_RCVBUF, 4096, NULL);
  live_send (stalled, ALL "\r\n", -1);
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr(GSocket) leaving = live_connect (live);

      live_send (leaving, ALL "\r\n", -1);
    }
  /* A reset shows as an error on a socket that nobody reads. */
  while (!is_cut)
    {
      g_autoptr(Answer) other = live_ask (live, "GET", "/v1/health", NULL, NULL);
      int code = 0;

      g_assert_cmpuint (other->status, ==, 200);
      g_assert_true (g_socket_get_option (stalled, SOL_SOCKET, SO_ERROR, &code, NULL));
      is_cut = code != 0;
      g_usleep (20 * 1000);
    }
  received = live_receive (stalled);
  answer = answer_parse (received);
  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_false (answer->is_whole);
  live_stop (live);
}

/* The store away: before the first byte a failure as any, after it an answer that is visibly torn.
 */
static void
test_store_away (void)
{
  BipeServerOptions options = live_options ();
  Live *live;
  g_autoptr(GSocket) socket = NULL;
  g_autoptr(GString) received = NULL;
  g_autoptr(Answer) torn = NULL;
  g_autoptr(Answer) refused = NULL;
  char first;

  live = live_start (&options, FALSE);
  live_fill (live, "a code that is long enough to fill the buffers between two programs r", N_ROWS);
  socket = live_connect (live);
  g_socket_set_option (socket, SOL_SOCKET, SO_RCVBUF, 4096, NULL);
  live_send (socket, ALL "Connection: close\r\n\r\n", -1);
  g_assert_cmpint (g_socket_receive (socket, &first, 1, NULL, NULL), ==, 1);
  live_break_store (live);
  received = live_receive (socket);
  g_string_prepend_c (received, first);
  torn = answer_parse (received);
  g_assert_cmpuint (torn->status, ==, 200);
  g_assert_false (torn->is_whole);

  refused = live_ask (live, "GET", "/qrcode/all", NULL, NULL);
  assert_failure (refused, 503, 1009);
  live_stop (live);
}

/* A token that ends in the midst of it, or may not read any more. */
static void
test_taken_away (void)
{
  static const char *const paths[] = { "/qrcode/all", "/v1/scans.csv" };
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);

  live_fill (live, "a code that is long enough to fill the buffers between two programs r", N_ROWS);
  for (guint i = 0; i < 2 * G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *jti = NULL;
      g_autofree char *token = live_issue (live, "reader", BIPE_SCOPE_READ | BIPE_SCOPE_SCAN, &jti);
      g_autofree char *request
          = g_strdup_printf ("GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                             "Authorization: Bearer %s\r\n\r\n",
                             paths[i / 2], token);
      g_autoptr(GSocket) socket = live_connect (live);
      g_autoptr(GString) received = NULL;
      g_autoptr(Answer) torn = NULL;
      char first;

      g_socket_set_option (socket, SOL_SOCKET, SO_RCVBUF, 4096, NULL);
      live_send (socket, request, -1);
      g_assert_cmpint (g_socket_receive (socket, &first, 1, NULL, NULL), ==, 1);
      if (i % 2 == 0)
        live_revoke (live, jti);
      else
        live_change (live, jti, BIPE_SCOPE_SCAN);
      received = live_receive (socket);
      g_string_prepend_c (received, first);
      torn = answer_parse (received);
      g_test_message ("%s %u", paths[i / 2], i % 2);
      g_assert_cmpuint (torn->status, ==, 200);
      g_assert_false (torn->is_whole);
    }
  live_stop (live);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stream/empty", test_empty);
  g_test_add_func ("/stream/taken-away", test_taken_away);
  g_test_add_func ("/stream/pages", test_pages);
  g_test_add_func ("/stream/long", test_long);
  g_test_add_func ("/stream/stalled", test_stalled);
  g_test_add_func ("/stream/store-away", test_store_away);
  return g_test_run ();
}
