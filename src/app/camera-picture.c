/* camera-picture.c: draws the newest frame as large as it fits, and over it what belongs to places
 * in it. A place is kept as a part of the picture's width and height, so that it stays where it is
 * whatever size the picture has, and whichever way round it is shown. */
#include "config.h"

#include "app/camera-picture.h"

#include <adwaita.h>
#include <gst/video/video.h>
#include <math.h>

#include "capture/camera-scanner.h"

#define MIN_WIDTH 200
#define NATURAL_WIDTH 640
#define MIN_HEIGHT 132

/* Until a picture is there to have its own. */
#define USUAL_RATIO (16.0 / 9)

/* An outline stands for as long as it fades. */
#define STAND_MS 500
#define FADE_MS 500
#define FLASH_MS (STAND_MS + FADE_MS)

/* Codes whose outlines are shown at once. */
#define FLASHES_MAX 8

/* Pixels around a code: its corners are those of its modules. */
#define OUTLINE_GAP 7
#define OUTLINE_WIDTH 4

#define GUIDE_WIDTH 3
#define GUIDE_RADIUS 12
#define GUIDE_ARM 28

typedef struct
{
  graphene_point_t corners[4]; /* 0 … 1 */
  gint64 began;                /* monotonic */
  gboolean is_kept;
} Flash;

struct _BipeCameraPicture
{
  GtkWidget parent_instance;

  GdkTexture *texture; /* NULL: nothing to show */
  gboolean is_mirrored;
  GQueue flashes; /* Flash, oldest first */
  guint timeout;  /* when the oldest one is over */
};

enum
{
  PROP_0,
  PROP_MIRRORED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeCameraPicture, bipe_camera_picture, GTK_TYPE_WIDGET)

static double
get_ratio (BipeCameraPicture *self)
{
  return self->texture != NULL
             ? gdk_paintable_get_intrinsic_aspect_ratio (GDK_PAINTABLE (self->texture))
             : USUAL_RATIO;
}

static void
bipe_camera_picture_measure (GtkWidget *widget,
                             GtkOrientation orientation,
                             int for_size,
                             int *minimum,
                             int *natural,
                             int *minimum_baseline,
                             int *natural_baseline)
{
  double ratio = get_ratio (BIPE_CAMERA_PICTURE (widget));

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = MIN_WIDTH;
      *natural = NATURAL_WIDTH;
      return;
    }
  *natural = (int)lround ((for_size > 0 ? for_size : NATURAL_WIDTH) / ratio);
  *minimum = MIN (MIN_HEIGHT, *natural);
}

static GtkSizeRequestMode
bipe_camera_picture_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

/* Where the picture is in the widget. */
static graphene_rect_t
get_area (BipeCameraPicture *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self));
  int height = gtk_widget_get_height (GTK_WIDGET (self));
  double ratio = get_ratio (self);
  double fit_width = MIN (width, height * ratio);
  double fit_height = fit_width / ratio;

  /* A size that follows from the ratio is rounded, and would leave a line. */
  if (width - fit_width < 2)
    fit_width = width;
  if (height - fit_height < 2)
    fit_height = height;
  return GRAPHENE_RECT_INIT ((float)round ((width - fit_width) / 2),
                             (float)round ((height - fit_height) / 2), (float)fit_width,
                             (float)fit_height);
}

static void
draw_texture (BipeCameraPicture *self, GtkSnapshot *snapshot, const graphene_rect_t *area)
{
  gtk_snapshot_save (snapshot);
  if (self->is_mirrored)
    {
      gtk_snapshot_translate (snapshot,
                              &GRAPHENE_POINT_INIT (2 * area->origin.x + area->size.width, 0));
      gtk_snapshot_scale (snapshot, -1, 1);
    }
  gtk_snapshot_append_texture (snapshot, self->texture, area);
  gtk_snapshot_restore (snapshot);
}

