/* shortcuts-dialog.c: no GtkShortcutsWindow, which is wider than a phone. The list is in
 * ui/shortcuts-dialog.ui. */
#include "config.h"

#include "app/shortcuts-dialog.h"

struct _BipeShortcutsDialog
{
  AdwWindow parent_instance;
};

G_DEFINE_FINAL_TYPE (BipeShortcutsDialog, bipe_shortcuts_dialog, ADW_TYPE_WINDOW)

/* GTK 4.8 has “Page_Up” on a key where it is not translated. */
static void
name_keys (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_has_css_class (widget, "keycap"))
    {
      g_autofree char *name = g_strdup (gtk_label_get_label (GTK_LABEL (widget)));

      gtk_label_set_label (GTK_LABEL (widget), g_strdelimit (name, "_", ' '));
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    name_keys (child);
}

static void
bipe_shortcuts_dialog_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), BIPE_TYPE_SHORTCUTS_DIALOG);
  G_OBJECT_CLASS (bipe_shortcuts_dialog_parent_class)->dispose (object);
}

static void
bipe_shortcuts_dialog_class_init (BipeShortcutsDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = bipe_shortcuts_dialog_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/bipe/Bipe/shortcuts-dialog.ui");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
}

static void
bipe_shortcuts_dialog_init (BipeShortcutsDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  name_keys (GTK_WIDGET (self));
}

BipeShortcutsDialog *
bipe_shortcuts_dialog_new (GtkWindow *parent)
{
  return g_object_new (BIPE_TYPE_SHORTCUTS_DIALOG, "transient-for", parent, NULL);
}
