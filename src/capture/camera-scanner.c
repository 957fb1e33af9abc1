/* camera-scanner.c: the camera's streaming thread leaves frames in the frame scanner's box, which
 * both keep; all else is here. */
#include "config.h"

#include "capture/camera-scanner.h"

#include "capture/lookout.h"

struct _BipeCameraScanner
{
  GObject parent_instance;

  BipeFrameScanner *frames;
  BipeCamera *camera;
  gboolean is_off;
  BipeFlaw told; /* by the frame scanner */
  BipeFlaw flaw; /* the property */
};

enum
{
  PROP_CAMERA = 1,
  PROP_FLAW,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

enum
{
  SCANNED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BipeCameraScanner, bipe_camera_scanner, G_TYPE_OBJECT)

/* On the streaming thread. */
static void
frame_cb (const BipePicture *picture, gint64 taken_at, gpointer user_data)
{
  bipe_frame_box_post (user_data, picture, taken_at);
}

static void
scanned_cb (BipeCameraScanner *self, BipeReading *reading, BipeSight *sight)
{
  g_signal_emit (self, signals[SCANNED], 0, reading, sight);
}

static void
update_flaw (BipeCameraScanner *self)
{
  gboolean is_running = bipe_camera_get_state (self->camera) == BIPE_CAMERA_RUNNING;
  BipeFlaw flaw = is_running ? self->told : BIPE_FLAW_NONE;

  if (self->flaw == flaw)
    return;
  self->flaw = flaw;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FLAW]);
}

static void
flawed_cb (BipeCameraScanner *self, int flaw)
{
  self->told = (BipeFlaw)flaw;
  update_flaw (self);
}

static void
state_cb (BipeCameraScanner *self)
{
  gboolean is_off = bipe_camera_get_state (self->camera) == BIPE_CAMERA_OFF;

  /* Not when it goes off: a last frame may be on its way. */
  if (self->is_off && !is_off)
    bipe_frame_box_begin (bipe_frame_scanner_get_box (self->frames));
  self->is_off = is_off;
  update_flaw (self);
}

static void
bipe_camera_scanner_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipeCameraScanner *self = BIPE_CAMERA_SCANNER (object);

  switch (id)
    {
    case PROP_CAMERA:
      g_value_set_object (value, self->camera);
      break;
    case PROP_FLAW:
      g_value_set_int (value, (int)self->flaw);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_camera_scanner_dispose (GObject *object)
{
  BipeCameraScanner *self = BIPE_CAMERA_SCANNER (object);

  if (self->camera != NULL)
    bipe_camera_stop (self->camera);
  g_clear_object (&self->camera);
  g_clear_object (&self->frames);

  G_OBJECT_CLASS (bipe_camera_scanner_parent_class)->dispose (object);
}

static void
bipe_camera_scanner_class_init (BipeCameraScannerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = bipe_camera_scanner_get_property;
  object_class->dispose = bipe_camera_scanner_dispose;

  props[PROP_CAMERA] = g_param_spec_object ("camera", NULL, NULL, BIPE_TYPE_CAMERA,
                                            G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_FLAW] = g_param_spec_int ("flaw", NULL, NULL, BIPE_FLAW_NONE, BIPE_FLAW_TILTED,
                                       BIPE_FLAW_NONE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[SCANNED] = g_signal_new ("scanned", BIPE_TYPE_CAMERA_SCANNER, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 2, G_TYPE_POINTER, G_TYPE_POINTER);
}

static void
bipe_camera_scanner_init (BipeCameraScanner *self)
{
  self->frames = bipe_frame_scanner_new ();
  self->camera
      = bipe_camera_new (frame_cb, bipe_frame_box_ref (bipe_frame_scanner_get_box (self->frames)),
                         (GDestroyNotify)bipe_frame_box_unref);
  g_signal_connect_object (self->frames, "scanned", G_CALLBACK (scanned_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->frames, "flawed", G_CALLBACK (flawed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->camera, "notify::state", G_CALLBACK (state_cb), self,
                           G_CONNECT_SWAPPED);
}

BipeCameraScanner *
bipe_camera_scanner_new (void)
{
  return g_object_new (BIPE_TYPE_CAMERA_SCANNER, NULL);
}

BipeCamera *
bipe_camera_scanner_get_camera (BipeCameraScanner *self)
{
  return self->camera;
}

void
bipe_camera_scanner_set_rules (BipeCameraScanner *self, const BipeCameraScannerRules *rules)
{
  bipe_frame_scanner_set_rules (self->frames, rules->symbologies,
                                (gint64)(rules->absence * G_USEC_PER_SEC));
}

void
bipe_camera_scanner_get_guide (guint width, guint height, BipeArea *guide)
{
  bipe_lookout_get_guide (width, height, guide);
}

void
bipe_camera_scanner_get_figures (BipeCameraScanner *self, BipeFrameFigures *figures)
{
  bipe_frame_scanner_get_figures (self->frames, figures);
}
