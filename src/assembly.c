#include "config.h"

#include "assembly.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "access/registry.h"
#include "access/secret.h"
#include "base/clock.h"
#include "base/data-dir.h"
#include "base/error.h"
#include "base/log.h"
#include "base/settings.h"
#include "decoder/symbology.h"
#include "journal/journal.h"
#include "server/server.h"
#include "speech/speech.h"
#include "station/station.h"
#include "store-choice.h"
#include "store/store.h"

/* Of a station's name, in characters. */
#define NAME_MAX_LENGTH 100

/* How long a stop waits for the store, at most. */
#define DRAIN_MS 5000

struct _BipeAssembly
{
  GObject parent_instance;

  BipeSettings *settings; /* borrowed from main, which outlives us */
  char *temporary;        /* the testing profile's folder, removed at the end */
  BipeDataDir *data_dir;
  gboolean uses_keyring;
  BipeRegistry *registry;
  BipePairing *pairing;
  BipePresence *presence;
  BipeOrigins *origins;
  BipeJournal *journal;
  BipeStoreChoice *choice; /* without its connections: the store has them */
  gboolean is_changing;
  BipeStore *store;
  BipeEvents *events;
  BipeStation *station;
  BipeSpeech *speech;
  BipeSpeechLink *speech_link; /* NULL: this process speaks itself */
  BipeServer *server;
};

G_DEFINE_FINAL_TYPE (BipeAssembly, bipe_assembly, G_TYPE_OBJECT)

static char *
in_data_dir (BipeAssembly *self, const char *name)
{
  return g_build_filename (bipe_data_dir_get_path (self->data_dir), name, NULL);
}

static gboolean
open_data_dir (BipeAssembly *self, GError **error)
{
  const char *path = bipe_settings_get_text (self->settings, "data-dir");

  if (path[0] == '\0')
    {
      self->temporary = g_dir_make_tmp ("bipe-XXXXXX", error);
      if (self->temporary == NULL)
        return FALSE;
      path = self->temporary;
    }
  /* No address before it listens there: whoever does until then would be shown a token. */
  self->data_dir = bipe_data_dir_open (path, NULL, error);
  return self->data_dir != NULL;
}

static gboolean
open_journal (BipeAssembly *self, GError **error)
{
  BipeJournalLimits limits = {
    .queue_limit = bipe_settings_get_integer (self->settings, "queue-limit"),
    .collect_days = (guint)bipe_settings_get_integer (self->settings, "collect-days"),
    .event_days = (guint)bipe_settings_get_integer (self->settings, "event-days"),
  };
  g_autofree char *path = in_data_dir (self, "journal.db");

  self->journal = bipe_journal_open (path, &limits, bipe_clock_system (), error);
  return self->journal != NULL;
}

/* A key that can't be had now ends no start: until the next one no token counts. */
static gboolean
open_registry (BipeAssembly *self, GError **error)
{
  g_autofree char *path = in_data_dir (self, "access.db");
  g_auto(GStrv) allowed = bipe_settings_dup_list (self->settings, "allowed-origins");
  g_autoptr(GError) problem = NULL;
  g_autoptr(GBytes) key = bipe_secret_load (
      bipe_settings_get_text (self->settings, "secret-key-file"),
      bipe_data_dir_get_path (self->data_dir),
      self->uses_keyring ? BIPE_SECRET_KEYRING_MADE : BIPE_SECRET_KEYRING_UNUSED, &problem);

  if (key == NULL && !g_error_matches (problem, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE))
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  if (key == NULL)
    g_warning ("No token counts: %s", problem->message);
  self->registry = bipe_registry_open (path, key, bipe_clock_system (), error);
  if (self->registry == NULL)
    return FALSE;
  self->pairing = bipe_pairing_new (self->registry, bipe_clock_system ());
  self->presence = bipe_presence_new ();
  self->origins = bipe_origins_new ((const char *const *)allowed, bipe_clock_system ());
  return TRUE;
}

static BipeStorePlace
get_store_place (BipeAssembly *self)
{
  return (BipeStorePlace){
    .data_dir = bipe_data_dir_get_path (self->data_dir),
    .uses_keyring = self->uses_keyring,
    .has_search_index = bipe_settings_get_boolean (self->settings, "search-index"),
  };
}

static gboolean
make_store (BipeAssembly *self, GError **error)
{
  const BipeStorePlace place = get_store_place (self);
  const BipeStationWish wish
      = { .database_url = (char *)bipe_settings_get_text (self->settings, "database-url") };

  self->choice = bipe_store_choice_new (&wish, &place, error);
  if (self->choice == NULL)
    return FALSE;
  self->store = bipe_store_new (g_steal_pointer (&self->choice->target));
  return TRUE;
}

