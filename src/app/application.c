/* application.c: opens the window at once, has the engine started beside it, and hands the one to
 * the other. At the end the window goes first, so that nothing asks an engine that is being taken
 * down. */
#include "config.h"

#include "app/application.h"

#include <glib/gi18n.h>

#include "app/about.h"
#include "app/permissions-dialog.h"
#include "app/saved.h"
#include "app/style.h"
#include "app/window-keeper.h"
#include "app/window.h"
#include "base/data-dir.h"
#include "base/error.h"
#include "base/sandbox.h"
#include "base/settings.h"
#include "station/station.h"
#include "ui-resource.h"

/* Pictures that may be opened at once; more than are read. */
#define FILES_MAX 1000

struct _BipeApplication
{
  AdwApplication parent_instance;

  BipeEngineDoor door;
  BipeSettings *settings; /* borrowed */
  gboolean is_started;
  gboolean has_failed; /* and could be started anew */
  GPtrArray *files;    /* GFile: pictures to read once the station runs */
  GSettings *saved;
  BipeAnnouncer *announcer;
  BipeWindowKeeper *keeper;
  BipeWindow *window;
};

G_DEFINE_FINAL_TYPE (BipeApplication, bipe_application, ADW_TYPE_APPLICATION)

void
bipe_services_free (BipeServices *self)
{
  g_clear_pointer (&self->reach, bipe_reach_free);
  g_clear_object (&self->feed);
  g_clear_object (&self->origins);
  g_clear_object (&self->presence);
  g_clear_object (&self->pairing);
  g_clear_object (&self->registry);
  g_clear_object (&self->station);
  g_free (self);
}

static void
read_files (BipeApplication *self)
{
  if (self->files->len > 0)
    bipe_window_read_images (self->window, self->files);
  g_ptr_array_set_size (self->files, 0);
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BipeApplication *self = BIPE_APPLICATION (source);
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeServices) services = g_task_propagate_pointer (G_TASK (result), &error);
  const char *data_dir = bipe_settings_get_text (self->settings, "data-dir");
  g_autofree char *holder = NULL;

  if (self->window == NULL)
    return; /* closed meanwhile */
  if (services != NULL)
    {
      bipe_window_run (self->window, services, &self->door);
      read_files (self);
      return;
    }
  g_warning ("cannot start: %s", error->message);
  self->has_failed = TRUE;
  if (g_error_matches (error, BIPE_ERROR, BIPE_ERROR_LOCKED))
    holder = bipe_data_dir_dup_holder_address (data_dir);
  bipe_window_fail (self->window, error, holder);
}

static void
start_engine (BipeApplication *self)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, started_cb, NULL);

  g_task_set_source_tag (task, start_engine);
  self->is_started = TRUE;
  self->door.start (task, self->door.user_data);
}

/* The saved settings may be others by now. */
static void
try_again_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  BipeApplication *self = user_data;
  g_autoptr(GError) error = NULL;

  if (self->window == NULL || !self->has_failed)
    return;
  self->has_failed = FALSE;
  self->door.stop (self->door.user_data);
  if (self->saved != NULL && !bipe_settings_load_saved (self->settings, self->saved, &error))
    g_warning ("cannot read the settings anew: %s", error->message);
  bipe_window_begin (self->window);
  start_engine (self);
}

static void
about_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  BipeApplication *self = user_data;

  if (self->window != NULL)
    bipe_about_present (self->window, self->settings, self->door.versions);
}

static void
permissions_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  BipeApplication *self = user_data;

  if (self->window != NULL)
    gtk_window_present (GTK_WINDOW (bipe_permissions_dialog_new (GTK_WINDOW (self->window))));
}

static void
quit_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  BipeApplication *self = user_data;

  if (self->window != NULL)
    gtk_window_close (GTK_WINDOW (self->window));
}

