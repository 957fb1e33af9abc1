#include "config.h"

#include "app/rights-dialog.h"

#include "app/format.h"
#include "app/scope-list.h"

struct _BipeRightsDialog
{
  AdwWindow parent_instance;

  AdwWindowTitle *heading;
  BipeScopeList *scopes;
};

static guint chosen_signal;

G_DEFINE_FINAL_TYPE (BipeRightsDialog, bipe_rights_dialog, ADW_TYPE_WINDOW)

/* Without any right a token would be good for nothing; that is what revoking is for. */
static void
scopes_changed_cb (BipeRightsDialog *self)
{
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "rights.apply",
                                 bipe_scope_list_get_scopes (self->scopes) != 0);
}

static void
apply_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeRightsDialog *self = BIPE_RIGHTS_DIALOG (widget);

  g_signal_emit (self, chosen_signal, 0, bipe_scope_list_get_scopes (self->scopes));
  gtk_window_close (GTK_WINDOW (self));
}

static void
bipe_rights_dialog_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), BIPE_TYPE_RIGHTS_DIALOG);
  G_OBJECT_CLASS (bipe_rights_dialog_parent_class)->dispose (object);
}

static void
bipe_rights_dialog_class_init (BipeRightsDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = bipe_rights_dialog_dispose;

  chosen_signal = g_signal_new ("chosen", BIPE_TYPE_RIGHTS_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_UINT);

  g_type_ensure (BIPE_TYPE_SCOPE_LIST);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/bipe/Bipe/rights-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, BipeRightsDialog, heading);
  gtk_widget_class_bind_template_child (widget_class, BipeRightsDialog, scopes);
  gtk_widget_class_bind_template_callback (widget_class, scopes_changed_cb);
  gtk_widget_class_install_action (widget_class, "rights.apply", NULL, apply_action_cb);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
}

static void
bipe_rights_dialog_init (BipeRightsDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

BipeRightsDialog *
bipe_rights_dialog_new (GtkWindow *parent, const char *name, guint scopes)
{
  BipeRightsDialog *self = g_object_new (BIPE_TYPE_RIGHTS_DIALOG, "transient-for", parent, NULL);
  g_autofree char *shown = bipe_format_code (name, -1);

  adw_window_title_set_subtitle (self->heading, shown);
  bipe_scope_list_set_scopes (self->scopes, scopes);
  scopes_changed_cb (self);
  return self;
}
