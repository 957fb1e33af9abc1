/* network-dialog.c: the controls hold a wish, which counts once it is applied; what there is, and
 * what would be, is said in words. */
#include "config.h"

#include "app/network-dialog.h"

#include <glib/gi18n.h>

#include "app/choice-row.h"
#include "app/fixed.h"
#include "app/format.h"
#include "app/reach-words.h"

#define THIS_COMPUTER "127.0.0.1,::1"

/* As the template lists them. */
static const char *const encryptions[] = { "auto", "on", "off" };

struct _BipeNetworkDialog
{
  AdwWindow parent_instance;

  BipeNetwork *network;
  char *preview;
  gboolean will_expose; /* what goes over the network, not encrypted */
  gboolean is_loading;  /* the controls are being set */

  GtkCheckButton *circles[BIPE_CIRCLE_NOBODY + 1];
  GtkEditable *addresses;
  AdwComboRow *encryption;
  GtkSpinButton *port;
  GtkWidget *addresses_row;
};

static const char *const circle_names[]
    = { "circle_computer", "circle_network", "circle_addresses", "circle_nobody" };

enum
{
  PROP_0,
  PROP_NETWORK,
  PROP_PREVIEW,
  PROP_WILL_EXPOSE,
  PROP_ENCRYPTION_NOTE,
  PROP_CERTIFICATE,
  PROP_LISTEN_FIXED,
  PROP_TLS_FIXED,
  PROP_PORT_FIXED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeNetworkDialog, bipe_network_dialog, ADW_TYPE_WINDOW)

static char *
choose_icon (GObject *object, gboolean is_open, gboolean is_exposed)
{
  if (is_exposed)
    return g_strdup ("channel-insecure-symbolic");
  return g_strdup (is_open ? "channel-secure-symbolic" : "computer-symbolic");
}

static char **
choose_preview_classes (GObject *object, gboolean will_expose)
{
  return g_strsplit (will_expose ? "exposed" : "", " ", -1);
}

static char *
escape (GObject *object, const char *text)
{
  return text != NULL ? g_markup_escape_text (text, -1) : NULL;
}

static char *
format_free_port (GObject *object, guint port)
{
  return g_strdup_printf (_ ("Use Port %u"), port);
}

static gboolean
can_use_free_port (GObject *object, guint port, const char *fixed)
{
  return port > 0 && fixed == NULL;
}

static char *
format_fixed (GObject *object, const char *fixed)
{
  return bipe_fixed_describe (fixed);
}

static char *
choose_encryption_note (GObject *object, const char *note, const char *fixed)
{
  return fixed != NULL ? bipe_fixed_describe (fixed) : g_strdup (note);
}

static char *
describe_port (GObject *object, const char *fixed)
{
  return fixed != NULL ? bipe_fixed_describe (fixed) : g_strdup (_ ("The same for all addresses"));
}

static gboolean
is_free (GObject *object, const char *fixed)
{
  return fixed == NULL;
}

static BipeCircle
get_circle (BipeNetworkDialog *self)
{
  guint circle = 0;

  while (circle < BIPE_CIRCLE_NOBODY && !gtk_check_button_get_active (self->circles[circle]))
    circle++;
  return (BipeCircle)circle;
}

/* What was wished before stays as it is where the controls say the same of it. */
static char *
read_listen (BipeNetworkDialog *self)
{
  const char *now = bipe_network_get_wish (self->network)->listen;
  g_autofree char *others = bipe_circle_list_others (now);
  g_autofree char *typed = g_strstrip (g_strdup (gtk_editable_get_text (self->addresses)));
  BipeCircle circle = get_circle (self);

  if (circle == bipe_circle_of (now)
      && (circle != BIPE_CIRCLE_ADDRESSES || g_str_equal (others, typed)))
    return g_strdup (now);
  switch (circle)
    {
    case BIPE_CIRCLE_NETWORK:
      return g_strdup ("lan");
    case BIPE_CIRCLE_NOBODY:
      return g_strdup ("none");
    case BIPE_CIRCLE_ADDRESSES:
      return g_strconcat (typed, "," THIS_COMPUTER, NULL);
    case BIPE_CIRCLE_COMPUTER:
    default:
      return g_strdup (THIS_COMPUTER);
    }
}

static const char *
read_encryption (BipeNetworkDialog *self)
{
  guint selected = self->encryption != NULL ? adw_combo_row_get_selected (self->encryption) : 0;

  return encryptions[MIN (selected, G_N_ELEMENTS (encryptions) - 1)];
}

static guint16
read_port (BipeNetworkDialog *self)
{
  return (guint16)gtk_spin_button_get_value_as_int (self->port);
}

static gboolean
is_valid (BipeNetworkDialog *self)
{
  return get_circle (self) != BIPE_CIRCLE_ADDRESSES
         || bipe_circle_check_addresses (gtk_editable_get_text (self->addresses));
}

