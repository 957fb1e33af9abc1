/* split.c: GTK 4.8 and libadwaita 1.2 have no breakpoints, and a property that follows the width
 * would be a frame late: the children's places are decided where they are given. */
#include "config.h"

#include "app/split.h"

/* From this width on side by side, the first with so many hundredths of it. */
#define BESIDE_WIDTH 900
#define START_PERCENT 55

#define LINE 1

struct _BipeSplit
{
  GtkWidget parent_instance;

  GtkWidget *start;
  GtkWidget *end;
  GtkWidget *line;
  gboolean is_beside;
};

enum
{
  PROP_0,
  PROP_START,
  PROP_END,
  PROP_BESIDE,
  PROP_SEPARATED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeSplit, bipe_split, GTK_TYPE_WIDGET)

static gboolean
stands_beside (BipeSplit *self, int width)
{
  return self->is_beside && width >= BESIDE_WIDTH;
}

static void
bipe_split_measure (GtkWidget *widget,
                    GtkOrientation orientation,
                    int for_size,
                    int *minimum,
                    int *natural,
                    int *minimum_baseline,
                    int *natural_baseline)
{
  BipeSplit *self = BIPE_SPLIT (widget);
  gboolean is_beside = orientation == GTK_ORIENTATION_VERTICAL && stands_beside (self, for_size);
  gboolean is_stacked = orientation == GTK_ORIENTATION_VERTICAL && !is_beside;
  int start_size = is_beside ? for_size * START_PERCENT / 100 : for_size;
  int end_size = is_beside ? for_size - start_size - LINE : for_size;
  int start_minimum, start_natural, end_minimum, end_natural;

  gtk_widget_measure (self->start, orientation, start_size, &start_minimum, &start_natural, NULL,
                      NULL);
  gtk_widget_measure (self->end, orientation, end_size, &end_minimum, &end_natural, NULL, NULL);
  *minimum = is_stacked ? start_minimum + LINE + end_minimum : MAX (start_minimum, end_minimum);
  *natural = is_stacked ? start_natural + LINE + end_natural : MAX (start_natural, end_natural);
}

static GtkSizeRequestMode
bipe_split_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
allocate (GtkWidget *widget, int x, int y, int width, int height)
{
  GtkAllocation allocation = { x, y, width, height };

  if (gtk_widget_should_layout (widget))
    gtk_widget_size_allocate (widget, &allocation, -1);
}

static void
allocate_beside (BipeSplit *self, int width, int height)
{
  gboolean is_left_to_right = gtk_widget_get_direction (GTK_WIDGET (self)) != GTK_TEXT_DIR_RTL;
  int start_width = width * START_PERCENT / 100;
  int end_width = width - start_width - LINE;

  allocate (self->start, is_left_to_right ? 0 : end_width + LINE, 0, start_width, height);
  allocate (self->line, is_left_to_right ? start_width : end_width, 0, LINE, height);
  allocate (self->end, is_left_to_right ? start_width + LINE : 0, 0, end_width, height);
}

static void
allocate_stacked (BipeSplit *self, int width, int height)
{
  int start_minimum, start_natural, end_minimum, start_height;

  gtk_widget_measure (self->start, GTK_ORIENTATION_VERTICAL, width, &start_minimum, &start_natural,
                      NULL, NULL);
  gtk_widget_measure (self->end, GTK_ORIENTATION_VERTICAL, width, &end_minimum, NULL, NULL, NULL);
  start_height = CLAMP (height - LINE - end_minimum, start_minimum, start_natural);
  allocate (self->start, 0, 0, width, start_height);
  allocate (self->line, 0, start_height, width, LINE);
  allocate (self->end, 0, start_height + LINE, width, height - start_height - LINE);
}

static void
bipe_split_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  BipeSplit *self = BIPE_SPLIT (widget);

  if (stands_beside (self, width))
    allocate_beside (self, width, height);
  else
    allocate_stacked (self, width, height);
}

/* In the order in which they are read and tabbed through. */
static void
set_child (BipeSplit *self, GtkWidget **place, GtkWidget *child, GtkWidget *behind)
{
  g_clear_pointer (place, gtk_widget_unparent);
  *place = child;
  if (child != NULL)
    gtk_widget_insert_after (child, GTK_WIDGET (self), behind);
}

static void
bipe_split_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipeSplit *self = BIPE_SPLIT (object);

  switch (id)
    {
    case PROP_START:
      g_value_set_object (value, self->start);
      break;
    case PROP_END:
      g_value_set_object (value, self->end);
      break;
    case PROP_BESIDE:
      g_value_set_boolean (value, self->is_beside);
      break;
    case PROP_SEPARATED:
      g_value_set_boolean (value, gtk_widget_get_visible (self->line));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_split_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  BipeSplit *self = BIPE_SPLIT (object);

  switch (id)
    {
    case PROP_START:
      set_child (self, &self->start, g_value_get_object (value), NULL);
      break;
    case PROP_END:
      set_child (self, &self->end, g_value_get_object (value), self->line);
      break;
    case PROP_BESIDE:
      self->is_beside = g_value_get_boolean (value);
      gtk_widget_queue_resize (GTK_WIDGET (self));
      break;
    case PROP_SEPARATED:
      gtk_widget_set_visible (self->line, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_split_dispose (GObject *object)
{
  BipeSplit *self = BIPE_SPLIT (object);

  g_clear_pointer (&self->end, gtk_widget_unparent);
  g_clear_pointer (&self->line, gtk_widget_unparent);
  g_clear_pointer (&self->start, gtk_widget_unparent);
  G_OBJECT_CLASS (bipe_split_parent_class)->dispose (object);
}

static void
bipe_split_class_init (BipeSplitClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = bipe_split_get_property;
  object_class->set_property = bipe_split_set_property;
  object_class->dispose = bipe_split_dispose;

  widget_class->get_request_mode = bipe_split_get_request_mode;
  widget_class->measure = bipe_split_measure;
  widget_class->size_allocate = bipe_split_size_allocate;

  properties[PROP_START] = g_param_spec_object ("start", NULL, NULL, GTK_TYPE_WIDGET, flags);
  properties[PROP_END] = g_param_spec_object ("end", NULL, NULL, GTK_TYPE_WIDGET, flags);
  properties[PROP_BESIDE] = g_param_spec_boolean ("beside", NULL, NULL, FALSE, flags);
  properties[PROP_SEPARATED] = g_param_spec_boolean ("separated", NULL, NULL, TRUE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
bipe_split_init (BipeSplit *self)
{
  self->line = gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);
  gtk_widget_set_parent (self->line, GTK_WIDGET (self));
}
