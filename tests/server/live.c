#include "config.h"

#include "live.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/status.h"
#include "journal/journal.h"
#include "server/listener.h"
#include "store/store.h"

struct _Live
{
  BipeServerOptions options;
  gboolean is_review;
  const char *const *allowed_origins;
  BipeClock *clock; /* of the tokens */
  char *folder;
  guint16 port;

  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  GMutex lock;
  GCond changed;
  gboolean is_running;

  BipeRegistry *registry;
  BipePairing *pairing;
  BipePresence *presence;
  BipeOrigins *origins;
  BipeJournal *journal;
  BipeStore *store;
  BipeEvents *events;
  BipeStation *station;
  BipeSpeech *speech;
  BipeServer *server;
};

static void
open_all (Live *self)
{
  static const BipeJournalLimits limits
      = { .queue_limit = 1000000, .collect_days = 7, .event_days = 7 };
  g_autofree char *journal = g_build_filename (self->folder, "journal.sqlite", NULL);
  g_autofree char *store = g_build_filename (self->folder, "store.sqlite", NULL);
  g_autofree char *access = g_build_filename (self->folder, "access.db", NULL);
  g_autofree char *speech = g_build_filename (self->folder, "speech", NULL);
  const BipeSpeechLimits speech_limits = BIPE_SPEECH_LIMITS_DEFAULT;
  const BipeReachWish wish = { (char *)"127.0.0.1,::1", (char *)"off", 0 };
  g_autoptr(GBytes) key = g_bytes_new_static (LIVE_KEY, 32);
  g_autoptr(GError) error = NULL;

  self->journal = bipe_journal_open (journal, &limits, bipe_clock_system (), &error);
  g_assert_no_error (error);
  self->store = bipe_store_new (bipe_store_target_new_sqlite (store));
  self->events = bipe_events_new ();
  self->station = bipe_station_new ("test", self->is_review, self->journal, self->store,
                                    self->events, bipe_clock_system ());
  self->registry = bipe_registry_open (access, key, self->clock, &error);
  g_assert_no_error (error);
  self->pairing = bipe_pairing_new (self->registry, self->clock);
  self->presence = bipe_presence_new ();
  self->origins = bipe_origins_new (self->allowed_origins, bipe_clock_system ());
  self->speech = bipe_speech_new (speech, &speech_limits);
  self->options.speech = self->speech;
  self->options.origins = self->origins;
  self->server = bipe_server_new (&self->options, self->station, self->registry, self->pairing,
                                  self->presence);
  g_assert_true (bipe_server_listen (self->server, &wish, &error));
  g_assert_no_error (error);
  self->port = (guint16)atoi (strrchr (bipe_server_get_address (self->server), ':') + 1);
}

static void
close_all (Live *self)
{
  g_assert_finalize_object (g_steal_pointer (&self->server));
  bipe_pairing_close (self->pairing);
  bipe_speech_close (self->speech);
  bipe_registry_close (self->registry);
  bipe_station_stop (self->station);
  bipe_store_close (self->store);
  bipe_journal_close (self->journal);
  /* What was under way comes back to the station, which then lets go of itself. */
  while (g_main_context_iteration (self->context, FALSE))
    continue;
  g_assert_finalize_object (g_steal_pointer (&self->origins));
  g_assert_finalize_object (g_steal_pointer (&self->presence));
  g_assert_finalize_object (g_steal_pointer (&self->pairing));
  g_assert_finalize_object (g_steal_pointer (&self->speech));
  g_assert_finalize_object (g_steal_pointer (&self->registry));
  g_assert_finalize_object (g_steal_pointer (&self->station));
  g_assert_finalize_object (g_steal_pointer (&self->events));
  g_assert_finalize_object (g_steal_pointer (&self->store));
  g_assert_finalize_object (g_steal_pointer (&self->journal));
}

