/* engine-session.c: what one session does with what comes.
 *
 *   state     a link comes   it says               it goes     polls
 *   UNLINKED  LINKED         —                     —           refused
 *   POLLING   PROBING        —                     —           hang
 *   PROBING   refused        `2probe`: PROBED      POLLING     hang
 *   PROBED    refused        `5`: LINKED           POLLING     answered at once
 *   LINKED    refused        packets               ENDED       refused
 *
 * Anything else that a link says while it probes costs it its life, and the session nothing. Posts
 * are taken in every state but ENDED: one may be under way while the upgrade completes.
 *
 * Whoever calls the listener, or answers a poll, holds a reference meanwhile, and looks at the
 * state anew afterwards: anything may have happened. */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "socketio/engine-private.h"
#include "socketio/engine-queue.h"
#include "socketio/sid.h"

typedef enum
{
  UNLINKED, /* opened by WebSocket, which comes next */
  POLLING,
  PROBING, /* a WebSocket is there, and has said nothing yet */
  PROBED,  /* it has asked; its client now waits for its polls to end */
  LINKED,
  ENDED,
} State;

struct _BipeEngineSession
{
  grefcount references;
  BipeEngine *engine; /* NULL: ended */
  const BipeEngineDialect *dialect;
  char sid[BIPE_SID_SIZE];
  gpointer client;
  GDestroyNotify destroy_client;
  State state;
  BipeDeadline heartbeat;
  BipeDeadline probe;
  gboolean is_stranger;
  BipeNewcomer newcomer;

  BipeEngineQueue waiting; /* always empty while LINKED */
  guint n_holds;

  BipeEnginePollFunc poll; /* of the GET that hangs; NULL: none does */
  gpointer poll_data;

  const BipeEngineLink *funcs; /* NULL: no link */
  gpointer link;
  gboolean peer_waits;

  gpointer data;
  GDestroyNotify destroy;
};

static GBytes *
make_open_packet (BipeEngineSession *self)
{
  const BipeEngineOptions *options = &self->engine->options;
  GString *text = g_string_new (NULL);

  g_string_append_printf (text,
                          "0{\"sid\":\"%s\",\"upgrades\":[%s],\"pingInterval\":%u,"
                          "\"pingTimeout\":%u,\"maxPayload\":%" G_GSIZE_FORMAT "}",
                          self->sid, self->state == POLLING ? "\"websocket\"" : "",
                          options->ping_interval, options->ping_timeout, options->max_payload);
  return g_string_free_to_bytes (text);
}

/* Until the next ping, whoever sends it. */
static void
start_heartbeat (BipeEngineSession *self)
{
  BipeEngine *engine = self->engine;

  bipe_deadline_start (&self->heartbeat,
                       self->dialect->is_server_pinging ? &engine->pings : &engine->silences,
                       bipe_clock_monotonic (engine->clock));
}

BipeEngineSession *
bipe_engine_session_new (BipeEngine *engine,
                         const BipeEngineDialect *dialect,
                         const BipeEngineRequest *request,
                         gpointer client,
                         GDestroyNotify destroy)
{
  BipeEngineSession *self = g_new0 (BipeEngineSession, 1);
  g_autoptr(GBytes) open_packet = NULL;

  g_ref_count_init (&self->references);
  self->engine = engine;
  self->dialect = dialect;
  self->client = client;
  self->destroy_client = destroy;
  bipe_sid_make (self->sid);
  self->state = request->is_websocket ? UNLINKED : POLLING;
  self->is_stranger = request->is_stranger;
  bipe_newcomer_join (&self->newcomer, &engine->newcomers, self, request->key);
  bipe_deadline_init (&self->heartbeat, self);
  bipe_deadline_init (&self->probe, self);
  start_heartbeat (self);
  open_packet = make_open_packet (self);
  bipe_engine_queue_push (&self->waiting, BIPE_ENGINE_TEXT, open_packet);
  return self;
}

BipeEngineSession *
bipe_engine_session_ref (BipeEngineSession *self)
{
  g_ref_count_inc (&self->references);
  return self;
}

