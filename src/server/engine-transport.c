#include "config.h"

#include "server/engine-transport.h"

#include "server/percent.h"
#include "server/websocket.h"

/* A GET that hangs. */
typedef struct
{
  BipeExchange *exchange;
  BipeEngineSession *session;
  GCancellable *cancellable;
  gulong left_id;
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
  g_signal_handler_disconnect (self->cancellable, self->left_id);
  g_object_unref (self->cancellable);
  bipe_engine_session_unref (self->session);
  bipe_exchange_unref (self->exchange);
  g_free (self);
}

static void
answer_poll (guint status, GString *body, gpointer user_data)
{
  Poll *self = user_data;

  if (status == SOUP_STATUS_OK)
    bipe_exchange_reply (self->exchange, status, "text/plain; charset=UTF-8", body);
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

static void
serve_get (BipeExchange *exchange, BipeEngine *engine, BipeEngineSession *session)
{
  Poll *poll;

  if (session == NULL)
    {
      session = bipe_engine_open (engine, BIPE_ENGINE_POLLING);
      bipe_engine_session_set_rights (session, bipe_exchange_get_scopes (exchange));
    }
  poll = g_new0 (Poll, 1);
  poll->exchange = bipe_exchange_ref (exchange);
  poll->session = bipe_engine_session_ref (session);
  poll->cancellable = g_object_ref (bipe_exchange_get_cancellable (exchange));
  poll->left_id = g_signal_connect (poll->cancellable, "cancelled", G_CALLBACK (left_cb), poll);
  bipe_engine_session_poll (session, answer_poll, poll);
}

static void
serve_post (BipeExchange *exchange, BipeEngineSession *session)
{
  g_autoptr(GBytes) body = bipe_exchange_dup_bytes (exchange);
  g_autoptr(GError) error = NULL;
  gsize length;
  const char *packets = g_bytes_get_data (body, &length);

  if (bipe_engine_session_post (session, length > 0 ? packets : "", length, &error))
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

static const BipeEngineLink link_funcs = { link_send, link_close, link_get_backlog };

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

static void
serve_websocket (BipeExchange *exchange, BipeEngine *engine, BipeEngineSession *session)
{
  guint scopes = bipe_exchange_get_scopes (exchange);
  Link *link = g_new0 (Link, 1);

  link->websocket = bipe_websocket_accept (exchange, bipe_engine_get_max_payload (engine),
                                           &websocket_listener, link);
  if (link->websocket == NULL)
    {
      g_free (link);
      return;
    }
  if (session == NULL)
    {
      session = bipe_engine_open (engine, BIPE_ENGINE_WEBSOCKET);
      bipe_engine_session_set_rights (session, scopes);
    }
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

void
bipe_engine_transport_serve (BipeExchange *exchange, BipeEngine *engine)
{
  gboolean is_websocket = bipe_websocket_is_wanted (exchange);
  const char *method = bipe_exchange_get_method (exchange);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) parameters = bipe_exchange_parse_query (exchange, &error);
  BipeEngineSession *session;

  if (parameters == NULL
      || !bipe_engine_check (engine, method, is_websocket, find (parameters, "EIO"),
                             find (parameters, "transport"), find (parameters, "sid"), &session,
                             &error))
    {
      bipe_exchange_fail (exchange, error);
      return;
    }
  bipe_exchange_set_answer_header (exchange, "Cache-Control", "no-store");
  if (find (parameters, "j") != NULL)
    bipe_exchange_refuse (exchange, BIPE_FAULT_INVALID, "JSONP is not served");
  else if (is_websocket)
    serve_websocket (exchange, engine, session);
  else if (g_str_equal (method, "GET"))
    serve_get (exchange, engine, session);
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
