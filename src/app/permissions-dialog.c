/* permissions-dialog.c: a group for each thing that is guarded. What the desktop's portals guard is
 * theirs to tell; the rest Flatpak says in a file. */
#include "config.h"

#include "app/permissions-dialog.h"

#include <glib/gi18n.h>

#include "base/sandbox.h"

struct _BipePermissionsDialog
{
  AdwWindow parent_instance;

  AdwPreferencesPage *page;
};

G_DEFINE_FINAL_TYPE (BipePermissionsDialog, bipe_permissions_dialog, ADW_TYPE_WINDOW)

#define OVERRIDE "flatpak override --user "

/* With a @kind the command is shown only where @name is not allowed yet. */
static const struct
{
  const char *title;
  const char *text;
  const char *kind;
  const char *name;
  const char *command;
} permissions[] = {
  { N_ ("Camera"),
    N_ ("The system asks when the camera is first used. If the answer was no, allow it in the "
        "system’s settings; or, on any desktop, with this command."),
    NULL, NULL, "flatpak permission-set devices camera " BIPE_APP_ID " yes" },
  { N_ ("Network"), N_ ("Others reach the station’s server, and the station its database."),
    "shared", "network", OVERRIDE "--share=network " BIPE_APP_ID },
  { N_ ("Sound"), N_ ("The station beeps and speaks."), "sockets", "pulseaudio",
    OVERRIDE "--socket=pulseaudio " BIPE_APP_ID },
  { N_ ("Passwords and Keys"),
    N_ ("They are encrypted with a key from the desktop’s keyring. Where it keeps none for "
        "programs in a sandbox, they lie in a file that only you can read."),
    NULL, NULL, NULL },
  { N_ ("Database on This Computer"),
    N_ ("PostgreSQL is reached over the network, at localhost, without more. Through its socket, "
        "with ?host=/run/postgresql at the end of its address, it needs this permission."),
    "filesystems", "/run/postgresql", OVERRIDE "--filesystem=/run/postgresql " BIPE_APP_ID },
  { N_ ("Files and Folders"),
    N_ ("Pictures that you choose or drop need no permission. A file or folder that a setting "
        "names, such as a certificate, does: put its path in the place of FOLDER."),
    NULL, NULL, OVERRIDE "--filesystem=FOLDER " BIPE_APP_ID },
};

static void
copy_cb (GtkButton *button, gpointer user_data)
{
  const char *command = user_data;

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (button)), command);
  gtk_button_set_icon_name (button, "object-select-symbolic");
}

static GtkWidget *
make_command (const char *command)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *copy = gtk_button_new_from_icon_name ("edit-copy-symbolic");

  gtk_widget_set_valign (copy, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (copy, "flat");
  gtk_widget_set_tooltip_text (copy, _ ("Copy the Command"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (copy), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Copy the command"), -1);
  g_signal_connect (copy, "clicked", G_CALLBACK (copy_cb), (gpointer)command);
  gtk_widget_add_css_class (row, "command");
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), command);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), copy);
  return row;
}

static GtkWidget *
make_state (gboolean is_allowed)
{
  GtkWidget *label = gtk_label_new (is_allowed ? _ ("Allowed") : _ ("Not allowed"));

  gtk_widget_add_css_class (label, is_allowed ? "success" : "warning");
  gtk_widget_set_valign (label, GTK_ALIGN_START);
  gtk_widget_set_margin_start (label, 12);
  return label;
}

static void
add_permission (BipePermissionsDialog *self, guint i)
{
  GtkWidget *group = adw_preferences_group_new ();
  gboolean is_allowed = FALSE;

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ (permissions[i].title));
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group), _ (permissions[i].text));
  if (permissions[i].kind != NULL)
    {
      is_allowed
          = bipe_sandbox_allows (BIPE_SANDBOX_FILE, permissions[i].kind, permissions[i].name);
      adw_preferences_group_set_header_suffix (ADW_PREFERENCES_GROUP (group),
                                               make_state (is_allowed));
    }
  if (permissions[i].command != NULL && !is_allowed)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                               make_command (permissions[i].command));
  adw_preferences_page_add (self->page, ADW_PREFERENCES_GROUP (group));
}

static void
bipe_permissions_dialog_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), BIPE_TYPE_PERMISSIONS_DIALOG);
  G_OBJECT_CLASS (bipe_permissions_dialog_parent_class)->dispose (object);
}

static void
bipe_permissions_dialog_class_init (BipePermissionsDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = bipe_permissions_dialog_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/bipe/Bipe/permissions-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, BipePermissionsDialog, page);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
}

static void
bipe_permissions_dialog_init (BipePermissionsDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < G_N_ELEMENTS (permissions); i++)
    add_permission (self, i);
}

BipePermissionsDialog *
bipe_permissions_dialog_new (GtkWindow *parent)
{
  return g_object_new (BIPE_TYPE_PERMISSIONS_DIALOG, "transient-for", parent, NULL);
}
