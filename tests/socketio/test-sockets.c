#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "network.h"
#include "socketio/sockets.h"

#define CONNECT_TIMEOUT 1000
#define STRANGER_TIMEOUT 400
#define MAX_PAYLOAD 1000
#define PLACE(number) "{\"_placeholder\":true,\"num\":" #number "}"

typedef struct
{
  BipeClock *clock;
  BipeSockets *sockets;
  Wire *wire;
  BipeEngineSession *session; /* by it; a reference */
  GString *heard;             /* "/ connecting {auth}", "/ event …", a line feed behind each */
  BipeSocket *kept;           /* the last that connected */
  char *sid;                  /* that it was told */

  void (*on_connecting) (BipeSocket *socket);
  void (*on_connected) (BipeSocket *socket);
  void (*on_event) (BipeSocket *socket, const BipePacket *packet);
  void (*on_disconnected) (BipeSocket *socket);
} Fixture;

/* --- What the namespaces say --------------------------------------------------------------------
 */

static void
hear (Fixture *self, const char *space, const char *what, const char *detail)
{
  g_string_append_printf (self->heard, "%s %s", space, what);
  if (detail != NULL)
    g_string_append_printf (self->heard, " %s", detail);
  g_string_append_c (self->heard, '\n');
}

static gboolean
connecting (Fixture *self, const char *space, BipeSocket *socket, const char *auth, GError **error)
{
  g_assert_true (bipe_socket_get_session (socket) == self->session);
  hear (self, space, "connecting", auth);
  if (self->on_connecting != NULL)
    self->on_connecting (socket);
  if (g_strcmp0 (auth, "{\"no\":1}") != 0)
    return TRUE;
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "not \"you\"");
  return FALSE;
}

static void
connected (Fixture *self, const char *space, BipeSocket *socket, const char *auth)
{
  hear (self, space, "connected", auth);
  g_clear_pointer (&self->kept, bipe_socket_unref);
  self->kept = bipe_socket_ref (socket);
  if (self->on_connected != NULL)
    self->on_connected (socket);
}

static void
hear_packet (Fixture *self, const char *space, const char *what, const BipePacket *packet)
{
  g_autoptr(GString) detail = g_string_new (NULL);

  if (packet->has_id)
    g_string_append_printf (detail, "%" G_GUINT64_FORMAT, packet->id);
  g_string_append (detail, packet->json);
  g_assert_cmpuint (packet->n_attachments, ==,
                    packet->attachments != NULL ? packet->attachments->len : 0);
  for (guint i = 0; i < packet->n_attachments; i++)
    {
      GBytes *bytes = g_ptr_array_index (packet->attachments, i);

      g_string_append (detail, " b:");
      g_string_append_len (detail, g_bytes_get_data (bytes, NULL),
                           (gssize)g_bytes_get_size (bytes));
    }
  hear (self, space, what, detail->str);
}

static void
event (Fixture *self, const char *space, BipeSocket *socket, const BipePacket *packet)
{
  hear_packet (self, space, "event", packet);
  if (self->on_event != NULL)
    self->on_event (socket, packet);
}

static void
disconnected (Fixture *self, const char *space, BipeSocket *socket)
{
  hear (self, space, "disconnected", NULL);
  if (self->on_disconnected != NULL)
    self->on_disconnected (socket);
}

static gboolean
main_connecting_cb (BipeSocket *socket, const char *auth, gpointer user_data, GError **error)
{
  return connecting (user_data, "/", socket, auth, error);
}

static void
main_connected_cb (BipeSocket *socket, const char *auth, gpointer user_data)
{
  connected (user_data, "/", socket, auth);
}

static void
main_event_cb (BipeSocket *socket, const BipePacket *packet, gpointer user_data)
{
  event (user_data, "/", socket, packet);
}

static void
main_disconnected_cb (BipeSocket *socket, gpointer user_data)
{
  disconnected (user_data, "/", socket);
}

static void
main_acknowledged_cb (BipeSocket *socket, const BipePacket *packet, gpointer user_data)
{
  hear_packet (user_data, "/", "acknowledged", packet);
}

static void
custom_connected_cb (BipeSocket *socket, const char *auth, gpointer user_data)
{
  connected (user_data, "/custom", socket, auth);
}