static gboolean
running_cb (gpointer data)
{
  Live *self = data;

  g_mutex_lock (&self->lock);
  self->is_running = TRUE;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
  return G_SOURCE_REMOVE;
}

static gpointer
run_engine (gpointer data)
{
  Live *self = data;

  g_main_context_push_thread_default (self->context);
  open_all (self);
  g_main_context_invoke (self->context, running_cb, self);
  g_main_loop_run (self->loop);
  close_all (self);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

BipeServerOptions
live_options (void)
{
  return (BipeServerOptions){
    .time_limit = 30,
    .body_limit = 1024 * 1024,
    .symbologies = BIPE_SYMBOLOGIES_DEFAULT,
    .max_connections = 1000,
    .max_connections_per_address = 1000,
    .rate_limit = 10,
    .token_days = 100,
    .speech_language = "pt",
  };
}

/* The store is opened on its own threads. */
static void
wait_until_online (Live *self)
{
  for (BipeStoreState state = BIPE_STORE_CONNECTING; state != BIPE_STORE_ONLINE;)
    {
      g_autoptr(BipeStatus) status = bipe_station_dup_status (self->station);

      state = status->store_state;
      g_usleep (1000);
    }
}

static Live *
start (const BipeServerOptions *options, gboolean is_review, const char *const *allowed_origins)
{
  Live *self = g_new0 (Live, 1);

  self->options = *options;
  self->is_review = is_review;
  self->allowed_origins = allowed_origins;
  self->clock = bipe_clock_new_manual (g_get_real_time ());
  self->folder = g_dir_make_tmp ("test-server-XXXXXX", NULL);
  self->options.files.folder = self->folder;
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);

  g_mutex_lock (&self->lock);
  self->thread = g_thread_new ("engine", run_engine, self);
  while (!self->is_running)
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);
  wait_until_online (self);
  return self;
}

Live *
live_start (const BipeServerOptions *options, gboolean is_review)
{
  return start (options, is_review, NULL);
}

Live *
live_start_for_pages (const BipeServerOptions *options, const char *const *allowed)
{
  return start (options, FALSE, allowed);
}

BipeOrigins *
live_get_origins (Live *self)
{
  return self->origins;
}

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Live *self = user_data;

  bipe_server_stop_finish (self->server, result);
  g_main_loop_quit (self->loop);
}

static void
remove_folder (const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_unlink (path) < 0 && errno == EISDIR)
        remove_folder (path);
    }
  g_rmdir (folder);
}

typedef struct
{
  Live *live;
  void (*func) (Live *live, gpointer data);
  gpointer data;
  gboolean is_done;
} Call;

static gboolean
call_cb (gpointer data)
{
  Call *call = data;

  call->func (call->live, call->data);
  g_mutex_lock (&call->live->lock);
  call->is_done = TRUE;
  g_cond_signal (&call->live->changed);
  g_mutex_unlock (&call->live->lock);
  return G_SOURCE_REMOVE;
}

void
live_run (Live *self, void (*func) (Live *self, gpointer data), gpointer data)
{
  Call call = { .live = self, .func = func, .data = data };

  g_main_context_invoke (self->context, call_cb, &call);
  g_mutex_lock (&self->lock);
  while (!call.is_done)
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);
}

BipeServer *
live_get_server (Live *self)
{
  return self->server;
}

BipeStation *
live_get_station (Live *self)
{
  return self->station;
}

static void
listen_as_wished (Live *self, gpointer data)
{
  g_autoptr(GError) error = NULL;

  bipe_server_listen (self->server, data, &error);
  g_assert_no_error (error);
}

void
live_listen (Live *self, const char *listen, const char *tls)
{
  BipeReachWish wish = { .listen = (char *)listen, .tls = (char *)tls, .port = self->port };

  live_run (self, listen_as_wished, &wish);
}

static void
begin_stop (Live *self, gpointer data)
{
  bipe_server_stop_async (self->server, stopped_cb, self);
}