const char *
bipe_engine_session_get_sid (BipeEngineSession *self)
{
  return self->sid;
}

guint
bipe_engine_session_get_version (BipeEngineSession *self)
{
  return self->dialect->version;
}

gpointer
bipe_engine_session_get_client (BipeEngineSession *self)
{
  return self->client;
}

gboolean
bipe_engine_session_is_stranger (BipeEngineSession *self)
{
  return self->is_stranger;
}

void
bipe_engine_session_settle (BipeEngineSession *self)
{
  bipe_newcomer_leave (&self->newcomer);
}

gsize
bipe_engine_session_get_backlog (BipeEngineSession *self)
{
  return self->waiting.cost + (self->funcs != NULL ? self->funcs->get_backlog (self->link) : 0);
}

void
bipe_engine_session_set_data (BipeEngineSession *self, gpointer data, GDestroyNotify destroy)
{
  gpointer old = self->data;
  GDestroyNotify old_destroy = self->destroy;

  self->data = data;
  self->destroy = destroy;
  if (old_destroy != NULL)
    old_destroy (old);
}

gpointer
bipe_engine_session_get_data (BipeEngineSession *self)
{
  return self->data;
}

void
bipe_engine_session_unref (BipeEngineSession *self)
{
  if (!g_ref_count_dec (&self->references))
    return;
  /* The engine's own reference goes only when it ends: all else is cleared by then. */
  bipe_engine_session_set_data (self, NULL, NULL);
  if (self->destroy_client != NULL)
    self->destroy_client (self->client);
  g_free (self);
}

/* @body is taken. */
static void
answer_poll (BipeEngineSession *self, BipeEngineKind kind, GString *body)
{
  BipeEnginePollFunc poll = g_steal_pointer (&self->poll);

  poll (200, kind, body, g_steal_pointer (&self->poll_data));
}

/* What waits, up to @limit bytes, and then @goodbye, where that is not NULL. */
static void
answer_waiting (BipeEngineSession *self, gsize limit, const char *goodbye)
{
  BipeEngineKind kind;
  GString *body
      = bipe_engine_queue_take_payload (&self->waiting, self->dialect, limit, goodbye, &kind);

  answer_poll (self, kind, body);
}

static void
answer_noop (BipeEngineSession *self)
{
  GString *body = g_string_new (NULL);

  self->dialect->text->append (body, BIPE_ENGINE_TEXT, "6", 1);
  answer_poll (self, BIPE_ENGINE_TEXT, body);
}

static void
refuse_poll (BipeEnginePollFunc poll, const char *why, gpointer user_data)
{
  poll (400, BIPE_ENGINE_TEXT, g_string_new (why), user_data);
}

static void
drop_link (BipeEngineSession *self)
{
  const BipeEngineLink *funcs = g_steal_pointer (&self->funcs);

  bipe_deadline_stop (&self->probe);
  if (funcs != NULL)
    funcs->close (g_steal_pointer (&self->link));
}

/* @goodbye: the packet that a hanging GET ends with */
static void
end (BipeEngineSession *self, const char *reason, const char *goodbye)
{
  BipeEngine *engine = g_steal_pointer (&self->engine);
  g_autoptr(BipeEngineSession) living = NULL; /* the table's reference */

  if (engine == NULL)
    return;

  living = self;
  self->state = ENDED;
  g_hash_table_remove (engine->sessions, self->sid);
  bipe_deadline_stop (&self->heartbeat);
  bipe_newcomer_leave (&self->newcomer);
  drop_link (self);
  if (self->poll != NULL)
    answer_waiting (self, G_MAXSIZE, goodbye);
  bipe_engine_queue_clear (&self->waiting);

  engine->listener->closed (self, reason, engine->user_data);
  bipe_engine_session_set_data (self, NULL, NULL);
}

void
bipe_engine_session_interrupt (BipeEngineSession *self)
{
  end (self, "server shutting down", "6");
}

