/* engine-session.c: takes the bytes for a sequence of calls on sessions, as hostile clients and a
 * whimsical server would make them.
 *
 *   <call><session> and what the call needs: a number, or a text: <0…127: one of ours>, or <128 +
 * n> and n bytes */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "socketio/sockets.h"
#include "target.h"

#define N_SLOTS 4

typedef struct
{
  gboolean hangs;
} Get;

typedef struct
{
  gboolean is_usable; /* by the session: neither closed nor gone */
  gsize backlog;
} Link;

typedef struct
{
  BipeEngineSession *session; /* a reference: it may have ended */
  Get *get;                   /* the last */
  Link *link;                 /* the last */
  BipeSocket *socket;         /* that was kept last */
} Slot;

typedef struct
{
  const uint8_t *at;
  const uint8_t *end;

  BipeClock *clock;
  BipeSockets *sockets;
  Slot slots[N_SLOTS];
  GPtrArray *gets; /* all of them */
  GPtrArray *links;
  GHashTable *connected; /* BipeSocket */
  guint depth;           /* of calls from within calls */
} Run;

/* What a client may well say; some of it malformed. */
static const char *texts[] = {
  "40",
  "40{\"a\":1}",
  "40/custom,",
  "40/none,",
  "41",
  "41/custom,",
  "42[\"a\",1.10]",
  "421[\"a\"]",
  "42/custom,7[\"b\",{\"c\":[]}]",
  "431[]",
  "451-[\"a\",{\"_placeholder\":true,\"num\":0}]",
  "452-/custom,9[\"a\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]",
  "450-[\"a\"]",
  "461-1[{\"_placeholder\":true,\"num\":0}]",
  "bAQIDBA==",
  "b",
  "1",
  "2",
  "2probe",
  "3",
  "5",
  "6",
  "42[\"a\"]\x1e"
  "42[\"a\"]\x1e"
  "421[\"a\"]",
  "40\x1e"
  "451-[\"a\",{\"_placeholder\":true,\"num\":0}]\x1e"
  "bYQ==",
  "42[\"a\"]\x1e"
  "1",
  "40\x1e"
  "42[\"a\"]\x1e"
  "41\x1e"
  "40",
  "4",
  "44{}",
  "",
  "x",
  "1:2",
  "6:2probe",
  "12:42[\"a\",\"\360\237\230\200\"]",
  "1:11:2",
  "40/custom?a=%41&b=c,",
  "17:40/custom?a=b&c=d",
  "39:451-[\"a\",{\"_placeholder\":true,\"num\":0}]6:b4YQ==",
  "\001\002\377\004a",
};

static guint
read_byte (Run *run)
{
  return run->at < run->end ? *run->at++ : 0;
}

/* Without a NUL behind it. */
static char *
read_text (Run *run, gsize *length)
{
  guint first = read_byte (run);

  if (first < 128)
    {
      const char *text = texts[first % G_N_ELEMENTS (texts)];

      *length = strlen (text);
      return g_memdup2 (text, *length);
    }
  *length = MIN (first - 128, (gsize)(run->end - run->at));
  run->at += *length;
  return g_memdup2 (run->at - *length, *length);
}

/* --- The network --------------------------------------------------------------------------------
 */

static void
answered_cb (guint status, BipeEngineKind kind, GString *body, gpointer user_data)
{
  Get *get = user_data;

  g_assert_true (get->hangs);
  g_assert_true (status == 200 || status == 400);
  g_assert_cmpuint (body->len, >, 0);
  get->hangs = FALSE;
  g_string_free (body, TRUE);
}

static void
send (gpointer data, BipeEngineKind kind, GBytes *bytes)
{
  Link *link = data;

  g_assert_true (link->is_usable);
  link->backlog += g_bytes_get_size (bytes);
}

static void
close_link (gpointer data)
{
  Link *link = data;

  g_assert_true (link->is_usable);
  link->is_usable = FALSE;
}

static gsize
get_backlog (gpointer data)
{
  Link *link = data;

  g_assert_true (link->is_usable);
  return link->backlog;
}

static const BipeEngineLink link_funcs = { send, close_link, get_backlog };

/* --- The server ---------------------------------------------------------------------------------
 */

static void
send_event (BipeSocket *socket, guint n_attachments)
{
  g_autoptr(BipePacket) packet
             = bipe_packet_new (n_attachments > 0 ? BIPE_PACKET_BINARY_EVENT : BIPE_PACKET_EVENT);

  packet->json = g_strdup ("[\"e\"]");
  packet->n_attachments = n_attachments;
  packet->attachments = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  for (guint i = 0; i < n_attachments; i++)
    g_ptr_array_add (packet->attachments, g_bytes_new_static ("abcde", i));
  bipe_socket_send (socket, packet);
}

