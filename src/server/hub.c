#include "config.h"

#include "server/hub.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "server/draft.h"
#include "server/engine-transport.h"
#include "server/exchange.h"
#include "server/fault.h"

/* The protocol's defaults, which every client is told. */
#define PING_INTERVAL_MS 25000
#define PING_TIMEOUT_MS 20000
#define MAX_PAYLOAD 1000000
#define CONNECT_TIMEOUT_MS 45000

/* A session is opened before anybody has shown a token, and outlives its connection. Who needs one
 * and does not show it soon is nobody's client; 10 s are many times what a slow one takes. */
#define STRANGER_TIMEOUT_MS 10000

#define MAX_SESSIONS 4000

/* Of one address, in no namespace yet: no address may fill a half, yet a thousand clients behind
 * one may all come at once, and of these hundreds are still on their way in at any moment. */
#define MAX_NEWCOMERS 1000

/* Scans of one client that wait for the disk until the client has to wait, too, and until it goes
 * on. A slow disk would otherwise fill the journal's queue, where scans are refused. */
#define PENDING_MAX 1024
#define PENDING_LOW 256

struct _BipeHub
{
  BipeStation *station;
  BipeGate *gate;
  BipePresence *presence;
  BipeEventFeed *feed;
  BipeSockets *sockets;
  GSource *ticks;
  GHashTable *parties; /* of Party, borrowed, by BipeEngineSession */
};

/* A session in at least one namespace: what an operator calls a client. */
typedef struct
{
  BipeHub *hub;
  BipeEngineSession *session; /* borrowed */
  BipePresenceEntry *entry;
  guint n_guests;
} Party;

/* A client in a namespace, which keeps this with its socket. */
typedef struct
{
  BipeGate *gate;
  Party *party;
  BipePass *pass;
  BipeSocket *socket; /* borrowed */
  BipeVisit *visit;   /* NULL: it has ended */
  BipeEventFeedReader *reader;
  guint n_pending; /* scans */
} Guest;

static void
disconnect_cb (gpointer user_data)
{
  bipe_engine_session_close (((Party *)user_data)->session);
}

/* With the token that it first came into a namespace by. */
static Party *
join_party (BipeHub *hub, BipeEngineSession *session, const BipePass *pass)
{
  Party *party = g_hash_table_lookup (hub->parties, session);

  if (party == NULL)
    {
      party = g_new0 (Party, 1);
      party->hub = hub;
      party->session = session;
      party->entry = bipe_presence_enter (hub->presence, "Socket.IO", pass->address, pass->grant,
                                          disconnect_cb, party);
      g_hash_table_insert (hub->parties, session, party);
    }
  party->n_guests++;
  return party;
}

static void
leave_party (Party *party)
{
  if (--party->n_guests > 0)
    return;
  g_hash_table_remove (party->hub->parties, party->session);
  bipe_presence_leave (party->entry);
  g_free (party);
}

static void
free_guest (gpointer data)
{
  Guest *self = data;

  g_clear_pointer (&self->reader, bipe_event_feed_leave);
  g_clear_pointer (&self->visit, bipe_visit_leave);
  leave_party (self->party);
  bipe_pass_unref (self->pass);
  g_free (self);
}

/* Who was let in by a token that ends is out of all namespaces; who may not do any more what this
 * one is for is out of it. */
static void
ended_cb (gpointer user_data)
{
  Guest *self = user_data;

  self->visit = NULL;
  if (bipe_gate_admits (self->gate, self->pass))
    bipe_socket_disconnect (self->socket);
  else
    bipe_engine_session_close (bipe_socket_get_session (self->socket));
}

