/* test-sockets-3.c: Socket.IO 4, as clients of Engine.IO 3 speak it; what is the same as in 5 is
 * told in test-sockets.c. */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "network.h"
#include "socketio/sockets.h"

#define CONNECT_TIMEOUT 1000

typedef struct
{
  BipeClock *clock;
  BipeSockets *sockets;
  Wire *wire;
  BipeEngineSession *session; /* by it; a reference */
  GString *heard;
  gboolean is_refusing; /* clients of "/" */
  gboolean is_closing;
} Fixture;

static gboolean
connecting_cb (BipeSocket *socket, const char *auth, gpointer user_data, GError **error)
{
  Fixture *self = user_data;

  g_string_append_printf (self->heard, "connecting %s\n", auth != NULL ? auth : "-");
  if (self->is_closing)
    bipe_engine_session_close (bipe_socket_get_session (socket));
  if (!self->is_refusing)
    return TRUE;
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "not \"you\"");
  return FALSE;
}

static void
connected_cb (BipeSocket *socket, const char *auth, gpointer user_data)
{
  Fixture *self = user_data;

  g_string_append_printf (self->heard, "connected %s\n", auth != NULL ? auth : "-");
}

static void
event_cb (BipeSocket *socket, const BipePacket *packet, gpointer user_data)
{
  Fixture *self = user_data;

  g_string_append_printf (self->heard, "event %s\n", packet->json);
  if (packet->has_id)
    bipe_socket_acknowledge (socket, packet->id, "[1.10]");
}

static void
disconnected_cb (BipeSocket *socket, gpointer user_data)
{
  g_string_append (((Fixture *)user_data)->heard, "disconnected\n");
}

static const BipeNamespace namespaces[] = {
  { .name = "/",
    .connecting = connecting_cb,
    .connected = connected_cb,
    .event = event_cb,
    .disconnected = disconnected_cb },
  { .name = "/custom", .connected = connected_cb, .event = event_cb },
};

static const BipeEngineRequest request
    = { .method = "GET", .is_websocket = TRUE, .eio = "3", .transport = "websocket" };
static const BipeEngineRequest polling = { .method = "GET", .eio = "3", .transport = "polling" };

static void
set_up (Fixture *self, gconstpointer unused)
{
  static const BipeEngineOptions options = {
    .ping_interval = 25000,
    .ping_timeout = 20000,
    .max_payload = 1000,
    .max_outbox = 10000,
    .max_sessions = 10,
    .allow_eio3 = TRUE,
  };

  *self = (Fixture){ 0 };
  self->clock = bipe_clock_new_manual (0);
  self->heard = g_string_new (NULL);
  self->wire = wire_new ();
  self->sockets = bipe_sockets_new (&options, CONNECT_TIMEOUT, CONNECT_TIMEOUT, self->clock,
                                    namespaces, G_N_ELEMENTS (namespaces), self);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  bipe_sockets_free (self->sockets);
  g_clear_pointer (&self->session, bipe_engine_session_unref);
  wire_free (self->wire);
  g_string_free (self->heard, TRUE);
  bipe_clock_free (self->clock);
}

/* Past the open packet. */
static void
open_session (Fixture *self)
{
  BipeEngine *engine = bipe_sockets_get_engine (self->sockets);
  char *end;

  self->session = bipe_engine_session_ref (bipe_engine_open (engine, &request, NULL, NULL));
  if (!bipe_engine_session_link (self->session, &wire_funcs, self->wire))
    return;
  end = strchr (self->wire->got->str, '\n');
  g_assert_nonnull (end);
  g_string_erase (self->wire->got, 0, end + 1 - self->wire->got->str);
}

static void
say (Fixture *self, const char *text)
{
  wire_say (self->wire, self->session, text);
}

static void
assert_heard (Fixture *self, const char *heard)
{
  g_assert_cmpstr (self->heard->str, ==, heard);
  g_string_truncate (self->heard, 0);
}