static gboolean
is_changed (BipeNetworkDialog *self, const char *listen)
{
  const BipeReachWish *now = bipe_network_get_wish (self->network);

  return !g_str_equal (now->listen, listen) || !g_str_equal (now->tls, read_encryption (self))
         || bipe_network_get_port (self->network) != read_port (self)
         || bipe_network_get_reach (self->network)->problem != NULL;
}

static gboolean
will_encrypt (BipeNetworkDialog *self, gboolean will_be_open)
{
  const char *encryption = read_encryption (self);

  return g_str_equal (encryption, "on") || (g_str_equal (encryption, "auto") && will_be_open);
}

static void
update (BipeNetworkDialog *self)
{
  g_autofree char *listen = NULL;
  BipeCircle circle = get_circle (self);
  gboolean will_be_open = circle == BIPE_CIRCLE_NETWORK || circle == BIPE_CIRCLE_ADDRESSES;
  gboolean is_applying;

  if (self->is_loading || self->network == NULL)
    return;
  listen = read_listen (self);
  g_object_get (self->network, "is-applying", &is_applying, NULL);
  gtk_widget_set_visible (self->addresses_row, circle == BIPE_CIRCLE_ADDRESSES);
  if (is_valid (self))
    gtk_widget_remove_css_class (self->addresses_row, "error");
  else
    gtk_widget_add_css_class (self->addresses_row, "error");
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "network.apply",
                                 is_valid (self) && is_changed (self, listen) && !is_applying);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "network.use-free-port", !is_applying);

  g_free (self->preview);
  self->preview = NULL;
  if (is_valid (self) && is_changed (self, listen))
    self->preview = bipe_circle_describe (listen, will_encrypt (self, will_be_open),
                                          bipe_network_needs_token (self->network, listen));
  self->will_expose = will_be_open && !will_encrypt (self, will_be_open);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ENCRYPTION_NOTE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WILL_EXPOSE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PREVIEW]);
}

static void
changed_cb (BipeNetworkDialog *self)
{
  update (self);
}

/* The controls as what there is. */
static void
load (BipeNetworkDialog *self)
{
  const BipeReachWish *now = bipe_network_get_wish (self->network);
  g_autofree char *others = bipe_circle_list_others (now->listen);
  guint16 port = bipe_network_get_port (self->network);
  guint encryption = 0;

  self->is_loading = TRUE;
  while (encryption < 2 && !g_str_equal (encryptions[encryption], now->tls))
    encryption++;
  gtk_check_button_set_active (self->circles[bipe_circle_of (now->listen)], TRUE);
  if (bipe_circle_of (now->listen) == BIPE_CIRCLE_ADDRESSES)
    gtk_editable_set_text (self->addresses, others);
  adw_combo_row_set_selected (self->encryption, encryption);
  gtk_spin_button_set_value (self->port, port);
  self->is_loading = FALSE;
  update (self);
}

static void
network_changed_cb (BipeNetworkDialog *self)
{
  if (bipe_network_get_reach (self->network)->problem == NULL)
    load (self);
  else
    update (self);
}

static void
apply_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeNetworkDialog *self = BIPE_NETWORK_DIALOG (widget);
  g_autofree char *listen = read_listen (self);
  BipeReachWish wish = {
    .listen = listen,
    .tls = (char *)read_encryption (self),
    .port = read_port (self),
  };

  bipe_network_apply (self->network, &wish);
}

static void
use_free_port_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeNetworkDialog *self = BIPE_NETWORK_DIALOG (widget);

  gtk_spin_button_set_value (self->port, bipe_network_get_reach (self->network)->free_port);
  apply_action_cb (widget, action, NULL);
}

static void
copy_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  const char *fingerprint
      = bipe_network_get_reach (BIPE_NETWORK_DIALOG (widget)->network)->fingerprint;

  if (fingerprint != NULL)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), fingerprint);
}

static const char *
describe_encryption (BipeNetworkDialog *self)
{
  if (g_str_equal (read_encryption (self), "auto"))
    return _ ("As soon as other devices can reach the station");
  if (g_str_equal (read_encryption (self), "on"))
    return _ ("Also while only this computer can");
  return _ ("Anybody on the network can read scans and tokens, and no device can be paired");
}

static const char *
get_fixed (BipeNetworkDialog *self, const char *setting)
{
  return self->network != NULL ? bipe_network_get_fixed_by (self->network, setting) : NULL;
}

