#include "config.h"

#include "app/scan-row.h"

#include "app/format.h"
#include "app/scan-item.h"
#include "app/template.h"

struct _BipeScanRow
{
  GtkWidget parent_instance;

  BipeScanItem *item;
};

enum
{
  PROP_0,
  PROP_ITEM,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeScanRow, bipe_scan_row, GTK_TYPE_WIDGET)

static void
bipe_scan_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      g_value_set_object (value, BIPE_SCAN_ROW (object)->item);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_scan_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      if (g_set_object (&BIPE_SCAN_ROW (object)->item, g_value_get_object (value)))
        g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_scan_row_dispose (GObject *object)
{
  bipe_template_dispose (GTK_WIDGET (object), BIPE_TYPE_SCAN_ROW);
  g_clear_object (&BIPE_SCAN_ROW (object)->item);
  G_OBJECT_CLASS (bipe_scan_row_parent_class)->dispose (object);
}

static void
bipe_scan_row_class_init (BipeScanRowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = bipe_scan_row_get_property;
  object_class->set_property = bipe_scan_row_set_property;
  object_class->dispose = bipe_scan_row_dispose;

  properties[PROP_ITEM]
      = g_param_spec_object ("item", NULL, NULL, BIPE_TYPE_SCAN_ITEM,
                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/bipe/Bipe/scan-row.ui");
  bipe_format_bind (widget_class);
}

static void
bipe_scan_row_init (BipeScanRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
