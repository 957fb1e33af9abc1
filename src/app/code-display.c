/* code-display.c: the size of the letters follows from the width: the largest that holds the text
 * on one line; a text too long for that is broken into lines, then cut with an ellipsis. The height
 * does not depend on the text, so that nothing jumps from scan to scan. */
#include "config.h"

#include "app/code-display.h"

#define MIN_HEIGHT 44
#define NATURAL_HEIGHT 136
#define COMPACT_HEIGHT 64
#define MIN_WIDTH 200
#define NATURAL_WIDTH 800

/* Points. From SMALLEST_LINE on down the text is broken. */
static const int sizes[] = { 60, 54, 48, 42, 36, 32, 28, 24, 20, 17, 14 };
#define SMALLEST_LINE 28

struct _BipeCodeDisplay
{
  GtkWidget parent_instance;

  char *text;
  gboolean is_compact;
  PangoLayout *layout; /* NULL: to be made for the present text, size and style */
};

enum
{
  PROP_0,
  PROP_TEXT,
  PROP_COMPACT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeCodeDisplay, bipe_code_display, GTK_TYPE_WIDGET)

static gboolean
try_size (PangoLayout *layout, int points, int width, int height)
{
  g_autoptr(PangoFontDescription) font = pango_font_description_copy (
      pango_context_get_font_description (pango_layout_get_context (layout)));
  gboolean is_broken = points < SMALLEST_LINE;
  int text_width, text_height;

  pango_font_description_set_size (font, points * PANGO_SCALE);
  pango_layout_set_font_description (layout, font);
  pango_layout_set_width (layout, is_broken ? width * PANGO_SCALE : -1);
  pango_layout_get_pixel_size (layout, &text_width, &text_height);
  return text_width <= width && text_height <= height;
}

static PangoLayout *
create_layout (BipeCodeDisplay *self, int width, int height)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), self->text);
  g_autoptr(PangoAttrList) attributes = pango_attr_list_new ();

  /* A hyphen at the end of a line would look like one of the code's. */
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  pango_layout_set_attributes (layout, attributes);
  pango_layout_set_wrap (layout, PANGO_WRAP_CHAR);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    if (try_size (layout, sizes[i], width, height))
      break;
  /* Centred needs a width; where even the smallest letters are too large, the end is cut. */
  pango_layout_set_width (layout, width * PANGO_SCALE);
  pango_layout_set_height (layout, height * PANGO_SCALE);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_alignment (layout, PANGO_ALIGN_CENTER);
  return layout;
}

static void
bipe_code_display_measure (GtkWidget *widget,
                           GtkOrientation orientation,
                           int for_size,
                           int *minimum,
                           int *natural,
                           int *minimum_baseline,
                           int *natural_baseline)
{
  gboolean is_compact = BIPE_CODE_DISPLAY (widget)->is_compact;
  int natural_height = is_compact ? COMPACT_HEIGHT : NATURAL_HEIGHT;

  *minimum = orientation == GTK_ORIENTATION_VERTICAL ? MIN_HEIGHT : MIN_WIDTH;
  *natural = orientation == GTK_ORIENTATION_VERTICAL ? natural_height : NATURAL_WIDTH;
}

static void
bipe_code_display_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  g_clear_object (&BIPE_CODE_DISPLAY (widget)->layout);
}

static void
bipe_code_display_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  g_clear_object (&BIPE_CODE_DISPLAY (widget)->layout);
  GTK_WIDGET_CLASS (bipe_code_display_parent_class)->css_changed (widget, change);
}

static void
bipe_code_display_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  BipeCodeDisplay *self = BIPE_CODE_DISPLAY (widget);
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);
  int text_height;

  if (self->text == NULL)
    return;
  if (self->layout == NULL)
    self->layout = create_layout (self, width, height);
  pango_layout_get_pixel_size (self->layout, NULL, &text_height);
  gtk_snapshot_render_layout (snapshot, gtk_widget_get_style_context (widget), 0,
                              MAX (0, height - text_height) / 2.0, self->layout);
}

static void
set_text (BipeCodeDisplay *self, const char *text)
{
  if (g_strcmp0 (self->text, text) == 0)
    return;
  g_free (self->text);
  self->text = g_strdup (text);
  g_clear_object (&self->layout);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  self->text != NULL ? self->text : "", -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXT]);
}

static void
bipe_code_display_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_TEXT:
      g_value_set_string (value, BIPE_CODE_DISPLAY (object)->text);
      break;
    case PROP_COMPACT:
      g_value_set_boolean (value, BIPE_CODE_DISPLAY (object)->is_compact);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_code_display_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_TEXT:
      set_text (BIPE_CODE_DISPLAY (object), g_value_get_string (value));
      break;
    case PROP_COMPACT:
      BIPE_CODE_DISPLAY (object)->is_compact = g_value_get_boolean (value);
      gtk_widget_queue_resize (GTK_WIDGET (object));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_code_display_finalize (GObject *object)
{
  BipeCodeDisplay *self = BIPE_CODE_DISPLAY (object);

  g_clear_object (&self->layout);
  g_clear_pointer (&self->text, g_free);
  G_OBJECT_CLASS (bipe_code_display_parent_class)->finalize (object);
}

static void
bipe_code_display_class_init (BipeCodeDisplayClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = bipe_code_display_get_property;
  object_class->set_property = bipe_code_display_set_property;
  object_class->finalize = bipe_code_display_finalize;

  widget_class->measure = bipe_code_display_measure;
  widget_class->size_allocate = bipe_code_display_size_allocate;
  widget_class->css_changed = bipe_code_display_css_changed;
  widget_class->snapshot = bipe_code_display_snapshot;

  properties[PROP_TEXT]
      = g_param_spec_string ("text", NULL, NULL, NULL,
                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_COMPACT] = g_param_spec_boolean ("compact", NULL, NULL, FALSE,
                                                   G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_css_name (widget_class, "codedisplay");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LABEL);
}

static void
bipe_code_display_init (BipeCodeDisplay *self)
{
}
