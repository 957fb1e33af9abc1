/* test-camera.c: what is wanted changes while something is under way. What a device does is
 * test-pipewire's. */
#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/camera.h"
#include "watched-camera.h"

/* The other one begins when this one is closed, and nothing of this one comes after. */
static void
test_choose_while_running (void)
{
  WatchedCamera fixture;

  watched_camera_set_up (&fixture);
  watched_camera_start (&fixture, LIVE "black ! video/x-raw," SIZE);
  watched_camera_wait_for_frames (&fixture, 2);
  g_assert_cmpint (g_atomic_int_get (&fixture.luma), <, 30);
  watched_camera_choose (&fixture, LIVE "black ! video/x-raw," SIZE);
  g_assert_cmpstr (fixture.states->str, ==, " starting running");
  for (guint i = 0; i < 5; i++)
    {
      watched_camera_choose (&fixture, "nosuchelement");
      watched_camera_choose (&fixture, LIVE "white ! video/x-raw," SIZE);
    }
  g_assert_cmpint (bipe_camera_get_state (fixture.camera), ==, BIPE_CAMERA_STARTING);
  watched_camera_wait_for_state (&fixture, BIPE_CAMERA_RUNNING);
  watched_camera_wait_for_frames (&fixture, 2);
  g_assert_cmpint (g_atomic_int_get (&fixture.luma), >, 200);
  g_assert_cmpstr (fixture.states->str, ==, " starting running starting running");
  watched_camera_tear_down (&fixture);
}

