/* camera-pipeline.c: source → (its time) → tee → two queues of one frame, of which the older one is
 * dropped: one for the eye, one for the decoder; neither waits for the other, nor the source for
 * them. */
#include "config.h"

#include "capture/camera-pipeline.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <gst/app/app.h>
#include <gst/video/video.h>

#include "base/inbox.h"

#define QUEUE "queue leaky=downstream max-size-buffers=1 max-size-bytes=0 max-size-time=0"
#define SINK "sync=false async=false enable-last-sample=false max-buffers=1 drop=true"

/* Formats whose first plane is the brightness, a byte a pixel. Of most others (YUY2) one of these
 * is made in a tenth of a millisecond, where GRAY8 alone would take two. */
#define LUMA_FORMATS "{ GRAY8, I420, YV12, Y42B, Y444, Y41B, NV12, NV21, NV16, NV61, NV24 }"

#define TAIL                                                                                       \
  "identity name=pace ! tee name=tee "                                                             \
  "tee. ! " QUEUE " name=preview-queue ! videoconvert "                                            \
  "! appsink name=preview caps=\"video/x-raw,format=BGRx\" " SINK " "                              \
  "tee. ! " QUEUE " ! videoconvert "                                                               \
  "! appsink name=luma caps=\"video/x-raw,format=" LUMA_FORMATS "\" " SINK

/* Between two plays of a file: a still picture is one of a single frame. */
#define REPLAY_US (G_USEC_PER_SEC / 30)

/* A frame's own time is believed where it is no older than this. */
#define AGE_MAX_US G_USEC_PER_SEC

/* Nor waited for where it is further off than this. */
#define WAIT_MAX (3 * GST_SECOND)

struct _BipeCameraPipeline
{
  GObject parent_instance;

  BipeCameraSource *source;
  BipeCameraTap *tap;
  BipeInbox *inbox;

  gboolean is_working; /* a task has the element */
  gboolean wants_replay;
  gboolean is_closing;
  gboolean is_closed;

  struct
  {
    GstElement *element;
    guint n_frames; /* at the last play */
    gint64 played_at;
  } task; /* one task at a time */

  int is_open; /* these are atomic */
  int n_frames;
  int has_ended;
  int wants_preview;
  int is_previewing; /* a frame to show is on its way */
};

G_DEFINE_FINAL_TYPE (BipeCameraPipeline, bipe_camera_pipeline, G_TYPE_OBJECT)

