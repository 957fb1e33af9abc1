/* clients-page.c: the verbs on a client are the window's actions (client.…, win.pair). */
#include "config.h"

#include "app/clients-page.h"

#include "app/client-list.h"
#include "app/client-row.h"
#include "app/format.h"
#include "app/network.h"
#include "app/template.h"

struct _BipeClientsPage
{
  GtkWidget parent_instance;

  BipeClientList *clients;
  BipeNetwork *network;
  gboolean is_narrow;
};

enum
{
  PROP_0,
  PROP_CLIENTS,
  PROP_NETWORK,
  PROP_NARROW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeClientsPage, bipe_clients_page, GTK_TYPE_WIDGET)

/* Whether anybody looks decides whether anybody is asked. */
static void
update (BipeClientsPage *self)
{
  if (self->clients != NULL)
    bipe_client_list_set_shown (self->clients, gtk_widget_get_mapped (GTK_WIDGET (self)));
}

static void
bipe_clients_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (bipe_clients_page_parent_class)->map (widget);
  update (BIPE_CLIENTS_PAGE (widget));
}

static void
bipe_clients_page_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (bipe_clients_page_parent_class)->unmap (widget);
  update (BIPE_CLIENTS_PAGE (widget));
}

static void
bipe_clients_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipeClientsPage *self = BIPE_CLIENTS_PAGE (object);

  switch (id)
    {
    case PROP_CLIENTS:
      g_value_set_object (value, self->clients);
      break;
    case PROP_NETWORK:
      g_value_set_object (value, self->network);
      break;
    case PROP_NARROW:
      g_value_set_boolean (value, self->is_narrow);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_clients_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  BipeClientsPage *self = BIPE_CLIENTS_PAGE (object);

  switch (id)
    {
    case PROP_CLIENTS:
      if (g_set_object (&self->clients, g_value_get_object (value)))
        {
          update (self);
          g_object_notify_by_pspec (object, pspec);
        }
      break;
    case PROP_NETWORK:
      if (g_set_object (&self->network, g_value_get_object (value)))
        g_object_notify_by_pspec (object, pspec);
      break;
    case PROP_NARROW:
      if (self->is_narrow == g_value_get_boolean (value))
        break;
      self->is_narrow = g_value_get_boolean (value);
      g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_clients_page_dispose (GObject *object)
{
  BipeClientsPage *self = BIPE_CLIENTS_PAGE (object);

  bipe_template_dispose (GTK_WIDGET (object), BIPE_TYPE_CLIENTS_PAGE);
  g_clear_object (&self->network);
  g_clear_object (&self->clients);
  G_OBJECT_CLASS (bipe_clients_page_parent_class)->dispose (object);
}

static void
bipe_clients_page_class_init (BipeClientsPageClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = bipe_clients_page_get_property;
  object_class->set_property = bipe_clients_page_set_property;
  object_class->dispose = bipe_clients_page_dispose;
  widget_class->map = bipe_clients_page_map;
  widget_class->unmap = bipe_clients_page_unmap;

  properties[PROP_CLIENTS]
      = g_param_spec_object ("clients", NULL, NULL, BIPE_TYPE_CLIENT_LIST, flags);
  properties[PROP_NETWORK] = g_param_spec_object ("network", NULL, NULL, BIPE_TYPE_NETWORK, flags);
  properties[PROP_NARROW] = g_param_spec_boolean ("narrow", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (BIPE_TYPE_CLIENT_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/bipe/Bipe/clients-page.ui");
  bipe_format_bind (widget_class);
}

static void
bipe_clients_page_init (BipeClientsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
