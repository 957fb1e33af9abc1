#include "config.h"

#include "watched-camera.h"

static void
frame_cb (const BipePicture *picture, gint64 taken_at, gpointer user_data)
{
  WatchedCamera *self = user_data;

  if (taken_at <= self->taken_at || taken_at > g_get_monotonic_time ())
    g_atomic_int_set (&self->is_late, TRUE);
  self->taken_at = taken_at;
  g_assert_cmpuint (picture->stride, >=, picture->width);
  if (self->look != NULL)
    self->look (self, picture);
  g_atomic_int_set (&self->size, (gint)(picture->width << 16 | picture->height));
  g_atomic_int_set (&self->luma,
                    picture->luma[picture->height / 2 * picture->stride + picture->width / 2]);
  g_atomic_int_inc (&self->n_frames);
}

static void
destroy_cb (gpointer user_data)
{
  WatchedCamera *self = user_data;

  g_atomic_int_inc (&self->n_destroyed);
}

static void
state_cb (BipeCamera *camera, GParamSpec *pspec, gpointer user_data)
{
  WatchedCamera *self = user_data;

  g_string_append_printf (self->states, " %s",
                          bipe_camera_state_get_name (bipe_camera_get_state (camera)));
}

static void
preview_cb (BipeCamera *camera, gpointer user_data)
{
  WatchedCamera *self = user_data;

  self->n_previews++;
  g_usleep (1000ul * self->preview_delay);
}

void
watched_camera_set_up (WatchedCamera *self)
{
  *self = (WatchedCamera){ .states = g_string_new ("") };
  self->camera = bipe_camera_new (frame_cb, self, destroy_cb);
  g_signal_connect (self->camera, "notify::state", G_CALLBACK (state_cb), self);
  g_signal_connect (self->camera, "preview", G_CALLBACK (preview_cb), self);
  g_assert_cmpint (bipe_camera_get_state (self->camera), ==, BIPE_CAMERA_OFF);
}

static gboolean
wake_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

void
watched_camera_turn (void)
{
  guint id = g_timeout_add (5, wake_cb, NULL);

  g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);
}

void
watched_camera_spin (guint milliseconds)
{
  gint64 end = g_get_monotonic_time () + 1000 * milliseconds;

  while (g_get_monotonic_time () < end)
    watched_camera_turn ();
}

void
watched_camera_wait_for_state (WatchedCamera *self, BipeCameraState state)
{
  gint64 end = g_get_monotonic_time () + WATCHED_CAMERA_PATIENCE;

  while (bipe_camera_get_state (self->camera) != state)
    {
      if (g_get_monotonic_time () > end)
        g_error ("not %s; it was%s", bipe_camera_state_get_name (state), self->states->str);
      watched_camera_turn ();
    }
}

void
watched_camera_wait_for_frames (WatchedCamera *self, int n)
{
  gint64 end = g_get_monotonic_time () + WATCHED_CAMERA_PATIENCE;
  int first = g_atomic_int_get (&self->n_frames);

  while (g_atomic_int_get (&self->n_frames) < first + n)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      watched_camera_turn ();
    }
}

void
watched_camera_tear_down (WatchedCamera *self)
{
  gint64 end = g_get_monotonic_time () + WATCHED_CAMERA_PATIENCE;

  g_assert_finalize_object (self->camera);
  while (!g_atomic_int_get (&self->n_destroyed))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      watched_camera_turn ();
    }
  watched_camera_spin (10);
  g_assert_cmpint (g_atomic_int_get (&self->n_destroyed), ==, 1);
  g_assert_false (g_atomic_int_get (&self->is_late));
  g_string_free (self->states, TRUE);
}

void
watched_camera_choose (WatchedCamera *self, const char *pipeline)
{
  const BipeCameraChoice choice
      = { .pipeline = (char *)pipeline, .width = 1280, .height = 720, .rate = 30 };

  bipe_camera_choose (self->camera, &choice);
}

void
watched_camera_start (WatchedCamera *self, const char *pipeline)
{
  watched_camera_choose (self, pipeline);
  bipe_camera_start (self->camera);
}

char *
watched_camera_dup_problem (WatchedCamera *self)
{
  char *problem;

  g_object_get (self->camera, "problem", &problem, NULL);
  return problem;
}

gboolean
watched_camera_can_be_tested (void)
{
  static const char *const names[]
      = { "videotestsrc", "videoconvert", "appsink",  "jpegdec", "jpegenc", "pngdec",
          "pngenc",       "avimux",       "avidemux", "rtspsrc", "appsrc",  "uridecodebin" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(GstElementFactory) factory = gst_element_factory_find (names[i]);

      if (factory == NULL)
        {
          g_print ("1..0 # SKIP GStreamer's %s is missing\n", names[i]);
          return FALSE;
        }
    }
  return TRUE;
}
