/* camera.c: what is wanted and what is there, brought together. Whatever happens (a start, a
 * choice, a camera that comes or goes, an answer, a failure) ends in advance(), which takes the
 * next step that can be taken; each step that takes time ends with a signal of the one who took it.
 */
#include "config.h"

#include "capture/camera.h"

#include <glib/gi18n-lib.h>

#include "base/backoff.h"
#include "capture/camera-list.h"
#include "capture/camera-pipeline.h"
#include "capture/camera-portal.h"

#define SILENCE_US (3 * G_USEC_PER_SEC)
#define PATIENCE_US (10 * G_USEC_PER_SEC) /* for the first frame */
#define BUSY_RETRY_MS 3000
#define SETTLED_US (5 * G_USEC_PER_SEC) /* then a failure is a new one */

struct _BipeCamera
{
  GObject parent_instance;

  BipeCameraTap *tap;
  BipeCameraChoice choice;
  gboolean is_wanted;
  gboolean wants_preview;

  BipeCameraState state;
  char *problem;
  char *name;
  GStrv names; /* of the list; kept while another one is made */
  gboolean faces_operator;
  GstSample *preview;

  BipeCameraPortal *portal;     /* is being asked */
  BipeCameraList *list;         /* nullable: not looked yet */
  gboolean is_list_stale;       /* what has failed may have left it without telling */
  BipeCameraPipeline *pipeline; /* nullable; another one comes only when it is closed */
  gboolean is_closing;

  BipeBackoff backoff;
  GSource *retry;
  GSource *watch; /* while there is a pipeline */
  gint64 opened_at;
  gint64 framed_at; /* a frame was seen to have come */
  guint n_frames;   /* then */
};

G_DEFINE_FINAL_TYPE (BipeCamera, bipe_camera, G_TYPE_OBJECT)

enum
{
  PROP_STATE = 1,
  PROP_PROBLEM,
  PROP_NAME,
  PROP_NAMES,
  PROP_FACES_OPERATOR,
  N_PROPERTIES
};

