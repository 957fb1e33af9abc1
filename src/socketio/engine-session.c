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
#include "socketio/engine-packet.h"
#include "socketio/engine-private.h"
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

/* Something to be told. */
typedef struct
{
  GList node;
  BipeEngineKind kind;
  GBytes *bytes;
} Frame;

struct _BipeEngineSession
{
  grefcount references;
  BipeEngine *engine; /* NULL: ended */
  char sid[BIPE_SID_SIZE];
  guint rights;
  State state;
  BipeDeadline heartbeat;
  BipeDeadline probe;

  GQueue waiting; /* Frame; always empty while LINKED */
  gsize cost;     /* of what waits */
  guint n_holds;

  BipeEnginePollFunc poll; /* of the GET that hangs; NULL: none does */
  gpointer poll_data;

  const BipeEngineLink *funcs; /* NULL: no link */
  gpointer link;

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

static gsize
cost_of (const Frame *frame)
{
  return g_bytes_get_size (frame->bytes) + BIPE_ENGINE_FRAME_COST;
}

/* @bytes is taken. */
static void
push (BipeEngineSession *self, BipeEngineKind kind, GBytes *bytes)
{
  Frame *frame = g_new0 (Frame, 1);

  frame->node.data = frame;
  frame->kind = kind;
  frame->bytes = bytes;
  g_queue_push_tail_link (&self->waiting, &frame->node);
  self->cost += cost_of (frame);
}

static void
frame_free (Frame *frame)
{
  g_bytes_unref (frame->bytes);
  g_free (frame);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Frame, frame_free)

static Frame *
pop (BipeEngineSession *self)
{
  Frame *frame = (Frame *)g_queue_pop_head_link (&self->waiting);

  if (frame != NULL)
    self->cost -= cost_of (frame);
  return frame;
}

BipeEngineSession *
bipe_engine_session_new (BipeEngine *engine, BipeEngineTransport transport)
{
  BipeEngineSession *self = g_new0 (BipeEngineSession, 1);

  g_ref_count_init (&self->references);
  self->engine = engine;
  bipe_sid_make (self->sid);
  self->state = transport == BIPE_ENGINE_POLLING ? POLLING : UNLINKED;
  bipe_deadline_init (&self->heartbeat, self);
  bipe_deadline_init (&self->probe, self);
  bipe_deadline_start (&self->heartbeat, &engine->pings, bipe_clock_monotonic (engine->clock));
  push (self, BIPE_ENGINE_TEXT, make_open_packet (self));
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

void
bipe_engine_session_set_rights (BipeEngineSession *self, guint rights)
{
  self->rights = rights;
}

guint
bipe_engine_session_get_rights (BipeEngineSession *self)
{
  return self->rights;
}

gsize
bipe_engine_session_get_backlog (BipeEngineSession *self)
{
  return self->cost + (self->funcs != NULL ? self->funcs->get_backlog (self->link) : 0);
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
  g_free (self);
}

static void
answer_poll (BipeEngineSession *self, guint status, GString *body)
{
  BipeEnginePollFunc poll = g_steal_pointer (&self->poll);

  poll (status, body, g_steal_pointer (&self->poll_data));
}

/* What waits, as one payload of @limit bytes at most, but one packet at least. */
static GString *
take_payload (BipeEngineSession *self, gsize limit)
{
  GString *payload = g_string_new (NULL);
  const Frame *first;

  while ((first = (const Frame *)self->waiting.head) != NULL)
    {
      gsize length;
      const char *data = g_bytes_get_data (first->bytes, &length);
      gsize more = bipe_engine_payload_measure (first->kind, length);
      g_autoptr(Frame) taken = NULL;

      /* The first has no separator before it. */
      if (payload->len > 0 && (more > limit || payload->len > limit - more))
        break;
      bipe_engine_payload_append (payload, first->kind, data, length);
      taken = pop (self);
    }
  return payload;
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
  drop_link (self);
  if (self->poll != NULL)
    {
      GString *payload = take_payload (self, G_MAXSIZE);

      bipe_engine_payload_append (payload, BIPE_ENGINE_TEXT, goodbye, strlen (goodbye));
      answer_poll (self, 200, payload);
    }
  for (Frame *frame = pop (self); frame != NULL; frame = pop (self))
    frame_free (frame);

  engine->listener->closed (self, reason, engine->user_data);
  bipe_engine_session_set_data (self, NULL, NULL);
}

void
bipe_engine_session_interrupt (BipeEngineSession *self)
{
  end (self, "server shutting down", "6");
}

/* Hands on what waits, where there is somebody to take it. */
static void
flush (BipeEngineSession *self)
{
  if (self->state == LINKED)
    {
      for (Frame *frame = pop (self); frame != NULL; frame = pop (self))
        {
          self->funcs->send (self->link, frame->kind, frame->bytes);
          frame_free (frame);
        }
      return;
    }

  /* More than one answer can carry is not worth holding back. */
  if (self->poll == NULL || (self->n_holds > 0 && self->cost < self->engine->options.max_payload))
    return;
  if (self->waiting.length > 0)
    answer_poll (self, 200, take_payload (self, self->engine->options.max_payload));
  else if (self->state == PROBED)
    answer_poll (self, 200, g_string_new ("6"));
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
      push (self, kind, g_bytes_ref (bytes));
      flush (self);
      if (self->state != ENDED && self->cost > self->engine->options.max_outbox)
        end (self, "outbox full", "1");
      return;
    }

  backlog = self->funcs->get_backlog (self->link);
  if (backlog + g_bytes_get_size (bytes) > self->engine->options.max_outbox)
    end (self, "outbox full", "1");
  else
    self->funcs->send (self->link, kind, bytes);
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
bipe_engine_session_miss_pong (BipeEngineSession *self)
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
  if (self->state != ENDED
      && bipe_deadline_is_past (&self->heartbeat, &self->engine->pongs,
                                bipe_clock_monotonic (self->engine->clock)))
    bipe_engine_session_miss_pong (self);
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
    func (400, g_string_new ("the session has ended"), user_data);
  else if (!bipe_engine_session_is_polling (self))
    func (400, g_string_new ("the session goes by WebSocket"), user_data);
  else if (self->poll != NULL)
    {
      end (self, "transport close", "1");
      func (400, g_string_new ("another GET of this session hangs already"), user_data);
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
    case BIPE_ENGINE_PACKET_PONG:
      bipe_deadline_start (&self->heartbeat, &engine->pings, bipe_clock_monotonic (engine->clock));
      return TRUE;
    case BIPE_ENGINE_PACKET_CLOSE:
      end (self, "transport close", "6");
      return TRUE;
    case BIPE_ENGINE_PACKET_NOOP:
      return TRUE;
    case BIPE_ENGINE_PACKET_OPEN:
    case BIPE_ENGINE_PACKET_PING:
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
bipe_engine_session_post (BipeEngineSession *self, const char *body, gsize length, GError **error)
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
  packets = bipe_engine_payload_parse (copy->str, length, error);
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

gboolean
bipe_engine_session_link (BipeEngineSession *self, const BipeEngineLink *funcs, gpointer link)
{
  if (!bipe_engine_session_is_alive (self) || (self->state != UNLINKED && self->state != POLLING))
    return FALSE;

  self->funcs = funcs;
  self->link = link;
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
        answer_poll (self, 200, g_string_new ("6"));
    }
  else
    bipe_engine_session_give_up_probe (self);
}

static void
take_message (BipeEngineSession *self, BipeEngineKind kind, const char *data, gsize length)
{
  BipeEnginePacket packet = { BIPE_ENGINE_PACKET_MESSAGE, kind, data, length };
  /* The listener is promised a NUL behind it. */
  g_autoptr(GString) copy = NULL;

  if (length > self->engine->options.max_payload)
    {
      end (self, "parse error", "1");
      return;
    }
  copy = g_string_new_len (data, (gssize)length);
  packet.data = copy->str;
  if (kind == BIPE_ENGINE_BINARY || bipe_engine_packet_parse (copy->str, length, &packet, NULL))
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
