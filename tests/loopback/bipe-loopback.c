/* bipe-loopback.c: says back what it is told, for conformance suites: the room socketio and the
 * server's transports without a station.
 *
 *   --mode engine    /engine.io/: each message comes back
 *   --mode socketio  /socket.io/: in / and /custom, `auth` comes with what the client connected
 *                    with, `message` is answered by `message-back`, `message-with-ack` by its ack
 *   both             /echo: a plain WebSocket, whose messages come back
 */
#include "config.h"

#include <glib-unix.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "server/engine-transport.h"
#include "server/router.h"
#include "server/websocket.h"
#include "socketio/sockets.h"

#define ECHO_MAX (64 * 1024 * 1024)

/* What handlers reach by nothing but the exchange. */
static struct
{
  BipeEngine *engine;
  GHashTable *echoes; /* open WebSockets */
  GMainLoop *loop;
} loopback;

/* Mode engine. */

static void
opened_cb (BipeEngineSession *session, gpointer user_data)
{
}

static void
message_cb (BipeEngineSession *session,
            BipeEngineKind kind,
            const char *data,
            gsize length,
            gpointer user_data)
{
  g_autoptr(GByteArray) frame = g_byte_array_sized_new ((guint)length + 1);
  g_autoptr(GBytes) bytes = NULL;

  if (kind == BIPE_ENGINE_TEXT)
    g_byte_array_append (frame, (const guint8 *)"4", 1);
  g_byte_array_append (frame, (const guint8 *)data, (guint)length);
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&frame));
  bipe_engine_session_send (session, kind, bytes);
}

static void
closed_cb (BipeEngineSession *session, const char *reason, gpointer user_data)
{
}

static const BipeEngineListener engine_listener = { opened_cb, message_cb, closed_cb };

static gint64
get_engine_deadline (gpointer timed)
{
  return bipe_engine_get_deadline (timed);
}

static void
tick_engine (gpointer timed)
{
  bipe_engine_tick (timed);
}

/* Mode socketio. */

static void
connected_cb (BipeSocket *socket, const char *auth, gpointer user_data)
{
  g_autofree char *json = g_strdup_printf ("[\"auth\",%s]", auth != NULL ? auth : "{}");
  const BipePacket packet = { .type = BIPE_PACKET_EVENT, .json = json };

  bipe_socket_send (socket, &packet);
}

/* The array of @name, where there is one, and of the arguments as they came. */
static char *
dup_arguments (const char *name, const BipePacket *packet)
{
  GString *json = g_string_new ("[");

  if (name != NULL)
    g_string_append (json, name);
  for (guint i = 1; i < packet->arguments->len; i++)
    {
      if (json->len > 1)
        g_string_append_c (json, ',');
      g_string_append (json, packet->arguments->pdata[i]);
    }
  g_string_append_c (json, ']');
  return g_string_free (json, FALSE);
}

static void
event_cb (BipeSocket *socket, const BipePacket *packet, gpointer user_data)
{
  gboolean is_binary = packet->type == BIPE_PACKET_BINARY_EVENT;
  BipePacket answer
      = { .n_attachments = packet->n_attachments, .attachments = packet->attachments };
  g_autofree char *json = NULL;

  if (bipe_packet_is_event (packet, "message"))
    {
      answer.type = packet->type;
      json = dup_arguments ("\"message-back\"", packet);
    }
  else if (bipe_packet_is_event (packet, "message-with-ack") && packet->has_id)
    {
      answer.type = is_binary ? BIPE_PACKET_BINARY_ACK : BIPE_PACKET_ACK;
      answer.has_id = TRUE;
      answer.id = packet->id;
      json = dup_arguments (NULL, packet);
    }
  else
    return;
  answer.json = json;
  bipe_socket_send (socket, &answer);
}

static const BipeNamespace namespaces[] = {
  { .name = "/", .connected = connected_cb, .event = event_cb },
  { .name = "/custom", .connected = connected_cb, .event = event_cb },
};

static gint64
get_sockets_deadline (gpointer timed)
{
  return bipe_sockets_get_deadline (timed);
}

static void
tick_sockets (gpointer timed)
{
  bipe_sockets_tick (timed);
}

/* /echo. */

static void
echo_message_cb (BipeWebsocket *websocket,
                 BipeWebsocketOpcode opcode,
                 const char *data,
                 gsize length,
                 gpointer user_data)
{
  /* Who reads nothing gets nothing any more. */
  if (bipe_websocket_get_backlog (websocket) <= ECHO_MAX)
    {
      bipe_websocket_send (websocket, opcode, data, length);
      return;
    }
  g_hash_table_remove (loopback.echoes, websocket);
  bipe_websocket_free (websocket);
}

static void
echo_closed_cb (BipeWebsocket *websocket, gpointer user_data)
{
  g_hash_table_remove (loopback.echoes, websocket);
  bipe_websocket_free (websocket);
}

static const BipeWebsocketListener echo_listener = { echo_message_cb, echo_closed_cb };

static void
serve_echo (BipeExchange *exchange)
{
  BipeWebsocket *websocket = bipe_websocket_accept (exchange, ECHO_MAX, &echo_listener, NULL);

  if (websocket != NULL)
    g_hash_table_add (loopback.echoes, websocket);
}

/* The program. */

static void
serve_engine (BipeExchange *exchange)
{
  bipe_engine_transport_serve (exchange, loopback.engine);
}