static void
send_by_link (BipeEngineSession *self, BipeEngineKind kind, GBytes *bytes)
{
  g_autoptr(GBytes) wrapped = NULL;

  if (kind == BIPE_ENGINE_BINARY && self->dialect->wrap != NULL)
    bytes = wrapped = self->dialect->wrap (bytes, &kind);
  self->funcs->send (self->link, kind, bytes);
}

/* Hands on what waits, where there is somebody to take it. */
static void
flush (BipeEngineSession *self)
{
  gsize max_payload = self->engine->options.max_payload;

  if (self->state == LINKED)
    {
      BipeEngineKind kind;
      GBytes *bytes;

      while ((bytes = bipe_engine_queue_pop (&self->waiting, &kind)) != NULL)
        {
          send_by_link (self, kind, bytes);
          g_bytes_unref (bytes);
        }
      return;
    }

  /* More than one answer can carry is not worth holding back. */
  if (self->poll == NULL || (self->n_holds > 0 && self->waiting.cost < max_payload))
    return;
  if (!bipe_engine_queue_is_empty (&self->waiting))
    answer_waiting (self, max_payload, NULL);
  else if (self->state == PROBED)
    answer_noop (self);
}

void
bipe_engine_session_hold (BipeEngineSession *self)
{
  self->n_holds++;
}

void
bipe_engine_session_release (BipeEngineSession *self)
{
  if (--self->n_holds == 0 && self->state != ENDED)
    flush (self);
}

void
bipe_engine_session_send (BipeEngineSession *self, BipeEngineKind kind, GBytes *bytes)
{
  g_autoptr(BipeEngineSession) held G_GNUC_UNUSED = bipe_engine_session_ref (self);
  gsize backlog;

  if (self->state == ENDED)
    return;
  if (self->state != LINKED)
    {
      bipe_engine_queue_push (&self->waiting, kind, bytes);
      flush (self);
      if (self->state != ENDED && self->waiting.cost > self->engine->options.max_outbox)
        end (self, "outbox full", "1");
      return;
    }

  backlog = self->funcs->get_backlog (self->link);
  if (backlog + g_bytes_get_size (bytes) > self->engine->options.max_outbox)
    end (self, "outbox full", "1");
  else
    send_by_link (self, kind, bytes);
}

static void
send_static (BipeEngineSession *self, const char *text)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static (text, strlen (text));

  bipe_engine_session_send (self, BIPE_ENGINE_TEXT, bytes);
}

void
bipe_engine_session_close (BipeEngineSession *self)
{
  end (self, "forced close", "1");
}

void
bipe_engine_session_ping (BipeEngineSession *self)
{
  bipe_deadline_start (&self->heartbeat, &self->engine->pongs,
                       bipe_clock_monotonic (self->engine->clock));
  send_static (self, "2");
}

void
bipe_engine_session_miss_heartbeat (BipeEngineSession *self)
{
  end (self, "ping timeout", "1");
}

void
bipe_engine_session_give_up_probe (BipeEngineSession *self)
{
  drop_link (self);
  self->state = POLLING;
}

gboolean
bipe_engine_session_is_alive (BipeEngineSession *self)
{
  BipeEngine *engine = self->engine;
  gint64 now;

  if (engine == NULL)
    return FALSE;
  now = bipe_clock_monotonic (engine->clock);
  if (bipe_deadline_is_past (&self->heartbeat, &engine->pongs, now)
      || bipe_deadline_is_past (&self->heartbeat, &engine->silences, now))
    bipe_engine_session_miss_heartbeat (self);
  return self->state != ENDED;
}

gboolean
bipe_engine_session_is_polling (BipeEngineSession *self)
{
  return self->state == POLLING || self->state == PROBING || self->state == PROBED;
}

gboolean
bipe_engine_session_may_upgrade (BipeEngineSession *self)
{
  return self->state == POLLING;
}

