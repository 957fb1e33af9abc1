#include "config.h"

#include "capture/camera-format.h"

typedef struct
{
  const char *name;
  const char *offered;
  const char *chosen; /* NULL: none */
} Case;

#define RAW "video/x-raw, format=YUY2, "

/* All want 1280×720 at 30. */
static const Case cases[] = {
  { .name = "a webcam: JPEG at 30 before raw at 10",
    .offered = RAW "width=1280, height=720, framerate={ 10/1, 5/1 }; "
                   "image/jpeg, width=1280, height=720, framerate={ 30/1, 15/1 }; " RAW
                   "width=640, height=480, framerate=30/1",
    .chosen = "image/jpeg, width=1280, height=720, framerate=30/1" },
  { .name = "raw where it is as quick",
    .offered = "image/jpeg, width=1280, height=720, framerate=30/1; " RAW
               "width=1280, height=720, framerate=30/1",
    .chosen = RAW "width=1280, height=720, framerate=30/1" },
  { .name = "too large rather than far too small",
    .offered
    = RAW "width=320, height=240, framerate=30/1; " RAW "width=1920, height=1080, framerate=30/1",
    .chosen = RAW "width=1920, height=1080, framerate=30/1" },
  { .name = "the size, if it comes ten times a second",
    .offered
    = RAW "width=1280, height=720, framerate=10/1; " RAW "width=640, height=480, framerate=30/1",
    .chosen = RAW "width=1280, height=720, framerate=10/1" },
  { .name = "not five times",
    .offered
    = RAW "width=1280, height=720, framerate=5/1; " RAW "width=640, height=480, framerate=30/1",
    .chosen = RAW "width=640, height=480, framerate=30/1" },
  { .name = "no more often than wanted",
    .offered = RAW "width=1280, height=720, framerate={ 60/1, 30/1, 15/1 }",
    .chosen = RAW "width=1280, height=720, framerate=30/1" },
  { .name = "NTSC's 30",
    .offered = RAW "width=1280, height=720, framerate={ 60/1, 30000/1001 }",
    .chosen = RAW "width=1280, height=720, framerate=30000/1001" },
  { .name = "ranges, and a list of formats",
    .offered = "video/x-raw, format={ RGB, UYVY, NV12 }, width=[ 1, 4096 ], height=[ 1, 4096 ], "
               "framerate=[ 0/1, 100/1 ]",
    .chosen = "video/x-raw, format=NV12, width=1280, height=720, framerate=30/1" },
  { .name = "a range that ends below",
    .offered = RAW "width=[ 16, 800 ], height=[ 16, 600 ], framerate=[ 1/1, 25/1 ]",
    .chosen = RAW "width=800, height=600, framerate=25/1" },
  { .name = "colour before grey",
    .offered = "video/x-raw, format=GRAY8, width=1280, height=720, framerate=30/1; " RAW
               "width=1280, height=720, framerate=30/1",
    .chosen = RAW "width=1280, height=720, framerate=30/1" },
  { .name = "whole pictures before lines",
    .offered = "video/x-raw, format=NV12, width=1280, height=720, framerate=30/1, "
               "interlace-mode=interleaved; " RAW "width=800, height=600, framerate=30/1, "
               "interlace-mode=progressive",
    .chosen = RAW "width=800, height=600, framerate=30/1" },
  { .name = "plain memory only",
    .offered
    = "video/x-raw(memory:DMABuf), format=NV12, width=1280, height=720, framerate=30/1; " RAW
      "width=640, height=480, framerate=30/1",
    .chosen = RAW "width=640, height=480, framerate=30/1" },
  { .name = "without a rate",
    .offered = RAW "width=640, height=480",
    .chosen = RAW "width=640, height=480" },
  { .name = "anything", .offered = "video/x-raw; image/jpeg", .chosen = "video/x-raw" },
  { .name = "H.264 alone", .offered = "video/x-h264, width=1280, height=720, framerate=30/1" },
  { .name = "a format nobody knows",
    .offered = "video/x-raw, format=FOO, width=1280, height=720; video/x-raw, format=ENCODED" },
  { .name = "no size", .offered = RAW "width=0, height=0, framerate=30/1" },
  { .name = "a rate of 0",
    .offered = RAW "width=1280, height=720, framerate=0/1",
    .chosen = RAW "width=1280, height=720, framerate=0/1" },
  { .name = "nothing", .offered = "EMPTY" },
};

static void
test_choose (gconstpointer data)
{
  const Case *test = data;
  g_autoptr(GstCaps) offered = gst_caps_from_string (test->offered);
  g_autoptr(GstCaps) chosen = NULL;
  g_autofree char *text = NULL;

  g_assert_nonnull (offered);
  chosen = bipe_camera_format_choose (offered, 1280, 720, 30);
  if (test->chosen == NULL)
    g_assert_null (chosen);
  else
    {
      g_autoptr(GstCaps) expected = gst_caps_from_string (test->chosen);

      g_assert_nonnull (chosen);
      text = gst_caps_to_string (chosen);
      g_test_message ("%s", text);
      g_assert_true (gst_caps_is_equal (chosen, expected));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gst_init (NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/camera-format/%s", cases[i].name);

      g_test_add_data_func (path, &cases[i], test_choose);
    }
  return g_test_run ();
}