enum
{
  STARTED,
  PREVIEWED,
  ENDED,
  CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* What the other threads tell. At most one start, one end, one frame and one play's end wait. */
typedef enum
{
  NEWS_STARTED,
  NEWS_PREVIEWED,
  NEWS_PLAYED,
  NEWS_ENDED,
} NewsKind;

#define NEWS_MAX 16

typedef struct
{
  NewsKind kind;
  GstSample *sample;
  BipeCameraState state;
  char *problem;
} News;

static void
news_free (gpointer data)
{
  News *self = data;

  g_clear_pointer (&self->sample, gst_sample_unref);
  g_free (self->problem);
  g_free (self);
}

static void
post (BipeCameraPipeline *self, NewsKind kind)
{
  News *news = g_new0 (News, 1);

  news->kind = kind;
  bipe_inbox_post (self->inbox, news);
}

/* Takes @problem over. The first reason counts; those that follow are its consequences. */
static void
end (BipeCameraPipeline *self, BipeCameraState state, char *problem)
{
  News *news;

  if (!g_atomic_int_compare_and_exchange (&self->has_ended, FALSE, TRUE))
    {
      g_free (problem);
      return;
    }
  news = g_new0 (News, 1);
  news->kind = NEWS_ENDED;
  news->state = state;
  news->problem = problem;
  bipe_inbox_post (self->inbox, news);
}

/* The pipeline's clock is the monotonic one. */
static gint64
find_time (BipeCameraPipeline *self, GstElement *sink, GstSample *sample)
{
  const GstSegment *segment = gst_sample_get_segment (sample);
  GstClockTime base = gst_element_get_base_time (sink);
  GstClockTime running = GST_CLOCK_TIME_NONE;
  gint64 now = g_get_monotonic_time ();
  gint64 time = now;

  if (segment->format == GST_FORMAT_TIME)
    running = gst_segment_to_running_time (segment, GST_FORMAT_TIME,
                                           GST_BUFFER_PTS (gst_sample_get_buffer (sample)));
  if (GST_CLOCK_TIME_IS_VALID (base) && GST_CLOCK_TIME_IS_VALID (running))
    time = (gint64)((base + running) / 1000);
  if (time > now || time < now - AGE_MAX_US)
    time = now;
  self->tap->taken_at = MAX (time, self->tap->taken_at + 1);
  return self->tap->taken_at;
}

static GstFlowReturn
luma_cb (GstAppSink *sink, gpointer user_data)
{
  BipeCameraPipeline *self = user_data;
  g_autoptr(GstSample) sample = gst_app_sink_pull_sample (sink);
  GstVideoFrame frame;
  GstVideoInfo info;
  BipePicture picture;

  if (sample == NULL || self->tap->func == NULL || !g_atomic_int_get (&self->is_open)
      || !gst_video_info_from_caps (&info, gst_sample_get_caps (sample))
      || !gst_video_frame_map (&frame, &info, gst_sample_get_buffer (sample), GST_MAP_READ))
    return GST_FLOW_OK;

  picture = (BipePicture){
    .luma = GST_VIDEO_FRAME_PLANE_DATA (&frame, 0),
    .width = (guint)GST_VIDEO_FRAME_WIDTH (&frame),
    .height = (guint)GST_VIDEO_FRAME_HEIGHT (&frame),
    .stride = (gsize)GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0),
  };
  self->tap->func (&picture, find_time (self, GST_ELEMENT (sink), sample), self->tap->user_data);
  gst_video_frame_unmap (&frame);
  return GST_FLOW_OK;
}

static GstFlowReturn
preview_cb (GstAppSink *sink, gpointer user_data)
{
  BipeCameraPipeline *self = user_data;
  GstSample *sample = gst_app_sink_pull_sample (sink);
  News *news;

  if (sample == NULL)
    return GST_FLOW_OK;
  news = g_new0 (News, 1);
  news->kind = NEWS_PREVIEWED;
  news->sample = sample;
  g_atomic_int_set (&self->is_previewing, TRUE);
  bipe_inbox_post (self->inbox, news);
  return GST_FLOW_OK;
}

static GstPadProbeReturn
preview_buffer_cb (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  BipeCameraPipeline *self = user_data;

  return g_atomic_int_get (&self->wants_preview) && !g_atomic_int_get (&self->is_previewing)
             ? GST_PAD_PROBE_OK
             : GST_PAD_PROBE_DROP;
}

