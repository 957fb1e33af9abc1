/* test-camera-pipeline.c: real pipelines: what is shown of them, and how those that give nothing
 * are told. */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "capture/camera-pipeline.h"
#include "watched-camera.h"

typedef struct
{
  const char *name;
  const char *pipeline;
  int luma;
} Picture;

static const Picture pictures[] = {
  { "I420", LIVE "white ! video/x-raw,format=I420," SIZE, 235 },
  { "NV12", LIVE "white ! video/x-raw,format=NV12," SIZE, 235 },
  { "YUY2", LIVE "white ! video/x-raw,format=YUY2," SIZE, 235 },
  { "UYVY", LIVE "black ! video/x-raw,format=UYVY," SIZE, 16 },
  { "GRAY8", LIVE "white ! video/x-raw,format=GRAY8," SIZE, 255 },
  { "BGRx", LIVE "white ! video/x-raw,format=BGRx," SIZE, 235 },
  { "RGB", LIVE "black ! video/x-raw,format=RGB," SIZE, 16 },
  { "odd width", LIVE "white ! video/x-raw,format=YUY2,width=321,height=241,framerate=30/1", 235 },
  { "JPEG", LIVE "black ! video/x-raw," SIZE " ! jpegenc", 0 },
  { "not live", "videotestsrc pattern=white ! video/x-raw,format=I420," SIZE, 235 },
};

static void
test_picture (gconstpointer data)
{
  const Picture *test = data;
  g_autofree char *problem = NULL;
  g_autoptr(GstSample) preview = NULL;
  const GstStructure *format;
  WatchedCamera fixture;
  int width;

  watched_camera_set_up (&fixture);
  watched_camera_start (&fixture, test->pipeline);
  watched_camera_wait_for_state (&fixture, BIPE_CAMERA_RUNNING);
  watched_camera_wait_for_frames (&fixture, 3);
  g_assert_cmpstr (fixture.states->str, ==, " starting running");
  g_assert_cmpint (ABS (g_atomic_int_get (&fixture.luma) - test->luma), <=, 20);

  problem = watched_camera_dup_problem (&fixture);
  g_assert_null (problem);
  preview = bipe_camera_dup_preview (fixture.camera);
  g_assert_nonnull (preview);
  format = gst_caps_get_structure (gst_sample_get_caps (preview), 0);
  g_assert_cmpstr (gst_structure_get_string (format, "format"), ==, "BGRx");
  g_assert_true (gst_structure_get_int (format, "width", &width));
  g_assert_cmpint (width, ==, g_atomic_int_get (&fixture.size) >> 16);
  watched_camera_tear_down (&fixture);
}

typedef struct
{
  const char *name;
  const char *pipeline;
  const char *problem;
} Failure;

static const Failure failures[] = {
  { "no such element", "nosuchelement ! videoconvert", "not in order: no element" },
  { "no description", "!!", "not in order" },
  { "empty", " ", "not in order" },
  { "no output", "videotestsrc ! fakesink", "not in order" },
  { "sound", "audiotestsrc is-live=true", "audiotestsrc" },
  { "missing file", "file:///nowhere/label.png", "there is no file label.png" },
  { "no such scheme", "gopher://camera/", "plugin" },
  { "no such port", "rtsp://user:secret@127.0.0.1:1/", "127.0.0.1 gives no pictures" },
  { "too large", "videotestsrc ! video/x-raw,format=GRAY8,width=8000,height=4000", "too large" },
  { "one that ends", "videotestsrc num-buffers=5", "have ended" },
  { "bytes", "fakesrc sizetype=fixed filltype=random num-buffers=100", "fakesrc" },
};

static void
test_failure (gconstpointer data)
{
  const Failure *test = data;
  g_autofree char *problem = NULL;
  g_autoptr(GstSample) preview = NULL;
  WatchedCamera fixture;

  watched_camera_set_up (&fixture);
  watched_camera_start (&fixture, test->pipeline);
  watched_camera_wait_for_state (&fixture, BIPE_CAMERA_FAILED);
  problem = watched_camera_dup_problem (&fixture);
  g_test_message ("%s", problem);
  g_assert_nonnull (strstr (problem, test->problem));
  g_assert_null (strstr (problem, "secret"));
  preview = bipe_camera_dup_preview (fixture.camera);
  g_assert_null (preview);
  watched_camera_tear_down (&fixture);
}