/* Something that may be done from everywhere. */
static void
do_whim (Run *run, BipeSocket *socket)
{
  guint whim = read_byte (run);
  Slot *slot = &run->slots[whim / 16 % N_SLOTS];
  BipeSocket *old;

  if (run->depth > 3)
    return;
  run->depth++;
  switch (whim % 16)
    {
    case 0:
      bipe_socket_disconnect (socket);
      break;
    case 1:
      bipe_engine_session_close (bipe_socket_get_session (socket));
      break;
    case 2:
      if (slot->session != NULL)
        bipe_engine_session_close (slot->session);
      break;
    case 3:
      if (slot->socket != NULL)
        bipe_socket_disconnect (slot->socket);
      break;
    case 4:
      bipe_engine_close_all (bipe_sockets_get_engine (run->sockets));
      break;
    case 5:
      send_event (socket, whim / 16 % 6);
      break;
    case 6:
      if (slot->socket != NULL)
        send_event (slot->socket, 0);
      break;
    case 7:
      bipe_socket_acknowledge (socket, 1, "[]");
      break;
    case 8:
      old = slot->socket;
      slot->socket = bipe_socket_ref (socket);
      g_clear_pointer (&old, bipe_socket_unref);
      break;
    case 9:
      bipe_socket_set_data (socket, g_strdup ("data"), g_free);
      break;
    default:
      break;
    }
  run->depth--;
}

static gboolean
connecting_cb (BipeSocket *socket, const char *auth, gpointer user_data, GError **error)
{
  Run *run = user_data;

  g_assert_false (g_hash_table_contains (run->connected, socket));
  do_whim (run, socket);
  if (read_byte (run) % 8 != 1)
    return TRUE;
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "no");
  return FALSE;
}

static void
connected_cb (BipeSocket *socket, const char *auth, gpointer user_data)
{
  Run *run = user_data;

  g_assert_true (g_hash_table_add (run->connected, bipe_socket_ref (socket)));
  do_whim (run, socket);
}

static void
packet_cb (BipeSocket *socket, const BipePacket *packet, gpointer user_data)
{
  Run *run = user_data;

  g_assert_true (g_hash_table_contains (run->connected, socket));
  g_assert_cmpuint (packet->n_attachments, ==,
                    packet->attachments != NULL ? packet->attachments->len : 0);
  do_whim (run, socket);
  g_assert_cmpuint (packet->arguments->len + 1, >, 0);
}

static void
disconnected_cb (BipeSocket *socket, gpointer user_data)
{
  Run *run = user_data;

  g_assert_true (g_hash_table_contains (run->connected, socket));
  do_whim (run, socket);
  g_assert_true (g_hash_table_remove (run->connected, socket));
}

static const BipeNamespace namespaces[] = {
  { "/", connecting_cb, connected_cb, packet_cb, disconnected_cb, packet_cb },
  { "/custom", connecting_cb, connected_cb, packet_cb, disconnected_cb, NULL },
};

/* --- The calls ----------------------------------------------------------------------------------
 */

static void
open_session (Run *run, Slot *slot)
{
  static const char *const transports[] = { "polling", "websocket" };
  BipeEngine *engine = bipe_sockets_get_engine (run->sockets);
  guint byte = read_byte (run);
  BipeEngineRequest request = {
    .method = "GET",
    .is_websocket = byte % 2 == 1,
    .eio = byte < 128 ? "4" : "3",
    .transport = transports[byte % 2],
    .b64 = byte < 192 ? NULL : "1",
    .key = byte % 4 < 2 ? NULL : "key",
    .is_stranger = byte % 8 >= 4,
  };
  BipeEngineSession *session;

  if (!bipe_engine_check (engine, &request, &session, NULL))
    return;
  g_clear_pointer (&slot->session, bipe_engine_session_unref);
  slot->session = bipe_engine_session_ref (bipe_engine_open (engine, &request, NULL, NULL));
  slot->get = NULL;
  slot->link = NULL;
}

static void
check (Run *run, Slot *slot)
{
  guint byte = read_byte (run);
  gboolean is_websocket = byte % 2 == 1;
  BipeEngineRequest request = {
    .method = byte % 4 < 2 ? "GET" : "POST",
    .is_websocket = is_websocket,
    .eio = byte < 128 ? "4" : "3",
    .transport = is_websocket ? "websocket" : "polling",
    .sid = bipe_engine_session_get_sid (slot->session),
  };
  BipeEngineSession *session;
  gboolean is_good
      = bipe_engine_check (bipe_sockets_get_engine (run->sockets), &request, &session, NULL);

  g_assert_true (session == (is_good ? slot->session : NULL));
}

static void
poll_session (Run *run, Slot *slot)
{
  Get *get = g_new0 (Get, 1);

  g_ptr_array_add (run->gets, get);
  slot->get = get;
  get->hangs = TRUE;
  bipe_engine_session_poll (slot->session, answered_cb, get);
}

