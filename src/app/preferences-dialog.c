/* preferences-dialog.c: no AdwPreferencesWindow: the search in that of libadwaita 1.2 keeps each
 * group for good, which then outlives its page, and with it the bindings that look at the page. */
#include "config.h"

#include "app/preferences-dialog.h"

#include "app/camera-page.h"
#include "app/choice-row.h"
#include "app/database-page.h"
#include "app/server-page.h"
#include "app/station-page.h"
#include "app/voice-page.h"

struct _BipePreferencesDialog
{
  AdwWindow parent_instance;

  AdwViewStack *pages;
};

G_DEFINE_FINAL_TYPE (BipePreferencesDialog, bipe_preferences_dialog, ADW_TYPE_WINDOW)

/* The window's verbs, which a dialog of its own does not have. */
static void
forward_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  static const struct
  {
    const char *action;
    const char *verb;
  } verbs[] = {
    { "preferences.network", "win.network" },
    { "preferences.pair", "win.pair" },
    { "preferences.release-all", "scan.release-all" },
    { "preferences.symbologies", "win.symbologies" },
  };
  GtkWidget *parent = GTK_WIDGET (gtk_window_get_transient_for (GTK_WINDOW (widget)));

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (g_str_equal (action, verbs[i].action))
      gtk_widget_activate_action (parent, verbs[i].verb, NULL);
}

static void
bipe_preferences_dialog_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), BIPE_TYPE_PREFERENCES_DIALOG);
  G_OBJECT_CLASS (bipe_preferences_dialog_parent_class)->dispose (object);
}

static void
bipe_preferences_dialog_class_init (BipePreferencesDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = bipe_preferences_dialog_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/bipe/Bipe/preferences-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, BipePreferencesDialog, pages);
  gtk_widget_class_install_action (widget_class, "preferences.network", NULL, forward_cb);
  gtk_widget_class_install_action (widget_class, "preferences.pair", NULL, forward_cb);
  gtk_widget_class_install_action (widget_class, "preferences.release-all", NULL, forward_cb);
  gtk_widget_class_install_action (widget_class, "preferences.symbologies", NULL, forward_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
}

static void
bipe_preferences_dialog_init (BipePreferencesDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
add (BipePreferencesDialog *self, gpointer widget)
{
  AdwPreferencesPage *page = widget;
  AdwViewStackPage *tab = adw_view_stack_add_titled_with_icon (
      self->pages, widget, adw_preferences_page_get_name (page),
      adw_preferences_page_get_title (page), adw_preferences_page_get_icon_name (page));

  adw_view_stack_page_set_use_underline (tab, adw_preferences_page_get_use_underline (page));
}

BipePreferencesDialog *
bipe_preferences_dialog_new (BipeWindow *window, const BipeParts *parts, const char *page)
{
  BipePreferencesDialog *self
      = g_object_new (BIPE_TYPE_PREFERENCES_DIALOG, "transient-for", window, NULL);
  BipeCameraPage *camera = g_object_new (BIPE_TYPE_CAMERA_PAGE, NULL);

  bipe_station_setup_forget_problem (parts->setup);
  add (self,
       g_object_new (BIPE_TYPE_STATION_PAGE, "board", parts->board, "setup", parts->setup, NULL));
  add (self,
       g_object_new (BIPE_TYPE_DATABASE_PAGE, "board", parts->board, "setup", parts->setup, NULL));
  add (self, g_object_new (BIPE_TYPE_SERVER_PAGE, "network", parts->network, NULL));
  add (self, camera);
  bipe_camera_page_run (camera, parts->camera, parts->settings);
  add (self, bipe_voice_page_new (parts->saved, parts->announcer));
  if (page[0] != '\0')
    adw_view_stack_set_visible_child_name (self->pages, page);
  return self;
}
