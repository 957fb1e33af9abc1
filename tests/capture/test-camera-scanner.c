/* test-camera-scanner.c: a real pipeline that repeats one frame, in which fake-decoder.c finds what
 * its first bytes say. */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "capture/camera-scanner.h"

#define WIDTH 640
#define HEIGHT 360

typedef struct
{
  BipeCameraScanner *scanner;
  char *path;
  GPtrArray *texts;
  guint n_flaws; /* notified */
} Fixture;

static void
scanned_cb (Fixture *fixture, BipeReading *reading, BipeSight *sight)
{
  g_assert_cmpuint (sight->width, ==, WIDTH);
  g_ptr_array_add (fixture->texts, g_strdup (reading->text));
}

static void
flaw_cb (Fixture *fixture)
{
  fixture->n_flaws++;
}

static gboolean
has_elements (void)
{
  static const char *const names[] = { "multifilesrc", "rawvideoparse", "videoconvert", "appsink" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(GstElementFactory) factory = gst_element_factory_find (names[i]);

      if (factory == NULL)
        return FALSE;
    }
  return TRUE;
}

/* A camera that shows @words. */
static void
set_up (Fixture *fixture, const char *words)
{
  g_autofree char *frame = g_malloc0 (WIDTH * HEIGHT);
  g_autofree char *pipeline = NULL;
  BipeCameraChoice choice = { .width = WIDTH, .height = HEIGHT, .rate = 30 };
  int file = g_file_open_tmp ("frame-XXXXXX", &fixture->path, NULL);

  g_close (file, NULL);
  memcpy (frame, words, strlen (words));
  g_assert_true (g_file_set_contents (fixture->path, frame, WIDTH * HEIGHT, NULL));
  pipeline = g_strdup_printf ("multifilesrc location=%s loop=true ! rawvideoparse width=%d "
                              "height=%d format=gray8 framerate=30/1",
                              fixture->path, WIDTH, HEIGHT);
  choice.pipeline = pipeline;
  fixture->texts = g_ptr_array_new_with_free_func (g_free);
  fixture->scanner = bipe_camera_scanner_new ();
  g_signal_connect_swapped (fixture->scanner, "scanned", G_CALLBACK (scanned_cb), fixture);
  g_signal_connect_swapped (fixture->scanner, "notify::flaw", G_CALLBACK (flaw_cb), fixture);
  bipe_camera_choose (bipe_camera_scanner_get_camera (fixture->scanner), &choice);
}

static void
tear_down (Fixture *fixture)
{
  g_assert_finalize_object (g_steal_pointer (&fixture->scanner));
  g_unlink (fixture->path);
  g_free (fixture->path);
  g_ptr_array_unref (fixture->texts);
}

static gboolean
late_cb (gpointer data)
{
  gboolean *is_late = data;

  *is_late = TRUE;
  return G_SOURCE_REMOVE;
}

static void
iterate_for (guint milliseconds)
{
  gboolean is_late = FALSE;

  g_timeout_add (milliseconds, late_cb, &is_late);
  while (!is_late)
    g_main_context_iteration (NULL, TRUE);
}

static void
iterate_until (gboolean (*is_there) (Fixture *fixture), Fixture *fixture)
{
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (!is_there (fixture))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      iterate_for (10);
    }
}

static int
get_flaw (Fixture *fixture)
{
  int flaw;

  g_object_get (fixture->scanner, "flaw", &flaw, NULL);
  return flaw;
}

static gboolean
has_text (Fixture *fixture)
{
  return fixture->texts->len > 0;
}

static gboolean
is_dark (Fixture *fixture)
{
  return get_flaw (fixture) == BIPE_FLAW_DARK;
}

static void
test_scanned (void)
{
  Fixture fixture = { 0 };
  BipeFrameFigures figures;
  BipeCamera *camera = NULL;

  set_up (&fixture, "A0 800 0 0 label\n0 1 200 200 4006381333931\n");
  g_object_get (fixture.scanner, "camera", &camera, NULL);
  g_assert_true (camera == bipe_camera_scanner_get_camera (fixture.scanner));
  bipe_camera_scanner_set_rules (
      fixture.scanner,
      &(BipeCameraScannerRules){ .symbologies = BIPE_SYMBOLOGY_QR_CODE, .absence = 1 });
  bipe_camera_start (camera);
  iterate_until (has_text, &fixture);
  iterate_for (300);
  g_assert_cmpuint (fixture.texts->len, ==, 1);
  g_assert_cmpstr (fixture.texts->pdata[0], ==, "label");
  g_assert_cmpint (get_flaw (&fixture), ==, BIPE_FLAW_NONE);
  bipe_camera_scanner_get_figures (fixture.scanner, &figures);
  g_assert_cmpuint (figures.n_frames, >, 0);
  g_assert_cmpuint (figures.n_looks, >, 0);
  g_assert_cmpuint (figures.n_deaths, ==, 0);
  g_clear_object (&camera);
  tear_down (&fixture);
}

/* It lasts before it is told, and goes with the camera. */
static void
test_flaw (void)
{
  Fixture fixture = { 0 };

  set_up (&fixture, "F1");
  bipe_camera_start (bipe_camera_scanner_get_camera (fixture.scanner));
  iterate_until (is_dark, &fixture);
  g_assert_cmpuint (fixture.n_flaws, ==, 1);
  bipe_camera_stop (bipe_camera_scanner_get_camera (fixture.scanner));
  g_assert_cmpint (get_flaw (&fixture), ==, BIPE_FLAW_NONE);
  g_assert_cmpuint (fixture.n_flaws, ==, 2);
  tear_down (&fixture);
}

/* Dropped before it starts, while it does, and while frames come. */
static void
test_dropped (void)
{
  for (guint i = 0; i < 12; i++)
    {
      Fixture fixture = { 0 };

      set_up (&fixture, "S");
      if (i > 0)
        bipe_camera_start (bipe_camera_scanner_get_camera (fixture.scanner));
      iterate_for (i * 15);
      tear_down (&fixture);
    }
}

int
main (int argc, char **argv)
{
  gst_init (NULL, NULL);
  if (!has_elements ())
    return 77;
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/camera-scanner/scanned", test_scanned);
  g_test_add_func ("/camera-scanner/flaw", test_flaw);
  g_test_add_func ("/camera-scanner/dropped", test_dropped);
  return g_test_run ();
}
