#include "config.h"

#include "app/server-page.h"

#include "app/format.h"
#include "app/network.h"

struct _BipeServerPage
{
  AdwPreferencesPage parent_instance;

  BipeNetwork *network;
};

enum
{
  PROP_0,
  PROP_NETWORK,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeServerPage, bipe_server_page, ADW_TYPE_PREFERENCES_PAGE)

static char *
escape (GObject *object, const char *text)
{
  return text != NULL ? g_markup_escape_text (text, -1) : NULL;
}

static void
copy_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  const char *fingerprint
      = bipe_network_get_reach (BIPE_SERVER_PAGE (widget)->network)->fingerprint;

  if (fingerprint != NULL)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), fingerprint);
}

static void
bipe_server_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_NETWORK)
    g_value_set_object (value, BIPE_SERVER_PAGE (object)->network);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
bipe_server_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  BipeServerPage *self = BIPE_SERVER_PAGE (object);

  if (id != PROP_NETWORK)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  else if (g_set_object (&self->network, g_value_get_object (value)))
    g_object_notify_by_pspec (object, pspec);
}

static void
bipe_server_page_dispose (GObject *object)
{
  BipeServerPage *self = BIPE_SERVER_PAGE (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), BIPE_TYPE_SERVER_PAGE);
  g_clear_object (&self->network);
  G_OBJECT_CLASS (bipe_server_page_parent_class)->dispose (object);
}

static void
bipe_server_page_class_init (BipeServerPageClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = bipe_server_page_get_property;
  object_class->set_property = bipe_server_page_set_property;
  object_class->dispose = bipe_server_page_dispose;

  properties[PROP_NETWORK]
      = g_param_spec_object ("network", NULL, NULL, BIPE_TYPE_NETWORK,
                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/bipe/Bipe/server-page.ui");
  gtk_widget_class_bind_template_callback (widget_class, escape);
  bipe_format_bind (widget_class);
  gtk_widget_class_install_action (widget_class, "server.copy-fingerprint", NULL, copy_action_cb);
}

static void
bipe_server_page_init (BipeServerPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
