#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <gst/base/gstbasesink.h>
#include <unistd.h>

#include "app/player.h"
#include "base/error.h"

#define N_BYTES (BIPE_PLAYER_RATE / 2 * 2)
#define SINK "test-sink"

/* --- A sound device: how it is, and what it has played --------------------------------------- */

static struct
{
  GCancellable *cut_off; /* cancelled with the last sample */
  gboolean warns;
  int n_failures; /* atomic: so many times from now on it is gone */
  int n_bytes;
} device;

typedef GstBaseSink TestSink;
typedef GstBaseSinkClass TestSinkClass;

GType test_sink_get_type (void);

G_DEFINE_TYPE (TestSink, test_sink, GST_TYPE_BASE_SINK)

static GstFlowReturn
render (GstBaseSink *sink, GstBuffer *buffer)
{
  if (g_atomic_int_get (&device.n_failures) > 0)
    {
      g_atomic_int_add (&device.n_failures, -1);
      GST_ELEMENT_ERROR (sink, RESOURCE, WRITE, (NULL), ("gone"));
      return GST_FLOW_ERROR;
    }
  if (device.warns)
    GST_ELEMENT_WARNING (sink, RESOURCE, WRITE, (NULL), ("a bit late"));
  g_usleep (5000);
  g_atomic_int_add (&device.n_bytes, (int)gst_buffer_get_size (buffer));
  return GST_FLOW_OK;
}

/* The end is told, and then nobody listens any more. */
static gboolean
event (GstBaseSink *sink, GstEvent *event)
{
  gboolean is_end = GST_EVENT_TYPE (event) == GST_EVENT_EOS;
  gboolean is_taken = GST_BASE_SINK_CLASS (test_sink_parent_class)->event (sink, event);

  if (is_end && device.cut_off != NULL)
    g_cancellable_cancel (device.cut_off);
  return is_taken;
}

static void
test_sink_class_init (TestSinkClass *class)
{
  static GstStaticPadTemplate template = GST_STATIC_PAD_TEMPLATE (
      "sink", GST_PAD_SINK, GST_PAD_ALWAYS,
      GST_STATIC_CAPS ("audio/x-raw,format=S16LE,channels=1,rate=22050"));

  class->render = render;
  class->event = event;
  gst_element_class_add_static_pad_template (GST_ELEMENT_CLASS (class), &template);
  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (class), "Test", "Sink/Audio", "Test",
                                         "Bipe");
}

static void
test_sink_init (TestSink *sink)
{
  gst_base_sink_set_sync (sink, FALSE);
}

/* --- Playing ------------------------------------------------------------------------------- */

typedef struct
{
  gboolean is_over;
  GError *error; /* NULL: played */
} Outcome;

static GBytes *
make_samples (void)
{
  guint8 *bytes = g_malloc (N_BYTES);

  for (guint i = 0; i < N_BYTES; i++)
    bytes[i] = (guint8)(i * 7);
  return g_bytes_new_take (bytes, N_BYTES);
}

static void
played_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Outcome *outcome = user_data;

  bipe_player_play_finish (BIPE_PLAYER (source), result, &outcome->error);
  outcome->is_over = TRUE;
}

/* Returns: (nullable): why it was not played */
static GError *
play (BipePlayer *player, const char *output, GCancellable *cancellable)
{
  g_autoptr(GBytes) samples = make_samples ();
  Outcome outcome = { FALSE };

  g_atomic_int_set (&device.n_bytes, 0);
  bipe_player_play_async (player, samples, output, cancellable, played_cb, &outcome);
  while (!outcome.is_over)
    g_main_context_iteration (NULL, TRUE);
  return outcome.error;
}

static void
assert_plays (BipePlayer *player, const char *output)
{
  g_autoptr(GError) error = play (player, output, NULL);

  g_assert_no_error (error);
  g_assert_cmpint (g_atomic_int_get (&device.n_bytes), ==, N_BYTES);
}

/* Its thread may hold it a moment longer. */
static void
let_go (BipePlayer *player)
{
  GWeakRef weak;

  g_weak_ref_init (&weak, player);
  g_object_unref (player);
  for (gpointer held = g_weak_ref_get (&weak); held != NULL; held = g_weak_ref_get (&weak))
    {
      g_object_unref (held);
      g_usleep (1000);
    }
  g_weak_ref_clear (&weak);
}

static char *
make_folder (void)
{
  char *folder = g_dir_make_tmp ("bipe-player-XXXXXX", NULL);

  g_assert_nonnull (folder);
  return folder;
}

static void
test_file (void)
{
  g_autoptr(GBytes) samples = make_samples ();
  g_autofree char *folder = make_folder ();
  g_autofree char *file = g_build_filename (folder, "heard", NULL);
  g_autofree char *output = g_strdup_printf (
      "audio/x-raw,format=S16LE,rate=%d,channels=1 ! filesink location=%s", BIPE_PLAYER_RATE, file);
  g_autoptr(GError) error = NULL;
  g_autofree char *heard = NULL;
  gsize n_heard;
  BipePlayer *player = bipe_player_new ();

  error = play (player, output, NULL);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (file, &heard, &n_heard, NULL));
  g_assert_cmpmem (heard, n_heard, g_bytes_get_data (samples, NULL), g_bytes_get_size (samples));
  let_go (player);
  g_remove (file);
  g_rmdir (folder);
}

