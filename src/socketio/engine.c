/* engine.c: the table of sessions, what requests may ask of it, and what falls due. */
#include "config.h"

#include "socketio/engine.h"

#include "base/clock.h"
#include "base/error.h"
#include "socketio/engine-private.h"

BipeEngine *
bipe_engine_new (const BipeEngineOptions *options,
                 BipeClock *clock,
                 const BipeEngineListener *listener,
                 gpointer user_data)
{
  BipeEngine *self = g_new0 (BipeEngine, 1);

  self->options = *options;
  self->clock = clock;
  self->listener = listener;
  self->user_data = user_data;
  self->sessions = g_hash_table_new (g_str_hash, g_str_equal);
  bipe_deadlines_init (&self->pings, options->ping_interval);
  bipe_deadlines_init (&self->pongs, options->ping_timeout);
  bipe_deadlines_init (&self->silences, options->ping_interval + options->ping_timeout);
  bipe_deadlines_init (&self->probes, BIPE_ENGINE_UPGRADE_TIMEOUT);
  bipe_newcomers_init (&self->newcomers, options->max_newcomers);
  return self;
}

void
bipe_engine_close_all (BipeEngine *self)
{
  g_autoptr(GPtrArray) sessions
             = g_ptr_array_new_with_free_func ((GDestroyNotify)bipe_engine_session_unref);
  GHashTableIter iter;
  gpointer session;

  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &session))
    g_ptr_array_add (sessions, bipe_engine_session_ref (session));
  for (guint i = 0; i < sessions->len; i++)
    bipe_engine_session_interrupt (g_ptr_array_index (sessions, i));
}

void
bipe_engine_free (BipeEngine *self)
{
  bipe_engine_close_all (self);
  g_clear_pointer (&self->latest, bipe_engine_session_unref);
  g_hash_table_unref (self->sessions);
  bipe_newcomers_clear (&self->newcomers);
  g_free (self);
}

gsize
bipe_engine_get_max_payload (BipeEngine *self)
{
  return self->options.max_payload;
}

guint
bipe_engine_get_count (BipeEngine *self)
{
  return g_hash_table_size (self->sessions);
}

gint64
bipe_engine_get_deadline (BipeEngine *self)
{
  const BipeDeadlines *queues[] = { &self->pings, &self->pongs, &self->silences, &self->probes };
  gint64 first = -1;

  for (guint i = 0; i < G_N_ELEMENTS (queues); i++)
    {
      gint64 due = bipe_deadlines_get_first (queues[i]);

      if (due >= 0 && (first < 0 || due < first))
        first = due;
    }
  return first;
}

void
bipe_engine_tick (BipeEngine *self)
{
  gint64 now = bipe_clock_monotonic (self->clock);
  BipeEngineSession *session;

  while ((session = bipe_deadlines_get_due (&self->pings, now)) != NULL)
    bipe_engine_session_ping (session);
  while ((session = bipe_deadlines_get_due (&self->pongs, now)) != NULL)
    bipe_engine_session_miss_heartbeat (session);
  while ((session = bipe_deadlines_get_due (&self->silences, now)) != NULL)
    bipe_engine_session_miss_heartbeat (session);
  while ((session = bipe_deadlines_get_due (&self->probes, now)) != NULL)
    bipe_engine_session_give_up_probe (session);
}

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_INVALID, why);
  return FALSE;
}

/* What a request without a sid may do: open one. */
static gboolean
check_opening (BipeEngine *self, const BipeEngineRequest *request, GError **error)
{
  if (g_strcmp0 (request->method, "GET") != 0)
    return refuse (error, "a session is opened with GET");
  if (bipe_engine_get_count (self) >= self->options.max_sessions
      && bipe_newcomers_get_oldest (&self->newcomers) == NULL)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_FULL, "there are %u sessions already",
                   self->options.max_sessions);
      return FALSE;
    }
  if (!bipe_newcomers_has_room (&self->newcomers, request->key))
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_FULL,
                   "%u sessions from there have not connected yet", self->options.max_newcomers);
      return FALSE;
    }
  return TRUE;
}

/* Who never says anything would else keep all others out. */
static void
make_room (BipeEngine *self)
{
  BipeEngineSession *oldest = bipe_newcomers_get_oldest (&self->newcomers);

  if (bipe_engine_get_count (self) >= self->options.max_sessions && oldest != NULL)
    bipe_engine_session_close (oldest);
}

static const BipeEngineDialect *
find_dialect (BipeEngine *self, const BipeEngineRequest *request)
{
  return bipe_engine_dialect_find (request->eio, request->b64, self->options.allow_eio3);
}

gboolean
bipe_engine_check (BipeEngine *self,
                   const BipeEngineRequest *request,
                   BipeEngineSession **session,
                   GError **error)
{
  gboolean is_websocket = request->is_websocket;
  const char *method = request->method;
  const BipeEngineDialect *dialect = find_dialect (self, request);
  BipeEngineSession *found;

  *session = NULL;
  if (dialect == NULL)
    return refuse (error, self->options.allow_eio3
                              ? "EIO must be 3 or 4: no other protocol is spoken here"
                              : "EIO must be 4: no other protocol is spoken here");
  if (g_strcmp0 (request->transport, is_websocket ? "websocket" : "polling") != 0)
    return refuse (error, is_websocket ? "transport must be websocket for a WebSocket"
                                       : "transport must be polling, or websocket for a WebSocket");
  if (request->sid == NULL)
    return check_opening (self, request, error);
  if (g_strcmp0 (method, "GET") != 0 && (is_websocket || g_strcmp0 (method, "POST") != 0))
    return refuse (error, "a session takes GET and POST alone");

  found = g_hash_table_lookup (self->sessions, request->sid);
  if (found == NULL || !bipe_engine_session_is_alive (found))
    return refuse (error, "there is no session with this sid");
  if (dialect->version != bipe_engine_session_get_version (found))
    return refuse (error, "the session was opened with another EIO");
  if (is_websocket && !bipe_engine_session_may_upgrade (found))
    return refuse (error, "the session has a WebSocket already");
  if (!is_websocket && !bipe_engine_session_is_polling (found))
    return refuse (error, "the session goes by WebSocket");
  *session = found;
  return TRUE;
}

BipeEngineSession *
bipe_engine_open (BipeEngine *self,
                  const BipeEngineRequest *request,
                  gpointer client,
                  GDestroyNotify destroy)
{
  g_autoptr(BipeEngineSession) session = NULL;

  make_room (self);
  session = bipe_engine_session_new (self, find_dialect (self, request), request, client, destroy);
  g_hash_table_insert (self->sessions, (gpointer)bipe_engine_session_get_sid (session),
                       bipe_engine_session_ref (session));
  self->listener->opened (session, self->user_data);

  /* Kept until the next is opened, since the listener may have ended it. */
  g_clear_pointer (&self->latest, bipe_engine_session_unref);
  self->latest = bipe_engine_session_ref (session);
  return session;
}