void
live_stop_begin (Live *self)
{
  live_run (self, begin_stop, NULL);
}

void
live_stop_end (Live *self)
{
  g_thread_join (self->thread);
  remove_folder (self->folder);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  bipe_clock_free (self->clock);
  g_free (self->folder);
  g_free (self);
}

void
live_stop (Live *self)
{
  live_stop_begin (self);
  live_stop_end (self);
}

typedef struct
{
  GAsyncResult *result;
} Request;

static void
result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ((Request *)user_data)->result = g_object_ref (result);
}

static GAsyncResult *
wait_for (Request *request)
{
  while (request->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return request->result;
}

char *
live_issue (Live *self, const char *name, guint scopes, char **jti)
{
  Request request = { 0 };
  g_autoptr(BipeGrant) grant = NULL;
  g_autoptr(GError) error = NULL;
  char *token;

  bipe_registry_issue_async (self->registry, name, scopes, 1, result_cb, &request);
  token = bipe_registry_issue_finish (self->registry, wait_for (&request), &grant, &error);
  g_assert_no_error (error);
  g_object_unref (request.result);
  if (jti != NULL)
    *jti = g_strdup (grant->jti);
  return token;
}

void
live_revoke (Live *self, const char *jti)
{
  Request request = { 0 };
  g_autoptr(BipeGrant) grant = NULL;
  g_autoptr(GError) error = NULL;

  bipe_registry_revoke_async (self->registry, jti, result_cb, &request);
  grant = bipe_registry_revoke_finish (self->registry, wait_for (&request), &error);
  g_assert_no_error (error);
  g_object_unref (request.result);
}

void
live_change (Live *self, const char *jti, guint scopes)
{
  Request request = { 0 };
  g_autoptr(BipeGrant) grant = NULL;
  g_autoptr(GError) error = NULL;

  bipe_registry_change_async (self->registry, jti, NULL, scopes, result_cb, &request);
  grant = bipe_registry_change_finish (self->registry, wait_for (&request), &error);
  g_assert_no_error (error);
  g_object_unref (request.result);
}

void
live_restore (Live *self, const char *jti)
{
  Request request = { 0 };
  g_autoptr(BipeGrant) grant = NULL;
  g_autoptr(GError) error = NULL;

  bipe_registry_restore_async (self->registry, jti, result_cb, &request);
  grant = bipe_registry_restore_finish (self->registry, wait_for (&request), &error);
  g_assert_no_error (error);
  g_object_unref (request.result);
}

GPtrArray *
live_list_grants (Live *self)
{
  Request request = { 0 };
  g_autoptr(GError) error = NULL;
  GPtrArray *grants;

  bipe_registry_list_async (self->registry, result_cb, &request);
  grants = bipe_registry_list_finish (self->registry, wait_for (&request), &error);
  g_assert_no_error (error);
  g_object_unref (request.result);
  return grants;
}

GPtrArray *
live_list_visitors (Live *self)
{
  Request request = { 0 };
  GPtrArray *visitors;

  bipe_presence_list_async (self->presence, result_cb, &request);
  visitors = bipe_presence_list_finish (self->presence, wait_for (&request));
  g_object_unref (request.result);
  return visitors;
}

void
live_disconnect (Live *self, guint64 id)
{
  bipe_presence_disconnect (self->presence, id);
}

void
live_advance (Live *self, gint64 microseconds)
{
  bipe_clock_advance (self->clock, microseconds);
}

void
live_break_store (Live *self)
{
  g_autofree char *path = g_build_filename (self->folder, "store.sqlite", NULL);
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  sqlite3_busy_timeout (db, 10 * 1000);
  g_assert_cmpint (sqlite3_exec (db, "ALTER TABLE scan RENAME TO gone", NULL, NULL, NULL), ==,
                   SQLITE_OK);
  sqlite3_close (db);
}

static void
accepted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BipeScan **last = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeAppend) append
             = bipe_station_accept_finish (BIPE_STATION (source), result, &error);

  g_assert_no_error (error);
  *last = bipe_scan_ref (append->scans->pdata[append->scans->len - 1]);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BipeScan **found = user_data;
  g_autoptr(GError) error = NULL;

  *found = bipe_records_scan_finish (BIPE_RECORDS (source), result, &error);
  g_assert_no_error (error);
}