/* What a source stamps before the pipeline runs can lie hours ahead. */
static GstPadProbeReturn
pace_cb (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  BipeCameraPipeline *self = user_data;
  g_autoptr(GstEvent) event = gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  GstClockTime base = gst_element_get_base_time (self->task.element);
  GstClockTime now = (GstClockTime)g_get_monotonic_time () * 1000;
  GstClockTime elapsed = GST_CLOCK_TIME_IS_VALID (base) && base != 0 && now > base ? now - base : 0;
  const GstSegment *segment = NULL;
  GstClockTime running = GST_CLOCK_TIME_NONE;

  if (event != NULL)
    gst_event_parse_segment (event, &segment);
  if (segment != NULL && segment->format == GST_FORMAT_TIME)
    running
        = gst_segment_to_running_time (segment, GST_FORMAT_TIME, GST_BUFFER_DTS_OR_PTS (buffer));
  if (!GST_CLOCK_TIME_IS_VALID (running) || running < elapsed + WAIT_MAX)
    return GST_PAD_PROBE_OK;

  buffer = gst_buffer_make_writable (buffer);
  GST_BUFFER_PTS (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
  info->data = buffer;
  return GST_PAD_PROBE_OK;
}

static void
check_size (BipeCameraPipeline *self, GstEvent *event)
{
  GstVideoInfo video;
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  if (gst_video_info_from_caps (&video, caps)
      && (gint64)GST_VIDEO_INFO_WIDTH (&video) * GST_VIDEO_INFO_HEIGHT (&video)
             > BIPE_CAMERA_PIXELS_MAX)
    end (self, BIPE_CAMERA_FAILED,
         g_strdup_printf (_ ("the pictures of %s are too large, with %d × %d pixels: choose a "
                             "smaller size"),
                          bipe_camera_source_get_name (self->source), GST_VIDEO_INFO_WIDTH (&video),
                          GST_VIDEO_INFO_HEIGHT (&video)));
}

/* All that the source gives passes here. */
static GstPadProbeReturn
source_cb (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  BipeCameraPipeline *self = user_data;

  if (info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM)
    {
      if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_CAPS)
        check_size (self, GST_PAD_PROBE_INFO_EVENT (info));
      return GST_PAD_PROBE_OK;
    }
  if (!g_atomic_int_get (&self->is_open) || g_atomic_int_get (&self->has_ended))
    return GST_PAD_PROBE_DROP;
  if (g_atomic_int_add (&self->n_frames, 1) == 0)
    post (self, NEWS_STARTED);
  return GST_PAD_PROBE_OK;
}

static GstBusSyncReply
message_cb (GstBus *bus, GstMessage *message, gpointer user_data)
{
  BipeCameraPipeline *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *debug = NULL;
  char *problem;
  BipeCameraState state;

  switch ((int)GST_MESSAGE_TYPE (message))
    {
    case GST_MESSAGE_ERROR:
      gst_message_parse_error (message, &error, &debug);
      g_debug ("%s: %s: %s", GST_MESSAGE_SRC_NAME (message), error->message, debug);
      state = bipe_camera_source_judge (self->source, error, debug,
                                        g_atomic_int_get (&self->n_frames) != 0, &problem);
      end (self, state, problem);
      break;
    case GST_MESSAGE_EOS:
      if (bipe_camera_source_is_endless (self->source))
        post (self, NEWS_PLAYED);
      else
        end (self,
             bipe_camera_source_get_device (self->source) != NULL ? BIPE_CAMERA_UNPLUGGED
                                                                  : BIPE_CAMERA_FAILED,
             g_strdup_printf (_ ("the pictures of %s have ended"),
                              bipe_camera_source_get_name (self->source)));
      break;
    default:
      break;
    }
  gst_message_unref (message);
  return GST_BUS_DROP;
}

static void
add_probe (BipeCameraPipeline *self,
           const char *element_name,
           const char *pad_name,
           GstPadProbeType type,
           GstPadProbeCallback callback)
{
  g_autoptr(GstElement) element = gst_bin_get_by_name (GST_BIN (self->task.element), element_name);
  g_autoptr(GstPad) pad = gst_element_get_static_pad (element, pad_name);

  gst_pad_add_probe (pad, type, callback, g_object_ref (self), g_object_unref);
}

static void
connect_sink (BipeCameraPipeline *self,
              const char *name,
              GstFlowReturn (*callback) (GstAppSink *, gpointer))
{
  g_autoptr(GstElement) sink = gst_bin_get_by_name (GST_BIN (self->task.element), name);
  GstAppSinkCallbacks callbacks = { .new_sample = callback };

  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, g_object_ref (self), g_object_unref);
}