/* The other service may take two thirds of what its client waits, so that its failure is told. */
static gboolean
open_speech_link (BipeAssembly *self, GError **error)
{
  const char *url = bipe_settings_get_text (self->settings, "speech-url");
  gint64 seconds = bipe_settings_get_integer (self->settings, "time-limit");

  if (url[0] != '\0')
    {
      self->speech_link
          = bipe_speech_link_new (url, bipe_settings_get_text (self->settings, "speech-token"),
                                  (guint)(seconds * 1000 * 2 / 3), error);
      return self->speech_link != NULL;
    }
  if (!g_str_equal (bipe_settings_get_text (self->settings, "role"), "gateway"))
    return TRUE;
  g_set_error (
      error, BIPE_ERROR, BIPE_ERROR_SETTING,
      _ ("the role gateway needs the setting speech-url: where the speech service is, such "
         "as http://192.168.1.20:5000"));
  return FALSE;
}

static gboolean
make_speech (BipeAssembly *self, GError **error)
{
  const BipeSpeechLimits limits = BIPE_SPEECH_LIMITS_DEFAULT;
  g_autofree char *folder = in_data_dir (self, "speech");
  BipeManner manner = BIPE_MANNER_DEFAULT;
  g_autoptr(BipeUtterance) utterance = NULL;
  g_autoptr(GError) problem = NULL;

  manner.language = bipe_settings_get_text (self->settings, "speech-language");
  utterance = bipe_utterance_new ("1", &manner, &problem);
  if (utterance == NULL)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_SETTING, _ ("the setting %s: %s"),
                   "speech-language", problem->message);
      return FALSE;
    }
  self->speech = bipe_speech_new (folder, &limits);
  return open_speech_link (self, error);
}

static BipeServerRole
get_role (BipeSettings *settings)
{
  const char *role = bipe_settings_get_text (settings, "role");

  if (g_str_equal (role, "gateway"))
    return BIPE_SERVER_GATEWAY;
  return g_str_equal (role, "speech") ? BIPE_SERVER_SPEECH : BIPE_SERVER_ALL;
}

/* Of a setting that may be empty. */
static char *
get_path (BipeSettings *settings, const char *name)
{
  const char *path = bipe_settings_get_text (settings, name);

  return path[0] != '\0' ? (char *)path : NULL;
}

static void
make_server (BipeAssembly *self)
{
  gint64 is_served_without = bipe_settings_get_integer (self->settings, "loopback-without-token");
  g_auto(GStrv) hosts = bipe_settings_dup_list (self->settings, "allowed-hosts");
  BipeServerOptions options = {
    .files = {
      .folder = (char *)bipe_data_dir_get_path (self->data_dir),
      .certificate = get_path (self->settings, "tls-cert"),
      .key = get_path (self->settings, "tls-key"),
    },
    .origins = self->origins,
    .allowed_hosts = hosts,
    .time_limit = (guint)bipe_settings_get_integer (self->settings, "time-limit"),
    .body_limit = (gsize)bipe_settings_get_integer (self->settings, "body-limit"),
    .symbologies
    = bipe_symbologies_parse (bipe_settings_get_text (self->settings, "symbologies"), NULL),
    .max_connections = (guint)bipe_settings_get_integer (self->settings, "max-connections"),
    .max_connections_per_address
    = (guint)bipe_settings_get_integer (self->settings, "max-connections-per-address"),
    .rate_limit = (guint)bipe_settings_get_integer (self->settings, "rate-limit-auth"),
    .token_days = (guint)bipe_settings_get_integer (self->settings, "token-days"),
    .needs_token = is_served_without == 0,
    .needs_token_when_open = is_served_without < 0,
    .allow_eio3 = bipe_settings_get_boolean (self->settings, "allow-eio3"),
    .role = get_role (self->settings),
    .speech = self->speech,
    .speech_link = self->speech_link,
    .speech_language = bipe_settings_get_text (self->settings, "speech-language"),
    .is_logging = bipe_log_wants (G_LOG_LEVEL_INFO),
    .is_development = g_str_equal (bipe_settings_get_profile (self->settings), "development"),
  };

  self->server
      = bipe_server_new (&options, self->station, self->registry, self->pairing, self->presence);
}

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  BipeAssembly *self = g_task_get_source_object (task);

  /* What is left is in the journal, and the next start goes on with it. */
  if (!bipe_station_drain_finish (BIPE_STATION (source), result, NULL))
    g_message ("Some scans wait in the queue; they are stored after the next start");
  bipe_station_stop (self->station);
  g_task_return_boolean (task, TRUE);
}