enum
{
  PREVIEW,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static GSource *
add_timeout (guint milliseconds, GSourceFunc func, gpointer user_data)
{
  GSource *source = g_timeout_source_new (milliseconds);

  g_source_set_callback (source, func, user_data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

static void
set_preview (BipeCamera *self, GstSample *sample)
{
  if (sample == self->preview)
    return;
  g_clear_pointer (&self->preview, gst_sample_unref);
  if (sample != NULL)
    self->preview = gst_sample_ref (sample);
  g_signal_emit (self, signals[PREVIEW], 0);
}

static void
set_state (BipeCamera *self, BipeCameraState state, const char *problem)
{
  g_object_freeze_notify (G_OBJECT (self));
  if (self->state != state)
    {
      self->state = state;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
    }
  if (g_strcmp0 (self->problem, problem) != 0)
    {
      g_free (self->problem);
      self->problem = g_strdup (problem);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

static void
set_source (BipeCamera *self, BipeCameraSource *source)
{
  gboolean faces_operator = bipe_camera_source_faces_operator (source);
  const char *name = bipe_camera_source_get_name (source);

  g_object_freeze_notify (G_OBJECT (self));
  if (g_strcmp0 (self->name, name) != 0)
    {
      g_free (self->name);
      self->name = g_strdup (name);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NAME]);
    }
  if (self->faces_operator != faces_operator)
    {
      self->faces_operator = faces_operator;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FACES_OPERATOR]);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

static void
close_pipeline (BipeCamera *self)
{
  if (self->pipeline == NULL || self->is_closing)
    return;
  self->is_closing = TRUE;
  bipe_camera_pipeline_close (self->pipeline);
  set_preview (self, NULL);
}

static void advance (BipeCamera *self);

/* The one forward prototype: each step's end brings the next one. */
static gboolean
retry_cb (gpointer user_data)
{
  BipeCamera *self = user_data;

  clear_source (&self->retry);
  self->is_list_stale = self->list != NULL && !bipe_camera_list_is_lasting (self->list);
  advance (self);
  return G_SOURCE_REMOVE;
}

/* It can't go on now: says so, lets go what there is, and tries again later. */
static void
fail (BipeCamera *self, BipeCameraState state, const char *problem)
{
  guint wait = state == BIPE_CAMERA_BUSY ? BUSY_RETRY_MS : bipe_backoff_next (&self->backoff);

  clear_source (&self->retry);
  self->retry = add_timeout (wait, retry_cb, self);
  close_pipeline (self);
  set_state (self, state, problem);
}

static void
started_cb (BipeCameraPipeline *pipeline, gpointer user_data)
{
  BipeCamera *self = user_data;

  self->framed_at = g_get_monotonic_time ();
  set_state (self, BIPE_CAMERA_RUNNING, NULL);
}

static void
previewed_cb (BipeCameraPipeline *pipeline, GstSample *sample, gpointer user_data)
{
  set_preview (user_data, sample);
}

static void
ended_cb (BipeCameraPipeline *pipeline, int state, const char *problem, gpointer user_data)
{
  fail (user_data, (BipeCameraState)state, problem);
}

static void
closed_cb (BipeCameraPipeline *pipeline, gpointer user_data)
{
  BipeCamera *self = user_data;

  clear_source (&self->watch);
  g_clear_object (&self->pipeline);
  self->is_closing = FALSE;
  advance (self);
}

/* A sandbox with newer libraries gets the portal's yes, and no frame, from a PipeWire before 1.0
 * (seen with the 0.3.65 of Debian 12). */
static char *
describe_silence (const char *name)
{
  if (bipe_camera_portal_is_needed ())
    return g_strdup_printf (_ ("%s gives no pictures: take its cable out and put it in again, or "
                               "choose another camera. If none gives any, this system’s PipeWire "
                               "is too old for programs in a sandbox: they need 1.0 or newer"),
                            name);
  return g_strdup_printf (_ ("%s gives no pictures: take its cable out and put it in again, "
                             "or choose another camera"),
                          name);
}

/* A pipeline that neither gives frames nor complains; a device that hangs in its driver does not
 * even close. */
static gboolean
watch_cb (gpointer user_data)
{
  BipeCamera *self = user_data;
  guint n_frames = bipe_camera_pipeline_get_n_frames (self->pipeline);
  gint64 now = g_get_monotonic_time ();
  g_autofree char *problem = NULL;
  gboolean is_silent;

  if (n_frames != self->n_frames)
    self->framed_at = now;
  self->n_frames = n_frames;
  if (self->state == BIPE_CAMERA_RUNNING && now - self->opened_at > SETTLED_US)
    bipe_backoff_reset (&self->backoff);

  is_silent = self->state == BIPE_CAMERA_RUNNING ? now - self->framed_at > SILENCE_US
                                                 : now - self->opened_at > PATIENCE_US;
  if (is_silent && self->is_wanted && (!self->is_closing || self->state == BIPE_CAMERA_STARTING))
    {
      problem = describe_silence (self->name);
      fail (self, BIPE_CAMERA_FAILED, problem);
    }
  return G_SOURCE_CONTINUE;
}

static void
open_source (BipeCamera *self, BipeCameraSource *source)
{
  set_source (self, source);
  self->pipeline = bipe_camera_pipeline_new (source, self->tap);
  bipe_camera_pipeline_set_wants_preview (self->pipeline, self->wants_preview);
  g_signal_connect_object (self->pipeline, "started", G_CALLBACK (started_cb), self, 0);
  g_signal_connect_object (self->pipeline, "previewed", G_CALLBACK (previewed_cb), self, 0);
  g_signal_connect_object (self->pipeline, "ended", G_CALLBACK (ended_cb), self, 0);
  g_signal_connect_object (self->pipeline, "closed", G_CALLBACK (closed_cb), self, 0);
  self->opened_at = g_get_monotonic_time ();
  self->n_frames = 0;
  self->watch = add_timeout (1000, watch_cb, self);
}

static gboolean
is_in_portal (BipeCamera *self)
{
  return bipe_camera_portal_is_needed ()
         || g_strcmp0 (self->choice.device, BIPE_CAMERA_PORTAL_DEVICE) == 0;
}

/* NULL: whichever comes first. */
static const char *
get_wanted_name (BipeCamera *self)
{
  return g_strcmp0 (self->choice.device, BIPE_CAMERA_PORTAL_DEVICE) != 0 ? self->choice.device
                                                                         : NULL;
}

static void
open_device (BipeCamera *self)
{
  const char *wanted = get_wanted_name (self);
  GstDevice *device = bipe_camera_list_lookup (self->list, wanted);
  g_autoptr(BipeCameraSource) source = NULL;
  g_autofree char *problem = NULL;

  if (device != NULL)
    {
      source = bipe_camera_source_new_device (
          self->list, device, bipe_camera_list_get_name (self->list, device), self->choice.width,
          self->choice.height, self->choice.rate);
      open_source (self, source);
    }
  else if (wanted != NULL)
    {
      problem = g_strdup_printf (_ ("the camera %s is not plugged in"), wanted);
      fail (self, BIPE_CAMERA_UNPLUGGED, problem);
    }
  else if (self->state == BIPE_CAMERA_UNPLUGGED)
    fail (self, BIPE_CAMERA_UNPLUGGED, self->problem);
  else
    fail (self, BIPE_CAMERA_NONE, _ ("there is no camera: plug one in"));
}

static void
take_names (BipeCamera *self)
{
  g_auto(GStrv) names
          = self->list != NULL ? bipe_camera_list_dup_names (self->list) : g_new0 (char *, 1);

  if (g_strv_equal ((const char *const *)names, (const char *const *)self->names))
    return;
  g_strfreev (self->names);
  self->names = g_steal_pointer (&names);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NAMES]);
}

static void
changed_cb (BipeCameraList *list, gpointer user_data)
{
  BipeCamera *self = user_data;
  GstDevice *device = NULL;
  g_autofree char *problem = NULL;

  take_names (self);
  if (!self->is_wanted || self->choice.pipeline != NULL)
    return;
  if (self->pipeline != NULL)
    device = bipe_camera_source_get_device (bipe_camera_pipeline_get_source (self->pipeline));
  if (device != NULL && !self->is_closing && bipe_camera_list_get_name (list, device) == NULL)
    {
      problem = g_strdup_printf (_ ("the camera %s is gone: plug it in again"), self->name);
      fail (self, BIPE_CAMERA_UNPLUGGED, problem);
    }
  if ((self->state == BIPE_CAMERA_NONE || self->state == BIPE_CAMERA_UNPLUGGED)
      && bipe_camera_list_lookup (list, get_wanted_name (self)) != NULL)
    clear_source (&self->retry);
  advance (self);
}

static void
drop_list (BipeCamera *self)
{
  if (self->list != NULL)
    g_signal_handlers_disconnect_by_func (self->list, changed_cb, self);
  g_clear_object (&self->list);
  self->is_list_stale = FALSE;
}

static void
make_list (BipeCamera *self, int remote)
{
  self->list = bipe_camera_list_new (remote);
  g_signal_connect_object (self->list, "changed", G_CALLBACK (changed_cb), self, 0);
}

static void
drop_portal (BipeCamera *self)
{
  if (self->portal != NULL)
    bipe_camera_portal_cancel (self->portal);
  g_clear_object (&self->portal);
}

/* One who has refused is not asked again by himself. */
static void
answered_cb (BipeCameraPortal *portal,
             int state,
             int remote,
             const char *problem,
             gpointer user_data)
{
  BipeCamera *self = user_data;

  g_clear_object (&self->portal);
  if (remote >= 0)
    make_list (self, remote);
  else if (state == BIPE_CAMERA_REFUSED)
    set_state (self, BIPE_CAMERA_REFUSED, problem);
  else if (state == BIPE_CAMERA_NONE && self->state == BIPE_CAMERA_UNPLUGGED)
    fail (self, BIPE_CAMERA_UNPLUGGED, self->problem);
  else
    fail (self, (BipeCameraState)state, problem);
}

static void
ask (BipeCamera *self)
{
  self->portal = bipe_camera_portal_new ();
  g_signal_connect_object (self->portal, "answered", G_CALLBACK (answered_cb), self, 0);
}

static void
advance (BipeCamera *self)
{
  g_autoptr(BipeCameraSource) source = NULL;

  if (!self->is_wanted || self->pipeline != NULL || self->portal != NULL || self->retry != NULL)
    return;
  if (self->is_list_stale)
    drop_list (self);

  if (self->choice.pipeline != NULL)
    {
      source = bipe_camera_source_new_pipeline (self->choice.pipeline);
      open_source (self, source);
    }
  else if (self->list != NULL && bipe_camera_list_is_ready (self->list))
    open_device (self);
  else if (self->list == NULL && is_in_portal (self))
    ask (self);
  else if (self->list == NULL)
    make_list (self, -1);
}

/* All that was under way for what was wanted before. */
static void
give_up (BipeCamera *self)
{
  clear_source (&self->retry);
  bipe_backoff_reset (&self->backoff);
  drop_portal (self);
  close_pipeline (self);
}

static void
clear_choice (BipeCameraChoice *choice)
{
  g_clear_pointer (&choice->device, g_free);
  g_clear_pointer (&choice->pipeline, g_free);
}

static void
bipe_camera_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipeCamera *self = BIPE_CAMERA (object);