/* What the elements hold of us makes a circle, which close_thread() cuts. */
static gboolean
build (BipeCameraPipeline *self, GError **error)
{
  g_autoptr(GstElement) source = NULL;
  g_autoptr(GstElement) tail = NULL;
  g_autoptr(GstElement) pace = NULL;
  g_autoptr(GstClock) clock = NULL;
  g_autoptr(GstBus) bus = NULL;
  g_autoptr(GstPad) pad = NULL;

  if (!gst_init_check (NULL, NULL, error))
    return FALSE;
  source = bipe_camera_source_create (self->source, error);
  if (source == NULL)
    return FALSE;
  tail
      = gst_parse_bin_from_description_full (TAIL, FALSE, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
  if (tail == NULL)
    return FALSE;
  gst_object_ref_sink (tail);

  self->task.element = gst_object_ref_sink (gst_pipeline_new (NULL));
  clock = gst_system_clock_obtain ();
  gst_pipeline_use_clock (GST_PIPELINE (self->task.element), clock);
  bus = gst_element_get_bus (self->task.element);
  gst_bus_set_sync_handler (bus, message_cb, g_object_ref (self), g_object_unref);

  pace = gst_bin_get_by_name (GST_BIN (tail), "pace");
  g_object_set (pace, "sync", bipe_camera_source_wants_pace (self->source), NULL);
  pad = gst_element_get_static_pad (pace, "sink");
  gst_element_add_pad (tail, gst_ghost_pad_new ("sink", pad));
  gst_bin_add_many (GST_BIN (self->task.element), source, tail, NULL);

  if (bipe_camera_source_wants_pace (self->source))
    add_probe (self, "pace", "sink", GST_PAD_PROBE_TYPE_BUFFER, pace_cb);
  add_probe (self, "pace", "src", GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
             source_cb);
  add_probe (self, "preview-queue", "src", GST_PAD_PROBE_TYPE_BUFFER, preview_buffer_cb);
  connect_sink (self, "preview", preview_cb);
  connect_sink (self, "luma", luma_cb);
  if (!gst_element_link (source, tail))
    {
      g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_PAD, _ ("it gives no video"));
      return FALSE;
    }
  return TRUE;
}

static void
play (BipeCameraPipeline *self)
{
  self->task.played_at = g_get_monotonic_time ();
  if (gst_element_set_state (self->task.element, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
    end (self, BIPE_CAMERA_FAILED,
         g_strdup_printf ("%s can't be started", bipe_camera_source_get_name (self->source)));
}

static void
open_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  BipeCameraPipeline *self = source;
  g_autoptr(GError) error = NULL;

  if (build (self, &error))
    play (self);
  else
    end (self, BIPE_CAMERA_FAILED, g_strdup (error->message));
  g_task_return_boolean (task, TRUE);
}

/* Not by a seek: not every file can be sought in, and a sink that does not preroll keeps the old
 * time. */
static void
replay_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  BipeCameraPipeline *self = source;
  guint n_frames = bipe_camera_pipeline_get_n_frames (self);
  gint64 rest = self->task.played_at + REPLAY_US - g_get_monotonic_time ();

  if (n_frames == self->task.n_frames)
    end (self, BIPE_CAMERA_FAILED,
         g_strdup_printf (_ ("there is no picture in %s"),
                          bipe_camera_source_get_name (self->source)));
  else
    {
      self->task.n_frames = n_frames;
      if (rest > 0)
        g_usleep ((gulong)rest);
      gst_element_set_state (self->task.element, GST_STATE_READY);
      play (self);
    }
  g_task_return_boolean (task, TRUE);
}

/* Waits for the streaming threads. */
static void
close_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  BipeCameraPipeline *self = source;

  if (self->task.element != NULL)
    {
      g_autoptr(GstBus) bus = gst_element_get_bus (self->task.element);

      gst_element_set_state (self->task.element, GST_STATE_NULL);
      gst_bus_set_sync_handler (bus, NULL, NULL, NULL);
      g_clear_object (&self->task.element);
    }
  g_task_return_boolean (task, TRUE);
}

static void
run (BipeCameraPipeline *self, GTaskThreadFunc func, GAsyncReadyCallback callback)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, NULL);

  g_task_set_source_tag (task, run);
  self->is_working = TRUE;
  g_task_run_in_thread (task, func);
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BipeCameraPipeline *self = BIPE_CAMERA_PIPELINE (source);

  self->is_working = FALSE;
  self->is_closed = TRUE;
  g_signal_emit (self, signals[CLOSED], 0);
}