static const BipeRoute engine_routes[] = {
  { "GET", "/engine.io/", BIPE_SCOPE_NONE, BIPE_BODY_ANY, serve_engine },
  { "POST", "/engine.io/", BIPE_SCOPE_NONE, BIPE_BODY_ANY, serve_engine },
  { "PUT", "/engine.io/", BIPE_SCOPE_NONE, BIPE_BODY_ANY, serve_engine },
  { "GET", "/echo", BIPE_SCOPE_NONE, BIPE_BODY_ANY, serve_echo },
  { NULL },
};

static const BipeRoute socketio_routes[] = {
  { "GET", "/socket.io/", BIPE_SCOPE_NONE, BIPE_BODY_ANY, serve_engine },
  { "POST", "/socket.io/", BIPE_SCOPE_NONE, BIPE_BODY_ANY, serve_engine },
  { "PUT", "/socket.io/", BIPE_SCOPE_NONE, BIPE_BODY_ANY, serve_engine },
  { "GET", "/echo", BIPE_SCOPE_NONE, BIPE_BODY_ANY, serve_echo },
  { NULL },
};

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  bipe_server_stop_finish (BIPE_SERVER (source), result);
  g_main_loop_quit (loopback.loop);
}

static gboolean
signal_cb (gpointer user_data)
{
  g_autoptr(GList) echoes = g_hash_table_get_keys (loopback.echoes);

  for (GList *l = echoes; l != NULL; l = l->next)
    bipe_websocket_close (l->data, BIPE_WEBSOCKET_GOING_AWAY, "");
  g_hash_table_remove_all (loopback.echoes);
  bipe_engine_close_all (loopback.engine);
  bipe_server_stop_async (user_data, stopped_cb, NULL);
  return G_SOURCE_REMOVE;
}

static gboolean
run (BipeServer *server, guint16 port, GSource *ticks, GError **error)
{
  const BipeReachWish wish = { (char *)"127.0.0.1", (char *)"off", port };

  if (!bipe_server_listen (server, &wish, error))
    return FALSE;
  loopback.loop = g_main_loop_new (NULL, FALSE);
  g_source_attach (ticks, NULL);
  g_unix_signal_add (SIGTERM, signal_cb, server);
  g_print ("Listening on %s\n", bipe_server_get_address (server));
  g_main_loop_run (loopback.loop);
  g_source_destroy (ticks);
  g_main_loop_unref (loopback.loop);
  return TRUE;
}

static int
fail (const GError *error)
{
  g_printerr ("bipe-loopback: %s\n", error->message);
  return EXIT_FAILURE;
}

int
main (int argc, char **argv)
{
  int port = 0, ping_interval = 300, ping_timeout = 200, max_payload = 1000000;
  int connect_timeout = 1000;
  gboolean allow_eio3 = FALSE;
  g_autofree char *mode = NULL;
  const GOptionEntry entries[] = {
    { "port", 0, 0, G_OPTION_ARG_INT, &port, "0: one that is free", "PORT" },
    { "mode", 0, 0, G_OPTION_ARG_STRING, &mode, "engine, or socketio (default)", "MODE" },
    { "ping-interval", 0, 0, G_OPTION_ARG_INT, &ping_interval, "default: 300", "MS" },
    { "ping-timeout", 0, 0, G_OPTION_ARG_INT, &ping_timeout, "default: 200", "MS" },
    { "max-payload", 0, 0, G_OPTION_ARG_INT, &max_payload, "default: 1000000", "BYTES" },
    { "allow-eio3", 0, 0, G_OPTION_ARG_NONE, &allow_eio3, "clients of Engine.IO 3, too", NULL },
    { "connect-timeout", 0, 0, G_OPTION_ARG_INT, &connect_timeout, "default: 1000", "MS" },
    { NULL },
  };
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);
  g_autoptr(GError) error = NULL;
  BipeServerOptions options = { .time_limit = 30, .max_connections = 2000 };
  BipeEngineOptions timers = { .max_outbox = 4 * ECHO_MAX, .max_sessions = 4000 };
  g_autoptr(BipeSockets) sockets = NULL;
  g_autoptr(BipeServer) server = NULL;
  g_autoptr(GSource) ticks = NULL;
  gboolean is_engine;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return fail (error);
  bipe_log_install ("warning");

  is_engine = g_strcmp0 (mode, "engine") == 0;
  options.body_limit = (gsize)MAX (max_payload, 1024 * 1024);
  timers.ping_interval = (guint)ping_interval;
  timers.ping_timeout = (guint)ping_timeout;
  timers.max_payload = (gsize)max_payload;
  timers.allow_eio3 = allow_eio3;
  if (is_engine)
    {
      loopback.engine = bipe_engine_new (&timers, bipe_clock_system (), &engine_listener, NULL);
      ticks = bipe_engine_transport_new_source (get_engine_deadline, tick_engine, loopback.engine);
    }
  else
    {
      sockets
          = bipe_sockets_new (&timers, (guint)connect_timeout, (guint)connect_timeout,
                              bipe_clock_system (), namespaces, G_N_ELEMENTS (namespaces), NULL);
      loopback.engine = bipe_sockets_get_engine (sockets);
      ticks = bipe_engine_transport_new_source (get_sockets_deadline, tick_sockets, sockets);
    }
  loopback.echoes = g_hash_table_new (NULL, NULL);
  server = bipe_server_new_with_routes (&options, is_engine ? engine_routes : socketio_routes);
  if (!run (server, (guint16)port, ticks, &error))
    return fail (error);
  if (is_engine)
    bipe_engine_free (loopback.engine);
  g_hash_table_unref (loopback.echoes);
  return EXIT_SUCCESS;
}