static void
bipe_application_startup (GApplication *application)
{
  static const GActionEntry actions[]
      = { { "about", about_cb }, { "quit", quit_cb }, { "try-again", try_again_cb } };
  static const GActionEntry guarded[] = { { "permissions", permissions_cb } };
  static const struct
  {
    const char *action;
    const char *accels[3];
  } keys[] = {
    { "app.quit", { "<Control>q" } },
    { "window.close", { "<Control>w" } },
    { "win.preferences('')", { "<Control>comma" } },
    { "win.search", { "<Control>f" } },
    { "win.shortcuts", { "<Control>question", "<Control>F1" } },
    { "win.read-images", { "<Control>o" } },
    { "win.network", { "<Control><Shift>n" } },
    { "win.pair", { "<Control><Shift>p" } },
    { "scan.release-all", { "<Control><Shift>r" } },
    { "camera.active", { "<Control><Shift>c" } },
    /* Not Control and M: to some scanners that is Enter. */
    { "app.silence", { "<Control><Shift>m" } },
    { "win.page('scan')", { "<Alt>1" } },
    { "win.page('history')", { "<Alt>2" } },
    { "win.page('clients')", { "<Alt>3" } },
    { "win.previous-page", { "<Control>Page_Up" } },
    { "win.next-page", { "<Control>Page_Down" } },
  };
  BipeApplication *self = BIPE_APPLICATION (application);
  g_autoptr(GPropertyAction) silence = NULL;

  /* AdwApplication looks for style.css and the icons in here. */
  bipe_ui_register_resource ();
  G_APPLICATION_CLASS (bipe_application_parent_class)->startup (application);
  self->keeper = bipe_window_keeper_new (application);

  self->saved = bipe_saved_open ();
  self->announcer = bipe_announcer_new (self->saved);
  silence = g_property_action_new ("silence", self->announcer, "silent");
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (silence));
  if (self->saved != NULL)
    bipe_style_bind (self->saved);
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  if (bipe_sandbox_is_here ())
    g_action_map_add_action_entries (G_ACTION_MAP (self), guarded, G_N_ELEMENTS (guarded), self);
  if (self->saved != NULL)
    {
      g_autoptr(GAction) sounds = g_settings_create_action (self->saved, "sounds");

      g_action_map_add_action (G_ACTION_MAP (self), sounds);
    }
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), keys[i].action, keys[i].accels);
}

static void
bipe_application_activate (GApplication *application)
{
  BipeApplication *self = BIPE_APPLICATION (application);

  if (self->window == NULL)
    {
      self->window = bipe_window_new (self, self->settings, self->saved);
      g_object_add_weak_pointer (G_OBJECT (self->window), (gpointer *)&self->window);
    }
  gtk_window_present (GTK_WINDOW (self->window));
  if (!self->is_started)
    start_engine (self);
}

static void
bipe_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  BipeApplication *self = BIPE_APPLICATION (application);

  for (int i = 0; i < n_files && self->files->len < FILES_MAX; i++)
    g_ptr_array_add (self->files, g_object_ref (files[i]));
  g_application_activate (application);
  if (bipe_window_get_station (self->window) != NULL)
    read_files (self);
}

static void
bipe_application_shutdown (GApplication *application)
{
  BipeApplication *self = BIPE_APPLICATION (application);

  g_clear_object (&self->keeper);
  if (self->window != NULL)
    {
      g_object_remove_weak_pointer (G_OBJECT (self->window), (gpointer *)&self->window);
      gtk_window_destroy (GTK_WINDOW (g_steal_pointer (&self->window)));
    }
  if (self->is_started)
    self->door.stop (self->door.user_data);
  g_clear_object (&self->announcer);
  g_clear_object (&self->saved);
  G_APPLICATION_CLASS (bipe_application_parent_class)->shutdown (application);
}

static void
bipe_application_finalize (GObject *object)
{
  g_ptr_array_unref (BIPE_APPLICATION (object)->files);
  G_OBJECT_CLASS (bipe_application_parent_class)->finalize (object);
}

static void
bipe_application_class_init (BipeApplicationClass *class)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = bipe_application_finalize;

  application_class->startup = bipe_application_startup;
  application_class->activate = bipe_application_activate;
  application_class->open = bipe_application_open;
  application_class->shutdown = bipe_application_shutdown;
}

static void
bipe_application_init (BipeApplication *self)
{
  self->files = g_ptr_array_new_with_free_func (g_object_unref);
}

BipeApplication *
bipe_application_new (const BipeEngineDoor *door, BipeSettings *settings)
{
  BipeApplication *self = g_object_new (BIPE_TYPE_APPLICATION, "application-id", BIPE_APP_ID,
                                        "flags", G_APPLICATION_HANDLES_OPEN, "resource-base-path",
                                        "/io/github/bipe/Bipe", NULL);

  self->door = *door;
  self->settings = settings;
  return self;
}

BipeAnnouncer *
bipe_application_get_announcer (BipeApplication *self)
{
  return self->announcer;
}