static void
custom_event_cb (BipeSocket *socket, const BipePacket *packet, gpointer user_data)
{
  event (user_data, "/custom", socket, packet);
}

static void
custom_disconnected_cb (BipeSocket *socket, gpointer user_data)
{
  disconnected (user_data, "/custom", socket);
}

static const BipeNamespace namespaces[] = {
  { .name = "/",
    .connecting = main_connecting_cb,
    .connected = main_connected_cb,
    .event = main_event_cb,
    .disconnected = main_disconnected_cb,
    .acknowledged = main_acknowledged_cb },
  { .name = "/custom",
    .connected = custom_connected_cb,
    .event = custom_event_cb,
    .disconnected = custom_disconnected_cb },
  { .name = "/deaf" },
};

/* --- The fixture --------------------------------------------------------------------------------
 */

static void
open_session (Fixture *self)
{
  self->wire = wire_new ();
  self->session = bipe_engine_session_ref (
      bipe_engine_open (bipe_sockets_get_engine (self->sockets), &websocket_request, NULL, NULL));
  g_assert_true (bipe_engine_session_link (self->session, &wire_funcs, self->wire));
  g_string_truncate (self->wire->got, 0);
}

static void
leave_session (Fixture *self)
{
  bipe_engine_session_close (self->session);
  g_clear_pointer (&self->session, bipe_engine_session_unref);
  g_clear_pointer (&self->wire, wire_free);
  g_string_truncate (self->heard, 0);
}

static void
set_up (Fixture *self, gconstpointer unused)
{
  static const BipeEngineOptions options = {
    .ping_interval = 25000,
    .ping_timeout = 20000,
    .max_payload = MAX_PAYLOAD,
    .max_outbox = 10000,
    .max_sessions = 10,
    .max_newcomers = 1,
  };

  *self = (Fixture){ 0 };
  self->clock = bipe_clock_new_manual (0);
  self->heard = g_string_new (NULL);
  self->sockets = bipe_sockets_new (&options, CONNECT_TIMEOUT, STRANGER_TIMEOUT, self->clock,
                                    namespaces, G_N_ELEMENTS (namespaces), self);
  open_session (self);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  bipe_sockets_free (self->sockets);
  g_clear_pointer (&self->kept, bipe_socket_unref);
  g_free (self->sid);
  g_clear_pointer (&self->session, bipe_engine_session_unref);
  g_clear_pointer (&self->wire, wire_free);
  g_string_free (self->heard, TRUE);
  bipe_clock_free (self->clock);
}

static void
say (Fixture *self, const char *text)
{
  wire_say (self->wire, self->session, text);
}

static void
say_binary (Fixture *self, const char *bytes)
{
  bipe_engine_session_receive (self->session, self->wire, BIPE_ENGINE_BINARY, bytes,
                               strlen (bytes));
}

static void
assert_heard (Fixture *self, const char *heard)
{
  g_assert_cmpstr (self->heard->str, ==, heard);
  g_string_truncate (self->heard, 0);
}

/* Says a CONNECT, and keeps the sid that it got. */
static void
join (Fixture *self, const char *text, const char *prefix)
{
  g_autofree char *expected = NULL;

  say (self, text);
  g_free (self->sid);
  self->sid = dup_sid (self->wire->got->str);
  g_assert_cmpuint (strlen (self->sid), >=, 20);
  expected = g_strdup_printf ("%s{\"sid\":\"%s\"}\n", prefix, self->sid);
  wire_assert (self->wire, expected);
}

static void
join_main (Fixture *self)
{
  join (self, "40", "40");
  assert_heard (self, "/ connecting\n/ connected\n");
}

static void
join_custom (Fixture *self)
{
  join (self, "40/custom,", "40/custom,");
  assert_heard (self, "/custom connected\n");
}

static void
advance (Fixture *self, guint milliseconds)
{
  bipe_clock_advance (self->clock, (gint64)milliseconds * 1000);
}

/* --- Connecting ---------------------------------------------------------------------------------
 */