/* Four corners: a whole frame would be taken for the outline of a code. */
static void
draw_guide (BipeCameraPicture *self, GtkSnapshot *snapshot, const graphene_rect_t *area)
{
  static const GdkRGBA light = { 1, 1, 1, 0.9F };
  static const GdkRGBA shadow = { 0, 0, 0, 0.35F };
  guint width = (guint)gdk_texture_get_width (self->texture);
  guint height = (guint)gdk_texture_get_height (self->texture);
  float scale = area->size.width / (float)width;
  float arm;
  GskRoundedRect inner, outer;
  graphene_rect_t box;
  BipeArea guide;

  bipe_camera_scanner_get_guide (width, height, &guide);
  box = GRAPHENE_RECT_INIT (roundf (area->origin.x + (float)guide.x * scale),
                            roundf (area->origin.y + (float)guide.y * scale),
                            roundf ((float)guide.width * scale),
                            roundf ((float)guide.height * scale));
  arm = MIN (GUIDE_ARM, MIN (box.size.width, box.size.height) / 3);
  gsk_rounded_rect_init_from_rect (&inner, &box, GUIDE_RADIUS);
  outer = inner;
  gsk_rounded_rect_shrink (&outer, -1, -1, -1, -1);
  for (int i = 0; i < 4; i++)
    {
      float x = i % 2 == 0 ? box.origin.x - 1 : box.origin.x + box.size.width + 1 - arm;
      float y = i / 2 == 0 ? box.origin.y - 1 : box.origin.y + box.size.height + 1 - arm;

      gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (x, y, arm, arm));
      gtk_snapshot_append_border (
          snapshot, &outer,
          (float[4]){ GUIDE_WIDTH + 2, GUIDE_WIDTH + 2, GUIDE_WIDTH + 2, GUIDE_WIDTH + 2 },
          (GdkRGBA[4]){ shadow, shadow, shadow, shadow });
      gtk_snapshot_append_border (snapshot, &inner,
                                  (float[4]){ GUIDE_WIDTH, GUIDE_WIDTH, GUIDE_WIDTH, GUIDE_WIDTH },
                                  (GdkRGBA[4]){ light, light, light, light });
      gtk_snapshot_pop (snapshot);
    }
}

/* The corners in the widget, and a little outwards: what was read of a linear code may be as thin
 * as a line. */
static void
place (BipeCameraPicture *self,
       const Flash *flash,
       const graphene_rect_t *area,
       graphene_point_t placed[4])
{
  /* Of upper left, upper right, lower right, lower left. */
  static const int along[4] = { -1, 1, 1, -1 }, across[4] = { -1, -1, 1, 1 };
  const graphene_point_t *from = flash->corners;
  graphene_vec2_t direction;
  float x, y;

  for (int i = 0; i < 4; i++)
    {
      x = self->is_mirrored ? 1 - from[i].x : from[i].x;
      placed[i] = GRAPHENE_POINT_INIT (area->origin.x + x * area->size.width,
                                       area->origin.y + from[i].y * area->size.height);
    }
  graphene_vec2_init (&direction, placed[1].x + placed[2].x - placed[0].x - placed[3].x,
                      placed[1].y + placed[2].y - placed[0].y - placed[3].y);
  graphene_vec2_normalize (&direction, &direction);
  x = graphene_vec2_get_x (&direction) * OUTLINE_GAP;
  y = graphene_vec2_get_y (&direction) * OUTLINE_GAP;
  for (int i = 0; i < 4; i++)
    {
      int side = self->is_mirrored ? -across[i] : across[i];

      placed[i].x += (float)along[i] * x - (float)side * y;
      placed[i].y += (float)along[i] * y + (float)side * x;
    }
}

