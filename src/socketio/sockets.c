/* sockets.c: each session has a Client; a client is in a namespace by a BipeSocket. */
#include "config.h"

#include "socketio/sockets.h"

#include <string.h>

#include "base/clock.h"
#include "socketio/deadlines.h"
#include "socketio/engine-private.h"
#include "socketio/greeting.h"
#include "socketio/sid.h"

/* So often a client may be refused; then its session ends. */
#define REFUSALS_MAX 10

struct _BipeSockets
{
  BipeEngine *engine;
  BipeClock *clock;
  gsize max_payload;
  const BipeNamespace *namespaces;
  gsize n_namespaces;
  gpointer user_data;
  BipeDeadlines connects; /* clients that have been in no namespace yet, in one of these */
  BipeDeadlines stranger_connects;
};

/* The session's data; counted, since a listener may end it at any call. */
typedef struct
{
  BipeSockets *sockets;
  BipeEngineSession *session; /* NULL: ended */
  const BipeGreeting *greeting;
  BipeDeadline connect;
  guint n_refused;
  GPtrArray *joined; /* BipeSocket: one a namespace at most */

  BipePacket *partial; /* whose attachments are still coming */
  gsize n_bytes;       /* of those that have come */
} Client;

struct _BipeSocket
{
  grefcount references;
  Client *client; /* borrowed; NULL: not, or no longer, in the namespace */
  BipeEngineSession *session;
  const BipeNamespace *space;
  char sid[BIPE_SID_SIZE];
  char *refusal; /* JSON */
  gpointer data;
  GDestroyNotify destroy;
};

/* --- A socket -----------------------------------------------------------------------------------
 */

static BipeSocket *
socket_new (BipeEngineSession *session, const BipeNamespace *space)
{
  BipeSocket *self = g_new0 (BipeSocket, 1);

  g_ref_count_init (&self->references);
  self->session = bipe_engine_session_ref (session);
  self->space = space;
  bipe_sid_make (self->sid);
  return self;
}

BipeSocket *
bipe_socket_ref (BipeSocket *self)
{
  g_ref_count_inc (&self->references);
  return self;
}

void
bipe_socket_set_data (BipeSocket *self, gpointer data, GDestroyNotify destroy)
{
  gpointer old = self->data;
  GDestroyNotify old_destroy = self->destroy;

  self->data = data;
  self->destroy = destroy;
  if (old_destroy != NULL)
    old_destroy (old);
}

gpointer
bipe_socket_get_data (BipeSocket *self)
{
  return self->data;
}

void
bipe_socket_unref (BipeSocket *self)
{
  if (!g_ref_count_dec (&self->references))
    return;
  /* Set while it was refused, or after its end. */
  bipe_socket_set_data (self, NULL, NULL);
  bipe_engine_session_unref (self->session);
  g_free (self->refusal);
  g_free (self);
}

void
bipe_socket_set_refusal (BipeSocket *self, const char *json)
{
  g_free (self->refusal);
  self->refusal = g_strdup (json);
}

BipeEngineSession *
bipe_socket_get_session (BipeSocket *self)
{
  return self->session;
}

void
bipe_socket_send_frame (BipeSocket *self, GBytes *frame)
{
  if (self->client != NULL)
    bipe_engine_session_send (self->session, BIPE_ENGINE_TEXT, frame);
}

static void
send_packet (BipeEngineSession *session, const BipePacket *packet)
{
  g_autoptr(BipeEngineSession) held G_GNUC_UNUSED = bipe_engine_session_ref (session);
  g_autoptr(GBytes) frame = bipe_packet_to_frame (packet);

  /* One answer to a poll takes the packet and its attachments. */
  bipe_engine_session_hold (session);
  bipe_engine_session_send (session, BIPE_ENGINE_TEXT, frame);
  for (guint i = 0; i < packet->n_attachments; i++)
    bipe_engine_session_send (session, BIPE_ENGINE_BINARY,
                              g_ptr_array_index (packet->attachments, i));
  bipe_engine_session_release (session);
}

void
bipe_socket_send (BipeSocket *self, const BipePacket *packet)
{
  BipePacket addressed = *packet;

  g_return_if_fail (
      packet->n_attachments == 0
      || (packet->attachments != NULL && packet->attachments->len == packet->n_attachments));

  if (self->client == NULL)
    return;
  addressed.space = (char *)self->space->name;
  send_packet (self->session, &addressed);
}

void
bipe_socket_acknowledge (BipeSocket *self, guint64 id, const char *json)
{
  const BipePacket packet
      = { .type = BIPE_PACKET_ACK, .has_id = TRUE, .id = id, .json = (char *)json };

  bipe_socket_send (self, &packet);
}

/* Out of its namespace, for whatever reason. */
static void
leave (BipeSocket *self, gpointer user_data)
{
  g_autoptr(BipeSocket) held G_GNUC_UNUSED = bipe_socket_ref (self);
  Client *client = g_steal_pointer (&self->client);

  g_ptr_array_remove_fast (client->joined, self);
  if (self->space->disconnected != NULL)
    self->space->disconnected (self, user_data);
  bipe_socket_set_data (self, NULL, NULL);
}

