#define _GNU_SOURCE /* POLLRDHUP */
#include "config.h"

#include "server/engine-transport.h"

#include <glib-unix.h>
#include <poll.h>
#include <string.h>

#include "server/client-network.h"
#include "server/peer.h"
#include "server/percent.h"
#include "server/websocket.h"

#define BYTES_TYPE "application/octet-stream"

/* A GET that hangs. */
typedef struct
{
  BipeExchange *exchange;
  BipeEngineSession *session;
  GCancellable *cancellable;
  gulong left_id;
  GSource *hang_up;
} Poll;

/* A WebSocket, as long as the session may use it. */
typedef struct
{
  BipeWebsocket *websocket;
  BipeEngineSession *session;
} Link;

static void
free_poll (Poll *self)
{
  g_source_destroy (self->hang_up);
  g_source_unref (self->hang_up);
  g_signal_handler_disconnect (self->cancellable, self->left_id);
  g_object_unref (self->cancellable);
  bipe_engine_session_unref (self->session);
  bipe_exchange_unref (self->exchange);
  g_free (self);
}

static void
answer_poll (guint status, BipeEngineKind kind, GString *body, gpointer user_data)
{
  Poll *self = user_data;

  if (status == SOUP_STATUS_OK)
    bipe_exchange_reply (self->exchange, status,
                         kind == BIPE_ENGINE_TEXT ? "text/plain; charset=UTF-8" : BYTES_TYPE, body);
  else
    {
      bipe_exchange_refuse (self->exchange, BIPE_FAULT_INVALID, "%s", body->str);
      g_string_free (body, TRUE);
    }
  free_poll (self);
}

static void
left_cb (GCancellable *cancellable, gpointer user_data)
{
  Poll *self = user_data;

  bipe_engine_session_leave_poll (self->session, self);
  free_poll (self);
}

/* The client has closed its end. It may have hung up, or only have no more to say, which HTTP
 * allows: a noop is a good answer to one who still listens, and loses nothing with one who does
 * not. */
static gboolean
hung_up_cb (int fd, GIOCondition condition, gpointer user_data)
{
  Poll *self = user_data;

  bipe_exchange_set_answer_header (self->exchange, "Connection", "close");
  bipe_engine_session_end_poll (self->session, self);
  return G_SOURCE_REMOVE;
}

/* While a GET hangs nobody reads its connection, and what it is answered with after its client has
 * hung up would be lost to the client's next GET. So this goes ahead of all that may answer it. */