static void
leave_poll (Slot *slot)
{
  if (slot->get == NULL)
    return;
  /* Both are for either version. */
  if (bipe_engine_session_get_version (slot->session) == 4)
    bipe_engine_session_leave_poll (slot->session, slot->get);
  else
    bipe_engine_session_end_poll (slot->session, slot->get);
  slot->get->hangs = FALSE;
}

static void
post (Run *run, Slot *slot)
{
  gsize length;
  g_autofree char *text = read_text (run, &length);
  g_autoptr(GError) error = NULL;
  /* As a good client of version 3 says it. */
  BipeEngineKind kind = length > 0 && (guchar)*text < 2 ? BIPE_ENGINE_BINARY : BIPE_ENGINE_TEXT;

  g_assert_cmpint (bipe_engine_session_post (slot->session, kind, text, length, &error), ==,
                   error == NULL);
}

static void
link_session (Run *run, Slot *slot)
{
  Link *link = g_new0 (Link, 1);

  g_ptr_array_add (run->links, link);
  link->is_usable = TRUE;
  if (bipe_engine_session_link (slot->session, &link_funcs, link))
    slot->link = link;
  else
    link->is_usable = FALSE;
}

static void
receive (Run *run, Slot *slot)
{
  guint byte = read_byte (run);
  gsize length;
  g_autofree char *text = read_text (run, &length);

  bipe_engine_session_receive (slot->session, slot->link,
                               byte % 4 == 3 ? BIPE_ENGINE_BINARY : BIPE_ENGINE_TEXT, text, length);
}

static void
unlink_session (Slot *slot)
{
  Link *link = slot->link;

  if (link == NULL)
    return;
  slot->link = NULL;
  bipe_engine_session_unlink (slot->session, link);
  link->is_usable = FALSE;
}

static void
tick (Run *run)
{
  gint64 deadline;

  bipe_sockets_tick (run->sockets);
  deadline = bipe_sockets_get_deadline (run->sockets);
  g_assert_true (deadline < 0 || deadline > bipe_clock_monotonic (run->clock));
  g_assert_cmpint (deadline >= 0, ==,
                   bipe_engine_get_count (bipe_sockets_get_engine (run->sockets)) > 0);
}

static void
step (Run *run)
{
  guint call = read_byte (run) % 16;
  Slot *slot = &run->slots[read_byte (run) % N_SLOTS];

  if (call < 2 || slot->session == NULL)
    {
      open_session (run, slot);
      return;
    }
  switch (call)
    {
    case 2:
      check (run, slot);
      break;
    case 3:
    case 4:
      poll_session (run, slot);
      break;
    case 5:
      leave_poll (slot);
      break;
    case 6:
    case 7:
      post (run, slot);
      break;
    case 8:
      link_session (run, slot);
      break;
    case 9:
    case 10:
      receive (run, slot);
      break;
    case 11:
      unlink_session (slot);
      break;
    case 12:
      if (slot->socket != NULL)
        do_whim (run, slot->socket);
      break;
    case 13:
      if (slot->link != NULL)
        slot->link->backlog = read_byte (run) * 4;
      break;
    case 14:
      bipe_clock_advance (run->clock, (gint64)read_byte (run) * 2000);
      break;
    case 15:
    default:
      tick (run);
      break;
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const BipeEngineOptions options = {
    .ping_interval = 300,
    .ping_timeout = 200,
    .max_payload = 120,
    .max_outbox = 700,
    .max_sessions = 3,
    .max_newcomers = 2,
    .allow_eio3 = TRUE,
  };
  Run run = { .at = data, .end = data + size };

  run.clock = bipe_clock_new_manual (0);
  run.gets = g_ptr_array_new_with_free_func (g_free);
  run.links = g_ptr_array_new_with_free_func (g_free);
  run.connected = g_hash_table_new_full (NULL, NULL, (GDestroyNotify)bipe_socket_unref, NULL);
  run.sockets = bipe_sockets_new (&options, 400, 200, run.clock, namespaces,
                                  G_N_ELEMENTS (namespaces), &run);
  while (run.at < run.end)
    step (&run);

  bipe_sockets_free (run.sockets);
  g_assert_cmpuint (g_hash_table_size (run.connected), ==, 0);
  for (guint i = 0; i < run.gets->len; i++)
    g_assert_false (((Get *)run.gets->pdata[i])->hangs);
  for (guint i = 0; i < run.links->len; i++)
    g_assert_false (((Link *)run.links->pdata[i])->is_usable);
  for (guint i = 0; i < N_SLOTS; i++)
    {
      g_clear_pointer (&run.slots[i].session, bipe_engine_session_unref);
      g_clear_pointer (&run.slots[i].socket, bipe_socket_unref);
    }
  g_hash_table_unref (run.connected);
  g_ptr_array_unref (run.links);
  g_ptr_array_unref (run.gets);
  bipe_clock_free (run.clock);
  return 0;
}
