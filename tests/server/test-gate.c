/* test-gate.c: what stays open on the strength of a token ends with it, within a second; and what
 * Socket.IO clients connect with. */
#define _GNU_SOURCE /* memmem() */
#include "config.h"

#include <string.h>

#include "access/scopes.h"
#include "live.h"

#define UPGRADE                                                                                    \
  "Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"  \
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define ENGINE "/socket.io/?EIO=4&transport=websocket"

typedef struct
{
  Live *live;
  GSocket *socket;
  GString *heard;
} Client;

static void
hear (Client *self, const char *wanted)
{
  char buffer[65536];

  while (memmem (self->heard->str, self->heard->len, wanted, strlen (wanted)) == NULL)
    {
      g_autoptr(GError) error = NULL;
      gssize n = g_socket_receive (self->socket, buffer, sizeof buffer, NULL, &error);

      g_assert_no_error (error);
      if (n == 0)
        g_error ("the end came instead of %s", wanted);
      g_string_append_len (self->heard, buffer, n);
    }
}

/* In a frame that is masked with zeros. */
static void
say (Client *self, const char *text)
{
  g_autoptr(GString) frame = g_string_new ("\x81\xfe");
  gsize length = strlen (text);

  g_string_append_c (frame, (char)(length >> 8));
  g_string_append_c (frame, (char)length);
  g_string_append_len (frame, "\0\0\0\0", 4);
  g_string_append (frame, text);
  /* A length of 126 or more stands in two bytes. */
  g_assert_cmpuint (length, >=, 126);
  live_send (self->socket, frame->str, (gssize)frame->len);
}

static void
say_short (Client *self, const char *text)
{
  g_autoptr(GString) frame = g_string_new ("\x81");
  gsize length = strlen (text);

  g_assert_cmpuint (length, <, 126);
  g_string_append_c (frame, (char)(0x80 | length));
  g_string_append_len (frame, "\0\0\0\0", 4);
  g_string_append (frame, text);
  live_send (self->socket, frame->str, (gssize)frame->len);
}

static void
say_padded (Client *self, const char *format, const char *token)
{
  g_autofree char *padding = g_strnfill (130, ' ');
  g_auto(GStrv) parts = g_strsplit (format, "TOKEN", 2);
  g_autofree char *text = g_strconcat (parts[0], parts[1] != NULL ? token : "",
                                       parts[1] != NULL ? parts[1] : "", NULL);
  /* Blanks may stand inside an object. */
  char *brace = strrchr (text, '}');
  g_autofree char *padded = NULL;

  g_assert_nonnull (brace);
  padded = g_strdup_printf ("%.*s%s%s", (int)(brace - text), text, padding, brace);
  say (self, padded);
}

static Client *
client_new (Live *live, const char *target, const char *headers)
{
  Client *self = g_new0 (Client, 1);
  g_autofree char *request = g_strdup_printf ("GET %s HTTP/1.1\r\n%s\r\n", target, headers);

  self->live = live;
  self->socket = live_connect (live);
  self->heard = g_string_new (NULL);
  live_send (self->socket, request, -1);
  hear (self, "\r\n\r\n");
  return self;
}

static void
client_free (Client *self)
{
  g_object_unref (self->socket);
  g_string_free (self->heard, TRUE);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Client, client_free)

