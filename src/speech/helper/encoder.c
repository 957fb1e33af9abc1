#include "config.h"

#include "speech/helper/encoder.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

#include "base/error.h"
#include "speech/recording.h"
#include "speech/speech-protocol.h"

#define WAITING_MAX (256 * 1024) /* bytes of samples before the encoder */

/* A player, and LAME, want at least something. */
#define SILENCE_SAMPLES (BIPE_SPEECH_RATE / 10)

struct _BipeEncoder
{
  GstElement *pipeline;
  GstAppSrc *source;
  BipeEncoderFunc func;
  gpointer user_data;
  guint64 n_samples;
};

static GstFlowReturn
sample_cb (GstAppSink *sink, gpointer user_data)
{
  BipeEncoder *self = user_data;
  GstSample *sample = gst_app_sink_pull_sample (sink);
  GstMapInfo map;

  if (sample == NULL)
    return GST_FLOW_EOS;
  if (gst_buffer_map (gst_sample_get_buffer (sample), &map, GST_MAP_READ))
    {
      self->func (map.data, map.size, self->user_data);
      gst_buffer_unmap (gst_sample_get_buffer (sample), &map);
    }
  gst_sample_unref (sample);
  return GST_FLOW_OK;
}

static void
set_title (BipeEncoder *self, const char *title)
{
  g_autoptr(GstElement) tagger = gst_bin_get_by_name (GST_BIN (self->pipeline), "tagger");

  gst_tag_setter_add_tags (GST_TAG_SETTER (tagger), GST_TAG_MERGE_REPLACE, GST_TAG_TITLE, title,
                           GST_TAG_ARTIST, "Bipe", NULL);
}

static void
connect_sink (BipeEncoder *self)
{
  g_autoptr(GstElement) sink = gst_bin_get_by_name (GST_BIN (self->pipeline), "sink");
  GstAppSinkCallbacks callbacks = { .new_sample = sample_cb };

  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, self, NULL);
}

BipeEncoder *
bipe_encoder_new (const char *title, BipeEncoderFunc func, gpointer user_data, GError **error)
{
  g_autofree char *description = g_strdup_printf (
      "appsrc name=source format=time block=true max-bytes=%d "
      "caps=audio/x-raw,format=%s,rate=%d,channels=1,"
      "layout=interleaved ! lamemp3enc target=bitrate cbr=true bitrate=%d mono=true ! "
      "id3v2mux name=tagger ! appsink name=sink sync=false",
      WAITING_MAX, G_BYTE_ORDER == G_LITTLE_ENDIAN ? "S16LE" : "S16BE", BIPE_SPEECH_RATE,
      BIPE_RECORDING_BITS_A_SECOND / 1000);
  g_autoptr(GError) problem = NULL;
  BipeEncoder *self;
  GstElement *pipeline = gst_parse_launch (description, &problem);

  if (problem != NULL)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "no MP3 can be made: %s",
                   problem->message);
      g_clear_object (&pipeline);
      return NULL;
    }
  self = g_new0 (BipeEncoder, 1);
  self->pipeline = gst_object_ref_sink (pipeline);
  self->source = GST_APP_SRC (gst_bin_get_by_name (GST_BIN (pipeline), "source"));
  self->func = func;
  self->user_data = user_data;
  set_title (self, title);
  connect_sink (self);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  return self;
}

void
bipe_encoder_free (BipeEncoder *self)
{
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_object_unref (self->source);
  gst_object_unref (self->pipeline);
  g_free (self);
}

gboolean
bipe_encoder_push (BipeEncoder *self, const gint16 *samples, gsize n_samples)
{
  GstBuffer *buffer;

  if (n_samples == 0)
    return TRUE;
  buffer = gst_buffer_new_memdup (samples, n_samples * sizeof *samples);
  GST_BUFFER_PTS (buffer) = gst_util_uint64_scale (self->n_samples, GST_SECOND, BIPE_SPEECH_RATE);
  GST_BUFFER_DURATION (buffer) = gst_util_uint64_scale (n_samples, GST_SECOND, BIPE_SPEECH_RATE);
  self->n_samples += n_samples;
  return gst_app_src_push_buffer (self->source, buffer) == GST_FLOW_OK;
}

gboolean
bipe_encoder_finish (BipeEncoder *self, GError **error)
{
  static const gint16 silence[SILENCE_SAMPLES];
  g_autoptr(GstBus) bus = gst_element_get_bus (self->pipeline);
  g_autoptr(GstMessage) message = NULL;
  g_autoptr(GError) problem = NULL;

  if (self->n_samples == 0)
    bipe_encoder_push (self, silence, SILENCE_SAMPLES);
  gst_app_src_end_of_stream (self->source);
  message
      = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  if (message != NULL && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    return TRUE;
  if (message != NULL)
    gst_message_parse_error (message, &problem, NULL);
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "no MP3 can be made: %s",
               problem != NULL ? problem->message : "no reason given");
  return FALSE;
}
