#include "config.h"

#include "app/pairing-dialog.h"

#include "access/scopes.h"
#include "app/choice-row.h"
#include "app/format.h"
#include "app/qr-code.h"
#include "app/scope-list.h"

struct _BipePairingDialog
{
  AdwWindow parent_instance;

  BipePairingSession *session;

  GtkEditable *name;
  BipeScopeList *scopes;
  GtkSpinButton *days;
};

enum
{
  PROP_0,
  PROP_SESSION,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipePairingDialog, bipe_pairing_dialog, ADW_TYPE_WINDOW)

/* "123 456": so they are compared without losing one's place. */
static char *
format_digits (GObject *object, const char *digits)
{
  return digits != NULL ? g_strdup_printf ("%.3s %s", digits, digits + 3) : NULL;
}

static char *
format_asker (GObject *object, const char *name, const char *address)
{
  g_autofree char *shown = bipe_format_code (name, -1);

  return g_strdup_printf ("%s · %s", shown, address);
}

static gboolean
has_choice (GObject *object, guint n_places)
{
  return n_places > 1;
}

static char *
choose_icon (GObject *object, const char *state)
{
  if (g_strcmp0 (state, "done") == 0)
    return g_strdup ("object-select-symbolic");
  return g_strdup (g_strcmp0 (state, "closed") == 0 ? "network-offline-symbolic"
                                                    : "dialog-warning-symbolic");
}

/* The pages of an end differ in their buttons alone. */
static char *
choose_page (GObject *object, const char *state)
{
  gboolean is_end = g_strcmp0 (state, "done") == 0 || g_strcmp0 (state, "closed") == 0
                    || g_strcmp0 (state, "over") == 0;

  return g_strdup (is_end ? "end" : state);
}

/* Titles and descriptions are markup there. */
static char *
escape (GObject *object, const char *text)
{
  return text != NULL ? g_markup_escape_text (text, -1) : NULL;
}

static gboolean
is_state (GObject *object, const char *state, const char *wanted)
{
  return g_strcmp0 (state, wanted) == 0;
}

static void
update_actions (BipePairingDialog *self)
{
  gboolean is_approving;

  if (self->session == NULL)
    return;
  g_object_get (self->session, "is-approving", &is_approving, NULL);
  gtk_widget_action_set_enabled (
      GTK_WIDGET (self), "pairing.allow",
      !is_approving && bipe_scope_list_get_scopes (self->scopes) != 0
          && bipe_grant_check_name (gtk_editable_get_text (self->name), NULL));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "pairing.refuse", !is_approving);
}

static void
changed_cb (BipePairingDialog *self)
{
  update_actions (self);
}

static void
place_cb (AdwComboRow *row, GParamSpec *pspec, gpointer user_data)
{
  BipePairingDialog *self
      = BIPE_PAIRING_DIALOG (gtk_widget_get_ancestor (GTK_WIDGET (row), BIPE_TYPE_PAIRING_DIALOG));

  if (self->session != NULL)
    g_object_set (self->session, "place", adw_combo_row_get_selected (row), NULL);
}

/* Each request starts from what is usual, not from what was chosen for another device. */
static void
state_cb (BipePairingDialog *self)
{
  g_autofree char *state = NULL;
  g_autofree char *asker = NULL;

  g_object_get (self->session, "state", &state, "asker", &asker, NULL);
  if (!g_str_equal (state, "request"))
    return;
  gtk_editable_set_text (self->name, asker);
  bipe_scope_list_set_scopes (self->scopes, BIPE_SCOPE_SCAN | BIPE_SCOPE_READ);
  update_actions (self);
  gtk_window_set_focus (GTK_WINDOW (self), NULL);
}

static void
allow_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipePairingDialog *self = BIPE_PAIRING_DIALOG (widget);

  bipe_pairing_session_approve (self->session, gtk_editable_get_text (self->name),
                                bipe_scope_list_get_scopes (self->scopes),
                                gtk_spin_button_get_value_as_int (self->days));
}

static void
refuse_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  bipe_pairing_session_refuse (BIPE_PAIRING_DIALOG (widget)->session);
}

