/* main-app.c: bipe, the window. The engine runs on a thread and main context of its own, so that
 * neither ever waits for the other. */
#include "config.h"

#include <glib-unix.h>
#include <stdio.h>
#include <unistd.h>

#include "app/application.h"
#include "app/saved.h"
#include "assembly.h"
#include "base/error.h"
#include "base/log.h"
#include "base/post.h"
#include "base/settings.h"
#include "startup.h"
#include "station/station.h"
#include "versions.h"

typedef struct
{
  BipeSettings *settings;
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  BipeAssembly *assembly; /* the engine's thread only */
} Engine;

typedef struct
{
  Engine *engine;
  GTask *task;
} Start;

/* What the window asks of the engine, on its way to the engine's thread. */
typedef struct
{
  Engine *engine;
  GTask *task;
  BipeReachWish reach;
  BipeStationWish *station;
} Errand;

/* @wish: (nullable): as the settings say */
static BipeReach *
listen_as (BipeAssembly *assembly, const BipeReachWish *wish)
{
  BipeReach *reach = bipe_assembly_listen (assembly, wish);

  if (reach->problem != NULL)
    g_warning ("%s", reach->problem);
  return reach;
}

static BipeServices *
describe_services (BipeAssembly *assembly)
{
  BipeServices *services = g_new0 (BipeServices, 1);

  services->station = g_object_ref (bipe_assembly_get_station (assembly));
  services->registry = g_object_ref (bipe_assembly_get_registry (assembly));
  services->pairing = g_object_ref (bipe_assembly_get_pairing (assembly));
  services->presence = g_object_ref (bipe_assembly_get_presence (assembly));
  services->origins = g_object_ref (bipe_assembly_get_origins (assembly));
  services->feed = bipe_feed_new (bipe_station_get_events (services->station));
  services->reach = listen_as (assembly, NULL);
  return services;
}

static gpointer
engine_thread (gpointer data)
{
  g_autofree Start *start = data;
  Engine *engine = start->engine;
  g_autoptr(GTask) task = start->task;
  GError *error = NULL;

  g_main_context_push_thread_default (engine->context);
  engine->assembly = bipe_assembly_new (engine->settings, TRUE, &error);
  if (engine->assembly != NULL)
    g_task_return_pointer (task, describe_services (engine->assembly),
                           (GDestroyNotify)bipe_services_free);
  else
    g_task_return_error (task, error);
  g_clear_object (&task);

  g_main_loop_run (engine->loop);
  if (engine->assembly != NULL) /* a change that has not come back holds it, too */
    bipe_assembly_close (engine->assembly);
  g_clear_object (&engine->assembly);
  g_main_context_pop_thread_default (engine->context);
  return NULL;
}

static void
start_engine (GTask *task, gpointer user_data)
{
  Engine *engine = user_data;
  Start *start = g_new (Start, 1);

  start->engine = engine;
  start->task = g_object_ref (task);
  engine->thread = g_thread_new ("engine", engine_thread, start);
}

static void
errand_free (gpointer data)
{
  Errand *errand = data;

  g_free (errand->reach.listen);
  g_free (errand->reach.tls);
  g_clear_pointer (&errand->station, bipe_station_wish_free);
  g_object_unref (errand->task);
  g_free (errand);
}

/* The engine runs, or there would be nobody to ask. */
static void
send_errand (Engine *engine, Errand *errand, GTask *task, GSourceFunc func)
{
  errand->engine = engine;
  errand->task = g_object_ref (task);
  bipe_post (engine->context, func, errand, errand_free);
}

static gboolean
listen_cb (gpointer data)
{
  Errand *errand = data;

  g_task_return_pointer (errand->task, listen_as (errand->engine->assembly, &errand->reach),
                         (GDestroyNotify)bipe_reach_free);
  return G_SOURCE_REMOVE;
}