static void
test_connect (Fixture *self, gconstpointer unused)
{
  g_autofree char *sid = NULL;

  join (self, "40", "40");
  assert_heard (self, "/ connecting\n/ connected\n");
  g_assert_cmpstr (bipe_engine_session_get_sid (self->session), !=, self->sid);

  sid = g_strdup (self->sid);
  join (self, "40/custom,{\"a\": 1.10}", "40/custom,");
  assert_heard (self, "/custom connected {\"a\": 1.10}\n");
  g_assert_cmpstr (sid, !=, self->sid);
}

static void
test_connect_with_auth (Fixture *self, gconstpointer unused)
{
  join (self, "40{\"token\":\"123\"}", "40");
  assert_heard (self, "/ connecting {\"token\":\"123\"}\n/ connected {\"token\":\"123\"}\n");
}

static void
test_connect_with_query (Fixture *self, gconstpointer unused)
{
  join (self, "40/custom?x=1,", "40/custom,");
  assert_heard (self, "/custom connected\n");
  say (self, "42/custom?x=1,[\"a\"]");
  assert_heard (self, "/custom event [\"a\"]\n");
}

static void
test_unknown_namespace (Fixture *self, gconstpointer unused)
{
  say (self, "40/random");
  wire_assert (self->wire, "44/random,{\"message\":\"Invalid namespace\"}\n");
  say (self, "40/customs,{\"a\":1}");
  wire_assert (self->wire, "44/customs,{\"message\":\"Invalid namespace\"}\n");
  say (self, "40/other?x=1,");
  wire_assert (self->wire, "44/other,{\"message\":\"Invalid namespace\"}\n");
  assert_heard (self, "");
  join_main (self);
}

static void
test_refused (Fixture *self, gconstpointer unused)
{
  say (self, "40{\"no\":1}");
  wire_assert (self->wire, "44{\"message\":\"not \\\"you\\\"\"}\n");
  assert_heard (self, "/ connecting {\"no\":1}\n");
  g_assert_null (self->kept);

  /* It may try again. */
  join_main (self);
}

static void
test_connect_twice (Fixture *self, gconstpointer unused)
{
  join_main (self);
  say (self, "40");
  g_assert_true (self->wire->is_closed);
  assert_heard (self, "/ disconnected\n");
}

static void
test_connect_timeout (Fixture *self, gconstpointer unused)
{
  g_assert_cmpint (bipe_sockets_get_deadline (self->sockets), ==, CONNECT_TIMEOUT * 1000);
  advance (self, CONNECT_TIMEOUT - 1);
  bipe_sockets_tick (self->sockets);
  g_assert_false (self->wire->is_closed);

  /* A refused one does not count. */
  say (self, "40/random");
  say (self, "40{\"no\":1}");
  advance (self, 1);
  bipe_sockets_tick (self->sockets);
  g_assert_true (self->wire->is_closed);
  g_assert_cmpint (bipe_sockets_get_deadline (self->sockets), ==, -1);
}

static void
test_connect_in_time (Fixture *self, gconstpointer unused)
{
  advance (self, CONNECT_TIMEOUT - 1);
  join_main (self);
  g_assert_cmpint (bipe_sockets_get_deadline (self->sockets), ==, 25000000);

  /* Once in, it may stay without a namespace. */
  say (self, "41");
  advance (self, CONNECT_TIMEOUT);
  bipe_sockets_tick (self->sockets);
  g_assert_false (self->wire->is_closed);
}

/* The deadline counts though no tick has come. */
static void
test_connect_late (Fixture *self, gconstpointer unused)
{
  advance (self, CONNECT_TIMEOUT);
  say (self, "40");
  g_assert_true (self->wire->is_closed);
  assert_heard (self, "");
}

static BipeEngineSession *
open_stranger (Fixture *self)
{
  BipeEngineRequest request = polling_request;

  request.key = "key";
  request.is_stranger = TRUE;
  return bipe_engine_open (bipe_sockets_get_engine (self->sockets), &request, NULL, NULL);
}