static guint
count (const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_start_and_stop (void)
{
  guint n_threads = 0, n_files = 0;
  WatchedCamera fixture;

  watched_camera_set_up (&fixture);
  watched_camera_choose (&fixture, LIVE "white ! video/x-raw," SIZE);
  for (guint i = 0; i < 50; i++)
    {
      bipe_camera_start (fixture.camera);
      bipe_camera_start (fixture.camera);
      switch (i % 5)
        {
        case 0:
          watched_camera_wait_for_state (&fixture, BIPE_CAMERA_RUNNING);
          break;
        case 1:
          watched_camera_spin (i);
          break;
        default:
          break;
        }
      bipe_camera_stop (fixture.camera);
      bipe_camera_stop (fixture.camera);
      g_assert_cmpint (bipe_camera_get_state (fixture.camera), ==, BIPE_CAMERA_OFF);
      if (i == 20)
        {
          watched_camera_spin (200);
          n_threads = count ("/proc/self/task");
          n_files = count ("/proc/self/fd");
        }
    }
  watched_camera_spin (200);
  g_test_message ("%u threads, then %u; %u files, then %u", n_threads, count ("/proc/self/task"),
                  n_files, count ("/proc/self/fd"));
  g_assert_cmpuint (count ("/proc/self/task"), <=, n_threads + 1);
  g_assert_cmpuint (count ("/proc/self/fd"), <=, n_files + 1);
  bipe_camera_start (fixture.camera);
  watched_camera_wait_for_state (&fixture, BIPE_CAMERA_RUNNING);
  watched_camera_tear_down (&fixture);
}

/* Neither frame nor preview comes any more, and no time is spent in the call. */
static void
test_stop (void)
{
  WatchedCamera fixture;
  gint64 before;
  guint n_previews;
  int n_frames;

  watched_camera_set_up (&fixture);
  watched_camera_start (&fixture, LIVE "white ! video/x-raw," SIZE);
  watched_camera_wait_for_frames (&fixture, 2);
  before = g_get_monotonic_time ();
  bipe_camera_stop (fixture.camera);
  g_assert_cmpint (g_get_monotonic_time () - before, <, 50000);
  g_assert_cmpint (bipe_camera_get_state (fixture.camera), ==, BIPE_CAMERA_OFF);
  g_assert_null (bipe_camera_dup_preview (fixture.camera));
  watched_camera_spin (20);
  n_frames = g_atomic_int_get (&fixture.n_frames);
  n_previews = fixture.n_previews;
  watched_camera_spin (200);
  g_assert_cmpint (g_atomic_int_get (&fixture.n_frames), ==, n_frames);
  g_assert_cmpuint (fixture.n_previews, ==, n_previews);
  g_assert_cmpstr (fixture.states->str, ==, " starting running off");
  watched_camera_tear_down (&fixture);
}

static void
test_end_while_opening (void)
{
  for (guint i = 0; i < 10; i++)
    {
      WatchedCamera fixture;

      watched_camera_set_up (&fixture);
      watched_camera_start (&fixture, LIVE "white ! video/x-raw," SIZE);
      watched_camera_spin (i);
      watched_camera_tear_down (&fixture);
    }
}

/* A window that is hidden or slow: the frames come all the same. */
static void
test_preview (void)
{
  WatchedCamera fixture;
  guint n_previews;

  watched_camera_set_up (&fixture);
  bipe_camera_set_wants_preview (fixture.camera, FALSE);
  watched_camera_start (&fixture, LIVE "white ! video/x-raw," SIZE);
  watched_camera_wait_for_frames (&fixture, 10);
  g_assert_cmpuint (fixture.n_previews, ==, 0);
  bipe_camera_set_wants_preview (fixture.camera, TRUE);
  watched_camera_wait_for_frames (&fixture, 5);
  g_assert_cmpuint (fixture.n_previews, >, 0);

  fixture.preview_delay = 200;
  watched_camera_spin (200);
  n_previews = fixture.n_previews;
  watched_camera_wait_for_frames (&fixture, 30);
  g_assert_cmpuint (fixture.n_previews - n_previews, <=, 8);
  fixture.preview_delay = 0;
  watched_camera_tear_down (&fixture);
}

/* Opens and closes the other end of @path: the source opens its end more than once. */
static void
release (WatchedCamera *fixture, const char *path)
{
  gint64 end = g_get_monotonic_time () + WATCHED_CAMERA_PATIENCE;

  while (bipe_camera_get_state (fixture->camera) != BIPE_CAMERA_RUNNING)
    {
      int writer = g_open (path, O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0);

      watched_camera_spin (10);
      if (writer >= 0)
        close (writer);
      g_assert_cmpint (g_get_monotonic_time (), <, end);
    }
}

/* Two that do not complain: one gives nothing any more, the other hangs where it is opened, as a
 * device does in its driver (a FIFO that nobody writes). */
static void
test_silence (void)
{
  g_autofree char *folder = g_dir_make_tmp ("bipe-camera-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "fifo", NULL);
  g_autofree char *hanging_pipeline = g_strdup_printf ("filesrc location=%s", path);
  guint8 picture[64 * 64] = { 0 };
  g_autofree char *pipeline = NULL;
  g_autofree char *problem = NULL;
  WatchedCamera fixture, hanging;
  gint64 before;
  int fds[2];

  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  watched_camera_set_up (&hanging);
  watched_camera_start (&hanging, hanging_pipeline);

  g_assert_cmpint (pipe (fds), ==, 0);
  pipeline = g_strdup_printf ("fdsrc fd=%d blocksize=4096 do-timestamp=true ! "
                              "video/x-raw,format=GRAY8,width=64,height=64,framerate=30/1",
                              fds[0]);
  watched_camera_set_up (&fixture);
  watched_camera_start (&fixture, pipeline);
  for (guint i = 0; i < 5; i++)
    {
      g_assert_cmpint (write (fds[1], picture, sizeof picture), ==, sizeof picture);
      watched_camera_spin (30);
    }
  watched_camera_wait_for_state (&fixture, BIPE_CAMERA_RUNNING);
  watched_camera_wait_for_state (&fixture, BIPE_CAMERA_FAILED);
  problem = watched_camera_dup_problem (&fixture);
  g_assert_nonnull (strstr (problem, "fdsrc gives no pictures"));
  g_assert_cmpstr (fixture.states->str, ==, " starting running failed");
  close (fds[1]);
  watched_camera_tear_down (&fixture);
  close (fds[0]);

  watched_camera_wait_for_state (&hanging, BIPE_CAMERA_FAILED);
  g_assert_cmpstr (hanging.states->str, ==, " starting failed");
  before = g_get_monotonic_time ();
  bipe_camera_stop (hanging.camera);
  watched_camera_choose (&hanging, LIVE "white ! video/x-raw," SIZE);
  bipe_camera_start (hanging.camera);
  g_assert_cmpint (g_get_monotonic_time () - before, <, 50000);
  watched_camera_spin (50);
  g_assert_cmpint (bipe_camera_get_state (hanging.camera), ==, BIPE_CAMERA_STARTING);
  release (&hanging, path);
  watched_camera_tear_down (&hanging);
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_no_camera (void)
{
  const BipeCameraChoice choice
      = { .device = (char *)"Nobody's camera", .width = 1280, .height = 720, .rate = 30 };
  g_autofree char *problem = NULL;
  WatchedCamera fixture;

  watched_camera_set_up (&fixture);
  bipe_camera_choose (fixture.camera, &choice);
  bipe_camera_start (fixture.camera);
  watched_camera_wait_for_state (&fixture, BIPE_CAMERA_UNPLUGGED);
  problem = watched_camera_dup_problem (&fixture);
  g_assert_cmpstr (problem, ==, "the camera Nobody's camera is not plugged in");
  bipe_camera_stop (fixture.camera);
  bipe_camera_start (fixture.camera);
  watched_camera_wait_for_state (&fixture, BIPE_CAMERA_UNPLUGGED);
  watched_camera_tear_down (&fixture);
}

/* Only the preview is wanted. */
static void
test_without_taker (void)
{
  g_autoptr(BipeCamera) camera = bipe_camera_new (NULL, NULL, NULL);
  const BipeCameraChoice choice = { .pipeline = (char *)LIVE "white" };
  gint64 end = g_get_monotonic_time () + WATCHED_CAMERA_PATIENCE;
  g_autoptr(GstSample) preview = NULL;

  bipe_camera_choose (camera, &choice);
  bipe_camera_start (camera);
  while ((preview = bipe_camera_dup_preview (camera)) == NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      watched_camera_turn ();
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gst_init (NULL, NULL);
  if (!watched_camera_can_be_tested ())
    return 0;
  g_test_add_func ("/camera/choose-while-running", test_choose_while_running);
  g_test_add_func ("/camera/start-and-stop", test_start_and_stop);
  g_test_add_func ("/camera/stop", test_stop);
  g_test_add_func ("/camera/end-while-opening", test_end_while_opening);
  g_test_add_func ("/camera/preview", test_preview);
  g_test_add_func ("/camera/silence", test_silence);
  g_test_add_func ("/camera/no-camera", test_no_camera);
  g_test_add_func ("/camera/without-taker", test_without_taker);
  return g_test_run ();
}