static void
bipe_network_dialog_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipeNetworkDialog *self = BIPE_NETWORK_DIALOG (object);

  switch (id)
    {
    case PROP_NETWORK:
      g_value_set_object (value, self->network);
      break;
    case PROP_PREVIEW:
      g_value_set_string (value, self->preview);
      break;
    case PROP_WILL_EXPOSE:
      g_value_set_boolean (value, self->will_expose);
      break;
    case PROP_ENCRYPTION_NOTE:
      g_value_set_string (value, describe_encryption (self));
      break;
    case PROP_CERTIFICATE:
      if (self->network != NULL)
        g_value_set_string (value, bipe_network_get_certificate (self->network));
      break;
    case PROP_LISTEN_FIXED:
      g_value_set_string (value, get_fixed (self, "listen"));
      break;
    case PROP_TLS_FIXED:
      g_value_set_string (value, get_fixed (self, "tls"));
      break;
    case PROP_PORT_FIXED:
      g_value_set_string (value, get_fixed (self, "port"));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_network_dialog_dispose (GObject *object)
{
  BipeNetworkDialog *self = BIPE_NETWORK_DIALOG (object);

  self->is_loading = TRUE;
  gtk_widget_dispose_template (GTK_WIDGET (self), BIPE_TYPE_NETWORK_DIALOG);
  g_clear_object (&self->network);
  G_OBJECT_CLASS (bipe_network_dialog_parent_class)->dispose (object);
}

static void
bipe_network_dialog_finalize (GObject *object)
{
  g_free (BIPE_NETWORK_DIALOG (object)->preview);
  G_OBJECT_CLASS (bipe_network_dialog_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  g_type_ensure (BIPE_TYPE_CHOICE_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/bipe/Bipe/network-dialog.ui");
  for (guint i = 0; i < G_N_ELEMENTS (circle_names); i++)
    gtk_widget_class_bind_template_child_full (
        widget_class, circle_names[i], FALSE,
        (gssize)(G_STRUCT_OFFSET (BipeNetworkDialog, circles) + i * sizeof (GtkCheckButton *)));
  gtk_widget_class_bind_template_child (widget_class, BipeNetworkDialog, addresses);
  gtk_widget_class_bind_template_child (widget_class, BipeNetworkDialog, encryption);
  gtk_widget_class_bind_template_child (widget_class, BipeNetworkDialog, port);
  gtk_widget_class_bind_template_callback (widget_class, can_use_free_port);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_icon);
  gtk_widget_class_bind_template_callback (widget_class, choose_preview_classes);
  gtk_widget_class_bind_template_callback (widget_class, choose_encryption_note);
  gtk_widget_class_bind_template_callback (widget_class, describe_port);
  gtk_widget_class_bind_template_callback (widget_class, escape);
  gtk_widget_class_bind_template_callback (widget_class, format_fixed);
  gtk_widget_class_bind_template_callback (widget_class, format_free_port);
  gtk_widget_class_bind_template_callback (widget_class, is_free);
  bipe_format_bind (widget_class);
}

static void
bipe_network_dialog_class_init (BipeNetworkDialogClass *class)
{
  static const struct
  {
    guint property;
    const char *name;
  } texts[] = {
    { PROP_PREVIEW, "preview" },
    { PROP_CERTIFICATE, "certificate" },
    { PROP_ENCRYPTION_NOTE, "encryption-note" },
    { PROP_LISTEN_FIXED, "listen-fixed" },
    { PROP_TLS_FIXED, "tls-fixed" },
    { PROP_PORT_FIXED, "port-fixed" },
  };
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = bipe_network_dialog_get_property;
  object_class->dispose = bipe_network_dialog_dispose;
  object_class->finalize = bipe_network_dialog_finalize;

  properties[PROP_NETWORK] = g_param_spec_object ("network", NULL, NULL, BIPE_TYPE_NETWORK, flags);
  properties[PROP_WILL_EXPOSE] = g_param_spec_boolean ("will-expose", NULL, NULL, FALSE, flags);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    properties[texts[i].property] = g_param_spec_string (texts[i].name, NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  bind_template (widget_class);
  gtk_widget_class_install_action (widget_class, "network.apply", NULL, apply_action_cb);
  gtk_widget_class_install_action (widget_class, "network.copy-fingerprint", NULL, copy_action_cb);
  gtk_widget_class_install_action (widget_class, "network.use-free-port", NULL,
                                   use_free_port_action_cb);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
}

static void
bipe_network_dialog_init (BipeNetworkDialog *self)
{
  self->is_loading = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  self->addresses_row = GTK_WIDGET (self->addresses);
}

BipeNetworkDialog *
bipe_network_dialog_new (GtkWindow *parent, BipeNetwork *network)
{
  BipeNetworkDialog *self = g_object_new (BIPE_TYPE_NETWORK_DIALOG, "transient-for", parent, NULL);

  self->network = g_object_ref (network);
  for (guint i = PROP_0 + 1; i < N_PROPS; i++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[i]);
  g_signal_connect_object (network, "changed", G_CALLBACK (network_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (network, "notify::is-applying", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  load (self);
  return self;
}