/* Until the other side closes; how long that took, in seconds. */
static double
wait_for_end (Client *self)
{
  gint64 start = g_get_monotonic_time ();
  g_autoptr(GString) rest = live_receive (self->socket);

  g_string_append_len (self->heard, rest->str, (gssize)rest->len);
  return (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
}

/* The ways to stay; each gets a token and then a heard word that shows it is in. */
static Client *
open_stream (Live *live, const char *token)
{
  g_autofree char *headers = g_strdup_printf (
      "Host: localhost\r\nAccept: text/event-stream\r\nAuthorization: Bearer %s\r\n", token);

  return client_new (live, "/v1/events", headers);
}

static Client *
open_events (Live *live, const char *token)
{
  g_autofree char *target = g_strdup_printf ("/v1/events?token=%s", token);

  return client_new (live, target, UPGRADE);
}

static Client *
open_session (Live *live, const char *token)
{
  g_autofree char *target = g_strdup_printf (ENGINE "&token=%s", token);
  Client *self = client_new (live, target, UPGRADE);

  say_padded (self, "40/events,{}", NULL);
  hear (self, "40/events,{\"sid\":\"");
  return self;
}

static Client *
open_namespace (Live *live, const char *token)
{
  Client *self = client_new (live, ENGINE, UPGRADE);

  say_padded (self, "40/events,{\"token\":\"TOKEN\"}", token);
  hear (self, "40/events,{\"sid\":\"");
  return self;
}

static Client *
open_scanner (Live *live, const char *token)
{
  Client *self = client_new (live, ENGINE, UPGRADE);

  say_padded (self, "40{\"token\":\"TOKEN\"}", token);
  hear (self, "40{\"sid\":\"");
  return self;
}

typedef Client *(*Opener) (Live *live, const char *token);

static const struct
{
  const char *name;
  Opener open;
} ways[] = {
  { "Server-Sent Events", open_stream },
  { "WebSocket", open_events },
  { "Socket.IO, by its handshake", open_session },
  { "Socket.IO, by its namespace", open_namespace },
  { "Socket.IO, a scanner", open_scanner },
};

/* Of two tokens one ends: its sockets close, the other's stay. */
static void
check_end (Live *live, gboolean is_revoked)
{
  g_autofree char *jti = NULL;
  g_autofree char *token = live_issue (live, "out", BIPE_SCOPE_READ | BIPE_SCOPE_SCAN, &jti);
  g_autofree char *other = NULL;
  Client *clients[G_N_ELEMENTS (ways)], *kept[G_N_ELEMENTS (ways)];

  if (!is_revoked)
    live_advance (live, G_TIME_SPAN_DAY / 2);
  other = live_issue (live, "in", BIPE_SCOPE_READ | BIPE_SCOPE_SCAN, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      clients[i] = ways[i].open (live, token);
      kept[i] = ways[i].open (live, other);
    }
  if (is_revoked)
    live_revoke (live, jti);
  else
    live_advance (live, G_TIME_SPAN_DAY / 2);
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      double seconds = wait_for_end (clients[i]);

      g_test_message ("%s: %.3f s", ways[i].name, seconds);
      g_assert_cmpfloat (seconds, <, 1.0);
      client_free (clients[i]);
    }
  live_fill (live, is_revoked ? "revoked" : "over", 1);
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      if (ways[i].open != open_scanner)
        hear (kept[i], is_revoked ? "revoked0" : "over0");
      g_assert_cmpint (g_socket_condition_check (kept[i]->socket, G_IO_HUP) & G_IO_HUP, ==, 0);
      client_free (kept[i]);
    }
}

static void
test_revoked (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);

  check_end (live, TRUE);
  live_stop (live);
}

static void
test_over (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);

  check_end (live, FALSE);
  live_stop (live);
}

/* A GET that hangs is answered, and its session is gone. */
static void
test_polling (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autofree char *jti = NULL;
  g_autofree char *token = live_issue (live, "till", BIPE_SCOPE_READ, &jti);
  g_autofree char *header = g_strdup_printf ("Authorization: Bearer %s\r\n", token);
  g_autoptr(Answer) opened
             = live_ask (live, "GET", "/socket.io/?EIO=4&transport=polling", header, NULL);
  g_autofree char *sid = g_strdup (strstr (opened->body, "\"sid\":\"") + 7);
  g_autofree char *target = NULL, *request = NULL;
  g_autoptr(Answer) said = NULL, welcome = NULL, gone = NULL;
  g_autoptr(Client) client = NULL;

  sid[strcspn (sid, "\"")] = '\0';
  target = g_strdup_printf ("/socket.io/?EIO=4&transport=polling&sid=%s", sid);
  said = live_ask (live, "POST", target, "Content-Type: text/plain\r\n", "40/events,");
  g_assert_cmpuint (said->status, ==, 200);
  welcome = live_ask (live, "GET", target, NULL, NULL);
  g_assert_nonnull (strstr (welcome->body, "40/events,{\"sid\":\""));

  client = g_new0 (Client, 1);
  client->live = live;
  client->heard = g_string_new (NULL);
  client->socket = live_connect (live);
  request
      = g_strdup_printf ("GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", target);
  live_send (client->socket, request, -1);
  live_revoke (live, jti);
  g_assert_cmpfloat (wait_for_end (client), <, 1.0);
  gone = live_ask (live, "GET", target, NULL, NULL);
  assert_failure (gone, 400, 1001);
  live_stop (live);
}