/* One task ends, the next one begins. A short file can end before its opening does. */
static void
worked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BipeCameraPipeline *self = BIPE_CAMERA_PIPELINE (source);

  self->is_working = FALSE;
  if (self->is_closing)
    run (self, close_thread, closed_cb);
  else if (self->wants_replay)
    {
      self->wants_replay = FALSE;
      run (self, replay_thread, worked_cb);
    }
}

static void
tell (BipeCameraPipeline *self, const News *news)
{
  switch (news->kind)
    {
    case NEWS_STARTED:
      g_signal_emit (self, signals[STARTED], 0);
      break;
    case NEWS_PREVIEWED:
      g_signal_emit (self, signals[PREVIEWED], 0, news->sample);
      g_atomic_int_set (&self->is_previewing, FALSE);
      break;
    case NEWS_PLAYED:
      self->wants_replay = self->is_working;
      if (!self->is_working)
        run (self, replay_thread, worked_cb);
      break;
    case NEWS_ENDED:
      g_signal_emit (self, signals[ENDED], 0, news->state, news->problem);
      break;
    }
}

static void
news_cb (GPtrArray *items, gboolean has_gap, gpointer user_data)
{
  g_autoptr(BipeCameraPipeline) self = g_object_ref (user_data);

  for (guint i = 0; i < items->len && !self->is_closing; i++)
    tell (self, items->pdata[i]);
}

static void
bipe_camera_pipeline_finalize (GObject *object)
{
  BipeCameraPipeline *self = BIPE_CAMERA_PIPELINE (object);

  g_assert (self->is_closed);
  bipe_inbox_unref (self->inbox);
  bipe_camera_tap_unref (self->tap);
  bipe_camera_source_unref (self->source);

  G_OBJECT_CLASS (bipe_camera_pipeline_parent_class)->finalize (object);
}

static void
bipe_camera_pipeline_class_init (BipeCameraPipelineClass *class)
{
  G_OBJECT_CLASS (class)->finalize = bipe_camera_pipeline_finalize;

  signals[STARTED] = g_signal_new ("started", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[PREVIEWED] = g_signal_new ("previewed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[ENDED] = g_signal_new ("ended", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_STRING);
  signals[CLOSED] = g_signal_new ("closed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
}

static void
bipe_camera_pipeline_init (BipeCameraPipeline *self)
{
  self->is_open = TRUE;
}

BipeCameraPipeline *
bipe_camera_pipeline_new (BipeCameraSource *source, BipeCameraTap *tap)
{
  BipeCameraPipeline *self = g_object_new (BIPE_TYPE_CAMERA_PIPELINE, NULL);

  self->source = bipe_camera_source_ref (source);
  self->tap = bipe_camera_tap_ref (tap);
  self->inbox = bipe_inbox_new (g_main_context_get_thread_default (), G_PRIORITY_DEFAULT, NEWS_MAX,
                                news_free, news_cb, self);
  run (self, open_thread, worked_cb);
  return self;
}

void
bipe_camera_pipeline_close (BipeCameraPipeline *self)
{
  if (self->is_closing)
    return;
  self->is_closing = TRUE;
  g_atomic_int_set (&self->is_open, FALSE);
  bipe_inbox_close (self->inbox);
  if (!self->is_working)
    run (self, close_thread, closed_cb);
}

BipeCameraSource *
bipe_camera_pipeline_get_source (BipeCameraPipeline *self)
{
  return self->source;
}

void
bipe_camera_pipeline_set_wants_preview (BipeCameraPipeline *self, gboolean wants_preview)
{
  g_atomic_int_set (&self->wants_preview, wants_preview);
}

guint
bipe_camera_pipeline_get_n_frames (BipeCameraPipeline *self)
{
  return (guint)g_atomic_int_get (&self->n_frames);
}