/* Scans are stored in their order, so the last stands for all before it. */
static void
wait_until_stored (Live *self, BipeScan *last)
{
  BipeScanRef ref = { .uuid = last->uuid };

  for (BipeScanState state = BIPE_SCAN_QUEUED; state != BIPE_SCAN_STORED;)
    {
      g_autoptr(BipeScan) found = NULL;

      bipe_records_find_async (bipe_station_get_records (self->station), &ref, NULL, found_cb,
                               &found);
      while (found == NULL)
        g_main_context_iteration (NULL, TRUE);
      state = found->state;
      g_usleep (1000);
    }
}

void
live_fill (Live *self, const char *prefix, guint n)
{
  for (guint i = 0; i < n;)
    {
      g_autoptr(GPtrArray) drafts = bipe_scan_array_new ();
      g_autoptr(BipeScan) last = NULL;

      for (; i < n && drafts->len < BIPE_STATION_ACCEPT_MAX; i++)
        {
          g_autofree char *code = g_strdup_printf ("%s%u", prefix, i);
          BipeScan draft = { .source = BIPE_SOURCE_MANUAL, .code = code };

          g_ptr_array_add (drafts, bipe_scan_new (&draft));
        }
      bipe_station_accept_async (self->station, drafts, accepted_cb, &last);
      while (last == NULL)
        g_main_context_iteration (NULL, TRUE);
      if (i == n)
        wait_until_stored (self, last);
    }
}

void
answer_free (Answer *self)
{
  g_free (self->body);
  g_free (self->head);
  g_free (self);
}

GSocket *
live_connect (Live *self)
{
  g_autoptr(GSocketAddress) address
             = g_inet_socket_address_new_from_string ("127.0.0.1", self->port);
  g_autoptr(GError) error = NULL;
  GSocket *socket;

  socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_socket_set_timeout (socket, 60);
  g_socket_connect (socket, address, NULL, &error);
  g_assert_no_error (error);
  return socket;
}

/* A server that has refused what comes may close before it has come whole. */
void
live_send (GSocket *socket, const char *bytes, gssize length)
{
  gsize left = length < 0 ? strlen (bytes) : (gsize)length;

  while (left > 0)
    {
      gssize n = g_socket_send (socket, bytes, left, NULL, NULL);

      if (n <= 0)
        return;
      bytes += n;
      left -= (gsize)n;
    }
}

GString *
live_receive (GSocket *socket)
{
  GString *bytes = g_string_new (NULL);
  char buffer[65536];

  for (;;)
    {
      g_autoptr(GError) error = NULL;
      gssize n = g_socket_receive (socket, buffer, sizeof buffer, NULL, &error);

      g_assert_false (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT));
      if (n <= 0)
        return bytes;
      g_string_append_len (bytes, buffer, n);
    }
}

static void
join_chunks (Answer *self)
{
  char *from = self->body, *to = self->body, *end = self->body + self->length;

  self->is_whole = FALSE;
  while (from < end)
    {
      char *text;
      gsize size = (gsize)g_ascii_strtoull (from, &text, 16);

      if (size == 0)
        {
          self->is_whole = g_str_has_prefix (text, "\r\n\r\n");
          break;
        }
      size = MIN (size, (gsize)(end - text - 2));
      memmove (to, text + 2, size);
      to += size;
      from = text + 2 + size + 2;
    }
  *to = '\0';
  self->length = (gsize)(to - self->body);
}