void
bipe_engine_session_poll (BipeEngineSession *self, BipeEnginePollFunc func, gpointer user_data)
{
  g_autoptr(BipeEngineSession) held G_GNUC_UNUSED = bipe_engine_session_ref (self);

  if (!bipe_engine_session_is_alive (self))
    refuse_poll (func, "the session has ended", user_data);
  else if (!bipe_engine_session_is_polling (self))
    refuse_poll (func, "the session goes by WebSocket", user_data);
  else if (self->poll != NULL)
    {
      end (self, "transport close", "1");
      refuse_poll (func, "another GET of this session hangs already", user_data);
    }
  else
    {
      self->poll = func;
      self->poll_data = user_data;
      flush (self);
    }
}

void
bipe_engine_session_leave_poll (BipeEngineSession *self, gpointer user_data)
{
  if (self->poll == NULL || self->poll_data != user_data)
    return;
  self->poll = NULL;
  self->poll_data = NULL;
}

void
bipe_engine_session_end_poll (BipeEngineSession *self, gpointer user_data)
{
  if (self->poll != NULL && self->poll_data == user_data)
    answer_noop (self);
}

/* A client's ping is answered with what it says. */
static void
send_pong (BipeEngineSession *self, const BipeEnginePacket *ping)
{
  g_autoptr(GByteArray) pong = g_byte_array_sized_new ((guint)ping->length + 1);
  g_autoptr(GBytes) bytes = NULL;

  g_byte_array_append (pong, (const guint8 *)"3", 1);
  g_byte_array_append (pong, (const guint8 *)ping->data, (guint)ping->length);
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&pong));
  bipe_engine_session_send (self, BIPE_ENGINE_TEXT, bytes);
}

/* Of a client, by whatever way. FALSE: it is none that a client sends here, and the session has
 * ended. */
static gboolean
take_packet (BipeEngineSession *self, const BipeEnginePacket *packet, GError **error)
{
  BipeEngine *engine = self->engine;

  switch (packet->type)
    {
    case BIPE_ENGINE_PACKET_MESSAGE:
      engine->listener->message (self, packet->kind, packet->data, packet->length,
                                 engine->user_data);
      return TRUE;
    case BIPE_ENGINE_PACKET_PING:
      if (self->dialect->is_server_pinging)
        break;
      start_heartbeat (self);
      send_pong (self, packet);
      return TRUE;
    case BIPE_ENGINE_PACKET_PONG:
      if (!self->dialect->is_server_pinging)
        break;
      start_heartbeat (self);
      return TRUE;
    case BIPE_ENGINE_PACKET_CLOSE:
      end (self, "transport close", "6");
      return TRUE;
    case BIPE_ENGINE_PACKET_NOOP:
      return TRUE;
    case BIPE_ENGINE_PACKET_OPEN:
    case BIPE_ENGINE_PACKET_UPGRADE:
    default:
      break;
    }
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "a client sends no packet of type %d here",
               packet->type);
  end (self, "parse error", "1");
  return FALSE;
}

/* All of them, unless the session ends at one. FALSE: not by the client's own wish. */
static gboolean
take_packets (BipeEngineSession *self, GArray *packets, GError **error)
{
  for (guint i = 0; i < packets->len; i++)
    {
      const BipeEnginePacket *packet = &g_array_index (packets, BipeEnginePacket, i);

      if (!take_packet (self, packet, error))
        return FALSE;
      if (self->state != ENDED)
        continue;
      if (packet->type == BIPE_ENGINE_PACKET_CLOSE)
        return TRUE;
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "the session was closed");
      return FALSE;
    }
  return TRUE;
}

