/* sounds.c: each tone is made as PCM samples and pushed through a GStreamer pipeline by a thread of
 * GLib's pool, one at a time. Nobody waits for that thread, at the end of the process neither: a
 * sound server that hangs must not hang us. */
#include "config.h"

#include "app/sounds.h"

#include <gst/app/app.h>
#include <math.h>

#define RATE 48000
#define TIMEOUT (3 * GST_SECOND)

/* One steady high beep; two falling low ones. Frequency 0 is silence. */
typedef struct
{
  double hertz;
  guint ms;
} Tone;

static const Tone kept[] = { { 2093, 90 }, { 0 } };
static const Tone refused[] = { { 440, 160 }, { 0, 60 }, { 311, 320 }, { 0 } };
static const Tone *const melodies[] = {
  [BIPE_SOUND_KEPT] = kept,
  [BIPE_SOUND_REFUSED] = refused,
};

struct _BipeSounds
{
  GObject parent_instance;

  GstElement *pipeline; /* made at first use; touched by the one running task alone */
  gboolean is_playing;
  int next; /* a BipeSound that waits, −1: none */
  gboolean is_broken;
};

G_DEFINE_FINAL_TYPE (BipeSounds, bipe_sounds, G_TYPE_OBJECT)

/* Sine with two overtones, so that small loudspeakers give it, too; 5 ms ramps, so that none
 * clicks. */
static void
append_tone (GByteArray *samples, const Tone *tone)
{
  guint n = RATE / 1000 * tone->ms;
  guint ramp = RATE / 1000 * 5;

  for (guint i = 0; i < n; i++)
    {
      double phase = 2 * G_PI * tone->hertz * i / RATE;
      double wave = (sin (phase) + sin (2 * phase) / 3 + sin (3 * phase) / 5) / 1.6;
      double gain = 0.5 * MIN (1.0, (double)MIN (i, n - i) / ramp);
      gint16 sample = (gint16)(wave * gain * G_MAXINT16);

      g_byte_array_append (samples, (const guint8 *)&sample, sizeof sample);
    }
}

static GstBuffer *
create_buffer (BipeSound sound)
{
  g_autoptr(GByteArray) samples = g_byte_array_new ();
  g_autoptr(GBytes) bytes = NULL;
  GstBuffer *buffer;

  for (const Tone *tone = melodies[sound]; tone->ms > 0; tone++)
    append_tone (samples, tone);
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&samples));
  buffer = gst_buffer_new_wrapped_bytes (bytes);
  GST_BUFFER_PTS (buffer) = 0;
  return buffer;
}

static gboolean
make_pipeline (BipeSounds *self, GError **error)
{
  GstElement *pipeline;

  if (!gst_init_check (NULL, NULL, error))
    return FALSE;
  pipeline = gst_parse_launch_full (
      "appsrc name=source format=time "
      "caps=audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=1 "
      "! audioconvert ! audioresample ! autoaudiosink",
      NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
  if (pipeline == NULL)
    return FALSE;
  self->pipeline = gst_object_ref_sink (pipeline);
  return TRUE;
}

static void
play_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  BipeSounds *self = source;
  g_autoptr(GstElement) appsrc = NULL;
  g_autoptr(GstBus) bus = NULL;
  g_autoptr(GstMessage) message = NULL;
  g_autoptr(GError) error = NULL;

  if (self->pipeline == NULL && !make_pipeline (self, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  appsrc = gst_bin_get_by_name (GST_BIN (self->pipeline), "source");
  bus = gst_element_get_bus (self->pipeline);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  gst_app_src_push_buffer (GST_APP_SRC (appsrc), create_buffer (GPOINTER_TO_INT (task_data)));
  gst_app_src_end_of_stream (GST_APP_SRC (appsrc));
  message = gst_bus_timed_pop_filtered (bus, TIMEOUT, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  if (message == NULL)
    error = g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "the sound device does not answer");
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  gst_element_set_state (self->pipeline, error == NULL ? GST_STATE_READY : GST_STATE_NULL);

  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

static void played_cb (GObject *source, GAsyncResult *result, gpointer user_data);

static void
start (BipeSounds *self, BipeSound sound)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, played_cb, NULL);

  g_task_set_source_tag (task, start);
  g_task_set_task_data (task, GINT_TO_POINTER (sound), NULL);
  self->is_playing = TRUE;
  g_task_run_in_thread (task, play_thread);
}

/* The one forward prototype: a tone's end starts the next one. */
static void
played_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BipeSounds *self = BIPE_SOUNDS (source);
  g_autoptr(GError) error = NULL;
  int next = self->next;

  self->is_playing = FALSE;
  self->next = -1;
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      self->is_broken = TRUE;
      g_message ("sounds are off: %s", error->message);
    }
  else if (next >= 0)
    start (self, (BipeSound)next);
}

static void
bipe_sounds_finalize (GObject *object)
{
  BipeSounds *self = BIPE_SOUNDS (object);

  if (self->pipeline != NULL)
    gst_element_set_state (self->pipeline, GST_STATE_NULL);
  g_clear_object (&self->pipeline);
  G_OBJECT_CLASS (bipe_sounds_parent_class)->finalize (object);
}

static void
bipe_sounds_class_init (BipeSoundsClass *class)
{
  G_OBJECT_CLASS (class)->finalize = bipe_sounds_finalize;
}

static void
bipe_sounds_init (BipeSounds *self)
{
  self->next = -1;
}

BipeSounds *
bipe_sounds_new (void)
{
  return g_object_new (BIPE_TYPE_SOUNDS, NULL);
}

void
bipe_sounds_play (BipeSounds *self, BipeSound sound)
{
  if (self->is_broken)
    return;
  if (self->is_playing)
    self->next = MAX (self->next, (int)sound);
  else
    start (self, sound);
}
