/* camera-watch.c: tells on its output what a camera does, a line for each thing: for the hand, and
 * for test-pipewire.py. */
#include "config.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <stdio.h>

#include "capture/camera.h"

typedef struct
{
  BipeCamera *camera;
  GMainLoop *loop;
  gint n_frames; /* atomic, as the next two */
  gint width;
  gint height;
  guint n_previews;
} Watch;

static void
frame_cb (const BipePicture *picture, gint64 taken_at, gpointer user_data)
{
  Watch *watch = user_data;

  g_atomic_int_inc (&watch->n_frames);
  g_atomic_int_set (&watch->width, (int)picture->width);
  g_atomic_int_set (&watch->height, (int)picture->height);
}

static void
preview_cb (BipeCamera *camera, gpointer user_data)
{
  Watch *watch = user_data;

  watch->n_previews++;
}

static void
notify_cb (BipeCamera *camera, GParamSpec *pspec, gpointer user_data)
{
  g_autofree char *problem = NULL;
  g_autofree char *name = NULL;
  g_auto(GStrv) names = NULL;
  g_autofree char *joined = NULL;
  gboolean faces_operator;

  g_object_get (camera, "problem", &problem, "name", &name, "names", &names, "faces-operator",
                &faces_operator, NULL);
  joined = g_strjoinv ("|", names);
  if (g_str_equal (pspec->name, "state"))
    g_print ("state %s\n", bipe_camera_state_get_name (bipe_camera_get_state (camera)));
  else if (g_str_equal (pspec->name, "problem"))
    g_print ("problem %s\n", problem != NULL ? problem : "");
  else if (g_str_equal (pspec->name, "name"))
    g_print ("name %s\n", name);
  else if (g_str_equal (pspec->name, "names"))
    g_print ("names %s\n", joined);
  else
    g_print ("faces-operator %d\n", faces_operator);
}

static gboolean
second_cb (gpointer user_data)
{
  Watch *watch = user_data;
  int n_frames = g_atomic_int_get (&watch->n_frames);

  g_atomic_int_add (&watch->n_frames, -n_frames);
  g_print ("frames %d %dx%d previews %u\n", n_frames, g_atomic_int_get (&watch->width),
           g_atomic_int_get (&watch->height), watch->n_previews);
  watch->n_previews = 0;
  return G_SOURCE_CONTINUE;
}

static gboolean
quit_cb (gpointer user_data)
{
  Watch *watch = user_data;

  g_main_loop_quit (watch->loop);
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char *argv[])
{
  BipeCameraChoice choice = { .width = 1280, .height = 720, .rate = 30 };
  int width = 1280, height = 720, rate = 30;
  GOptionEntry entries[] = {
    { "device", 0, 0, G_OPTION_ARG_STRING, &choice.device, "The camera's name, or portal", "NAME" },
    { "pipeline", 0, 0, G_OPTION_ARG_STRING, &choice.pipeline, "A URI or a description", "TEXT" },
    { "width", 0, 0, G_OPTION_ARG_INT, &width, NULL, "PIXELS" },
    { "height", 0, 0, G_OPTION_ARG_INT, &height, NULL, "PIXELS" },
    { "rate", 0, 0, G_OPTION_ARG_INT, &rate, NULL, "HERTZ" },
    { NULL },
  };
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);
  g_autoptr(GError) error = NULL;
  Watch watch = { .loop = g_main_loop_new (NULL, FALSE) };

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  choice.width = (guint)width;
  choice.height = (guint)height;
  choice.rate = (guint)rate;

  setvbuf (stdout, NULL, _IOLBF, 0);
  watch.camera = bipe_camera_new (frame_cb, &watch, NULL);
  g_signal_connect (watch.camera, "notify", G_CALLBACK (notify_cb), NULL);
  g_signal_connect (watch.camera, "preview", G_CALLBACK (preview_cb), &watch);
  bipe_camera_choose (watch.camera, &choice);
  bipe_camera_start (watch.camera);
  g_timeout_add_seconds (1, second_cb, &watch);
  g_unix_signal_add (SIGINT, quit_cb, &watch);
  g_unix_signal_add (SIGTERM, quit_cb, &watch);
  g_main_loop_run (watch.loop);

  bipe_camera_stop (watch.camera);
  g_object_unref (watch.camera);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_main_loop_unref (watch.loop);
  g_free (choice.device);
  g_free (choice.pipeline);
  return 0;
}
