#include "config.h"

#include "app/setup-page.h"

#include "app/board.h"
#include "app/fixed.h"

typedef struct
{
  BipeStationSetup *setup;
  BipeBoard *board;
} BipeSetupPagePrivate;

enum
{
  PROP_0,
  PROP_SETUP,
  PROP_BOARD,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (BipeSetupPage, bipe_setup_page, ADW_TYPE_PREFERENCES_PAGE)

static const char *
get_fixed (BipeStationSetup *setup, const char *setting)
{
  return setup != NULL ? bipe_station_setup_get_fixed_by (setup, setting) : NULL;
}

static char *
describe_fixed (GObject *object, BipeStationSetup *setup, const char *setting)
{
  return bipe_fixed_describe (get_fixed (setup, setting));
}

static gboolean
can_change (GObject *object, BipeStationSetup *setup, const char *setting, gboolean is_applying)
{
  return get_fixed (setup, setting) == NULL && !is_applying;
}

void
bipe_setup_page_bind (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_callback (widget_class, can_change);
  gtk_widget_class_bind_template_callback (widget_class, describe_fixed);
}

static void
bipe_setup_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipeSetupPagePrivate *self = bipe_setup_page_get_instance_private (BIPE_SETUP_PAGE (object));

  switch (id)
    {
    case PROP_SETUP:
      g_value_set_object (value, self->setup);
      break;
    case PROP_BOARD:
      g_value_set_object (value, self->board);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_setup_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  BipeSetupPage *page = BIPE_SETUP_PAGE (object);
  BipeSetupPagePrivate *self = bipe_setup_page_get_instance_private (page);

  switch (id)
    {
    case PROP_SETUP:
      if (!g_set_object (&self->setup, g_value_get_object (value)) || self->setup == NULL)
        return;
      BIPE_SETUP_PAGE_GET_CLASS (page)->attach (page, self->setup);
      g_object_notify_by_pspec (object, pspec);
      break;
    case PROP_BOARD:
      if (g_set_object (&self->board, g_value_get_object (value)))
        g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_setup_page_dispose (GObject *object)
{
  BipeSetupPagePrivate *self = bipe_setup_page_get_instance_private (BIPE_SETUP_PAGE (object));

  g_clear_object (&self->board);
  g_clear_object (&self->setup);
  G_OBJECT_CLASS (bipe_setup_page_parent_class)->dispose (object);
}

static void
bipe_setup_page_class_init (BipeSetupPageClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = bipe_setup_page_get_property;
  object_class->set_property = bipe_setup_page_set_property;
  object_class->dispose = bipe_setup_page_dispose;

  properties[PROP_SETUP]
      = g_param_spec_object ("setup", NULL, NULL, BIPE_TYPE_STATION_SETUP, flags);
  properties[PROP_BOARD] = g_param_spec_object ("board", NULL, NULL, BIPE_TYPE_BOARD, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
bipe_setup_page_init (BipeSetupPage *self)
{
}