/* How much of it is left, 1 … 0. Where animations are off it stands, and then is gone. */
static double
get_strength (BipeCameraPicture *self, const Flash *flash, gint64 now)
{
  double ms = (double)(now - flash->began) / 1000;

  if (ms >= FLASH_MS)
    return 0;
  if (ms < STAND_MS || !adw_get_enable_animations (GTK_WIDGET (self)))
    return 1;
  return 1 - (ms - STAND_MS) / FADE_MS;
}

static void
draw_flash (BipeCameraPicture *self,
            GtkSnapshot *snapshot,
            const graphene_rect_t *area,
            const Flash *flash)
{
  double strength = get_strength (self, flash, g_get_monotonic_time ());
  graphene_point_t corners[4];
  cairo_t *cairo;

  place (self, flash, area, corners);
  cairo = gtk_snapshot_append_cairo (snapshot, area);
  cairo_set_line_join (cairo, CAIRO_LINE_JOIN_ROUND);
  for (int i = 0; i < 4; i++)
    cairo_line_to (cairo, corners[i].x, corners[i].y);
  cairo_close_path (cairo);
  if (flash->is_kept)
    cairo_set_source_rgba (cairo, 0.2, 0.82, 0.48, 0.35 * strength * strength);
  else
    cairo_set_source_rgba (cairo, 0.96, 0.38, 0.32, 0.35 * strength * strength);
  cairo_fill_preserve (cairo);
  cairo_set_source_rgba (cairo, 0, 0, 0, 0.5 * strength);
  cairo_set_line_width (cairo, OUTLINE_WIDTH + 3);
  cairo_stroke_preserve (cairo);
  if (flash->is_kept)
    cairo_set_source_rgba (cairo, 0.2, 0.82, 0.48, strength);
  else
    cairo_set_source_rgba (cairo, 0.96, 0.38, 0.32, strength);
  cairo_set_line_width (cairo, OUTLINE_WIDTH);
  cairo_stroke (cairo);
  cairo_destroy (cairo);
}

static void
bipe_camera_picture_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  BipeCameraPicture *self = BIPE_CAMERA_PICTURE (widget);
  graphene_rect_t area = get_area (self);

  if (self->texture == NULL)
    return;
  draw_texture (self, snapshot, &area);
  draw_guide (self, snapshot, &area);
  for (GList *link = self->flashes.head; link != NULL; link = link->next)
    draw_flash (self, snapshot, &area, link->data);
}

static void await_end (BipeCameraPicture *self);

/* The one forward prototype: one flash's end waits for the next one's. */
static gboolean
end_cb (gpointer user_data)
{
  BipeCameraPicture *self = user_data;
  Flash *flash;

  while ((flash = g_queue_peek_head (&self->flashes)) != NULL
         && get_strength (self, flash, g_get_monotonic_time ()) <= 0)
    g_free (g_queue_pop_head (&self->flashes));
  gtk_widget_queue_draw (GTK_WIDGET (self));
  self->timeout = 0;
  await_end (self);
  return G_SOURCE_REMOVE;
}

/* Between flash and end it is the camera's frames that draw it fading: an animation of our own
 * would draw twice as often. */
static void
await_end (BipeCameraPicture *self)
{
  const Flash *flash = g_queue_peek_head (&self->flashes);
  gint64 age;

  if (flash == NULL || self->timeout != 0)
    return;
  age = (g_get_monotonic_time () - flash->began) / 1000;
  self->timeout = g_timeout_add ((guint)MAX (1, FLASH_MS - age), end_cb, self);
}

/* What it had to show is over when it comes back. */
static void
drop_flashes (BipeCameraPicture *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  g_queue_clear_full (&self->flashes, g_free);
}

static void
bipe_camera_picture_unmap (GtkWidget *widget)
{
  drop_flashes (BIPE_CAMERA_PICTURE (widget));
  GTK_WIDGET_CLASS (bipe_camera_picture_parent_class)->unmap (widget);
}

