/* test-hub.c: what Socket.IO clients may say to a station, and what they hear; by WebSocket, in raw
 * frames that are masked with zeros. */
#define _GNU_SOURCE /* memmem() */
#include "config.h"

#include <string.h>

#include "access/scopes.h"
#include "live.h"

#define HANDSHAKE                                                                                  \
  "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: "             \
  "websocket\r\n"                                                                                  \
  "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"                                           \
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

#define OPENING "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\r\n"

/* What a client says once it has connected to @space, and how the answer begins. */
static const struct
{
  const char *connect;
  const char *say;
  const char *hear;
} talks[] = {
  { "40", "421[\"message\",\"4006381333931\"]", "431[{\"ok\":true,\"uuid\":\"" },
  { "40", "422[\"message\",4006381333931]", "432[{\"ok\":true,\"uuid\":\"" },
  { "40", "423[\"message\",{\"code\":\"1\",\"key\":\"k\",\"device\":\"gun\"}]",
    "433[{\"ok\":true," },
  { "40", "424[\"message\",{\"code\":\"2\",\"key\":\"k\"}]",
    "434[{\"ok\":false,\"error_code\":1007,\"message\":\"the key \\\"k\\\" was used before, " },
  { "40", "425[\"message\",\"\"]",
    "435[{\"ok\":false,\"error_code\":1001,\"message\":\"code must not be empty\"}]" },
  { "40", "426[\"message\"]", "436[{\"ok\":false,\"error_code\":1001," },
  { "40", "426[\"message\",\"a\\u0000b\"]", "436[{\"ok\":false,\"error_code\":1001," },
  { "40", "426[\"message\",123456789012345678901]", "436[{\"ok\":false,\"error_code\":1001," },
  { "40", "426[\"message\",1e400]", "436[{\"ok\":false,\"error_code\":1001," },
  { "40", "426[\"message\",{\"code\":-1e400}]", "436[{\"ok\":false,\"error_code\":1001," },
  { "40", "426[\"message\",{\"code\":\"1\",\"code\":\"2\"}]",
    "436[{\"ok\":false,\"error_code\":1001," },
  { "40", "427[\"message\",[1]]", "437[{\"ok\":false,\"error_code\":1001," },
  /* Nothing comes of an event that is not known; the next one is answered. */
  { "40", "428[\"other\",\"x\"]", NULL },
  { "40/events,", NULL, "40/events,{\"sid\":\"" },
  { "40/events,{\"after\":0}", NULL,
    "42/events,[\"event\",{\"seq\":1,\"event\":\"queued\",\"at\":\"" },
  { "40/events,{\"after\":99999}", NULL, "42/events,[\"event\",{\"seq\":0,\"event\":\"reset\"}]" },
  { "40/events,{\"after\":-1}", NULL,
    "44/events,{\"message\":\"after must be the seq of an event\"}" },
  { "40/events,{\"after\":\"1\"}", NULL,
    "44/events,{\"message\":\"after must be the seq of an event\"}" },
  { "40/other,", NULL, "44/other,{\"message\":\"Invalid namespace\"}" },
};

static void
say (GSocket *socket, const char *text)
{
  g_autoptr(GString) frame = g_string_new ("\x81");
  gsize length = strlen (text);

  g_assert_cmpuint (length, <, 126);
  g_string_append_c (frame, (char)(0x80 | length));
  g_string_append_len (frame, "\0\0\0\0", 4);
  g_string_append (frame, text);
  live_send (socket, frame->str, (gssize)frame->len);
}

static void
hear (GSocket *socket, GString *heard, const char *wanted)
{
  char buffer[65536];

  while (memmem (heard->str, heard->len, wanted, strlen (wanted)) == NULL)
    {
      g_autoptr(GError) error = NULL;
      gssize n = g_socket_receive (socket, buffer, sizeof buffer, NULL, &error);

      g_assert_no_error (error);
      if (n == 0)
        g_error ("the end came instead of %s", wanted);
      g_string_append_len (heard, buffer, n);
    }
}

static GSocket *
open_socket (Live *live, GString *heard, const char *headers)
{
  GSocket *socket = live_connect (live);
  g_autofree char *request = g_strconcat (HANDSHAKE, headers, "\r\n", NULL);

  live_send (socket, request, -1);
  hear (socket, heard, "\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}");
  return socket;
}