void
bipe_socket_disconnect (BipeSocket *self)
{
  g_autoptr(BipeSocket) held G_GNUC_UNUSED = bipe_socket_ref (self);
  const BipePacket packet = { .type = BIPE_PACKET_DISCONNECT, .space = (char *)self->space->name };

  if (self->client == NULL)
    return;
  send_packet (self->session, &packet);
  /* That the outbox is full may have ended it. */
  if (self->client != NULL)
    leave (self, self->client->sockets->user_data);
}

/* --- A client -----------------------------------------------------------------------------------
 */

static void
clear_client (gpointer data)
{
  Client *self = data;

  g_clear_pointer (&self->partial, bipe_packet_free);
  g_ptr_array_unref (self->joined);
}

static void
client_unref (Client *self)
{
  g_rc_box_release_full (self, clear_client);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Client, client_unref)

static BipeSocket *
dup_socket (Client *self, const char *space)
{
  for (guint i = 0; i < self->joined->len; i++)
    {
      BipeSocket *socket = g_ptr_array_index (self->joined, i);

      if (strcmp (socket->space->name, space) == 0)
        return bipe_socket_ref (socket);
    }
  return NULL;
}

static const BipeNamespace *
find_namespace (BipeSockets *self, const char *name)
{
  for (gsize i = 0; i < self->n_namespaces; i++)
    if (strcmp (self->namespaces[i].name, name) == 0)
      return &self->namespaces[i];
  return NULL;
}

/* Nobody is told whose session has ended. */
static void
refuse (Client *self, const char *space, const char *why, const char *data)
{
  g_autofree char *json = self->greeting->print_refusal (why, data);
  const BipePacket packet
      = { .type = BIPE_PACKET_CONNECT_ERROR, .space = (char *)space, .json = json };

  if (self->session != NULL)
    send_packet (self->session, &packet);
  self->n_refused++;
  if (self->session != NULL && self->n_refused >= REFUSALS_MAX)
    bipe_engine_session_close (self->session);
}

static void
welcome (Client *self, const BipeSocket *socket)
{
  g_autofree char *json = self->greeting->print_welcome (socket->sid);
  const BipePacket packet
      = { .type = BIPE_PACKET_CONNECT, .space = (char *)socket->space->name, .json = json };

  if (self->session != NULL)
    send_packet (self->session, &packet);
}

static void
connect_client (Client *self, const BipePacket *packet)
{
  BipeSockets *sockets = self->sockets;
  const BipeNamespace *space = find_namespace (sockets, packet->space);
  g_autoptr(BipeSocket) socket = NULL;
  g_autoptr(GError) error = NULL;

  if (space == NULL)
    {
      refuse (self, packet->space, "Invalid namespace", NULL);
      return;
    }

  socket = socket_new (self->session, space);
  if (space->connecting != NULL
      && !space->connecting (socket, packet->json, sockets->user_data, &error))
    {
      refuse (self, space->name, error != NULL ? error->message : "refused", socket->refusal);
      return;
    }
  /* Who can't be told is not in it. */
  welcome (self, socket);
  if (self->session == NULL)
    return;
  bipe_deadline_stop (&self->connect);
  bipe_engine_session_settle (self->session);
  socket->client = self;
  g_ptr_array_add (self->joined, bipe_socket_ref (socket));
  if (space->connected != NULL)
    space->connected (socket, packet->json, sockets->user_data);
}

/* A whole packet, with its attachments. FALSE: it may not come now. */
static gboolean
take_packet (Client *self, const BipePacket *packet)
{
  g_autoptr(BipeSocket) socket = dup_socket (self, packet->space);
  gpointer user_data = self->sockets->user_data;

  if (packet->type == BIPE_PACKET_CONNECT && socket == NULL)
    {
      connect_client (self, packet);
      return TRUE;
    }
  if (socket == NULL)
    return FALSE;

  switch (packet->type)
    {
    case BIPE_PACKET_DISCONNECT:
      leave (socket, user_data);
      return TRUE;
    case BIPE_PACKET_EVENT:
    case BIPE_PACKET_BINARY_EVENT:
      if (socket->space->event != NULL)
        socket->space->event (socket, packet, user_data);
      return TRUE;
    case BIPE_PACKET_ACK:
    case BIPE_PACKET_BINARY_ACK:
      if (socket->space->acknowledged != NULL)
        socket->space->acknowledged (socket, packet, user_data);
      return TRUE;
    case BIPE_PACKET_CONNECT:
    case BIPE_PACKET_CONNECT_ERROR:
    default:
      return FALSE;
    }
}

static gboolean
take_text (Client *self, const char *text, gsize length)
{
  g_autoptr(BipePacket) packet = NULL;
  g_autoptr(BipeSocket) socket = NULL;

  if (self->partial != NULL)
    return FALSE;
  packet = bipe_packet_parse (text, length, NULL);
  if (packet == NULL)
    return FALSE;
  if (packet->type == BIPE_PACKET_CONNECT && self->greeting->read_auth != NULL
      && !self->greeting->read_auth (packet, text, length))
    return FALSE;
  if (packet->n_attachments == 0)
    return take_packet (self, packet);

  socket = dup_socket (self, packet->space);
  if (socket == NULL)
    return FALSE;
  self->n_bytes = 0;
  self->partial = g_steal_pointer (&packet);
  self->partial->attachments = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  return TRUE;
}