static void
test_implied (Fixture *self, gconstpointer unused)
{
  open_session (self);
  wire_assert (self->wire, "40\n");
  assert_heard (self, "connecting -\nconnected -\n");
  say (self, "427[\"a\",1]");
  wire_assert (self->wire, "437[1.10]\n");
  assert_heard (self, "event [\"a\",1]\n");

  /* It is in a namespace: nothing runs out. */
  bipe_clock_advance (self->clock, CONNECT_TIMEOUT * 2000);
  bipe_sockets_tick (self->sockets);
  g_assert_false (self->wire->is_closed);
  say (self, "1");
  assert_heard (self, "disconnected\n");
}

/* With the first answer to a poll. */
static void
test_implied_by_polling (Fixture *self, gconstpointer unused)
{
  BipeEngine *engine = bipe_sockets_get_engine (self->sockets);
  BipeEngineSession *session = bipe_engine_open (engine, &polling, NULL, NULL);
  g_autofree char *answer = get_now (session, 200);

  g_assert_true (g_str_has_suffix (answer, "}2:40"));
}

static void
test_refused (Fixture *self, gconstpointer unused)
{
  self->is_refusing = TRUE;
  open_session (self);
  wire_assert (self->wire, "44\"not \\\"you\\\"\"\n");
  assert_heard (self, "connecting -\n");

  /* It may try another; else its time runs out. */
  bipe_clock_advance (self->clock, CONNECT_TIMEOUT * 1000);
  bipe_sockets_tick (self->sockets);
  g_assert_true (self->wire->is_closed);
}

static void
test_closed_while_connecting (Fixture *self, gconstpointer unused)
{
  self->is_closing = TRUE;
  open_session (self);
  wire_assert (self->wire, "");
  assert_heard (self, "connecting -\n");
  g_assert_cmpuint (bipe_engine_get_count (bipe_sockets_get_engine (self->sockets)), ==, 0);
}

static const struct
{
  const char *say;
  const char *answer;
  const char *heard;
} connects[] = {
  { "40/custom,", "40/custom,\n", "connected -\n" },
  { "40/custom", "40/custom,\n", "connected -\n" },
  { "40/custom?token=x,", "40/custom,\n", "connected {\"token\":\"x\"}\n" },
  { "40/random,", "44/random,\"Invalid namespace\"\n", "" },
  { "40/random?token=x,", "44/random,\"Invalid namespace\"\n", "" },
};

static void
test_connects (Fixture *self, gconstpointer unused)
{
  for (guint i = 0; i < G_N_ELEMENTS (connects); i++)
    {
      g_test_message ("%s", connects[i].say);
      open_session (self);
      g_string_truncate (self->wire->got, 0);
      g_string_truncate (self->heard, 0);
      say (self, connects[i].say);
      wire_assert (self->wire, connects[i].answer);
      assert_heard (self, connects[i].heard);
      g_assert_false (self->wire->is_closed);

      bipe_engine_session_close (self->session);
      g_clear_pointer (&self->session, bipe_engine_session_unref);
      wire_free (self->wire);
      self->wire = wire_new ();
    }
}

/* What closes the link: it is in "/" already, an auth is no JSON, a query can't be read. */
static void
test_malformed (Fixture *self, gconstpointer unused)
{
  static const char *const packets[] = { "40",
                                         "40{\"token\":\"x\"}",
                                         "40/custom,{\"token\":\"x\"}",
                                         "40/custom?a=%zz,",
                                         "42/custom,[\"a\"]",
                                         "44\"x\"" };

  for (guint i = 0; i < G_N_ELEMENTS (packets); i++)
    {
      g_test_message ("%s", packets[i]);
      open_session (self);
      say (self, packets[i]);
      g_assert_true (self->wire->is_closed);

      g_clear_pointer (&self->session, bipe_engine_session_unref);
      wire_free (self->wire);
      self->wire = wire_new ();
    }
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    const char *path;
    void (*func) (Fixture *self, gconstpointer unused);
  } tests[] = {
    { "/sockets-3/implied", test_implied },
    { "/sockets-3/implied-by-polling", test_implied_by_polling },
    { "/sockets-3/refused", test_refused },
    { "/sockets-3/closed-while-connecting", test_closed_while_connecting },
    { "/sockets-3/connects", test_connects },
    { "/sockets-3/malformed", test_malformed },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].func, tear_down);
  return g_test_run ();
}