gboolean
answer_has_header (const Answer *self, const char *line)
{
  g_autofree char *whole = g_strdup_printf ("\r\n%s\r\n", line);

  return strstr (self->head, whole) != NULL;
}

Answer *
answer_parse (const GString *bytes)
{
  Answer *self = g_new0 (Answer, 1);
  const char *blank = strstr (bytes->str, "\r\n\r\n");
  const char *length;

  if (blank == NULL)
    {
      self->head = g_strndup (bytes->str, bytes->len);
      self->body = g_strdup ("");
      return self;
    }
  self->head = g_strndup (bytes->str, (gsize)(blank + 2 - bytes->str));
  self->length = bytes->len - strlen (self->head) - 2;
  self->body = g_malloc (self->length + 1);
  memcpy (self->body, blank + 4, self->length);
  self->body[self->length] = '\0';
  self->status = (guint)atoi (self->head + strlen ("HTTP/1.1 "));
  length = strstr (self->head, "Content-Length: ");
  self->is_whole
      = length == NULL || strtoul (length + strlen ("Content-Length: "), NULL, 10) == self->length;
  if (answer_has_header (self, "Transfer-Encoding: chunked"))
    join_chunks (self);
  return self;
}

Answer *
live_talk (Live *self, const char *bytes, gssize length)
{
  g_autoptr(GSocket) socket = live_connect (self);
  g_autoptr(GString) received = NULL;
  Answer *answer;

  live_send (socket, bytes, length);
  received = live_receive (socket);
  answer = answer_parse (received);
  return answer;
}

Answer *
live_ask (Live *self, const char *method, const char *target, const char *headers, const char *body)
{
  g_autoptr(GString) request = g_string_new (NULL);

  g_string_printf (request, "%s %s HTTP/1.1\r\nConnection: close\r\n", method, target);
  if (headers == NULL || strstr (headers, "Host:") == NULL)
    g_string_append_printf (request, "Host: 127.0.0.1:%u\r\n", self->port);
  if (headers != NULL)
    g_string_append (request, headers);
  if (body != NULL && (headers == NULL || strstr (headers, "Content-Type:") == NULL))
    g_string_append (request, "Content-Type: application/json\r\n");
  if (body != NULL)
    g_string_append_printf (request, "Content-Length: %" G_GSIZE_FORMAT "\r\n", strlen (body));
  g_string_append (request, "\r\n");
  if (body != NULL)
    g_string_append (request, body);
  return live_talk (self, request->str, (gssize)request->len);
}

static json_t *
parse_body (const Answer *answer)
{
  g_autoptr(GError) error = NULL;
  json_t *json = bipe_json_parse (answer->body, answer->length, &error);

  g_assert_no_error (error);
  return json;
}

void
assert_failure (const Answer *answer, guint status, int error_code)
{
  g_autoptr(json_t) json = NULL;

  g_assert_cmpuint (answer->status, ==, status);
  g_assert_true (answer_has_header (answer, "Content-Type: application/json"));
  json = parse_body (answer);
  g_assert_cmpint (json_integer_value (json_object_get (json, "error_code")), ==, error_code);
  g_assert_cmpstr (json_string_value (json_object_get (json, "message")), !=, "");
  g_assert_true (json_is_string (json_object_get (json, "request")));
  g_assert_cmpuint (json_object_size (json), ==, 3);
}

char *
answer_dup_member (const Answer *answer, const char *name)
{
  g_autoptr(json_t) json = parse_body (answer);
  json_t *member = json_object_get (json_object_get (json, "data"), name);

  return json_is_string (member) ? g_strdup (json_string_value (member))
                                 : json_dumps (member, JSON_ENCODE_ANY | JSON_COMPACT);
}

GPtrArray *
live_open_sockets (char *const *addresses, guint16 port, GError **error)
{
  g_autoptr(GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);

  return bipe_listener_move (sockets, addresses, port, error) ? g_steal_pointer (&sockets) : NULL;
}