  switch (id)
    {
    case PROP_STATE:
      g_value_set_int (value, self->state);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_NAMES:
      g_value_set_boxed (value, self->names);
      break;
    case PROP_FACES_OPERATOR:
      g_value_set_boolean (value, self->faces_operator);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_camera_dispose (GObject *object)
{
  BipeCamera *self = BIPE_CAMERA (object);

  self->is_wanted = FALSE;
  give_up (self);
  clear_source (&self->watch);
  g_clear_object (&self->pipeline);
  drop_list (self);

  G_OBJECT_CLASS (bipe_camera_parent_class)->dispose (object);
}

static void
bipe_camera_finalize (GObject *object)
{
  BipeCamera *self = BIPE_CAMERA (object);

  clear_choice (&self->choice);
  bipe_camera_tap_unref (self->tap);
  g_free (self->problem);
  g_free (self->name);
  g_strfreev (self->names);

  G_OBJECT_CLASS (bipe_camera_parent_class)->finalize (object);
}

static void
bipe_camera_class_init (BipeCameraClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = bipe_camera_get_property;
  object_class->dispose = bipe_camera_dispose;
  object_class->finalize = bipe_camera_finalize;

  properties[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, BIPE_CAMERA_OFF,
                                             BIPE_CAMERA_FAILED, BIPE_CAMERA_OFF, flags);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_NAMES] = g_param_spec_boxed ("names", NULL, NULL, G_TYPE_STRV, flags);
  properties[PROP_FACES_OPERATOR]
      = g_param_spec_boolean ("faces-operator", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  signals[PREVIEW] = g_signal_new ("preview", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
bipe_camera_init (BipeCamera *self)
{
  self->wants_preview = TRUE;
  self->names = g_new0 (char *, 1);
  self->backoff = (BipeBackoff){ .first_ms = 1000, .most_ms = 30000 };
  self->choice = (BipeCameraChoice){ .width = 1280, .height = 720, .rate = 30 };
}

BipeCamera *
bipe_camera_new (BipeCameraFunc func, gpointer user_data, GDestroyNotify destroy)
{
  BipeCamera *self = g_object_new (BIPE_TYPE_CAMERA, NULL);

  self->tap = bipe_camera_tap_new (func, user_data, destroy);
  return self;
}

void
bipe_camera_choose (BipeCamera *self, const BipeCameraChoice *choice)
{
  gboolean was_in_portal = is_in_portal (self);

  if (g_strcmp0 (self->choice.device, choice->device) == 0
      && g_strcmp0 (self->choice.pipeline, choice->pipeline) == 0
      && self->choice.width == choice->width && self->choice.height == choice->height
      && self->choice.rate == choice->rate)
    return;

  clear_choice (&self->choice);
  self->choice = *choice;
  self->choice.device = g_strdup (choice->device);
  self->choice.pipeline = g_strdup (choice->pipeline);
  give_up (self);
  if (is_in_portal (self) != was_in_portal)
    {
      drop_list (self);
      take_names (self);
    }
  if (self->is_wanted)
    {
      self->opened_at = g_get_monotonic_time ();
      set_state (self, BIPE_CAMERA_STARTING, NULL);
      advance (self);
    }
}

void
bipe_camera_start (BipeCamera *self)
{
  if (self->is_wanted)
    return;
  self->is_wanted = TRUE;
  self->opened_at = g_get_monotonic_time ();
  set_state (self, BIPE_CAMERA_STARTING, NULL);
  advance (self);
}

void
bipe_camera_stop (BipeCamera *self)
{
  if (!self->is_wanted)
    return;
  self->is_wanted = FALSE;
  give_up (self);
  set_state (self, BIPE_CAMERA_OFF, NULL);
}

BipeCameraState
bipe_camera_get_state (BipeCamera *self)
{
  return self->state;
}

void
bipe_camera_set_wants_preview (BipeCamera *self, gboolean wants_preview)
{
  self->wants_preview = wants_preview;
  if (self->pipeline != NULL)
    bipe_camera_pipeline_set_wants_preview (self->pipeline, wants_preview);
}

GstSample *
bipe_camera_dup_preview (BipeCamera *self)
{
  return self->preview != NULL ? gst_sample_ref (self->preview) : NULL;
}