/* The picture that is a code to a decoder: hard black and white modules. */
#define MODULE 12
#define WIDTH (64 * MODULE)
#define HEIGHT (40 * MODULE)

/* Scattered as in a code. */
static gboolean
is_white (guint x, guint y)
{
  guint cell = (x / MODULE) * 31 + (y / MODULE) * 17;

  return ((cell * cell + cell) >> 3) & 1;
}

/* Percent of pixels on the wrong side, in the worst of the frames; atomic. */
static gint worst;

static void
compare (WatchedCamera *fixture, const BipePicture *picture)
{
  guint n_wrong = 0;

  g_assert_cmpuint (picture->width, ==, WIDTH);
  g_assert_cmpuint (picture->height, ==, HEIGHT);
  for (guint y = 0; y < HEIGHT; y++)
    for (guint x = 0; x < WIDTH; x++)
      {
        int luma = picture->luma[y * picture->stride + x];

        n_wrong += is_white (x, y) ? luma < 192 : luma > 64;
      }
  g_atomic_int_set (&worst,
                    MAX (g_atomic_int_get (&worst), (gint)(n_wrong * 100 / (WIDTH * HEIGHT))));
}

/* A failed one is tried again by itself. */
static void
test_retry (void)
{
  g_autofree char *folder = g_dir_make_tmp ("bipe-camera-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "late.png", NULL);
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);
  g_autofree char *text
      = g_strdup_printf ("videotestsrc num-buffers=1 ! pngenc ! filesink location=%s", path);
  g_autoptr(GstElement) writer = NULL;
  g_autoptr(GstBus) bus = NULL;
  g_autoptr(GstMessage) message = NULL;
  WatchedCamera fixture;

  watched_camera_set_up (&fixture);
  watched_camera_start (&fixture, uri);
  watched_camera_wait_for_state (&fixture, BIPE_CAMERA_FAILED);
  writer = gst_object_ref_sink (gst_parse_launch (text, NULL));
  bus = gst_element_get_bus (writer);
  gst_element_set_state (writer, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 10 * GST_SECOND, GST_MESSAGE_EOS);
  gst_element_set_state (writer, GST_STATE_NULL);
  watched_camera_wait_for_state (&fixture, BIPE_CAMERA_RUNNING);
  g_assert_true (g_str_has_prefix (fixture.states->str, " starting failed"));
  watched_camera_tear_down (&fixture);
  g_unlink (path);
  g_rmdir (folder);
}

/* Writes what @encoder makes of @n pictures with hard modules. */
static void
write_pictures (const char *path, guint n, const char *encoder)
{
  g_autofree char *text = g_strdup_printf (
      "appsrc name=source format=time caps=video/x-raw,format=GRAY8,width=%d,height=%d,"
      "framerate=30/1 ! videoconvert ! %s ! filesink location=%s",
      WIDTH, HEIGHT, encoder, path);
  g_autoptr(GError) error = NULL;
  g_autoptr(GstElement) pipeline = gst_parse_launch (text, &error);
  g_autoptr(GstElement) source = NULL;
  g_autoptr(GstBus) bus = NULL;
  g_autoptr(GstMessage) message = NULL;

  g_assert_no_error (error);
  gst_object_ref_sink (pipeline);
  source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < n; i++)
    {
      GstBuffer *buffer = gst_buffer_new_allocate (NULL, WIDTH * HEIGHT, NULL);
      GstFlowReturn flow;
      GstMapInfo map;

      g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
      for (guint j = 0; j < WIDTH * HEIGHT; j++)
        map.data[j] = is_white (j % WIDTH, j / WIDTH) ? 255 : 0;
      gst_buffer_unmap (buffer, &map);
      GST_BUFFER_PTS (buffer) = gst_util_uint64_scale (i, GST_SECOND, 30);
      GST_BUFFER_DURATION (buffer) = GST_SECOND / 30;
      g_signal_emit_by_name (source, "push-buffer", buffer, &flow);
      gst_buffer_unref (buffer);
    }
  g_signal_emit_by_name (source, "end-of-stream", &(GstFlowReturn){ 0 });
  bus = gst_element_get_bus (pipeline);
  message = gst_bus_timed_pop_filtered (bus, 10 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_EOS);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

