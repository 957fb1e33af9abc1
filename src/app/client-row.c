#include "config.h"

#include "app/client-row.h"

#include <string.h>

#include "app/client-item.h"
#include "app/format.h"
#include "app/template.h"

struct _BipeClientRow
{
  GtkWidget parent_instance;

  BipeClientItem *item;
  GSignalGroup *changes; /* of the item */

  GtkMenuButton *menu;
};

enum
{
  PROP_0,
  PROP_ITEM,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeClientRow, bipe_client_row, GTK_TYPE_WIDGET)

static char **
choose_classes (GObject *object, const char *base, gboolean is_over)
{
  g_autofree char *classes = g_strconcat (base, is_over ? " over" : NULL, NULL);

  return g_strsplit (classes, " ", -1);
}

static char **
choose_dot_classes (GObject *object, gboolean is_connected)
{
  return g_strsplit (is_connected ? "state stored" : "state voided", " ", -1);
}

/* What can't be done now is left out of the menu. */
static void
update_actions (BipeClientRow *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  gboolean has_token = FALSE;
  gboolean is_connected = FALSE;
  gboolean is_over = FALSE;

  if (self->item != NULL)
    {
      has_token = bipe_client_item_get_jti (self->item)[0] != '\0';
      g_object_get (self->item, "is-connected", &is_connected, "is-over", &is_over, NULL);
    }
  gtk_widget_action_set_enabled (widget, "row.rename", has_token);
  gtk_widget_action_set_enabled (widget, "row.rights", has_token && !is_over);
  gtk_widget_action_set_enabled (widget, "row.disconnect", is_connected);
  gtk_widget_action_set_enabled (widget, "row.revoke", has_token && !is_over);
  gtk_widget_action_set_enabled (widget, "row.restore", has_token && is_over);
}

/* row.revoke → client.revoke of this row's token. */
static void
verb_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeClientRow *self = BIPE_CLIENT_ROW (widget);
  g_autofree char *verb = g_strdup_printf ("client.%s", strchr (action, '.') + 1);

  gtk_widget_activate_action (widget, verb, "s", bipe_client_item_get_jti (self->item));
}

/* A connection's row means that one, a device's row all that it has. */
static void
disconnect_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeClientRow *self = BIPE_CLIENT_ROW (widget);
  guint64 id = bipe_client_item_get_id (self->item);

  if (id != 0)
    gtk_widget_activate_action (widget, "client.disconnect", "t", id);
  else
    gtk_widget_activate_action (widget, "client.disconnect-device", "s",
                                bipe_client_item_get_jti (self->item));
}

static void
menu_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gtk_menu_button_popup (BIPE_CLIENT_ROW (widget)->menu);
}

/* A menu that is open must not become another client's. */
static void
set_item (BipeClientRow *self, BipeClientItem *item)
{
  if (!g_set_object (&self->item, item))
    return;
  gtk_menu_button_popdown (self->menu);
  g_signal_group_set_target (self->changes, item);
  update_actions (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ITEM]);
}

static void
bipe_client_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      g_value_set_object (value, BIPE_CLIENT_ROW (object)->item);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_client_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      set_item (BIPE_CLIENT_ROW (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_client_row_dispose (GObject *object)
{
  BipeClientRow *self = BIPE_CLIENT_ROW (object);

  g_clear_object (&self->changes);
  bipe_template_dispose (GTK_WIDGET (object), BIPE_TYPE_CLIENT_ROW);
  g_clear_object (&self->item);
  G_OBJECT_CLASS (bipe_client_row_parent_class)->dispose (object);
}

static void
bipe_client_row_class_init (BipeClientRowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = bipe_client_row_get_property;
  object_class->set_property = bipe_client_row_set_property;
  object_class->dispose = bipe_client_row_dispose;

  properties[PROP_ITEM]
      = g_param_spec_object ("item", NULL, NULL, BIPE_TYPE_CLIENT_ITEM,
                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/bipe/Bipe/client-row.ui");
  gtk_widget_class_bind_template_child (widget_class, BipeClientRow, menu);
  gtk_widget_class_bind_template_callback (widget_class, choose_classes);
  gtk_widget_class_bind_template_callback (widget_class, choose_dot_classes);
  bipe_format_bind (widget_class);

  gtk_widget_class_install_action (widget_class, "row.rename", NULL, verb_action_cb);
  gtk_widget_class_install_action (widget_class, "row.rights", NULL, verb_action_cb);
  gtk_widget_class_install_action (widget_class, "row.revoke", NULL, verb_action_cb);
  gtk_widget_class_install_action (widget_class, "row.restore", NULL, verb_action_cb);
  gtk_widget_class_install_action (widget_class, "row.disconnect", NULL, disconnect_action_cb);
  gtk_widget_class_install_action (widget_class, "row.menu", NULL, menu_action_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Menu, 0, "row.menu", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F10, GDK_SHIFT_MASK, "row.menu", NULL);
}

static void
bipe_client_row_init (BipeClientRow *self)
{
  self->changes = g_signal_group_new (BIPE_TYPE_CLIENT_ITEM);
  g_signal_group_connect_swapped (self->changes, "notify", G_CALLBACK (update_actions), self);
  gtk_widget_init_template (GTK_WIDGET (self));
  update_actions (self);
}