/* By the token that it connects with, or else as its session was let in. NULL: *fault, *why. */
static BipePass *
identify (BipeHub *self, BipeSocket *socket, const char *auth, BipeFault *fault, const char **why)
{
  BipePass *opener = bipe_engine_session_get_client (bipe_socket_get_session (socket));
  g_autoptr(json_t) object = auth != NULL ? bipe_json_parse (auth, strlen (auth), NULL) : NULL;
  json_t *token = json_object_get (object, "token");
  BipeGrant *grant;

  if (token == NULL || json_is_null (token) || g_strcmp0 (json_string_value (token), "") == 0)
    {
      *fault = opener->grant != NULL ? BIPE_FAULT_TOKEN_INVALID : BIPE_FAULT_UNAUTHORIZED;
      *why = opener->grant != NULL ? "token is invalid" : "authorization failed";
      return bipe_gate_admits (self->gate, opener) ? bipe_pass_ref (opener) : NULL;
    }
  grant = bipe_gate_judge (self->gate, json_is_string (token) ? json_string_value (token) : "",
                           fault, why);
  if (grant != NULL)
    return bipe_pass_new (opener->address, bipe_gate_get_registry (self->gate), grant,
                          BIPE_SCOPE_NONE);
  if (bipe_gate_count_failure (self->gate, opener->address) > 0)
    {
      *fault = BIPE_FAULT_TOO_MANY;
      *why = BIPE_GATE_TOO_MANY;
    }
  return NULL;
}

static gboolean
refuse_guest (BipeSocket *socket, BipeFault fault, const char *why, GError **error)
{
  g_autofree char *data = g_strdup_printf ("{\"error_code\":%d}", bipe_fault_code (fault));

  bipe_socket_set_refusal (socket, data);
  g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_INVALID, why);
  return FALSE;
}

static gboolean
let_in (BipeHub *self, BipeSocket *socket, const char *auth, BipeScope scope, GError **error)
{
  BipeFault fault;
  const char *why;
  g_autoptr(BipePass) pass = identify (self, socket, auth, &fault, &why);
  g_autofree char *missing = g_strdup_printf ("this needs the scope %s", bipe_scope_name (scope));
  Guest *guest;

  if (pass == NULL)
    return refuse_guest (socket, fault, why, error);
  if (bipe_pass_get_scopes (pass) == BIPE_SCOPE_NONE)
    return refuse_guest (socket, BIPE_FAULT_UNAUTHORIZED, "authorization failed", error);
  if ((bipe_pass_get_scopes (pass) & scope) == 0)
    return refuse_guest (socket, BIPE_FAULT_FORBIDDEN, missing, error);

  guest = g_new0 (Guest, 1);
  guest->gate = self->gate;
  guest->pass = g_steal_pointer (&pass);
  guest->socket = socket;
  guest->party = join_party (self, bipe_socket_get_session (socket), guest->pass);
  guest->visit = bipe_gate_enter (self->gate, guest->pass, scope, ended_cb, guest);
  bipe_socket_set_data (socket, guest, free_guest);
  return TRUE;
}

/* Scans. */

/* What a `message` waits for. */
typedef struct
{
  BipePass *pass;
  BipeSocket *socket;
  gboolean has_id;
  guint64 id;
  char *text; /* as it came */
} Delivery;

static void
free_delivery (Delivery *self)
{
  bipe_socket_unref (self->socket);
  bipe_pass_unref (self->pass);
  g_free (self->text);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Delivery, free_delivery)

static void
acknowledge (const Delivery *self, const BipeScan *scan)
{
  char uuid[BIPE_UUID_STRING_SIZE];
  g_autofree char *json = NULL;

  bipe_uuid_format (&scan->uuid, uuid);
  json = g_strdup_printf ("[{\"ok\":true,\"uuid\":\"%s\",\"state\":\"%s\"}]", uuid,
                          bipe_scan_state_name (scan->state));
  bipe_socket_acknowledge (self->socket, self->id, json);
}

static void
refuse (const Delivery *self, const GError *error)
{
  g_autoptr(GString) json = g_string_new ("[{\"ok\":false,\"error_code\":");

  bipe_json_append_integer (json, bipe_fault_code (bipe_fault_from_error (error)));
  g_string_append (json, ",\"message\":");
  bipe_json_append_string (json, error->message);
  g_string_append (json, "}]");
  bipe_socket_acknowledge (self->socket, self->id, json->str);
}

static void
set_aside_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeAppend) append
             = bipe_station_accept_finish (BIPE_STATION (source), result, &error);

  if (append == NULL)
    g_warning ("a scan was refused with nobody to hear of it, and can't be set aside either: %s",
               error->message);
}