typedef struct
{
  const char *name;
  const char *encoder;
  guint n;
} File;

static const File files[] = {
  { "label.png", "pngenc", 1 },
  { "label.jpg", "jpegenc", 1 },
  { "camera.avi", "jpegenc ! avimux", 10 },
};

/* A file is played again and again, as if it were a camera, and what was black and white is so
 * still: jpegdec's default makes noise of it (see the next test). */
static void
test_file (gconstpointer data)
{
  const File *test = data;
  g_autofree char *folder = g_dir_make_tmp ("bipe-camera-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, test->name, NULL);
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);
  g_autofree char *name = NULL;
  WatchedCamera fixture;

  write_pictures (path, test->n, test->encoder);
  g_atomic_int_set (&worst, 0);
  watched_camera_set_up (&fixture);
  fixture.look = compare;
  watched_camera_start (&fixture, uri);
  watched_camera_wait_for_frames (&fixture, (int)test->n * 2 + 5);
  g_assert_cmpstr (fixture.states->str, ==, " starting running");
  g_assert_cmpint (g_atomic_int_get (&fixture.size), ==, WIDTH << 16 | HEIGHT);
  g_assert_cmpint (g_atomic_int_get (&worst), ==, 0);
  g_object_get (fixture.camera, "name", &name, NULL);
  g_assert_cmpstr (name, ==, test->name);
  watched_camera_tear_down (&fixture);
  g_unlink (path);
  g_rmdir (folder);
}

/* How far @method is off, in grey levels a pixel. */
static double
measure_jpeg (const char *path, const char *method)
{
  g_autofree char *text
      = g_strdup_printf ("filesrc location=%s ! jpegdec idct-method=%s ! videoconvert ! "
                         "video/x-raw,format=GRAY8 ! appsink name=sink sync=false",
                         path, method);
  g_autoptr(GstElement) pipeline = gst_object_ref_sink (gst_parse_launch (text, NULL));
  g_autoptr(GstElement) sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_autoptr(GstSample) sample = NULL;
  GstMapInfo map;
  guint64 sum = 0;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_signal_emit_by_name (sink, "pull-sample", &sample);
  g_assert_nonnull (sample);
  g_assert_true (gst_buffer_map (gst_sample_get_buffer (sample), &map, GST_MAP_READ));
  for (guint i = 0; i < WIDTH * HEIGHT; i++)
    sum += (guint)ABS (map.data[i] - (is_white (i % WIDTH, i / WIDTH) ? 255 : 0));
  gst_buffer_unmap (gst_sample_get_buffer (sample), &map);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return (double)sum / (WIDTH * HEIGHT);
}

/* Why the decoder's method is set. Where this skips it need not be any more. */
static void
test_jpeg_fact (void)
{
  g_autofree char *folder = g_dir_make_tmp ("bipe-camera-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "label.jpg", NULL);
  double slow, fast;

  write_pictures (path, 1, "jpegenc");
  slow = measure_jpeg (path, "islow");
  fast = measure_jpeg (path, "ifast");
  g_test_message ("off by %.2f and by %.2f of 255", slow, fast);
  g_assert_cmpfloat (slow, <, 5);
  if (fast < 2 * slow)
    g_test_skip ("this libjpeg's fast method is in order");
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gst_init (NULL, NULL);
  if (!watched_camera_can_be_tested ())
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++)
    {
      g_autofree char *path = g_strdup_printf ("/camera-pipeline/picture/%s", pictures[i].name);

      g_test_add_data_func (path, &pictures[i], test_picture);
    }
  for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      g_autofree char *path = g_strdup_printf ("/camera-pipeline/failure/%s", failures[i].name);

      g_test_add_data_func (path, &failures[i], test_failure);
    }
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_strdup_printf ("/camera-pipeline/file/%s", files[i].name);

      g_test_add_data_func (path, &files[i], test_file);
    }
  g_test_add_func ("/camera-pipeline/jpeg-fact", test_jpeg_fact);
  g_test_add_func ("/camera-pipeline/retry", test_retry);
  return g_test_run ();
}
