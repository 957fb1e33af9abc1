/* test-camera-source.c: what a source is called, which way it looks, and how its failures are told.
 * That it gives pictures is test-camera's and test-pipewire's. */
#include "config.h"

#include <errno.h>

#include "capture/camera-source.h"

struct _TestDevice
{
  GstDevice parent_instance;
};

#define TEST_TYPE_DEVICE (test_device_get_type ())
G_DECLARE_FINAL_TYPE (TestDevice, test_device, TEST, DEVICE, GstDevice)
G_DEFINE_FINAL_TYPE (TestDevice, test_device, GST_TYPE_DEVICE)

static void
test_device_class_init (TestDeviceClass *class)
{
}

static void
test_device_init (TestDevice *self)
{
}

static BipeCameraSource *
make_device_source (BipeCameraList *list, const char *name, const char *location)
{
  g_autoptr(GstCaps) caps = gst_caps_new_any ();
  g_autoptr(GstStructure) properties = gst_structure_new_empty ("properties");
  g_autoptr(GstDevice) device = NULL;

  if (location != NULL)
    gst_structure_set (properties, "api.libcamera.location", G_TYPE_STRING, location, NULL);
  device = gst_object_ref_sink (g_object_new (TEST_TYPE_DEVICE, "display-name", name,
                                              "device-class", "Video/Source", "caps", caps,
                                              "properties", properties, NULL));
  return bipe_camera_source_new_device (list, device, name, 1280, 720, 30);
}

static void
test_names (void)
{
  static const struct
  {
    const char *pipeline, *name;
    gboolean is_endless, wants_pace;
  } cases[] = {
    { "file:///tmp/some%20where/label.png", "label.png", TRUE, TRUE },
    { "FILE:///x.avi", "x.avi", TRUE, TRUE },
    { "rtsp://user:secret@10.0.0.2:554/stream?password=secret", "10.0.0.2", FALSE, FALSE },
    { "rtsps://camera.example/1", "camera.example", FALSE, FALSE },
    { "http://camera/video.mjpg", "camera", FALSE, TRUE },
    { "videotestsrc is-live=true ! video/x-raw,width=1280", "videotestsrc", FALSE, TRUE },
    { "  v4l2src device=/dev/video0", "v4l2src", FALSE, TRUE },
    { "souphttpsrc location=http://u:secret@h/", "souphttpsrc", FALSE, TRUE },
    { "rtsp://user:sec ret@@[/", "pipeline", FALSE, FALSE },
    { "", "pipeline", FALSE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(BipeCameraSource) source = bipe_camera_source_new_pipeline (cases[i].pipeline);

      g_assert_cmpstr (bipe_camera_source_get_name (source), ==, cases[i].name);
      g_assert_cmpint (bipe_camera_source_is_endless (source), ==, cases[i].is_endless);
      g_assert_cmpint (bipe_camera_source_wants_pace (source), ==, cases[i].wants_pace);
      g_assert_false (bipe_camera_source_faces_operator (source));
      g_assert_null (bipe_camera_source_get_device (source));
    }
}

static void
test_faces_operator (gconstpointer data)
{
  BipeCameraList *list = (BipeCameraList *)data;
  static const struct
  {
    const char *name, *location;
    gboolean faces_operator;
  } cases[] = {
    { "Integrated Camera: Integrated C", NULL, TRUE },
    { "FaceTime HD Camera (Built-in)", NULL, TRUE },
    { "HD Pro Webcam C920", NULL, TRUE },
    { "HD WebCam", NULL, TRUE },
    { "USB 2.0 Camera", NULL, FALSE },
    { "Document camera", NULL, FALSE },
    { "imx355", "front", TRUE },
    { "imx363 webcam", "back", FALSE },
    { "Integrated Camera", "external", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(BipeCameraSource) source
                 = make_device_source (list, cases[i].name, cases[i].location);

      g_assert_cmpint (bipe_camera_source_faces_operator (source), ==, cases[i].faces_operator);
      g_assert_false (bipe_camera_source_is_endless (source));
      g_assert_false (bipe_camera_source_wants_pace (source));
    }
}

static void
test_judgement (gconstpointer data)
{
  BipeCameraList *list = (BipeCameraList *)data;
  const struct
  {
    const char *pipeline; /* NULL: a device */
    GQuark domain;
    int code;
    int error_number; /* told in what is for programmers */
    gboolean was_running;
    BipeCameraState state;
    const char *words;
  } cases[] = {
    { NULL, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_BUSY, 0, FALSE, BIPE_CAMERA_BUSY,
      "another program uses the camera Cam" },
    { NULL, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS, EBUSY, FALSE, BIPE_CAMERA_BUSY,
      "another program" },
    { NULL, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_READ_WRITE, EACCES, FALSE,
      BIPE_CAMERA_REFUSED, "may not use" },
    { NULL, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND, ENOENT, FALSE, BIPE_CAMERA_UNPLUGGED,
      "plug it in" },
    { NULL, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ, ENODEV, TRUE, BIPE_CAMERA_UNPLUGGED,
      "plug it in" },
    { NULL, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ, 0, TRUE, BIPE_CAMERA_UNPLUGGED,
      "plug it in" },
    { NULL, GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED, 0, FALSE, BIPE_CAMERA_FAILED,
      "can't be started: what GStreamer says" },
    { NULL, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN, 0, FALSE, BIPE_CAMERA_FAILED,
      "plugin that is not installed" },
    { "file:///a/b.png", GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND, ENOENT, FALSE,
      BIPE_CAMERA_FAILED, "there is no file b.png" },
    { "rtsp://u:secret@h/", GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_AUTHORIZED, 0, FALSE,
      BIPE_CAMERA_REFUSED, "h wants another user name or password" },
    { "rtsp://u:secret@h/", GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ, 0, TRUE,
      BIPE_CAMERA_FAILED, "h gives no pictures: what GStreamer says" },
    { "rtsp://u:secret@h/", GST_STREAM_ERROR, GST_STREAM_ERROR_CODEC_NOT_FOUND, 0, FALSE,
      BIPE_CAMERA_FAILED, "plugin that is not installed" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(BipeCameraSource) source
                 = cases[i].pipeline != NULL ? bipe_camera_source_new_pipeline (cases[i].pipeline)
                                             : make_device_source (list, "Cam", NULL);
      g_autoptr(GError) error
                 = g_error_new_literal (cases[i].domain, cases[i].code, "what GStreamer says");
      g_autofree char *debug = cases[i].error_number != 0
                                   ? g_strdup_printf ("v4l2.c(1): system error: %s",
                                                      g_strerror (cases[i].error_number))
                                   : NULL;
      g_autofree char *problem = NULL;

      g_assert_cmpint (
          bipe_camera_source_judge (source, error, debug, cases[i].was_running, &problem), ==,
          cases[i].state);
      g_test_message ("%s", problem);
      g_assert_nonnull (strstr (problem, cases[i].words));
      g_assert_null (strstr (problem, "secret"));
    }
}

int
main (int argc, char *argv[])
{
  BipeCameraList *list;
  int status;

  g_test_init (&argc, &argv, NULL);
  gst_init (NULL, NULL);
  list = bipe_camera_list_new (-1);
  g_test_add_func ("/camera-source/names", test_names);
  g_test_add_data_func ("/camera-source/faces-operator", list, test_faces_operator);
  g_test_add_data_func ("/camera-source/judgement", list, test_judgement);
  status = g_test_run ();

  g_object_add_weak_pointer (G_OBJECT (list), (gpointer *)&list);
  g_object_unref (list);
  while (list != NULL)
    g_main_context_iteration (NULL, FALSE);
  return status;
}
