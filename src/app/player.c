/* player.c: the thread has a queue of orders and the pipeline; what it has done comes back as a
 * task of its own, so that what the window waits for can be over before. */
#include "config.h"

#include "app/player.h"

#include <glib/gi18n.h>
#include <gst/app/app.h>

#include "base/error.h"

/* What a device may take beyond the length of the samples. */
#define PATIENCE_MS 4000

/* The first time of all, GStreamer looks its plugins over: seconds where the machine is busy. */
#define START_MS 60000

/* Without work for so long, the thread lets go of the device. */
#define IDLE_US (20 * G_TIME_SPAN_SECOND)

#define PIECE_BYTES (BIPE_PLAYER_RATE / 20 * 2) /* 50 ms */

typedef struct
{
  GTask *task; /* NULL: there is nothing more to come */
  GBytes *samples;
  char *output;
} Order;

struct _BipePlayer
{
  GObject parent_instance;

  GAsyncQueue *orders; /* of Order */
  gboolean is_started;
  int has_gstreamer; /* atomic: the thread has it started */
  gboolean is_busy;  /* the thread has an order */
  GTask *waiting;    /* who waits for it; NULL: nobody any more */
  guint watchdog;
  gint64 start_deadline; /* for GStreamer */
  gboolean was_started;  /* when the watchdog last looked */
};

G_DEFINE_FINAL_TYPE (BipePlayer, bipe_player, G_TYPE_OBJECT)

typedef struct
{
  GAsyncQueue *orders;
  GstElement *pipeline; /* NULL: not made */
  char *output;         /* of the pipeline */
} Sound;

static void
order_free (gpointer data)
{
  Order *order = data;

  g_clear_object (&order->task);
  g_clear_pointer (&order->samples, g_bytes_unref);
  g_free (order->output);
  g_free (order);
}

/* --- The thread ---------------------------------------------------------------------------- */

static void
let_go (Sound *sound)
{
  if (sound->pipeline != NULL)
    gst_element_set_state (sound->pipeline, GST_STATE_NULL);
  g_clear_object (&sound->pipeline);
  g_clear_pointer (&sound->output, g_free);
}

static gboolean
start_gstreamer (BipePlayer *player, GError **error)
{
  gboolean is_there = gst_init_check (NULL, NULL, error);

  g_atomic_int_set (&player->has_gstreamer, TRUE);
  return is_there;
}

static gboolean
make_pipeline (Sound *sound, const char *output, GError **error)
{
  g_autofree char *description = g_strdup_printf (
      "appsrc name=source format=time caps=audio/x-raw,format=%s,layout=interleaved,rate=%d,"
      "channels=1 ! audioconvert ! audioresample ! %s",
      G_BYTE_ORDER == G_LITTLE_ENDIAN ? "S16LE" : "S16BE", BIPE_PLAYER_RATE,
      output[0] != '\0' ? output : "autoaudiosink");
  GstElement *pipeline;

  if (sound->pipeline != NULL && g_str_equal (sound->output, output))
    return TRUE;
  let_go (sound);
  pipeline = gst_parse_launch_full (description, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
  if (pipeline == NULL)
    return FALSE;
  sound->pipeline = gst_object_ref_sink (pipeline);
  sound->output = g_strdup (output);
  return TRUE;
}

/* In pieces, so that it can be cut off between two of them whatever plays it. */
static void
push (Sound *sound, GBytes *samples)
{
  g_autoptr(GstElement) source = gst_bin_get_by_name (GST_BIN (sound->pipeline), "source");
  gsize size = g_bytes_get_size (samples);

  for (gsize at = 0; at < size; at += PIECE_BYTES)
    {
      g_autoptr(GBytes) piece = g_bytes_new_from_bytes (samples, at, MIN (PIECE_BYTES, size - at));
      GstBuffer *buffer = gst_buffer_new_wrapped_bytes (piece);

      GST_BUFFER_PTS (buffer) = gst_util_uint64_scale (at / 2, GST_SECOND, BIPE_PLAYER_RATE);
      GST_BUFFER_DURATION (buffer)
          = gst_util_uint64_scale (g_bytes_get_size (piece) / 2, GST_SECOND, BIPE_PLAYER_RATE);
      gst_app_src_push_buffer (GST_APP_SRC (source), buffer);
    }
  gst_app_src_end_of_stream (GST_APP_SRC (source));
}

/* Where there is no device, autoaudiosink only warns, and then plays into nothing. */
static gboolean
is_end (GstMessage *message)
{
  return GST_MESSAGE_TYPE (message) != GST_MESSAGE_WARNING
         || g_str_equal (G_OBJECT_TYPE_NAME (GST_MESSAGE_SRC (message)), "GstAutoAudioSink");
}

static GstMessage *
pop_end (GstBus *bus)
{
  GstMessageType types = GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING;
  GstMessage *message = gst_bus_pop_filtered (bus, types);

  while (message != NULL && !is_end (message))
    {
      gst_message_unref (message);
      message = gst_bus_pop_filtered (bus, types);
    }
  return message;
}

static gboolean
take_message (GstMessage *message, GError **error)
{
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    return TRUE;
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    {
      g_autoptr(GError) cause = NULL;
      g_autofree char *details = NULL;

      gst_message_parse_error (message, &cause, &details);
      g_message ("The sound device has failed: %s %s", cause->message, details);
      g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
                           N_ ("the sound device has failed; connect it again, or choose another "
                               "one in the sound settings of this computer"));
    }
  else
    g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
                         N_ ("no sound device was found; connect one, or choose one in the sound "
                             "settings of this computer"));
  return FALSE;
}

