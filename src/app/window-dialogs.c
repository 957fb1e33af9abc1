/* window-dialogs.c: a dialog stands above the one that led to it. */
#include "config.h"

#include "app/window-dialogs.h"

#include <glib/gi18n.h>

#include "app/network-dialog.h"
#include "app/pairing-dialog.h"
#include "app/preferences-dialog.h"
#include "app/shortcuts-dialog.h"
#include "app/symbology-dialog.h"
#include "app/unread-dialog.h"
#include "app/window.h"
#include "base/settings.h"

static GtkWindow *
get_active (GtkWidget *window)
{
  GtkWindow *active
      = gtk_application_get_active_window (gtk_window_get_application (GTK_WINDOW (window)));

  return active != NULL ? active : GTK_WINDOW (window);
}

static void
network_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeParts parts;

  bipe_window_get_parts (BIPE_WINDOW (widget), &parts);
  gtk_window_present (GTK_WINDOW (bipe_network_dialog_new (get_active (widget), parts.network)));
}

static void
pair_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeParts parts;
  gint64 days;

  bipe_window_get_parts (BIPE_WINDOW (widget), &parts);
  days = bipe_settings_get_integer (parts.settings, "token-days");
  gtk_window_present (GTK_WINDOW (
      bipe_pairing_dialog_new (get_active (widget), parts.pairing, parts.network, days)));
}

static void
preferences_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeParts parts;

  bipe_window_get_parts (BIPE_WINDOW (widget), &parts);
  gtk_window_present (GTK_WINDOW (bipe_preferences_dialog_new (
      BIPE_WINDOW (widget), &parts, g_variant_get_string (parameter, NULL))));
}

static void
shortcuts_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gtk_window_present (GTK_WINDOW (bipe_shortcuts_dialog_new (get_active (widget))));
}

static void
symbologies_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeParts parts;

  bipe_window_get_parts (BIPE_WINDOW (widget), &parts);
  gtk_window_present (GTK_WINDOW (bipe_symbology_dialog_new (get_active (widget), parts.camera)));
}

static void
show_unread_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_autoptr(GListModel) unread = NULL;
  BipeParts parts;

  bipe_window_get_parts (BIPE_WINDOW (widget), &parts);
  g_object_get (parts.board, "unread", &unread, NULL);
  gtk_window_present (GTK_WINDOW (bipe_unread_dialog_new (get_active (widget), unread)));
}

/* --- Where the station can't start --------------------------------------------------------- */

static void
try_again (GtkWidget *window)
{
  gtk_widget_activate_action (window, "app.try-again", NULL);
}

static void
folder_cb (GtkWidget *window, int response, GtkNativeDialog *chooser)
{
  g_autoptr(GtkNativeDialog) finished = chooser;
  g_autoptr(GFile) folder = NULL;
  BipeParts parts;

  if (response != GTK_RESPONSE_ACCEPT)
    return;
  folder = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (finished));
  if (folder == NULL || g_file_peek_path (folder) == NULL)
    return;
  bipe_window_get_parts (BIPE_WINDOW (window), &parts);
  g_settings_set_string (parts.saved, "data-dir", g_file_peek_path (folder));
  try_again (window);
}

static void
choose_folder_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GtkFileChooserNative *chooser
      = gtk_file_chooser_native_new (_ ("Folder of the Station"), GTK_WINDOW (widget),
                                     GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, NULL, NULL);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  g_signal_connect_object (chooser, "response", G_CALLBACK (folder_cb), widget, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
store_here_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeParts parts;

  bipe_window_get_parts (BIPE_WINDOW (widget), &parts);
  g_settings_set_string (parts.saved, "database-url", "");
  try_again (widget);
}

void
bipe_window_dialogs_install (GtkWidgetClass *class)
{
  gtk_widget_class_install_action (class, "failure.choose-folder", NULL, choose_folder_cb);
  gtk_widget_class_install_action (class, "failure.store-here", NULL, store_here_cb);
  gtk_widget_class_install_action (class, "unread.show", NULL, show_unread_cb);
  gtk_widget_class_install_action (class, "win.network", NULL, network_cb);
  gtk_widget_class_install_action (class, "win.pair", NULL, pair_cb);
  gtk_widget_class_install_action (class, "win.preferences", "s", preferences_cb);
  gtk_widget_class_install_action (class, "win.shortcuts", NULL, shortcuts_cb);
  gtk_widget_class_install_action (class, "win.symbologies", NULL, symbologies_cb);
}