static void
server_stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  BipeAssembly *self = g_task_get_source_object (task);

  bipe_server_stop_finish (BIPE_SERVER (source), result);
  bipe_station_drain_async (self->station, DRAIN_MS, stopped_cb, g_steal_pointer (&task));
}

void
bipe_assembly_stop_async (BipeAssembly *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, bipe_assembly_stop_async);
  bipe_pairing_close (self->pairing); /* who waits there would hold the stop up */
  bipe_server_stop_async (self->server, server_stopped_cb, task);
}

void
bipe_assembly_stop_finish (BipeAssembly *self, GAsyncResult *result)
{
  g_task_propagate_boolean (G_TASK (result), NULL);
}

/* With what is in it; what a link points to stays. */
static void
remove_folder (const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_unlink (path) < 0 && errno == EISDIR)
        remove_folder (path);
    }
  if (g_rmdir (folder) < 0)
    g_warning ("Cannot remove %s: %s", folder, g_strerror (errno));
}

void
bipe_assembly_close (BipeAssembly *self)
{
  g_clear_object (&self->server);
  g_clear_object (&self->speech_link);
  if (self->speech != NULL)
    bipe_speech_close (self->speech);
  g_clear_object (&self->speech);
  g_clear_object (&self->origins);
  g_clear_object (&self->presence);
  if (self->pairing != NULL)
    bipe_pairing_close (self->pairing);
  g_clear_object (&self->pairing);
  if (self->registry != NULL)
    bipe_registry_close (self->registry);
  g_clear_object (&self->registry);
  g_clear_object (&self->station);
  g_clear_object (&self->events);
  if (self->store != NULL)
    bipe_store_close (self->store);
  g_clear_object (&self->store);
  g_clear_pointer (&self->choice, bipe_store_choice_free);
  if (self->journal != NULL)
    bipe_journal_close (self->journal);
  g_clear_object (&self->journal);
  if (self->temporary != NULL) /* the testing profile has made it */
    remove_folder (self->temporary);
  g_clear_pointer (&self->temporary, g_free);
  g_clear_pointer (&self->data_dir, bipe_data_dir_free);
}

static void
bipe_assembly_dispose (GObject *object)
{
  bipe_assembly_close (BIPE_ASSEMBLY (object));
  G_OBJECT_CLASS (bipe_assembly_parent_class)->dispose (object);
}

static void
bipe_assembly_class_init (BipeAssemblyClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = bipe_assembly_dispose;
}

static void
bipe_assembly_init (BipeAssembly *self)
{
}

BipeAssembly *
bipe_assembly_new (BipeSettings *settings, gboolean uses_keyring, GError **error)
{
  g_autoptr(BipeAssembly) self = g_object_new (BIPE_TYPE_ASSEMBLY, NULL);
  gboolean is_review = g_str_equal (bipe_settings_get_text (settings, "queue-mode"), "review");

  self->settings = settings;
  self->uses_keyring = uses_keyring;
  if (!open_data_dir (self, error) || !open_registry (self, error) || !make_store (self, error)
      || !open_journal (self, error) || !make_speech (self, error))
    return NULL;
  self->events = bipe_events_new ();
  self->station = bipe_station_new (bipe_settings_get_text (settings, "station"), is_review,
                                    self->journal, self->store, self->events, bipe_clock_system ());
  make_server (self);
  return g_steal_pointer (&self);
}

BipeReach *
bipe_assembly_listen (BipeAssembly *self, const BipeReachWish *wish)
{
  const BipeReachWish usual = {
    .listen = (char *)bipe_settings_get_text (self->settings, "listen"),
    .tls = (char *)bipe_settings_get_text (self->settings, "tls"),
    .port = (guint16)bipe_settings_get_integer (self->settings, "port"),
  };
  g_autoptr(GError) error = NULL;
  BipeReach *reach;

  if (wish == NULL)
    wish = &usual;
  bipe_server_listen (self->server, wish, &error);
  bipe_data_dir_set_address (self->data_dir, bipe_server_get_address (self->server));
  reach = bipe_server_dup_reach (self->server);
  if (error == NULL)
    return reach;
  reach->problem = g_strdup (error->message);
  reach->code = error->domain == BIPE_ERROR ? error->code : BIPE_ERROR_FAILED;
  if (reach->code == BIPE_ERROR_IN_USE)
    reach->free_port = bipe_entrance_find_free_port (wish);
  return reach;
}

/* What is asked of the store's databases, on its way through a thread: they may be slow. */
typedef struct
{
  BipeStationWish *wish;
  char *data_dir;
  BipeStoreChoice *present;
  BipeStorePlace place; /* its strings are the two above */
} Enquiry;

