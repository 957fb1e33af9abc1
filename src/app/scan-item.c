#include "config.h"

#include "app/scan-item.h"

struct _BipeScanItem
{
  GObject parent_instance;

  BipeScan *scan;
  BipeUuid uuid;
  gboolean is_held;
};

enum
{
  PROP_0,
  PROP_SCAN,
  PROP_IS_HELD,
  PROP_TARGET,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeScanItem, bipe_scan_item, G_TYPE_OBJECT)

/* What the actions of a row take: the scan's uuid. */
static GVariant *
create_target (BipeScanItem *self)
{
  char text[BIPE_UUID_STRING_SIZE];

  bipe_uuid_format (&self->uuid, text);
  return g_variant_ref_sink (g_variant_new_string (text));
}

static void
bipe_scan_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipeScanItem *self = BIPE_SCAN_ITEM (object);

  switch (id)
    {
    case PROP_SCAN:
      g_value_set_boxed (value, self->scan);
      break;
    case PROP_IS_HELD:
      g_value_set_boolean (value, self->is_held);
      break;
    case PROP_TARGET:
      g_value_take_variant (value, create_target (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_scan_item_finalize (GObject *object)
{
  BipeScanItem *self = BIPE_SCAN_ITEM (object);

  g_clear_pointer (&self->scan, bipe_scan_unref);
  G_OBJECT_CLASS (bipe_scan_item_parent_class)->finalize (object);
}

static void
bipe_scan_item_class_init (BipeScanItemClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = bipe_scan_item_get_property;
  object_class->finalize = bipe_scan_item_finalize;

  properties[PROP_SCAN] = g_param_spec_boxed ("scan", NULL, NULL, BIPE_TYPE_SCAN,
                                              G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_IS_HELD] = g_param_spec_boolean ("is-held", NULL, NULL, FALSE,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_TARGET] = g_param_spec_variant ("target", NULL, NULL, G_VARIANT_TYPE_STRING, NULL,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
bipe_scan_item_init (BipeScanItem *self)
{
}

BipeScanItem *
bipe_scan_item_new (const BipeScan *scan, gboolean is_held)
{
  BipeScanItem *self = g_object_new (BIPE_TYPE_SCAN_ITEM, NULL);

  if (scan != NULL)
    bipe_scan_item_update (self, scan, is_held);
  return self;
}

const BipeScan *
bipe_scan_item_get_scan (BipeScanItem *self)
{
  return self->scan;
}

const BipeUuid *
bipe_scan_item_get_uuid (BipeScanItem *self)
{
  return &self->uuid;
}

void
bipe_scan_item_update (BipeScanItem *self, const BipeScan *scan, gboolean is_held)
{
  gboolean is_first = self->scan == NULL;

  g_clear_pointer (&self->scan, bipe_scan_unref);
  self->scan = bipe_scan_ref (scan);
  self->uuid = scan->uuid;
  if (self->is_held != is_held)
    {
      self->is_held = is_held;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_HELD]);
    }
  if (is_first)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TARGET]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SCAN]);
}