/* Nobody waits for an answer: the operator shall see it. What is set aside needs its place, too;
 * where there is none, the log is all that is left. */
static void
set_aside (BipeStation *station, const Delivery *delivery, const GError *error)
{
  g_autoptr(GPtrArray) drafts = bipe_scan_array_new ();

  if (g_error_matches (error, BIPE_ERROR, BIPE_ERROR_FULL))
    {
      g_warning ("a scan was refused with nobody to hear of it: %s", error->message);
      return;
    }
  g_ptr_array_add (drafts, bipe_draft_new_refused (delivery->text, error->message));
  bipe_station_accept_async (station, drafts, set_aside_cb, NULL);
}

static void
fail (BipeStation *station, const Delivery *delivery, const GError *error)
{
  if (delivery->has_id)
    refuse (delivery, error);
  else
    set_aside (station, delivery, error);
}

/* The guest may have left. */
static void
count_settled (const Delivery *delivery, guint n_taken)
{
  Guest *guest = bipe_socket_get_data (delivery->socket);

  bipe_pass_count_scans (delivery->pass, n_taken);
  if (guest == NULL)
    return;
  bipe_presence_count_scans (guest->party->entry, n_taken);
  if (--guest->n_pending == PENDING_LOW)
    bipe_engine_session_make_wait (bipe_socket_get_session (delivery->socket), FALSE);
}

static void
accepted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Delivery) delivery = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeAppend) append
             = bipe_station_accept_finish (BIPE_STATION (source), result, &error);

  count_settled (delivery, append != NULL ? append->n_new : 0);
  if (append == NULL)
    fail (BIPE_STATION (source), delivery, error);
  else if (delivery->has_id)
    acknowledge (delivery, append->scans->pdata[0]);
}

static void
message_cb (BipeSocket *socket, const BipePacket *packet, gpointer user_data)
{
  BipeHub *self = user_data;
  Guest *guest = bipe_socket_get_data (socket);
  g_autoptr(Delivery) delivery = NULL;
  g_autoptr(GPtrArray) drafts = NULL;
  g_autoptr(GError) error = NULL;
  BipeScan *draft;

  if (!bipe_packet_is_event (packet, "message"))
    return;
  delivery = g_new0 (Delivery, 1);
  delivery->pass = bipe_pass_ref (guest->pass);
  delivery->socket = bipe_socket_ref (socket);
  delivery->has_id = packet->has_id;
  delivery->id = packet->id;
  delivery->text = g_strdup (packet->arguments->len > 1 ? packet->arguments->pdata[1] : "null");
  draft = bipe_draft_from_argument (delivery->text, bipe_pass_get_user (guest->pass), &error);
  if (draft == NULL)
    {
      fail (self->station, delivery, error);
      return;
    }
  drafts = bipe_scan_array_new ();
  g_ptr_array_add (drafts, draft);
  if (++guest->n_pending == PENDING_MAX)
    bipe_engine_session_make_wait (bipe_socket_get_session (socket), TRUE);
  bipe_station_accept_async (self->station, drafts, accepted_cb, g_steal_pointer (&delivery));
}

static gboolean
scans_connecting_cb (BipeSocket *socket, const char *auth, gpointer user_data, GError **error)
{
  return let_in (user_data, socket, auth, BIPE_SCOPE_SCAN, error);
}

/* Events. */

/* FALSE: it is neither a number, nor, in a query, where there are only texts, the digits of one. */
static gboolean
read_seq (const json_t *value, gboolean is_query, gint64 *seq)
{
  guint64 number;

  if (is_query && json_is_string (value)
      && g_ascii_string_to_unsigned (json_string_value (value), 10, 0, G_MAXINT64, &number, NULL))
    {
      *seq = (gint64)number;
      return TRUE;
    }
  *seq = json_integer_value (value);
  return json_is_integer (value) && *seq >= 0;
}