static void
listen_engine (GTask *task, const BipeReachWish *wish, gpointer user_data)
{
  Errand *errand = g_new0 (Errand, 1);

  errand->reach.listen = g_strdup (wish->listen);
  errand->reach.tls = g_strdup (wish->tls);
  errand->reach.port = wish->port;
  send_errand (user_data, errand, task, listen_cb);
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;

  if (bipe_assembly_change_finish (BIPE_ASSEMBLY (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static gboolean
change_cb (gpointer data)
{
  Errand *errand = data;

  bipe_assembly_change_async (errand->engine->assembly, errand->station, changed_cb,
                              g_object_ref (errand->task));
  return G_SOURCE_REMOVE;
}

static void
change_engine (GTask *task, const BipeStationWish *wish, gpointer user_data)
{
  Errand *errand = g_new0 (Errand, 1);

  errand->station = bipe_station_wish_copy (wish);
  send_errand (user_data, errand, task, change_cb);
}

static void
probed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  char *found = bipe_assembly_probe_finish (BIPE_ASSEMBLY (source), result, &error);

  if (found != NULL)
    g_task_return_pointer (task, found, g_free);
  else
    g_task_return_error (task, error);
}

static gboolean
probe_cb (gpointer data)
{
  Errand *errand = data;

  bipe_assembly_probe_async (errand->engine->assembly, errand->station,
                             g_task_get_cancellable (errand->task), probed_cb,
                             g_object_ref (errand->task));
  return G_SOURCE_REMOVE;
}

static void
probe_engine (GTask *task, const BipeStationWish *wish, gpointer user_data)
{
  Errand *errand = g_new0 (Errand, 1);

  errand->station = bipe_station_wish_copy (wish);
  send_errand (user_data, errand, task, probe_cb);
}

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Engine *engine = user_data;

  bipe_assembly_stop_finish (BIPE_ASSEMBLY (source), result);
  g_main_loop_quit (engine->loop);
}

static gboolean
stop_cb (gpointer data)
{
  Engine *engine = data;

  if (engine->assembly != NULL)
    bipe_assembly_stop_async (engine->assembly, stopped_cb, engine);
  else
    g_main_loop_quit (engine->loop);
  return G_SOURCE_REMOVE;
}

static void
stop_engine (gpointer user_data)
{
  Engine *engine = user_data;
  g_autoptr(GSource) source = g_idle_source_new ();

  if (engine->thread == NULL)
    return;
  g_source_set_callback (source, stop_cb, engine, NULL);
  g_source_attach (source, engine->context);
  g_thread_join (g_steal_pointer (&engine->thread));
}

/* A session that ends asks with SIGTERM. */
static gboolean
quit_cb (gpointer data)
{
  g_application_quit (data);
  return G_SOURCE_CONTINUE;
}

/* The engine has stopped and all is written. What may still run are threads of sound and camera
 * libraries that nobody waits for, and these must not lose their libraries under their feet, as
 * they would if main() returned: OpenAL's destructors end a thread that is opening a device. */
G_NORETURN static void
leave (int status)
{
  fflush (NULL);
  _exit (status);
}

int
main (int argc, char **argv)
{
  g_autoptr(GSettings) saved = bipe_saved_open ();
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeSettings) settings
             = bipe_startup_load_settings (&argc, &argv, NULL, saved, NULL, &error);
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GMainLoop) loop = g_main_loop_new (context, FALSE);
  Engine engine = { .settings = settings, .context = context, .loop = loop };
  g_autofree char *versions = bipe_versions_describe ();
  BipeEngineDoor door = { .start = start_engine,
                          .listen = listen_engine,
                          .change = change_engine,
                          .probe = probe_engine,
                          .stop = stop_engine,
                          .versions = versions,
                          .user_data = &engine };
  g_autoptr(BipeApplication) application = NULL;
  int status;

  if (settings == NULL)
    return bipe_startup_fail (error);
  bipe_log_install (bipe_settings_get_text (settings, "log-level"));
  application = bipe_application_new (&door, settings);
  g_unix_signal_add (SIGTERM, quit_cb, application);
  g_unix_signal_add (SIGINT, quit_cb, application);
  status = g_application_run (G_APPLICATION (application), argc, argv);
  g_clear_object (&application);
  leave (status);
}