static GSource *
watch_for_hang_up (Poll *self)
{
  int fd = bipe_wire_get_fd (bipe_exchange_get_peer (self->exchange)->wire);
  GSource *source = g_unix_fd_source_new (fd, (GIOCondition)POLLRDHUP);

  g_source_set_priority (source, G_PRIORITY_HIGH);
  g_source_set_callback (source, G_SOURCE_FUNC (hung_up_cb), self, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

static void
serve_get (BipeExchange *exchange, BipeEngineSession *session)
{
  Poll *poll = g_new0 (Poll, 1);

  poll->exchange = bipe_exchange_ref (exchange);
  poll->session = bipe_engine_session_ref (session);
  poll->cancellable = g_object_ref (bipe_exchange_get_cancellable (exchange));
  poll->left_id = g_signal_connect (poll->cancellable, "cancelled", G_CALLBACK (left_cb), poll);
  poll->hang_up = watch_for_hang_up (poll);
  /* Its session's heartbeat bounds it, not the time that other answers may take. */
  bipe_exchange_get_peer (exchange)->since = G_MAXINT64;
  bipe_engine_session_poll (session, answer_poll, poll);
}

static gboolean
is_bytes (BipeExchange *exchange)
{
  const char *type = bipe_exchange_get_header (exchange, "Content-Type");
  gsize length = strlen (BYTES_TYPE);

  return type != NULL && g_ascii_strncasecmp (type, BYTES_TYPE, length) == 0
         && (type[length] == '\0' || strchr ("; \t", type[length]) != NULL);
}

static void
serve_post (BipeExchange *exchange, BipeEngineSession *session)
{
  g_autoptr(GBytes) body = bipe_exchange_dup_bytes (exchange);
  g_autoptr(GError) error = NULL;
  gsize length;
  const char *packets = g_bytes_get_data (body, &length);
  BipeEngineKind kind = is_bytes (exchange) ? BIPE_ENGINE_BINARY : BIPE_ENGINE_TEXT;

  if (bipe_engine_session_post (session, kind, length > 0 ? packets : "", length, &error))
    bipe_exchange_reply (exchange, SOUP_STATUS_OK, "text/html", g_string_new ("ok"));
  else
    bipe_exchange_fail (exchange, error);
}

static void
free_link (Link *self)
{
  bipe_engine_session_unref (self->session);
  g_free (self);
}

static void
link_send (gpointer link, BipeEngineKind kind, GBytes *bytes)
{
  gsize length;
  const void *data = g_bytes_get_data (bytes, &length);

  bipe_websocket_send (((Link *)link)->websocket,
                       kind == BIPE_ENGINE_TEXT ? BIPE_WEBSOCKET_TEXT : BIPE_WEBSOCKET_BINARY, data,
                       length);
}

static void
link_close (gpointer link)
{
  bipe_websocket_close (((Link *)link)->websocket, BIPE_WEBSOCKET_NORMAL, "");
  free_link (link);
}

static gsize
link_get_backlog (gpointer link)
{
  return bipe_websocket_get_backlog (((Link *)link)->websocket);
}

static void
link_hold (gpointer link, gboolean holds)
{
  bipe_websocket_hold (((Link *)link)->websocket, holds);
}

static const BipeEngineLink link_funcs = { link_send, link_close, link_get_backlog, link_hold };

static void
message_cb (BipeWebsocket *websocket,
            BipeWebsocketOpcode opcode,
            const char *data,
            gsize length,
            gpointer user_data)
{
  Link *self = user_data;
  g_autoptr(BipeEngineSession) session = bipe_engine_session_ref (self->session);

  bipe_engine_session_receive (
      session, self, opcode == BIPE_WEBSOCKET_TEXT ? BIPE_ENGINE_TEXT : BIPE_ENGINE_BINARY, data,
      length);
}

static void
closed_cb (BipeWebsocket *websocket, gpointer user_data)
{
  Link *self = user_data;

  bipe_engine_session_unlink (self->session, self);
  bipe_websocket_free (websocket);
  free_link (self);
}

static const BipeWebsocketListener websocket_listener = { message_cb, closed_cb };

static BipeEngineSession *
open_session (BipeEngine *engine, const BipeEngineRequest *request, BipePass *pass)
{
  return bipe_engine_open (engine, request, bipe_pass_ref (pass), (GDestroyNotify)bipe_pass_unref);
}

static void
serve_websocket (BipeExchange *exchange,
                 BipeEngine *engine,
                 const BipeEngineRequest *request,
                 BipeEngineSession *session)
{
  BipePass *pass = bipe_exchange_get_pass (exchange);
  Link *link = g_new0 (Link, 1);

  link->websocket = bipe_websocket_accept (exchange, bipe_engine_get_max_payload (engine),
                                           &websocket_listener, link);
  if (link->websocket == NULL)
    {
      g_free (link);
      return;
    }
  if (session == NULL)
    session = open_session (engine, request, pass);
  link->session = bipe_engine_session_ref (session);
  if (!bipe_engine_session_link (session, &link_funcs, link))
    link_close (link);
}

/* The value of a query's parameter, or NULL. */
static const char *
find (GPtrArray *parameters, const char *name)
{
  for (guint i = 0; i + 1 < parameters->len; i += 2)
    if (g_str_equal (parameters->pdata[i], name))
      return parameters->pdata[i + 1];
  return NULL;
}

/* Nothing that it has shown, nor where it comes from, lets it into a namespace: a token must still
 * come. */
static gboolean
is_stranger (BipeExchange *exchange)
{
  return bipe_pass_get_scopes (bipe_exchange_get_pass (exchange)) == BIPE_SCOPE_NONE;
}

/* As whom its session counts until it is in a namespace; NULL: as nobody. By the socket: a proxy on
 * this machine brings many, and what it says of them proves nothing. */
static char *
dup_key (BipeExchange *exchange)
{
  const BipePeer *peer = bipe_exchange_get_peer (exchange);

  if (peer->is_loopback || !is_stranger (exchange))
    return NULL;
  return bipe_client_network_dup (peer->address);
}

/* Good as long as the exchange, @parameters and @key. */
static BipeEngineRequest
read_request (BipeExchange *exchange, GPtrArray *parameters, const char *key)
{
  return (BipeEngineRequest){
    .method = bipe_exchange_get_method (exchange),
    .is_websocket = bipe_websocket_is_wanted (exchange),
    .eio = find (parameters, "EIO"),
    .transport = find (parameters, "transport"),
    .sid = find (parameters, "sid"),
    .b64 = find (parameters, "b64"),
    .key = key,
    .is_stranger = is_stranger (exchange),
  };
}

void
bipe_engine_transport_serve (BipeExchange *exchange, BipeEngine *engine)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) parameters = bipe_exchange_parse_query (exchange, &error);
  g_autofree char *key = dup_key (exchange);
  BipeEngineRequest request;
  BipeEngineSession *session;

  if (parameters != NULL)
    request = read_request (exchange, parameters, key);
  if (parameters == NULL || !bipe_engine_check (engine, &request, &session, &error))
    {
      /* Its session ended with the station while the request was under way. That is a connection
       * lost, not a client's fault: python-engineio 4.3 never comes back after a post's 400. */
      if (bipe_exchange_is_stopping (exchange))
        bipe_exchange_cut (exchange);
      else
        bipe_exchange_fail (exchange, error);
      return;
    }
  bipe_exchange_set_answer_header (exchange, "Cache-Control", "no-store");
  if (find (parameters, "j") != NULL)
    bipe_exchange_refuse (exchange, BIPE_FAULT_INVALID, "JSONP is not served");
  else if (request.is_websocket)
    serve_websocket (exchange, engine, &request, session);
  else if (session == NULL)
    serve_get (exchange, open_session (engine, &request, bipe_exchange_get_pass (exchange)));
  else if (g_str_equal (request.method, "GET"))
    serve_get (exchange, session);
  else
    serve_post (exchange, session);
}

