#include "config.h"

#include "app/unread-dialog.h"

struct _BipeUnreadDialog
{
  AdwWindow parent_instance;

  GListModel *unread;
};

enum
{
  PROP_0,
  PROP_UNREAD,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeUnreadDialog, bipe_unread_dialog, ADW_TYPE_WINDOW)

static void
bipe_unread_dialog_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_UNREAD:
      g_value_set_object (value, BIPE_UNREAD_DIALOG (object)->unread);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_unread_dialog_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), BIPE_TYPE_UNREAD_DIALOG);
  g_clear_object (&BIPE_UNREAD_DIALOG (object)->unread);
  G_OBJECT_CLASS (bipe_unread_dialog_parent_class)->dispose (object);
}

static void
bipe_unread_dialog_class_init (BipeUnreadDialogClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = bipe_unread_dialog_get_property;
  object_class->dispose = bipe_unread_dialog_dispose;

  properties[PROP_UNREAD] = g_param_spec_object ("unread", NULL, NULL, G_TYPE_LIST_MODEL,
                                                 G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/bipe/Bipe/unread-dialog.ui");
}

static void
bipe_unread_dialog_init (BipeUnreadDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

BipeUnreadDialog *
bipe_unread_dialog_new (GtkWindow *parent, GListModel *unread)
{
  BipeUnreadDialog *self = g_object_new (BIPE_TYPE_UNREAD_DIALOG, "transient-for", parent, NULL);

  self->unread = g_object_ref (unread);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_UNREAD]);
  return self;
}
