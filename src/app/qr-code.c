/* qr-code.c: the modules are painted into a texture that has exactly the pixels it will cover, so
 * that nothing is scaled, and no edge is grey. */
#include "config.h"

#include "app/qr-code.h"

#include <qrencode.h>
#include <string.h>

#define QUIET_ZONE 4 /* modules, as ISO/IEC 18004 wants */
#define LEAST 180
#define USUAL 260

struct _BipeQrCode
{
  GtkWidget parent_instance;

  char *text;
  QRcode *code;        /* NULL: none */
  GdkTexture *texture; /* of code; NULL: to be painted */
  int module;          /* pixels of one in texture */
};

enum
{
  PROP_0,
  PROP_TEXT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeQrCode, bipe_qr_code, GTK_TYPE_WIDGET)

static int
count_modules (BipeQrCode *self)
{
  return self->code->width + 2 * QUIET_ZONE;
}

/* @row: of the picture, white; @y: the row of modules */
static void
paint_row (BipeQrCode *self, guchar *row, int y, int module)
{
  for (int x = 0; x < self->code->width; x++)
    if (self->code->data[y * self->code->width + x] & 1)
      memset (row + (gsize)((QUIET_ZONE + x) * module) * 3, 0, (gsize)module * 3);
}

static GdkTexture *
paint (BipeQrCode *self, int module)
{
  int size = count_modules (self) * module;
  gsize stride = (gsize)size * 3;
  guchar *pixels = g_malloc (stride * (gsize)size);
  g_autoptr(GBytes) bytes = g_bytes_new_take (pixels, stride * (gsize)size);

  memset (pixels, 0xff, stride * (gsize)size);
  for (int y = 0; y < self->code->width; y++)
    for (int line = 0; line < module; line++)
      paint_row (self, pixels + stride * (gsize)((QUIET_ZONE + y) * module + line), y, module);
  return gdk_memory_texture_new (size, size, GDK_MEMORY_R8G8B8, bytes, stride);
}

static void
bipe_qr_code_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  BipeQrCode *self = BIPE_QR_CODE (widget);
  int scale = gtk_widget_get_scale_factor (widget);
  int width = gtk_widget_get_width (widget) * scale;
  int height = gtk_widget_get_height (widget) * scale;
  int module, size;

  if (self->code == NULL)
    return;
  module = MAX (MIN (width, height) / count_modules (self), 1);
  if (self->texture == NULL || self->module != module)
    {
      g_clear_object (&self->texture);
      self->texture = paint (self, module);
      self->module = module;
    }
  size = count_modules (self) * module;
  gtk_snapshot_append_texture (snapshot, self->texture,
                               &GRAPHENE_RECT_INIT ((float)((width - size) / 2) / (float)scale,
                                                    (float)((height - size) / 2) / (float)scale,
                                                    (float)size / (float)scale,
                                                    (float)size / (float)scale));
}

static void
bipe_qr_code_measure (GtkWidget *widget,
                      GtkOrientation orientation,
                      int for_size,
                      int *minimum,
                      int *natural,
                      int *minimum_baseline,
                      int *natural_baseline)
{
  *minimum = LEAST;
  *natural = USUAL;
}

static void
set_text (BipeQrCode *self, const char *text)
{
  if (g_strcmp0 (self->text, text) == 0)
    return;
  g_free (self->text);
  self->text = g_strdup (text);
  g_clear_object (&self->texture);
  g_clear_pointer (&self->code, QRcode_free);
  if (text != NULL && text[0] != '\0')
    self->code = QRcode_encodeString8bit (text, 0, QR_ECLEVEL_M);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXT]);
}

static void
bipe_qr_code_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_TEXT:
      g_value_set_string (value, BIPE_QR_CODE (object)->text);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_qr_code_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_TEXT:
      set_text (BIPE_QR_CODE (object), g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_qr_code_finalize (GObject *object)
{
  BipeQrCode *self = BIPE_QR_CODE (object);

  g_clear_object (&self->texture);
  g_clear_pointer (&self->code, QRcode_free);
  g_free (self->text);
  G_OBJECT_CLASS (bipe_qr_code_parent_class)->finalize (object);
}

static void
bipe_qr_code_class_init (BipeQrCodeClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = bipe_qr_code_get_property;
  object_class->set_property = bipe_qr_code_set_property;
  object_class->finalize = bipe_qr_code_finalize;
  widget_class->measure = bipe_qr_code_measure;
  widget_class->snapshot = bipe_qr_code_snapshot;

  properties[PROP_TEXT]
      = g_param_spec_string ("text", NULL, NULL, NULL,
                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_css_name (widget_class, "qrcode");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
bipe_qr_code_init (BipeQrCode *self)
{
}