static void
start_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  bipe_pairing_session_start (BIPE_PAIRING_DIALOG (widget)->session);
}

static void
copy_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_autofree char *link = NULL;

  g_object_get (BIPE_PAIRING_DIALOG (widget)->session, "link", &link, NULL);
  if (link != NULL)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), link);
}

/* This dialog waits below, and goes on by itself once there is a way in. */
static void
network_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (widget));

  /* There may be another dialog between this one and the window, whose verb it is. */
  while (gtk_window_get_transient_for (parent) != NULL)
    parent = gtk_window_get_transient_for (parent);
  gtk_widget_activate_action (GTK_WIDGET (parent), "win.network", NULL);
}

static gboolean
bipe_pairing_dialog_close_request (GtkWindow *window)
{
  bipe_pairing_session_close (BIPE_PAIRING_DIALOG (window)->session);
  return GTK_WINDOW_CLASS (bipe_pairing_dialog_parent_class)->close_request (window);
}

static void
bipe_pairing_dialog_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_SESSION:
      g_value_set_object (value, BIPE_PAIRING_DIALOG (object)->session);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_pairing_dialog_dispose (GObject *object)
{
  BipePairingDialog *self = BIPE_PAIRING_DIALOG (object);

  if (self->session != NULL)
    bipe_pairing_session_close (self->session);
  gtk_widget_dispose_template (GTK_WIDGET (self), BIPE_TYPE_PAIRING_DIALOG);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (bipe_pairing_dialog_parent_class)->dispose (object);
}

static void
bipe_pairing_dialog_class_init (BipePairingDialogClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = bipe_pairing_dialog_get_property;
  object_class->dispose = bipe_pairing_dialog_dispose;
  GTK_WINDOW_CLASS (class)->close_request = bipe_pairing_dialog_close_request;

  properties[PROP_SESSION] = g_param_spec_object ("session", NULL, NULL, BIPE_TYPE_PAIRING_SESSION,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (BIPE_TYPE_CHOICE_ROW);
  g_type_ensure (BIPE_TYPE_QR_CODE);
  g_type_ensure (BIPE_TYPE_SCOPE_LIST);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/bipe/Bipe/pairing-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, BipePairingDialog, name);
  gtk_widget_class_bind_template_child (widget_class, BipePairingDialog, scopes);
  gtk_widget_class_bind_template_child (widget_class, BipePairingDialog, days);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_icon);
  gtk_widget_class_bind_template_callback (widget_class, choose_page);
  gtk_widget_class_bind_template_callback (widget_class, escape);
  gtk_widget_class_bind_template_callback (widget_class, format_asker);
  gtk_widget_class_bind_template_callback (widget_class, format_digits);
  gtk_widget_class_bind_template_callback (widget_class, has_choice);
  gtk_widget_class_bind_template_callback (widget_class, is_state);
  gtk_widget_class_bind_template_callback (widget_class, place_cb);
  bipe_format_bind (widget_class);

  gtk_widget_class_install_action (widget_class, "pairing.allow", NULL, allow_action_cb);
  gtk_widget_class_install_action (widget_class, "pairing.copy", NULL, copy_action_cb);
  gtk_widget_class_install_action (widget_class, "pairing.network", NULL, network_action_cb);
  gtk_widget_class_install_action (widget_class, "pairing.refuse", NULL, refuse_action_cb);
  gtk_widget_class_install_action (widget_class, "pairing.start", NULL, start_action_cb);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
}

static void
bipe_pairing_dialog_init (BipePairingDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

BipePairingDialog *
bipe_pairing_dialog_new (GtkWindow *parent, BipePairing *pairing, BipeNetwork *network, gint64 days)
{
  BipePairingDialog *self = g_object_new (BIPE_TYPE_PAIRING_DIALOG, "transient-for", parent, NULL);

  gtk_spin_button_set_value (self->days, (double)days);
  self->session = bipe_pairing_session_new (pairing, network);
  g_signal_connect_object (self->session, "notify::state", G_CALLBACK (state_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "notify::is-approving", G_CALLBACK (update_actions), self,
                           G_CONNECT_SWAPPED);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SESSION]);
  bipe_pairing_session_start (self->session);
  return self;
}