/* A stranger has less time than others, who stay. */
static void
test_stranger_timeout (Fixture *self, gconstpointer unused)
{
  BipeEngine *engine = bipe_sockets_get_engine (self->sockets);

  open_stranger (self);
  g_assert_cmpint (bipe_sockets_get_deadline (self->sockets), ==, STRANGER_TIMEOUT * 1000);
  advance (self, STRANGER_TIMEOUT - 1);
  bipe_sockets_tick (self->sockets);
  g_assert_cmpuint (bipe_engine_get_count (engine), ==, 2);
  advance (self, 1);
  bipe_sockets_tick (self->sockets);
  g_assert_cmpuint (bipe_engine_get_count (engine), ==, 1);
  g_assert_false (self->wire->is_closed);
  g_assert_cmpint (bipe_sockets_get_deadline (self->sockets), ==, CONNECT_TIMEOUT * 1000);
}

static void
test_stranger_late (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = open_stranger (self);

  advance (self, STRANGER_TIMEOUT);
  g_assert_false (bipe_engine_session_post (session, BIPE_ENGINE_TEXT, "40", 2, NULL));
  assert_heard (self, "");
}

static gboolean
has_room (Fixture *self)
{
  BipeEngineRequest request = polling_request;
  BipeEngineSession *none;

  request.key = "key";
  return bipe_engine_check (bipe_sockets_get_engine (self->sockets), &request, &none, NULL);
}

/* Once in a namespace it counts no more; a refused one does. */
static void
test_stranger_settled (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = open_stranger (self);

  g_assert_false (has_room (self));
  g_assert_true (bipe_engine_session_post (session, BIPE_ENGINE_TEXT, "40/random", 9, NULL));
  g_assert_false (has_room (self));
  g_assert_true (bipe_engine_session_post (session, BIPE_ENGINE_TEXT, "40/custom,", 10, NULL));
  assert_heard (self, "/custom connected\n");
  g_assert_true (has_room (self));
  advance (self, STRANGER_TIMEOUT);
  bipe_sockets_tick (self->sockets);
  g_assert_cmpuint (bipe_engine_get_count (bipe_sockets_get_engine (self->sockets)), ==, 2);
}

/* The engine's deadlines stand beside it. */
static void
test_ping (Fixture *self, gconstpointer unused)
{
  join_main (self);
  advance (self, 25000);
  bipe_sockets_tick (self->sockets);
  wire_assert (self->wire, "2\n");
  g_assert_cmpint (bipe_sockets_get_deadline (self->sockets), ==, 45000000);
  advance (self, 20000);
  bipe_sockets_tick (self->sockets);
  g_assert_true (self->wire->is_closed);
  assert_heard (self, "/ disconnected\n");
}

/* --- What closes the link -----------------------------------------------------------------------
 */

static const char *first_packets[] = { "41", "42[\"a\"]", "430[]", "44{}",    "450-[\"a\"]",
                                       "4",  "4abc",      "40[]",  "40\"a\"", "42/custom,[\"a\"]" };

static void
test_first_packet (Fixture *self, gconstpointer unused)
{
  for (guint i = 0; i < G_N_ELEMENTS (first_packets); i++)
    {
      g_test_message ("%s", first_packets[i]);
      say (self, first_packets[i]);
      g_assert_true (self->wire->is_closed);
      assert_heard (self, "");
      leave_session (self);
      open_session (self);
    }

  say_binary (self, "a");
  g_assert_true (self->wire->is_closed);
}

static const char *malformed[] = { "4",
                                   "4abc",
                                   "47",
                                   "42{}",
                                   "42",
                                   "42abc[\"message-with-ack\",1]",
                                   "42[\"a\"",
                                   "43[]",
                                   "44{\"message\":\"a\"}",
                                   "451-[\"a\"]",
                                   "42/custom,[\"a\"]",
                                   "41/custom,",
                                   "41/random,",
                                   "451-/custom,[\"a\"," PLACE (0) "]" };

static void
test_malformed (Fixture *self, gconstpointer unused)
{
  for (guint i = 0; i < G_N_ELEMENTS (malformed); i++)
    {
      g_test_message ("%s", malformed[i]);
      join_main (self);
      say (self, malformed[i]);
      g_assert_true (self->wire->is_closed);
      assert_heard (self, "/ disconnected\n");
      leave_session (self);
      open_session (self);
    }
}