/* Rights that are taken end what they are for, and nothing else; on the same session, too. */
static void
test_changed (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autofree char *jti = NULL;
  g_autofree char *token = live_issue (live, "phone", BIPE_SCOPE_SCAN | BIPE_SCOPE_READ, &jti);
  g_autoptr(Client) both = open_scanner (live, token);
  g_autoptr(Client) stream = open_stream (live, token);
  g_autoptr(Client) socket = open_events (live, token);

  say_padded (both, "40/events,{\"token\":\"TOKEN\"}", token);
  hear (both, "40/events,{\"sid\":\"");
  live_change (live, jti, BIPE_SCOPE_SCAN);
  hear (both, "41/events,");
  g_assert_cmpfloat (wait_for_end (stream), <, 1.0);
  g_assert_cmpfloat (wait_for_end (socket), <, 1.0);
  say_padded (both, "421[\"message\",{\"code\":\"one\"}]", NULL);
  hear (both, "431[{\"ok\":true");
  say_padded (both, "40/events,{\"token\":\"TOKEN\"}", token);
  hear (both, "44/events,{\"message\":\"this needs the scope read\"");

  g_string_truncate (both->heard, 0);
  live_change (live, jti, BIPE_SCOPE_VOID);
  hear (both, "\x81\x02"
              "41");
  /* The last one that it was in: a client without a namespace is shown the door after a while. */
  say_padded (both, "40{\"token\":\"TOKEN\"}", token);
  hear (both, "44{\"message\":\"this needs the scope scan\"");
  live_change (live, jti, BIPE_SCOPE_SCAN);
  say_padded (both, "40{\"token\":\"TOKEN\"}", token);
  hear (both, "40{\"sid\":\"");
  live_stop (live);
}

/* A revocation that is taken back lets in again, and brings nobody back. */
static void
test_restored (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autofree char *jti = NULL;
  g_autofree char *token = live_issue (live, "phone", BIPE_SCOPE_SCAN, &jti);
  g_autoptr(Client) client = open_scanner (live, token);
  g_autoptr(Client) again = NULL;

  live_revoke (live, jti);
  g_assert_cmpfloat (wait_for_end (client), <, 1.0);
  live_restore (live, jti);
  again = open_scanner (live, token);
  live_stop (live);
}

/* Who stays without a token is seen out once one is needed; who has one stays. */
static void
test_opened (void)
{
  BipeServerOptions options = live_options ();
  g_autofree char *token = NULL;
  g_autoptr(Client) session = NULL, stream = NULL, kept = NULL, again = NULL;
  Live *live;

  options.needs_token_when_open = TRUE;
  live = live_start (&options, FALSE);
  token = live_issue (live, "phone", BIPE_SCOPE_SCAN, NULL);
  kept = open_scanner (live, token);
  stream = client_new (live, "/v1/events", UPGRADE);
  session = client_new (live, ENGINE, UPGRADE);
  say_padded (session, "40{}", NULL);
  hear (session, "40{\"sid\":\"");

  live_listen (live, "lan", "off");
  g_assert_cmpfloat (wait_for_end (session), <, 1.0);
  g_assert_cmpfloat (wait_for_end (stream), <, 1.0);
  say_padded (kept, "421[\"message\",{\"code\":\"one\"}]", NULL);
  hear (kept, "431[{\"ok\":true");
  again = client_new (live, ENGINE, UPGRADE);
  say_padded (again, "40{}", NULL);
  hear (again, "44{\"message\":\"authorization failed\",\"data\":{\"error_code\":1003}}");

  live_listen (live, "127.0.0.1,::1", "off");
  say_padded (again, "40{}", NULL);
  hear (again, "44{\"message\":\"authorization failed\"");
  live_stop (live);
}

static const BipeVisitor *
find_visitor (GPtrArray *visitors, const char *kind)
{
  for (guint i = 0; i < visitors->len; i++)
    if (g_str_equal (((BipeVisitor *)visitors->pdata[i])->kind, kind))
      return visitors->pdata[i];
  g_assert_not_reached ();
}

static void
wait_for_visitors (Live *live, guint n)
{
  for (guint found = G_MAXUINT; found != n;)
    {
      g_autoptr(GPtrArray) visitors = live_list_visitors (live);

      found = visitors->len;
      g_usleep (1000);
    }
}

/* One row a connection, however many namespaces it is in; with its scans, which count for its
 * token, too, as those that come by HTTP do. */
