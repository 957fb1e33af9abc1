#define _GNU_SOURCE /* memmem */
#include "config.h"

#include <glib/gstdio.h>
#include <gst/gst.h>
#include <math.h>
#include <string.h>

#include "speech/helper/encoder.h"
#include "speech/recording.h"
#include "speech/speech-protocol.h"

#define PIECE 4410

/* Only the thread of the encoder's that gives them writes, until finish has returned. */
static void
encoded_cb (const guint8 *bytes, gsize length, gpointer user_data)
{
  g_byte_array_append (user_data, bytes, (guint)length);
}

static void
make (const char *title, guint n_pieces, GByteArray *mp3)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeEncoder) encoder = bipe_encoder_new (title, encoded_cb, mp3, &error);
  gint16 samples[PIECE];

  g_assert_no_error (error);
  for (guint i = 0; i < PIECE; i++)
    samples[i] = (gint16)(8000 * sin (i * 2 * G_PI * 441 / BIPE_SPEECH_RATE));
  for (guint i = 0; i < n_pieces; i++)
    g_assert_true (bipe_encoder_push (encoder, samples, PIECE));
  g_assert_true (bipe_encoder_push (encoder, NULL, 0));
  g_assert_true (bipe_encoder_finish (encoder, &error));
  g_assert_no_error (error);
}

/* As long as what went in, whatever that is: nothing is a moment's silence. */
static void
test_length (void)
{
  static const guint pieces[] = { 0, 1, 10, 300 };

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autoptr(GByteArray) mp3 = g_byte_array_new ();
      g_autofree char *path = NULL;
      g_autoptr(GError) error = NULL;
      g_autoptr(BipeRecording) recording = NULL;
      int fd = g_file_open_tmp ("test-encoder-XXXXXX", &path, &error);

      g_assert_no_error (error);
      g_close (fd, NULL);
      make ("title", pieces[i], mp3);
      g_assert_true (g_file_set_contents (path, (char *)mp3->data, (gssize)mp3->len, NULL));
      recording = bipe_recording_open (path, NULL);
      g_assert_cmpfloat_with_epsilon (bipe_recording_get_seconds (recording),
                                      MAX (0.1, 0.2 * pieces[i]), 0.12);
      remove (path);
    }
}

static void
test_title (void)
{
  g_autoptr(GByteArray) mp3 = g_byte_array_new ();
  g_autoptr(GByteArray) without = g_byte_array_new ();

  make ("Olá \"语\"", 1, mp3);
  g_assert_cmpmem (mp3->data, 3, "ID3", 3);
  g_assert_nonnull (memmem (mp3->data, mp3->len, "TIT2", 4));
  g_assert_nonnull (memmem (mp3->data, mp3->len, "Olá \"语\"", strlen ("Olá \"语\"")));
  make ("", 1, without);
  g_assert_cmpuint (without->len, >, 0);
}

/* Given up in the middle: no byte comes afterwards. */
static void
test_freed (void)
{
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr(GByteArray) mp3 = g_byte_array_new ();
      g_autoptr(BipeEncoder) encoder = bipe_encoder_new ("x", encoded_cb, mp3, NULL);
      g_autofree gint16 *samples = g_new0 (gint16, PIECE * i + 1);

      g_assert_true (bipe_encoder_push (encoder, samples, PIECE * i + 1));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (NULL, NULL);
  g_test_add_func ("/encoder/length", test_length);
  g_test_add_func ("/encoder/title", test_title);
  g_test_add_func ("/encoder/freed", test_freed);
  return g_test_run ();
}
