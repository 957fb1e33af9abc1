#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "folder-tools.h"
#include "speech/recording.h"

static const struct
{
  const char *bytes;
  gsize length;
  gsize n_zeros; /* behind them */
  double seconds;
} cases[] = {
  { "", 0, 0, 0 },
  { "", 0, 8000, 1 },
  { "ID3\4\0\0\0\0\0\10", 10, 8 + 4000, 0.5 },
  { "ID3\4\0\0\0\0\1\0", 10, 128 + 8000, 1 },
  { "ID3\4\0\0\177\177\177\177", 10, 100, 0 }, /* a tag longer than the file */
  { "ID3", 3, 0, 3.0 / 8000 },
};

static void
test_seconds (void)
{
  char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "x", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize size = cases[i].length + cases[i].n_zeros;
      g_autofree char *bytes = g_malloc0 (size + 1);
      g_autoptr(GError) error = NULL;
      g_autoptr(BipeRecording) recording = NULL;

      memcpy (bytes, cases[i].bytes, cases[i].length);
      g_assert_true (g_file_set_contents (path, bytes, (gssize)size, NULL));
      recording = bipe_recording_open (path, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (g_bytes_get_size (recording->bytes), ==, size);
      g_assert_cmpfloat_with_epsilon (bipe_recording_get_seconds (recording), cases[i].seconds,
                                      0.0001);
    }
  remove_folder (folder);
}

/* What is read stays, whatever takes its place; and the tag tells them apart. */
static void
test_replaced (void)
{
  char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "x", NULL);
  g_autoptr(BipeRecording) first = NULL;
  g_autoptr(BipeRecording) again = NULL;
  g_autoptr(BipeRecording) second = NULL;
  g_autoptr(BipeRecording) gone = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "first", -1, NULL));
  first = bipe_recording_open (path, NULL);
  again = bipe_recording_open (path, NULL);
  g_assert_cmpstr (first->tag, ==, again->tag);
  g_assert_true (g_file_set_contents (path, "other", -1, NULL));
  second = bipe_recording_open (path, NULL);
  g_assert_cmpstr (first->tag, !=, second->tag);
  g_assert_cmpmem (g_bytes_get_data (first->bytes, NULL), 5, "first", 5);
  g_assert_cmpmem (g_bytes_get_data (second->bytes, NULL), 5, "other", 5);
  g_unlink (path);
  gone = bipe_recording_open (path, &error);
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recording/seconds", test_seconds);
  g_test_add_func ("/recording/replaced", test_replaced);
  return g_test_run ();
}