/* Until the samples are heard, or nobody wants them any more. */
static gboolean
await_end (Sound *sound, gint64 deadline, GCancellable *cancellable, GError **error)
{
  g_autoptr(GstBus) bus = gst_element_get_bus (sound->pipeline);
  GPollFD files[2];
  gboolean has_cancellable = g_cancellable_make_pollfd (cancellable, &files[1]);
  g_autoptr(GstMessage) message = NULL;

  gst_bus_get_pollfd (bus, &files[0]);
  while (message == NULL && !g_cancellable_is_cancelled (cancellable)
         && g_get_monotonic_time () < deadline)
    {
      gint64 left = (deadline - g_get_monotonic_time ()) / 1000 + 1;

      message = pop_end (bus);
      if (message == NULL)
        g_poll (files, has_cancellable ? 2 : 1, (int)MAX (0, left));
    }
  if (has_cancellable)
    g_cancellable_release_fd (cancellable);
  if (message != NULL)
    return take_message (message, error);
  if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
                         N_ ("the sound device does not answer"));
  return FALSE;
}

static gint64
get_length_us (GBytes *samples)
{
  return (gint64)g_bytes_get_size (samples) / 2 * G_USEC_PER_SEC / BIPE_PLAYER_RATE;
}

/* What was cut off may have told its end after nobody listened any more. */
static void
forget_messages (Sound *sound)
{
  g_autoptr(GstBus) bus = gst_element_get_bus (sound->pipeline);

  gst_bus_set_flushing (bus, TRUE);
  gst_bus_set_flushing (bus, FALSE);
}

static gboolean
play_once (Sound *sound, const Order *order, gint64 deadline, GError **error)
{
  GError *problem = NULL;

  if (!make_pipeline (sound, order->output, error))
    return FALSE;
  forget_messages (sound);
  gst_element_set_state (sound->pipeline, GST_STATE_PLAYING);
  push (sound, order->samples);
  await_end (sound, deadline, g_task_get_cancellable (order->task), &problem);
  if (problem == NULL || g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    gst_element_set_state (sound->pipeline, GST_STATE_READY);
  else
    let_go (sound);
  if (problem != NULL)
    g_propagate_error (error, problem);
  return problem == NULL;
}

/* A device that was kept may be one of a sound server that has gone meanwhile: it is looked for
 * again, but words that were well under way are not begun anew. */
static gboolean
play_anyway (Sound *sound, const Order *order, GError **error)
{
  gint64 deadline
      = g_get_monotonic_time () + get_length_us (order->samples) + PATIENCE_MS * (gint64)1000;
  gboolean was_kept = sound->pipeline != NULL && g_str_equal (sound->output, order->output);

  if (play_once (sound, order, deadline, error))
    return TRUE;
  if (!was_kept || sound->pipeline != NULL
      || g_get_monotonic_time () + get_length_us (order->samples) >= deadline)
    return FALSE;
  g_clear_error (error);
  return play_once (sound, order, deadline, error);
}

static void
play (Sound *sound, const Order *order)
{
  g_autoptr(GError) error = NULL;

  if (g_task_return_error_if_cancelled (order->task))
    return;
  if (start_gstreamer (g_task_get_source_object (order->task), &error)
      && play_anyway (sound, order, &error))
    g_task_return_boolean (order->task, TRUE);
  else
    g_task_return_error (order->task, g_steal_pointer (&error));
}

static gpointer
sound_thread (gpointer data)
{
  Sound sound = { .orders = data };
  gboolean is_over = FALSE;

  while (!is_over)
    {
      Order *order = g_async_queue_timeout_pop (sound.orders, IDLE_US);

      if (order == NULL)
        {
          let_go (&sound);
          order = g_async_queue_pop (sound.orders);
        }
      is_over = order->task == NULL;
      if (!is_over)
        play (&sound, order);
      order_free (order);
    }
  let_go (&sound);
  g_async_queue_unref (sound.orders);
  return NULL;
}

/* --- The window's side --------------------------------------------------------------------- */

static void
fail_unanswered (GTask *task)
{
  g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
                           N_ ("the sound device does not answer"));
}