/* The end that is told of it must not end the next one. */
static void
test_cut_off (void)
{
  BipePlayer *player = bipe_player_new ();

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      g_autoptr(GError) error = NULL;

      device.cut_off = cancellable;
      error = play (player, SINK, cancellable);
      device.cut_off = NULL;
      if (error != NULL) /* it may have ended just before */
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      assert_plays (player, SINK);
    }
  let_go (player);
}

static void
test_cancelled_before (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  BipePlayer *player = bipe_player_new ();
  g_autoptr(GError) error = NULL;

  g_cancellable_cancel (cancellable);
  error = play (player, SINK, cancellable);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (g_atomic_int_get (&device.n_bytes), ==, 0);
  assert_plays (player, SINK);
  let_go (player);
}

static void
test_failing (void)
{
  static const char *const outputs[]
      = { "filesink location=/nonexistent/heard", "no-such-sink", "not ! a ( pipeline" };
  BipePlayer *player = bipe_player_new ();

  for (guint i = 0; i < G_N_ELEMENTS (outputs); i++)
    {
      g_autoptr(GError) error = play (player, outputs[i], NULL);

      g_assert_nonnull (error);
      assert_plays (player, SINK);
    }
  let_go (player);
}

static void
test_warning (void)
{
  BipePlayer *player = bipe_player_new ();

  device.warns = TRUE;
  assert_plays (player, SINK);
  device.warns = FALSE;
  let_go (player);
}

/* The device of before may be gone with the sound server; a new one that fails, too, is none. */
static void
test_gone (void)
{
  BipePlayer *player = bipe_player_new ();
  g_autoptr(GError) both = NULL;
  g_autoptr(GError) new = NULL;

  assert_plays (player, SINK);
  g_atomic_int_set (&device.n_failures, 1);
  assert_plays (player, SINK);
  g_atomic_int_set (&device.n_failures, 2);
  both = play (player, SINK, NULL);
  g_assert_error (both, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_assert_true (g_str_has_prefix (both->message, "the sound device has failed"));
  g_assert_cmpint (g_atomic_int_get (&device.n_failures), ==, 0);
  g_atomic_int_set (&device.n_failures, 1);
  new = play (player, SINK, NULL);
  g_assert_nonnull (new);
  assert_plays (player, SINK);
  let_go (player);
}

/* No audio sink that there is may be chosen, but that one; NULL: none. */
static void
offer_sink (const char *name)
{
  g_autolist(GstPluginFeature) features
              = gst_registry_get_feature_list (gst_registry_get (), GST_TYPE_ELEMENT_FACTORY);

  for (GList *item = features; item != NULL; item = item->next)
    if (gst_element_factory_list_is_type (item->data, GST_ELEMENT_FACTORY_TYPE_SINK))
      gst_plugin_feature_set_rank (item->data,
                                   g_strcmp0 (gst_plugin_feature_get_name (item->data), name) == 0
                                       ? GST_RANK_PRIMARY
                                       : GST_RANK_NONE);
}

/* It is told, and found out anew with the next one. */
static void
test_no_device (void)
{
  BipePlayer *player = bipe_player_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) again = NULL;

  offer_sink (NULL);
  error = play (player, "", NULL);
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_assert_true (g_str_has_prefix (error->message, "no sound device was found"));
  again = play (player, "", NULL);
  g_assert_error (again, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  offer_sink (SINK);
  assert_plays (player, "");
  assert_plays (player, "");
  let_go (player);
}

/* Whoever opens a pipe to write waits for a reader. */
static void
test_hanging (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *file = g_build_filename (folder, "device", NULL);
  g_autofree char *output = g_strdup_printf ("filesink location=%s", file);
  BipePlayer *player = bipe_player_new ();
  gboolean is_played = FALSE;
  int reader;

  g_assert_cmpint (mkfifo (file, 0600), ==, 0);
  for (guint i = 0; i < 2; i++) /* after a while, and at once */
    {
      g_autoptr(GError) error = play (player, output, NULL);

      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
    }
  reader = open (file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  g_assert_cmpint (reader, >=, 0);
  while (!is_played)
    {
      g_autoptr(GError) error = play (player, SINK, NULL);

      is_played = error == NULL;
      if (!is_played)
        g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
    }
  let_go (player);
  close (reader);
  g_remove (file);
  g_rmdir (folder);
}

int
main (int argc, char *argv[])
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  gst_element_register (NULL, SINK, GST_RANK_NONE, test_sink_get_type ());

  g_test_add_func ("/player/file", test_file);
  g_test_add_func ("/player/cut-off", test_cut_off);
  g_test_add_func ("/player/cancelled-before", test_cancelled_before);
  g_test_add_func ("/player/failing", test_failing);
  g_test_add_func ("/player/warning", test_warning);
  g_test_add_func ("/player/gone", test_gone);
  g_test_add_func ("/player/no-device", test_no_device);
  g_test_add_func ("/player/hanging", test_hanging);
  return g_test_run ();
}