static void
enquiry_free (gpointer data)
{
  Enquiry *enquiry = data;

  bipe_store_choice_free (enquiry->present);
  bipe_station_wish_free (enquiry->wish);
  g_free (enquiry->data_dir);
  g_free (enquiry);
}

static Enquiry *
enquiry_new (BipeAssembly *self, const BipeStationWish *wish)
{
  Enquiry *enquiry = g_new0 (Enquiry, 1);

  enquiry->wish = bipe_station_wish_copy (wish);
  enquiry->place = get_store_place (self);
  enquiry->place.data_dir = enquiry->data_dir = g_strdup (enquiry->place.data_dir);
  enquiry->place.present = enquiry->present = bipe_store_choice_copy (self->choice);
  return enquiry;
}

static void
moved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  BipeAssembly *self = g_task_get_source_object (task);
  GError *error = NULL;

  self->is_changing = FALSE;
  if (bipe_station_move_finish (BIPE_STATION (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  BipeAssembly *self = BIPE_ASSEMBLY (source);
  const Enquiry *enquiry = g_task_get_task_data (G_TASK (result));
  const char *name = enquiry->wish->name;
  GError *error = NULL;
  g_autoptr(BipeStoreChoice) choice = g_task_propagate_pointer (G_TASK (result), &error);

  self->is_changing = FALSE;
  if (choice == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  bipe_station_set_name (self->station, name[0] != '\0' ? name : g_get_host_name ());
  bipe_station_set_review (self->station, enquiry->wish->is_review);
  if (bipe_store_choice_equal (choice, self->choice))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  self->is_changing = TRUE;
  g_clear_pointer (&self->choice, bipe_store_choice_free);
  self->choice = g_steal_pointer (&choice);
  bipe_station_move_async (self->station, g_steal_pointer (&self->choice->target), moved_cb,
                           g_steal_pointer (&task));
}

static void
choose_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Enquiry *enquiry = data;
  GError *error = NULL;
  BipeStoreChoice *choice = bipe_store_choice_new (enquiry->wish, &enquiry->place, &error);

  if (choice != NULL)
    g_task_return_pointer (task, choice, (GDestroyNotify)bipe_store_choice_free);
  else
    g_task_return_error (task, error);
}

static gboolean
check_name (const char *name, GError **error)
{
  if (g_utf8_validate (name, -1, NULL) && g_utf8_strlen (name, -1) <= NAME_MAX_LENGTH)
    return TRUE;
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_SETTING,
               _ ("the station’s name may have %d characters at most"), NAME_MAX_LENGTH);
  return FALSE;
}

void
bipe_assembly_change_async (BipeAssembly *self,
                            const BipeStationWish *wish,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr(GTask) choosing = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, bipe_assembly_change_async);
  if (self->is_changing)
    error = g_error_new (BIPE_ERROR, BIPE_ERROR_CONFLICT,
                         _ ("the station is just being changed, try again in a moment"));
  if (error != NULL || !check_name (wish->name, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  self->is_changing = TRUE;
  choosing = g_task_new (self, NULL, chosen_cb, g_steal_pointer (&task));
  g_task_set_source_tag (choosing, choose_thread);
  g_task_set_task_data (choosing, enquiry_new (self, wish), enquiry_free);
  g_task_run_in_thread (choosing, choose_thread);
}

gboolean
bipe_assembly_change_finish (BipeAssembly *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
probe_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Enquiry *enquiry = data;
  GError *error = NULL;
  char *found = bipe_store_choice_probe (enquiry->wish, &enquiry->place, cancellable, &error);

  if (found != NULL)
    g_task_return_pointer (task, found, g_free);
  else
    g_task_return_error (task, error);
}

void
bipe_assembly_probe_async (BipeAssembly *self,
                           const BipeStationWish *wish,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, bipe_assembly_probe_async);
  g_task_set_task_data (task, enquiry_new (self, wish), enquiry_free);
  g_task_run_in_thread (task, probe_thread);
}

char *
bipe_assembly_probe_finish (BipeAssembly *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

BipeStation *
bipe_assembly_get_station (BipeAssembly *self)
{
  return self->station;
}

BipeRegistry *
bipe_assembly_get_registry (BipeAssembly *self)
{
  return self->registry;
}

BipePairing *
bipe_assembly_get_pairing (BipeAssembly *self)
{
  return self->pairing;
}

BipePresence *
bipe_assembly_get_presence (BipeAssembly *self)
{
  return self->presence;
}

BipeOrigins *
bipe_assembly_get_origins (BipeAssembly *self)
{
  return self->origins;
}