/* The deadline may change with whatever a turn of the main loop does, so each turn asks for it. */
typedef struct
{
  GSource parent_instance;

  gint64 (*get_deadline) (gpointer timed);
  void (*tick) (gpointer timed);
  gpointer timed;
} TickSource;

static gboolean
tick_prepare (GSource *source, int *timeout)
{
  TickSource *self = (TickSource *)source;
  gint64 deadline = self->get_deadline (self->timed);
  gint64 left;

  *timeout = -1;
  if (deadline < 0)
    return FALSE;
  left = deadline - g_get_monotonic_time ();
  /* Rounded up, so that it is not asked again and again within the last millisecond. */
  *timeout = (int)CLAMP ((left + 999) / 1000, 0, G_MAXINT);
  return left <= 0;
}

static gboolean
tick_check (GSource *source)
{
  int timeout;

  return tick_prepare (source, &timeout);
}

static gboolean
tick_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  TickSource *self = (TickSource *)source;

  self->tick (self->timed);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs tick_funcs
    = { .prepare = tick_prepare, .check = tick_check, .dispatch = tick_dispatch };

GSource *
bipe_engine_transport_new_source (gint64 (*get_deadline) (gpointer timed),
                                  void (*tick) (gpointer timed),
                                  gpointer timed)
{
  GSource *source = g_source_new (&tick_funcs, sizeof (TickSource));
  TickSource *self = (TickSource *)source;

  self->get_deadline = get_deadline;
  self->tick = tick;
  self->timed = timed;
  return source;
}