static gboolean
take_attachment (Client *self, const char *data, gsize length)
{
  g_autoptr(BipePacket) whole = NULL;

  if (self->partial == NULL || length > self->sockets->max_payload - self->n_bytes)
    return FALSE;
  self->n_bytes += length;
  g_ptr_array_add (self->partial->attachments, g_bytes_new (data, length));
  if (self->partial->attachments->len < self->partial->n_attachments)
    return TRUE;
  whole = g_steal_pointer (&self->partial);
  return take_packet (self, whole);
}

/* --- What the engine says -----------------------------------------------------------------------
 */

static void
opened_cb (BipeEngineSession *session, gpointer user_data)
{
  BipeSockets *self = user_data;
  Client *client = g_rc_box_new0 (Client);
  g_autoptr(Client) held G_GNUC_UNUSED = g_rc_box_acquire (client);

  client->sockets = self;
  client->session = session;
  client->greeting = bipe_greeting_find (bipe_engine_session_get_version (session));
  client->joined = g_ptr_array_new_with_free_func ((GDestroyNotify)bipe_socket_unref);
  bipe_deadline_init (&client->connect, client);
  bipe_deadline_start (&client->connect,
                       bipe_engine_session_is_stranger (session) ? &self->stranger_connects
                                                                 : &self->connects,
                       bipe_clock_monotonic (self->clock));
  bipe_engine_session_set_data (session, client, (GDestroyNotify)client_unref);
  if (client->greeting->is_implied)
    {
      const BipePacket packet = { .type = BIPE_PACKET_CONNECT, .space = (char *)"/" };

      connect_client (client, &packet);
    }
}

static void
message_cb (BipeEngineSession *session,
            BipeEngineKind kind,
            const char *data,
            gsize length,
            gpointer user_data)
{
  BipeSockets *self = user_data;
  g_autoptr(Client) client = g_rc_box_acquire (bipe_engine_session_get_data (session));
  gint64 now = bipe_clock_monotonic (self->clock);
  gboolean is_late = bipe_deadline_is_past (&client->connect, &self->connects, now)
                     || bipe_deadline_is_past (&client->connect, &self->stranger_connects, now);

  if (is_late
      || !(kind == BIPE_ENGINE_TEXT ? take_text (client, data, length)
                                    : take_attachment (client, data, length)))
    bipe_engine_session_close (session);
}

static void
closed_cb (BipeEngineSession *session, const char *reason, gpointer user_data)
{
  BipeSockets *self = user_data;
  Client *client = bipe_engine_session_get_data (session);

  client->session = NULL;
  bipe_deadline_stop (&client->connect);
  while (client->joined->len > 0)
    leave (g_ptr_array_index (client->joined, 0), self->user_data);
}

static const BipeEngineListener listener = { opened_cb, message_cb, closed_cb };

/* --- All of them --------------------------------------------------------------------------------
 */

BipeSockets *
bipe_sockets_new (const BipeEngineOptions *options,
                  guint connect_timeout,
                  guint stranger_timeout,
                  BipeClock *clock,
                  const BipeNamespace *namespaces,
                  gsize n_namespaces,
                  gpointer user_data)
{
  BipeSockets *self = g_new0 (BipeSockets, 1);

  self->engine = bipe_engine_new (options, clock, &listener, self);
  self->clock = clock;
  self->max_payload = options->max_payload;
  self->namespaces = namespaces;
  self->n_namespaces = n_namespaces;
  self->user_data = user_data;
  bipe_deadlines_init (&self->connects, connect_timeout);
  bipe_deadlines_init (&self->stranger_connects, stranger_timeout);
  return self;
}

void
bipe_sockets_free (BipeSockets *self)
{
  bipe_engine_free (self->engine);
  g_free (self);
}

BipeEngine *
bipe_sockets_get_engine (BipeSockets *self)
{
  return self->engine;
}

gint64
bipe_sockets_get_deadline (BipeSockets *self)
{
  const BipeDeadlines *queues[] = { &self->connects, &self->stranger_connects };
  gint64 first = bipe_engine_get_deadline (self->engine);

  for (guint i = 0; i < G_N_ELEMENTS (queues); i++)
    {
      gint64 due = bipe_deadlines_get_first (queues[i]);

      if (due >= 0 && (first < 0 || due < first))
        first = due;
    }
  return first;
}

void
bipe_sockets_tick (BipeSockets *self)
{
  gint64 now = bipe_clock_monotonic (self->clock);
  const Client *client;

  bipe_engine_tick (self->engine);
  while ((client = bipe_deadlines_get_due (&self->connects, now)) != NULL
         || (client = bipe_deadlines_get_due (&self->stranger_connects, now)) != NULL)
    bipe_engine_session_close (client->session);
}