static void
bipe_camera_picture_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_MIRRORED:
      g_value_set_boolean (value, BIPE_CAMERA_PICTURE (object)->is_mirrored);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_camera_picture_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_MIRRORED:
      BIPE_CAMERA_PICTURE (object)->is_mirrored = g_value_get_boolean (value);
      gtk_widget_queue_draw (GTK_WIDGET (object));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_camera_picture_dispose (GObject *object)
{
  BipeCameraPicture *self = BIPE_CAMERA_PICTURE (object);

  drop_flashes (self);
  g_clear_object (&self->texture);
  G_OBJECT_CLASS (bipe_camera_picture_parent_class)->dispose (object);
}

static void
bipe_camera_picture_class_init (BipeCameraPictureClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = bipe_camera_picture_get_property;
  object_class->set_property = bipe_camera_picture_set_property;
  object_class->dispose = bipe_camera_picture_dispose;

  widget_class->get_request_mode = bipe_camera_picture_get_request_mode;
  widget_class->measure = bipe_camera_picture_measure;
  widget_class->snapshot = bipe_camera_picture_snapshot;
  widget_class->unmap = bipe_camera_picture_unmap;

  properties[PROP_MIRRORED] = g_param_spec_boolean ("mirrored", NULL, NULL, FALSE,
                                                    G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_css_name (widget_class, "camerapicture");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
bipe_camera_picture_init (BipeCameraPicture *self)
{
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

static void
unmap_frame (gpointer data)
{
  g_autofree GstVideoFrame *frame = data;

  gst_video_frame_unmap (frame);
}

/* Shares the sample's memory. NULL where it is no picture that we know. */
static GdkTexture *
create_texture (GstSample *sample)
{
  g_autofree GstVideoFrame *frame = g_new0 (GstVideoFrame, 1);
  g_autoptr(GBytes) bytes = NULL;
  GstVideoInfo info;
  gsize stride;
  int width, height;

  if (!gst_video_info_from_caps (&info, gst_sample_get_caps (sample))
      || GST_VIDEO_INFO_FORMAT (&info) != GST_VIDEO_FORMAT_BGRx
      || !gst_video_frame_map (frame, &info, gst_sample_get_buffer (sample), GST_MAP_READ))
    return NULL;
  width = GST_VIDEO_FRAME_WIDTH (frame);
  height = GST_VIDEO_FRAME_HEIGHT (frame);
  stride = (gsize)GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0);
  bytes = g_bytes_new_with_free_func (GST_VIDEO_FRAME_PLANE_DATA (frame, 0), stride * (gsize)height,
                                      unmap_frame, frame);
  g_steal_pointer (&frame);
  return gdk_memory_texture_new (width, height, GDK_MEMORY_B8G8R8A8_PREMULTIPLIED, bytes, stride);
}

void
bipe_camera_picture_set_sample (BipeCameraPicture *self, GstSample *sample)
{
  double ratio = get_ratio (self);

  g_clear_object (&self->texture);
  if (sample != NULL)
    self->texture = create_texture (sample);
  else
    drop_flashes (self);
  if (get_ratio (self) != ratio)
    gtk_widget_queue_resize (GTK_WIDGET (self));
  else
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
bipe_camera_picture_flash (BipeCameraPicture *self,
                           const BipeReading *reading,
                           const BipeSight *sight,
                           gboolean is_kept)
{
  Flash *flash;

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)) || sight->width == 0 || sight->height == 0)
    return;
  flash = g_new (Flash, 1);
  flash->began = g_get_monotonic_time ();
  flash->is_kept = is_kept;
  for (int i = 0; i < 4; i++)
    flash->corners[i] = GRAPHENE_POINT_INIT ((float)reading->corners[i].x / (float)sight->width,
                                             (float)reading->corners[i].y / (float)sight->height);
  if (g_queue_get_length (&self->flashes) == FLASHES_MAX)
    g_free (g_queue_pop_head (&self->flashes));
  g_queue_push_tail (&self->flashes, flash);
  await_end (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