gboolean
bipe_engine_session_post (BipeEngineSession *self,
                          BipeEngineKind kind,
                          const char *body,
                          gsize length,
                          GError **error)
{
  g_autoptr(BipeEngineSession) held G_GNUC_UNUSED = bipe_engine_session_ref (self);
  g_autoptr(GArray) packets = NULL;
  g_autoptr(GString) copy = NULL;
  gboolean is_taken;

  if (!bipe_engine_session_is_alive (self))
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "the session has ended");
      return FALSE;
    }
  if (length > self->engine->options.max_payload)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID,
                   "the body has more than %" G_GSIZE_FORMAT " bytes",
                   self->engine->options.max_payload);
      end (self, "parse error", "1");
      return FALSE;
    }

  /* The whole body is judged before any of it is handed on. */
  copy = g_string_new_len (body, (gssize)length);
  packets = self->dialect->parse_payload (kind, copy->str, length, error);
  if (packets == NULL)
    {
      end (self, "parse error", "1");
      return FALSE;
    }
  bipe_engine_session_hold (self);
  is_taken = take_packets (self, packets, error);
  bipe_engine_session_release (self);
  return is_taken;
}

static void
apply_hold (BipeEngineSession *self)
{
  if (self->funcs != NULL && self->funcs->hold != NULL)
    self->funcs->hold (self->link, self->peer_waits);
}

void
bipe_engine_session_make_wait (BipeEngineSession *self, gboolean waits)
{
  self->peer_waits = waits;
  apply_hold (self);
}

gboolean
bipe_engine_session_link (BipeEngineSession *self, const BipeEngineLink *funcs, gpointer link)
{
  if (!bipe_engine_session_is_alive (self) || (self->state != UNLINKED && self->state != POLLING))
    return FALSE;

  self->funcs = funcs;
  self->link = link;
  apply_hold (self);
  if (self->state == UNLINKED)
    {
      self->state = LINKED;
      flush (self);
    }
  else
    {
      self->state = PROBING;
      bipe_deadline_start (&self->probe, &self->engine->probes,
                           bipe_clock_monotonic (self->engine->clock));
    }
  return TRUE;
}

static gboolean
is_text (BipeEngineKind kind, const char *data, gsize length, const char *text)
{
  return kind == BIPE_ENGINE_TEXT && length == strlen (text) && memcmp (data, text, length) == 0;
}

static void
take_probe (BipeEngineSession *self, BipeEngineKind kind, const char *data, gsize length)
{
  if (self->state == PROBING && is_text (kind, data, length, "2probe"))
    {
      g_autoptr(GBytes) answer = g_bytes_new_static ("3probe", 6);

      self->state = PROBED;
      self->funcs->send (self->link, BIPE_ENGINE_TEXT, answer);
      flush (self);
    }
  else if (self->state == PROBED && is_text (kind, data, length, "5"))
    {
      self->state = LINKED;
      bipe_deadline_stop (&self->probe);
      flush (self);
      if (self->poll != NULL)
        answer_noop (self);
    }
  else
    bipe_engine_session_give_up_probe (self);
}

static void
take_message (BipeEngineSession *self, BipeEngineKind kind, const char *data, gsize length)
{
  BipeEnginePacket packet;
  /* The listener is promised a NUL behind it. */
  g_autoptr(GString) copy = NULL;

  if (length > self->engine->options.max_payload)
    {
      end (self, "parse error", "1");
      return;
    }
  copy = g_string_new_len (data, (gssize)length);
  if (self->dialect->parse_message (kind, copy->str, length, &packet, NULL))
    take_packet (self, &packet, NULL);
  else
    end (self, "parse error", "1");
}

void
bipe_engine_session_receive (BipeEngineSession *self,
                             gpointer link,
                             BipeEngineKind kind,
                             const char *data,
                             gsize length)
{
  g_autoptr(BipeEngineSession) held G_GNUC_UNUSED = bipe_engine_session_ref (self);

  if (!bipe_engine_session_is_alive (self) || self->funcs == NULL || self->link != link)
    return;
  if (self->state == LINKED)
    take_message (self, kind, data, length);
  else
    take_probe (self, kind, data, length);
}

void
bipe_engine_session_unlink (BipeEngineSession *self, gpointer link)
{
  if (self->funcs == NULL || self->link != link)
    return;

  self->funcs = NULL;
  self->link = NULL;
  bipe_deadline_stop (&self->probe);
  if (self->state == LINKED)
    end (self, "transport close", "1");
  else
    self->state = POLLING;
}