static gboolean
read_after (BipeSocket *socket, const char *auth, gint64 *after, GError **error)
{
  gboolean is_query = bipe_engine_session_get_version (bipe_socket_get_session (socket)) == 3;
  g_autoptr(json_t) value = NULL;
  json_t *member;

  *after = -1;
  if (auth == NULL)
    return TRUE;
  value = bipe_json_parse (auth, strlen (auth), error);
  if (value == NULL)
    return FALSE;
  member = json_object_get (value, "after");
  if (member == NULL || json_is_null (member))
    return TRUE;
  if (read_seq (member, is_query, after))
    return TRUE;
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "after must be the seq of an event");
  return FALSE;
}

static gboolean
events_connecting_cb (BipeSocket *socket, const char *auth, gpointer user_data, GError **error)
{
  gint64 after;

  return let_in (user_data, socket, auth, BIPE_SCOPE_READ, error)
         && read_after (socket, auth, &after, error);
}

static void
event_cb (GBytes *bytes, gpointer user_data)
{
  bipe_socket_send_frame (user_data, bytes);
}

/* The session keeps the bound by itself. */
static gsize
get_backlog_cb (gpointer user_data)
{
  return bipe_engine_session_get_backlog (bipe_socket_get_session (user_data));
}

static void
dropped_cb (gpointer user_data)
{
  bipe_socket_disconnect (user_data);
}

static const BipeEventFeedListener feed_listener
    = { BIPE_EVENT_FEED_SOCKETIO, event_cb, get_backlog_cb, dropped_cb };

static void
events_connected_cb (BipeSocket *socket, const char *auth, gpointer user_data)
{
  BipeHub *self = user_data;
  Guest *guest = bipe_socket_get_data (socket);
  gint64 after;

  read_after (socket, auth, &after, NULL);
  guest->reader = bipe_event_feed_join (self->feed, after, &feed_listener, socket);
}

static const BipeNamespace namespaces[] = {
  { .name = "/", .connecting = scans_connecting_cb, .event = message_cb },
  { .name = "/events", .connecting = events_connecting_cb, .connected = events_connected_cb },
};

static gint64
get_deadline_cb (gpointer timed)
{
  return bipe_sockets_get_deadline (timed);
}

static void
tick_cb (gpointer timed)
{
  bipe_sockets_tick (timed);
}

BipeHub *
bipe_hub_new (BipeStation *station, BipeGate *gate, BipePresence *presence, gboolean allow_eio3)
{
  const BipeEngineOptions options = {
    .ping_interval = PING_INTERVAL_MS,
    .ping_timeout = PING_TIMEOUT_MS,
    .max_payload = MAX_PAYLOAD,
    .max_outbox = BIPE_EVENT_FEED_BACKLOG_MAX,
    .max_sessions = MAX_SESSIONS,
    .max_newcomers = MAX_NEWCOMERS,
    .allow_eio3 = allow_eio3,
  };
  BipeHub *self = g_new0 (BipeHub, 1);

  self->station = g_object_ref (station);
  self->gate = gate;
  self->presence = g_object_ref (presence);
  self->parties = g_hash_table_new (NULL, NULL);
  self->feed = bipe_event_feed_new (station);
  self->sockets
      = bipe_sockets_new (&options, CONNECT_TIMEOUT_MS, STRANGER_TIMEOUT_MS, bipe_clock_system (),
                          namespaces, G_N_ELEMENTS (namespaces), self);
  self->ticks = bipe_engine_transport_new_source (get_deadline_cb, tick_cb, self->sockets);
  g_source_attach (self->ticks, g_main_context_get_thread_default ());
  return self;
}

void
bipe_hub_free (BipeHub *self)
{
  g_source_destroy (self->ticks);
  g_source_unref (self->ticks);
  bipe_sockets_free (self->sockets);
  bipe_event_feed_free (self->feed);
  g_hash_table_unref (self->parties);
  g_object_unref (self->presence);
  g_object_unref (self->station);
  g_free (self);
}

BipeSockets *
bipe_hub_get_sockets (BipeHub *self)
{
  return self->sockets;
}

BipeEventFeed *
bipe_hub_get_feed (BipeHub *self)
{
  return self->feed;
}

void
bipe_hub_close (BipeHub *self)
{
  bipe_event_feed_drop_all (self->feed);
  bipe_engine_close_all (bipe_sockets_get_engine (self->sockets));
}