/* On polling the POST is refused, and the GET ends. */
static void
test_malformed_post (Fixture *self, gconstpointer unused)
{
  BipeEngine *engine = bipe_sockets_get_engine (self->sockets);
  g_autoptr(BipeEngineSession) session
             = bipe_engine_session_ref (bipe_engine_open (engine, &polling_request, NULL, NULL));
  g_auto(Get) get = { 0 };
  g_autoptr(GError) error = NULL;

  bipe_engine_session_poll (session, get_answered_cb, &get);
  get_assert (&get, 200, NULL);
  bipe_engine_session_poll (session, get_answered_cb, &get);
  g_assert_false (bipe_engine_session_post (session, BIPE_ENGINE_TEXT, "4abc", 4, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
  get_assert (&get, 200, "1");
  g_assert_cmpuint (bipe_engine_get_count (engine), ==, 1);
}

/* --- Leaving ------------------------------------------------------------------------------------
 */

static void
test_leave (Fixture *self, gconstpointer unused)
{
  join_main (self);
  join_custom (self);
  say (self, "41/custom,");
  assert_heard (self, "/custom disconnected\n");
  wire_assert (self->wire, "");
  say (self, "42[\"a\"]");
  assert_heard (self, "/ event [\"a\"]\n");

  say (self, "41");
  assert_heard (self, "/ disconnected\n");
  g_assert_false (self->wire->is_closed);
  join_custom (self);
  join_main (self);
  say (self, "42/custom,[\"a\"]");
  assert_heard (self, "/custom event [\"a\"]\n");

  bipe_engine_session_unlink (self->session, self->wire);
  assert_heard (self, "/custom disconnected\n/ disconnected\n");
}

static void
test_server_disconnects (Fixture *self, gconstpointer unused)
{
  g_autoptr(BipeSocket) main_socket = NULL;

  join_main (self);
  main_socket = bipe_socket_ref (self->kept);
  join_custom (self);
  bipe_socket_disconnect (self->kept);
  wire_assert (self->wire, "41/custom,\n");
  assert_heard (self, "/custom disconnected\n");
  bipe_socket_disconnect (main_socket);
  wire_assert (self->wire, "41\n");
  assert_heard (self, "/ disconnected\n");
  g_assert_false (self->wire->is_closed);

  bipe_socket_disconnect (main_socket);
  wire_assert (self->wire, "");
  join_main (self);
}

/* --- Events and acks ----------------------------------------------------------------------------
 */

static void
test_events (Fixture *self, gconstpointer unused)
{
  join_main (self);
  say (self, "42[\"message\", 1.10 ,{\"a\":[false]}]");
  assert_heard (self, "/ event [\"message\", 1.10 ,{\"a\":[false]}]\n");
  say (self, "42456[\"message\"]");
  assert_heard (self, "/ event 456[\"message\"]\n");
  say (self, "4312[1]");
  assert_heard (self, "/ acknowledged 12[1]\n");
}

/* A namespace that hears nothing stands that. */
static void
test_deaf (Fixture *self, gconstpointer unused)
{
  join (self, "40/deaf,", "40/deaf,");
  say (self, "42/deaf,[\"a\"]");
  say (self, "43/deaf,1[]");
  say (self, "41/deaf,");
  g_assert_false (self->wire->is_closed);
  assert_heard (self, "");
}

static void
test_binary (Fixture *self, gconstpointer unused)
{
  join_main (self);
  say (self, "452-7[\"a\"," PLACE (0) "," PLACE (1) "]");
  say_binary (self, "one");
  assert_heard (self, "");
  say (self, "3"); /* the engine's own are no part of it */
  say_binary (self, "");
  assert_heard (self, "/ event 7[\"a\"," PLACE (0) "," PLACE (1) "] b:one b:\n");

  say (self, "461-3[" PLACE (0) "]");
  say_binary (self, "two");
  assert_heard (self, "/ acknowledged 3[" PLACE (0) "] b:two\n");
  say (self, "450-[\"a\"]");
  assert_heard (self, "/ event [\"a\"]\n");
}

static void
test_binary_interrupted (Fixture *self, gconstpointer unused)
{
  static const char *texts[] = { "42[\"a\"]", "40/custom,", "41", "451-[\"a\"," PLACE (0) "]" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      join_main (self);
      say (self, "451-[\"a\"," PLACE (0) "]");
      say (self, texts[i]);
      g_assert_true (self->wire->is_closed);
      assert_heard (self, "/ disconnected\n");
      leave_session (self);
      open_session (self);
    }
}

static void
test_binary_unasked (Fixture *self, gconstpointer unused)
{
  join_main (self);
  say_binary (self, "a");
  g_assert_true (self->wire->is_closed);
}

static void
test_binary_after_the_last (Fixture *self, gconstpointer unused)
{
  join_main (self);
  say (self, "451-[\"a\"," PLACE (0) "]");
  say_binary (self, "a");
  g_assert_false (self->wire->is_closed);
  say_binary (self, "b");
  g_assert_true (self->wire->is_closed);
}

/* All attachments of a packet together are no longer than one message may be. */
static void
test_binary_sum (Fixture *self, gconstpointer unused)
{
  g_autofree char *half = g_strnfill (MAX_PAYLOAD / 2, 'a');

  for (guint more = 0; more < 2; more++)
    {
      join_main (self);
      say (self, "453-[\"a\"," PLACE (0) "," PLACE (1) "," PLACE (2) "]");
      say_binary (self, half);
      say_binary (self, half);
      g_assert_false (self->wire->is_closed);
      say_binary (self, more ? "a" : "");
      g_assert_cmpint (self->wire->is_closed, ==, more);

      /* The next packet has a sum of its own. */
      if (!more)
        {
          say (self, "451-[\"a\"," PLACE (0) "]");
          say_binary (self, half);
          g_assert_false (self->wire->is_closed);
        }
      leave_session (self);
      open_session (self);
    }
}

/* The server has thrown it out of the namespace meanwhile. */
static void
test_binary_too_late (Fixture *self, gconstpointer unused)
{
  join_main (self);
  say (self, "451-[\"a\"," PLACE (0) "]");
  bipe_socket_disconnect (self->kept);
  assert_heard (self, "/ disconnected\n");
  say_binary (self, "a");
  assert_heard (self, "");
  g_assert_true (self->wire->is_closed);
}

static void
test_send (Fixture *self, gconstpointer unused)
{
  g_autoptr(BipePacket) plain = bipe_packet_parse ("213[\"a\",1.10]", 13, NULL);
  g_autoptr(BipePacket) binary = bipe_packet_new (BIPE_PACKET_BINARY_EVENT);
  g_autoptr(GBytes) frame = bipe_packet_to_frame (plain);

  binary->json = g_strdup ("[\"a\"," PLACE (0) "," PLACE (1) "]");
  binary->n_attachments = 2;
  binary->attachments = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  g_ptr_array_add (binary->attachments, g_bytes_new_static ("one", 3));
  g_ptr_array_add (binary->attachments, g_bytes_new_static ("two", 3));

  join_custom (self);
  bipe_socket_send (self->kept, plain);
  wire_assert (self->wire, "42/custom,13[\"a\",1.10]\n");
  bipe_socket_send (self->kept, binary);
  wire_assert (self->wire, "452-/custom,[\"a\"," PLACE (0) "," PLACE (1) "]\nb:one\nb:two\n");
  bipe_socket_acknowledge (self->kept, G_MAXUINT64, "[{\"ok\":true}]");
  wire_assert (self->wire, "43/custom,18446744073709551615[{\"ok\":true}]\n");
  bipe_socket_send_frame (self->kept, frame);
  wire_assert (self->wire, "4213[\"a\",1.10]\n");

  join_main (self);
  bipe_socket_send (self->kept, plain);
  bipe_socket_acknowledge (self->kept, 0, "[]");
  wire_assert (self->wire, "4213[\"a\",1.10]\n430[]\n");

  /* After its end nothing is sent. */
  say (self, "41");
  bipe_socket_send (self->kept, plain);
  bipe_socket_send (self->kept, binary);
  bipe_socket_send_frame (self->kept, frame);
  bipe_socket_acknowledge (self->kept, 0, "[]");
  wire_assert (self->wire, "");

  /* … nor after the session's. */
  g_string_truncate (self->heard, 0);
  join_main (self);
  leave_session (self);
  bipe_socket_send (self->kept, plain);
  bipe_socket_disconnect (self->kept);
  open_session (self);
}

static void
echo (BipeSocket *socket, const BipePacket *packet)
{
  bipe_socket_send (socket, packet);
}

/* By polling a packet and its attachments go together. */
static void
test_send_by_polling (Fixture *self, gconstpointer unused)
{
  static const char echoed[] = "451-[\"a\"," PLACE (0) "]\x1e"
                                                       "bYQ==\x1e"
                                                       "42[\"b\"]";
  g_autoptr(BipePacket) binary = NULL;
  g_auto(Get) get = { 0 };

  leave_session (self);
  self->wire = wire_new ();
  self->session = bipe_engine_session_ref (
      bipe_engine_open (bipe_sockets_get_engine (self->sockets), &polling_request, NULL, NULL));
  bipe_engine_session_poll (self->session, get_answered_cb, &get);
  get_assert (&get, 200, NULL);
  g_assert_true (bipe_engine_session_post (self->session, BIPE_ENGINE_TEXT, "40", 2, NULL));
  bipe_engine_session_poll (self->session, get_answered_cb, &get);
  get_assert (&get, 200, NULL);

  binary = bipe_packet_new (BIPE_PACKET_BINARY_ACK);
  binary->has_id = TRUE;
  binary->json = g_strdup ("[" PLACE (0) "]");
  binary->n_attachments = 1;
  binary->attachments = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  g_ptr_array_add (binary->attachments, g_bytes_new_static ("\1\2\3", 3));
  bipe_engine_session_poll (self->session, get_answered_cb, &get);
  bipe_socket_send (self->kept, binary);
  get_assert (&get, 200,
              "461-0[" PLACE (0) "]\x1e"
                                 "bAQID");

  /* … and with what else a POST brings about. */
  self->on_event = echo;
  bipe_engine_session_poll (self->session, get_answered_cb, &get);
  g_assert_true (
      bipe_engine_session_post (self->session, BIPE_ENGINE_TEXT, echoed, strlen (echoed), NULL));
  get_assert (&get, 200, echoed);
}

/* --- The listener's freedom ---------------------------------------------------------------------
 */

static void
count_destroyed (gpointer data)
{
  (*(guint *)data)++;
}

static void
assert_data_there (BipeSocket *socket)
{
  guint *n_destroyed = bipe_socket_get_data (socket);

  g_assert_cmpuint (*n_destroyed, ==, 0);
}

static void
test_data (Fixture *self, gconstpointer unused)
{
  guint n_first = 0, n_second = 0, n_after = 0;

  join_main (self);
  bipe_socket_set_data (self->kept, &n_first, count_destroyed);
  bipe_socket_set_data (self->kept, &n_second, count_destroyed);
  g_assert_cmpuint (n_first, ==, 1);
  self->on_disconnected = assert_data_there;
  say (self, "41");
  g_assert_cmpuint (n_second, ==, 1);
  g_assert_null (bipe_socket_get_data (self->kept));

  /* Set too late, it goes with the socket. */
  bipe_socket_set_data (self->kept, &n_after, count_destroyed);
  g_clear_pointer (&self->kept, bipe_socket_unref);
  g_assert_cmpuint (n_after, ==, 1);
}

static guint n_refused_destroyed;

static void
set_data (BipeSocket *socket)
{
  bipe_socket_set_data (socket, &n_refused_destroyed, count_destroyed);
}

static void
test_data_of_refused (Fixture *self, gconstpointer unused)
{
  self->on_connecting = set_data;
  say (self, "40{\"no\":1}");
  g_assert_cmpuint (n_refused_destroyed, ==, 1);
}

static void
close_session (BipeSocket *socket)
{
  bipe_engine_session_close (bipe_socket_get_session (socket));
}

static void
close_session_at_event (BipeSocket *socket, const BipePacket *packet)
{
  close_session (socket);
  /* It is still ours. */
  g_assert_cmpint (packet->type, ==, BIPE_PACKET_BINARY_EVENT);
}

static void
test_close_within (Fixture *self, gconstpointer unused)
{
  self->on_connecting = close_session;
  say (self, "40");
  assert_heard (self, "/ connecting\n");
  wire_assert (self->wire, "");
  leave_session (self);
  open_session (self);

  self->on_connecting = NULL;
  self->on_connected = close_session;
  say (self, "40");
  assert_heard (self, "/ connecting\n/ connected\n/ disconnected\n");
  leave_session (self);
  open_session (self);

  self->on_connected = NULL;
  self->on_event = close_session_at_event;
  self->on_disconnected = close_session;
  join_main (self);
  join_custom (self);
  say (self, "451-[\"a\"," PLACE (0) "]");
  say_binary (self, "a");
  assert_heard (self, "/ event [\"a\"," PLACE (0) "] b:a\n/ disconnected\n/custom disconnected\n");
  g_assert_true (self->wire->is_closed);
}

static void
disconnect_at_event (BipeSocket *socket, const BipePacket *packet)
{
  bipe_socket_disconnect (socket);
  bipe_socket_acknowledge (socket, packet->id, "[]");
}

static void
test_disconnect_within (Fixture *self, gconstpointer unused)
{
  self->on_event = disconnect_at_event;
  self->on_disconnected = bipe_socket_disconnect;
  join_main (self);
  say (self, "421[\"a\"]");
  assert_heard (self, "/ event 1[\"a\"]\n/ disconnected\n");
  wire_assert (self->wire, "41\n");

  self->on_connected = bipe_socket_disconnect;
  say (self, "40/custom,");
  assert_heard (self, "/custom connected\n/custom disconnected\n");
  g_assert_false (self->wire->is_closed);
}

/* While it is asked, the socket is in no namespace yet. */
static void
test_send_while_connecting (Fixture *self, gconstpointer unused)
{
  self->on_connecting = bipe_socket_disconnect;
  join (self, "40", "40");
  assert_heard (self, "/ connecting\n/ connected\n");
}

/* What tells of its end may be what ends it. */
static void
test_full_while_disconnecting (Fixture *self, gconstpointer unused)
{
  join_main (self);
  self->wire->backlog = 10000;
  bipe_socket_disconnect (self->kept);
  assert_heard (self, "/ disconnected\n");
  g_assert_true (self->wire->is_closed);
}

static void
test_full_while_connecting (Fixture *self, gconstpointer unused)
{
  self->wire->backlog = 10000;
  say (self, "40");
  g_assert_true (self->wire->is_closed);
  /* It was never told its sid, so it never was in. */
  assert_heard (self, "/ connecting\n");
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    const char *path;
    void (*func) (Fixture *self, gconstpointer unused);
  } tests[] = {
    { "/sockets/connect", test_connect },
    { "/sockets/connect/auth", test_connect_with_auth },
    { "/sockets/connect/query", test_connect_with_query },
    { "/sockets/connect/unknown-namespace", test_unknown_namespace },
    { "/sockets/connect/refused", test_refused },
    { "/sockets/connect/twice", test_connect_twice },
    { "/sockets/connect/timeout", test_connect_timeout },
    { "/sockets/connect/in-time", test_connect_in_time },
    { "/sockets/connect/late", test_connect_late },
    { "/sockets/stranger/timeout", test_stranger_timeout },
    { "/sockets/stranger/late", test_stranger_late },
    { "/sockets/stranger/settled", test_stranger_settled },
    { "/sockets/ping", test_ping },
    { "/sockets/first-packet", test_first_packet },
    { "/sockets/malformed", test_malformed },
    { "/sockets/malformed/post", test_malformed_post },
    { "/sockets/leave", test_leave },
    { "/sockets/server-disconnects", test_server_disconnects },
    { "/sockets/events", test_events },
    { "/sockets/deaf", test_deaf },
    { "/sockets/binary", test_binary },
    { "/sockets/binary/interrupted", test_binary_interrupted },
    { "/sockets/binary/unasked", test_binary_unasked },
    { "/sockets/binary/after-the-last", test_binary_after_the_last },
    { "/sockets/binary/sum", test_binary_sum },
    { "/sockets/binary/too-late", test_binary_too_late },
    { "/sockets/send", test_send },
    { "/sockets/send/polling", test_send_by_polling },
    { "/sockets/data", test_data },
    { "/sockets/data/refused", test_data_of_refused },
    { "/sockets/within/close", test_close_within },
    { "/sockets/within/disconnect", test_disconnect_within },
    { "/sockets/within/send-while-connecting", test_send_while_connecting },
    { "/sockets/within/full-while-disconnecting", test_full_while_disconnecting },
    { "/sockets/within/full-while-connecting", test_full_while_connecting },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].func, tear_down);
  return g_test_run ();
}