/* The time of the sound counts from GStreamer's start. */
static gboolean
watchdog_cb (gpointer user_data)
{
  BipePlayer *self = user_data;
  g_autoptr(GTask) task = NULL;

  if (!self->was_started && g_get_monotonic_time () < self->start_deadline)
    {
      self->was_started = g_atomic_int_get (&self->has_gstreamer);
      return G_SOURCE_CONTINUE;
    }
  self->watchdog = 0;
  task = g_steal_pointer (&self->waiting);
  fail_unanswered (task);
  return G_SOURCE_REMOVE;
}

static void
played_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BipePlayer *self = BIPE_PLAYER (source);
  g_autoptr(GTask) task = g_steal_pointer (&self->waiting);
  g_autoptr(GError) error = NULL;
  gboolean is_played = g_task_propagate_boolean (G_TASK (result), &error);

  self->is_busy = FALSE;
  g_clear_handle_id (&self->watchdog, g_source_remove);
  if (task == NULL)
    return; /* the watchdog has told */
  if (is_played)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
send_order (BipePlayer *self, GBytes *samples, const char *output, GCancellable *cancellable)
{
  Order *order = g_new0 (Order, 1);

  order->task = g_task_new (self, cancellable, played_cb, NULL);
  g_task_set_source_tag (order->task, send_order);
  order->samples = g_bytes_ref (samples);
  order->output = g_strdup (output);
  if (!self->is_started)
    g_thread_unref (g_thread_new ("sound", sound_thread, g_async_queue_ref (self->orders)));
  self->is_started = TRUE;
  g_async_queue_push (self->orders, order);
}

/* Every order holds a reference, so there is none. */
static void
bipe_player_finalize (GObject *object)
{
  BipePlayer *self = BIPE_PLAYER (object);

  if (self->is_started)
    g_async_queue_push (self->orders, g_new0 (Order, 1));
  g_async_queue_unref (self->orders);
  G_OBJECT_CLASS (bipe_player_parent_class)->finalize (object);
}

static void
bipe_player_class_init (BipePlayerClass *class)
{
  G_OBJECT_CLASS (class)->finalize = bipe_player_finalize;
}

static void
bipe_player_init (BipePlayer *self)
{
  self->orders = g_async_queue_new_full (order_free);
}

BipePlayer *
bipe_player_new (void)
{
  return g_object_new (BIPE_TYPE_PLAYER, NULL);
}

void
bipe_player_play_async (BipePlayer *self,
                        GBytes *samples,
                        const char *output,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);
  guint limit_ms = (guint)(get_length_us (samples) / 1000) + PATIENCE_MS + PATIENCE_MS / 2;

  g_return_if_fail (self->waiting == NULL);

  g_task_set_source_tag (task, bipe_player_play_async);
  if (self->is_busy)
    {
      fail_unanswered (task);
      return;
    }
  self->is_busy = TRUE;
  self->waiting = g_steal_pointer (&task);
  self->watchdog = g_timeout_add (limit_ms, watchdog_cb, self);
  self->was_started = g_atomic_int_get (&self->has_gstreamer);
  self->start_deadline = g_get_monotonic_time () + START_MS * (gint64)1000;
  send_order (self, samples, output, cancellable);
}

gboolean
bipe_player_play_finish (BipePlayer *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, bipe_player_play_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