static void
test_presence (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autofree char *jti = NULL;
  g_autofree char *token = live_issue (live, "phone", BIPE_SCOPE_SCAN | BIPE_SCOPE_READ, &jti);
  g_autofree char *header = g_strdup_printf ("Authorization: Bearer %s\r\n", token);
  g_autoptr(Client) session = open_scanner (live, token);
  g_autoptr(Client) stream = open_stream (live, token);
  g_autoptr(Client) socket = client_new (live, "/v1/events", UPGRADE);
  g_autoptr(GPtrArray) visitors = NULL, grants = NULL;
  const BipeVisitor *visitor;
  static const char *const bodies[]
      = { "{\"code\":\"a\",\"key\":\"k\"}", "{\"code\":\"a\",\"key\":\"k\"}", /* known */
          "[{\"code\":\"b\"},{\"code\":\"c\"}]", "{\"code\":\"\"}" };

  say_padded (session, "40/events,{\"token\":\"TOKEN\"}", token);
  hear (session, "40/events,{\"sid\":\"");
  say_padded (session, "421[\"message\",{\"code\":\"one\"}]", NULL);
  say_padded (session, "422[\"message\",{\"code\":\"\"}]", NULL);
  say_padded (session, "423[\"message\",{\"code\":\"two\"}]", NULL);
  hear (session, "433[{\"ok\":true");
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    answer_free (live_ask (live, "POST", "/v1/scans", header, bodies[i]));

  visitors = live_list_visitors (live);
  g_assert_cmpuint (visitors->len, ==, 3);
  visitor = find_visitor (visitors, "Socket.IO");
  g_assert_cmpuint (visitor->n_scans, ==, 2);
  g_assert_cmpstr (visitor->jti, ==, jti);
  g_assert_cmpstr (visitor->name, ==, "phone");
  g_assert_cmpstr (visitor->address, ==, "127.0.0.1");
  g_assert_cmpstr (find_visitor (visitors, "events")->name, ==, "phone");
  g_assert_cmpstr (find_visitor (visitors, "WebSocket")->name, ==, "");
  grants = live_list_grants (live);
  g_assert_cmpint (((BipeGrant *)grants->pdata[0])->n_scans, ==, 5);

  /* In one of its namespaces it is here still. */
  say_short (session, "41/events,");
  say_padded (session, "424[\"message\",{\"code\":\"three\"}]", NULL);
  hear (session, "434[{\"ok\":true");
  wait_for_visitors (live, 3);

  for (guint i = 0; i < visitors->len; i++)
    live_disconnect (live, ((BipeVisitor *)visitors->pdata[i])->id);
  g_assert_cmpfloat (wait_for_end (session), <, 1.0);
  g_assert_cmpfloat (wait_for_end (stream), <, 1.0);
  g_assert_cmpfloat (wait_for_end (socket), <, 1.0);
  wait_for_visitors (live, 0);
  live_stop (live);
}

/* Who leaves by himself is gone from the list. */
static void
test_leaving (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autofree char *token = live_issue (live, "phone", BIPE_SCOPE_SCAN | BIPE_SCOPE_READ, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      Client *client = ways[i].open (live, token);

      g_test_message ("%s", ways[i].name);
      wait_for_visitors (live, 1);
      g_socket_close (client->socket, NULL);
      if (ways[i].open == open_stream)
        live_fill (live, "noticed", 1);
      wait_for_visitors (live, 0);
      client_free (client);
    }
  live_stop (live);
}

/* What a client connects with, where this machine needs a token, too. */
static const struct
{
  const char *name;
  const char *handshake; /* a token's name, or NULL: none */
  const char *connect;   /* TOKEN: @token */
  const char *token;
  const char *hear;
} connects[] = {
  { "nothing", NULL, "40{}", NULL,
    "44{\"message\":\"authorization failed\",\"data\":{\"error_code\":1003}}" },
  { "nothing, for events", NULL, "40/events,{}", NULL,
    "44/events,{\"message\":\"authorization failed\",\"data\":{\"error_code\":1003}}" },
  { "null", NULL, "40{\"token\":null}", NULL, "44{\"message\":\"authorization failed\"," },
  { "an empty one", NULL, "40{\"token\":\"\"}", NULL, "44{\"message\":\"authorization failed\"," },
  { "a number", NULL, "40{\"token\":1}", NULL,
    "44{\"message\":\"token is invalid\",\"data\":{\"error_code\":10031}}" },
  { "a wrong one", NULL, "40{\"token\":\"wrong\"}", NULL,
    "44{\"message\":\"token is invalid\",\"data\":{\"error_code\":10031}}" },
  { "scan, for scans", NULL, "40{\"token\":\"TOKEN\"}", "scan", "40{\"sid\":\"" },
  { "scan, for events", NULL, "40/events,{\"token\":\"TOKEN\"}", "scan",
    "44/events,{\"message\":\"this needs the scope read\",\"data\":{\"error_code\":1004}}" },
  { "read, for scans", NULL, "40{\"token\":\"TOKEN\"}", "read",
    "44{\"message\":\"this needs the scope scan\",\"data\":{\"error_code\":1004}}" },
  { "read, for events", NULL, "40/events,{\"token\":\"TOKEN\"}", "read", "40/events,{\"sid\":\"" },
  { "by the handshake", "scan", "40{}", NULL, "40{\"sid\":\"" },
  { "by the handshake, too little", "scan", "40/events,{}", NULL,
    "44/events,{\"message\":\"this needs the scope read\",\"data\":{\"error_code\":1004}}" },
  { "its own before the handshake's", "scan", "40/events,{\"token\":\"TOKEN\"}", "read",
    "40/events,{\"sid\":\"" },
  { "a wrong one in spite of the handshake's", "scan", "40{\"token\":\"wrong\"}", NULL,
    "44{\"message\":\"token is invalid\"," },
  { "expired", NULL, "40{\"token\":\"TOKEN\"}", "over",
    "44{\"message\":\"token is expired\",\"data\":{\"error_code\":10032}}" },
};