static void
test_talks (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);

  live_fill (live, "first", 1);
  for (guint i = 0; i < G_N_ELEMENTS (talks); i++)
    {
      g_autoptr(GString) heard = g_string_new (NULL);
      g_autoptr(GSocket) socket = open_socket (live, heard, "");

      g_test_message ("%s %s", talks[i].connect, talks[i].say);
      say (socket, talks[i].connect);
      if (talks[i].say != NULL)
        {
          hear (socket, heard, "40{\"sid\":\"");
          say (socket, talks[i].say);
        }
      if (talks[i].hear != NULL)
        hear (socket, heard, talks[i].hear);
      else
        {
          say (socket, "4299[\"message\",\"next\"]");
          hear (socket, heard, "4399[{\"ok\":true,");
          g_assert_null (memmem (heard->str, heard->len, "438", 3));
        }
    }
  live_stop (live);
}

/* An emit that nobody waits for is never lost: what is no scan, the operator sees. */
static void
test_set_aside (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(GString) heard = g_string_new (NULL);
  g_autoptr(GSocket) socket = open_socket (live, heard, "");
  g_autoptr(Answer) answer = NULL;

  say (socket, "40");
  hear (socket, heard, "40{\"sid\":\"");
  say (socket, "42[\"message\",{\"code\":\"\"}]");
  say (socket, "421[\"message\",\"good\"]");
  hear (socket, heard, "431[{\"ok\":true");
  answer = live_ask (live, "GET", "/v1/queue?state=rejected", NULL, NULL);
  g_assert_nonnull (strstr (answer->body, "\"code\":\"{\\\"code\\\":\\\"\\\"}\""));
  g_assert_nonnull (strstr (answer->body, "\"reason\":\"code must not be empty\""));
  g_assert_nonnull (strstr (answer->body, "\"source\":\"remote\""));
  live_stop (live);
}

/* What came by a proxy did not come from this machine. */
static void
test_forwarded (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(GString) heard = g_string_new (NULL);
  g_autoptr(GSocket) socket = open_socket (live, heard, "X-Forwarded-For: 192.0.2.1\r\n");

  say (socket, "40");
  hear (socket, heard, "44{\"message\":\"authorization failed\",\"data\":{\"error_code\":1003}}");
  say (socket, "40/events,");
  hear (socket, heard,
        "44/events,{\"message\":\"authorization failed\",\"data\":{\"error_code\":1003}}");
  live_stop (live);
}

/* One connection without a token opens more sessions than there may be, and leaves them: whoever
 * has a token is let in all the same, and nobody who is in makes way. */
static void
test_crowd (void)
{
  BipeServerOptions options = live_options ();
  g_autoptr(GString) first_heard = g_string_new (NULL);
  g_autoptr(GString) heard = g_string_new (NULL);
  g_autoptr(GSocket) first = NULL;
  g_autoptr(GSocket) crowd = NULL;
  g_autoptr(GSocket) last = NULL;
  g_autofree char *token = NULL;
  g_autofree char *connect = NULL;
  Live *live;

  options.needs_token = TRUE;
  live = live_start (&options, FALSE);
  token = live_issue (live, "gun", BIPE_SCOPE_SCAN, NULL);
  connect = g_strdup_printf ("Authorization: Bearer %s\r\n", token);
  first = open_socket (live, first_heard, connect);
  say (first, "40");
  hear (first, first_heard, "40{\"sid\":\"");

  crowd = live_connect (live);
  for (guint i = 0; i < 4100; i++)
    {
      g_autoptr(GString) answer = g_string_new (NULL);

      live_send (crowd, OPENING, -1);
      hear (crowd, answer, "}");
      g_assert_true (g_str_has_prefix (answer->str, "HTTP/1.1 200"));
    }

  last = open_socket (live, heard, connect);
  say (last, "40");
  hear (last, heard, "40{\"sid\":\"");
  say (last, "421[\"message\",\"last\"]");
  hear (last, heard, "431[{\"ok\":true,");
  say (first, "421[\"message\",\"first\"]");
  hear (first, first_heard, "431[{\"ok\":true,");
  live_stop (live);
}

/* Who needs a token and shows none is not waited for as long as others. */
static void
test_silent (void)
{
  BipeServerOptions options = live_options ();
  g_autoptr(GString) heard = g_string_new (NULL);
  g_autoptr(GString) rest = NULL;
  g_autoptr(GSocket) socket = NULL;
  gint64 start = g_get_monotonic_time ();
  Live *live;

  options.needs_token = TRUE;
  live = live_start (&options, FALSE);
  socket = open_socket (live, heard, "");
  rest = live_receive (socket);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 10 * G_USEC_PER_SEC);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 20 * G_USEC_PER_SEC);
  live_stop (live);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hub/talks", test_talks);
  g_test_add_func ("/hub/set-aside", test_set_aside);
  g_test_add_func ("/hub/forwarded", test_forwarded);
  g_test_add_func ("/hub/crowd", test_crowd);
  g_test_add_func ("/hub/silent", test_silent);
  return g_test_run ();
}