static void
test_connects (void)
{
  BipeServerOptions options = live_options ();
  Live *live;
  g_autoptr(GHashTable) tokens = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);

  options.needs_token = TRUE;
  live = live_start (&options, FALSE);
  g_hash_table_insert (tokens, (char *)"over", live_issue (live, "over", BIPE_SCOPES_ALL, NULL));
  live_advance (live, G_TIME_SPAN_DAY);
  g_hash_table_insert (tokens, (char *)"scan", live_issue (live, "scan", BIPE_SCOPE_SCAN, NULL));
  g_hash_table_insert (tokens, (char *)"read", live_issue (live, "read", BIPE_SCOPE_READ, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (connects); i++)
    {
      const char *handshake = connects[i].handshake;
      const char *token
          = connects[i].token != NULL ? g_hash_table_lookup (tokens, connects[i].token) : NULL;
      g_autofree char *target
          = handshake != NULL
                ? g_strconcat (ENGINE "&token=", g_hash_table_lookup (tokens, handshake), NULL)
                : g_strdup (ENGINE);
      g_autoptr(Client) client = client_new (live, target, UPGRADE);

      g_test_message ("%s", connects[i].name);
      say_padded (client, connects[i].connect, token);
      hear (client, connects[i].hear);
    }
  live_stop (live);
}

/* Many wrong tokens over one socket: past the limit they are told no more, and soon not at all. */
static void
test_guessing (void)
{
  BipeServerOptions options = live_options ();
  Live *live;
  g_autoptr(Client) client = NULL;

  options.rate_limit = 3;
  live = live_start (&options, FALSE);
  client = client_new (live, ENGINE, UPGRADE);
  for (guint i = 0; i < 10; i++)
    say_padded (client, "40{\"token\":\"wrong\"}", NULL);
  g_assert_cmpfloat (wait_for_end (client), <, 5.0);
  g_assert_nonnull (memmem (client->heard->str, client->heard->len, "\"error_code\":10031", 18));
  g_assert_nonnull (memmem (client->heard->str, client->heard->len, "\"error_code\":1008", 17));
  live_stop (live);
}

static void
test_operator (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autofree char *token = live_issue (live, "till 2", BIPE_SCOPE_SCAN, NULL);
  g_autoptr(Client) client = open_scanner (live, token);
  g_autoptr(Answer) queue = NULL;

  say_padded (client, "421[\"message\",{\"code\":\"one\"}]", NULL);
  hear (client, "431[{\"ok\":true");
  say_padded (client, "422[\"message\",{\"code\":\"two\",\"operator\":\"ana\"}]", NULL);
  hear (client, "432[{\"ok\":true");
  live_fill (live, "last", 1);
  queue = live_ask (live, "GET", "/v1/scans", NULL, NULL);
  g_assert_nonnull (strstr (queue->body, "\"operator\":\"till 2\""));
  g_assert_nonnull (strstr (queue->body, "\"operator\":\"ana\""));
  live_stop (live);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gate/revoked", test_revoked);
  g_test_add_func ("/gate/over", test_over);
  g_test_add_func ("/gate/polling", test_polling);
  g_test_add_func ("/gate/changed", test_changed);
  g_test_add_func ("/gate/restored", test_restored);
  g_test_add_func ("/gate/opened", test_opened);
  g_test_add_func ("/gate/presence", test_presence);
  g_test_add_func ("/gate/leaving", test_leaving);
  g_test_add_func ("/gate/connects", test_connects);
  g_test_add_func ("/gate/guessing", test_guessing);
  g_test_add_func ("/gate/operator", test_operator);
  return g_test_run ();
}
