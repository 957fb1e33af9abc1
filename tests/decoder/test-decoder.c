/* test-decoder.c: real processes, of fake-decoder.c, which does what a picture's first bytes say.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/error.h"
#include "decoder/decoder-lane.h"
#include "decoder/decoder.h"

#define WIDTH 64
#define HEIGHT 4

static BipePicture
make_picture (guint8 pixels[WIDTH * HEIGHT], const char *words)
{
  memset (pixels, 0, WIDTH * HEIGHT);
  memcpy (pixels, words, strlen (words));
  return (BipePicture){ .luma = pixels, .width = WIDTH, .height = HEIGHT, .stride = WIDTH };
}

/* What has become of a request. */
typedef struct
{
  gboolean is_done;
  BipeSight *sight;
  GError *error;
} Outcome;

static void
outcome_clear (Outcome *outcome)
{
  g_clear_pointer (&outcome->sight, bipe_sight_unref);
  g_clear_error (&outcome->error);
  outcome->is_done = FALSE;
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Outcome *outcome = user_data;

  g_assert_false (outcome->is_done);
  outcome->sight = bipe_decoder_look_finish (BIPE_DECODER (source), result, &outcome->error);
  outcome->is_done = TRUE;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Outcome *outcome = user_data;

  g_assert_false (outcome->is_done);
  outcome->sight = bipe_decoder_read_finish (BIPE_DECODER (source), result, &outcome->error);
  outcome->is_done = TRUE;
}

static void
wait_for (Outcome *outcome)
{
  while (!outcome->is_done)
    g_main_context_iteration (NULL, TRUE);
}

static void
start_look (BipeDecoder *decoder, const char *words, GCancellable *cancellable, Outcome *outcome)
{
  guint8 pixels[WIDTH * HEIGHT];
  BipePicture picture = make_picture (pixels, words);

  bipe_decoder_look_async (decoder, &picture, BIPE_LOOK_FAST, &(BipeArea){ 0 },
                           BIPE_SYMBOLOGIES_DEFAULT, cancellable, looked_cb, outcome);
  memset (pixels, 0xff, sizeof pixels); /* it was copied */
}

static void
look (BipeDecoder *decoder, const char *words, Outcome *outcome)
{
  outcome_clear (outcome);
  start_look (decoder, words, NULL, outcome);
  wait_for (outcome);
}

static void
start_read (BipeDecoder *decoder, const char *words, GCancellable *cancellable, Outcome *outcome)
{
  g_autoptr(GBytes) file = g_bytes_new (words, strlen (words) + 1);

  bipe_decoder_read_async (decoder, file, BIPE_SYMBOLOGIES_DEFAULT, cancellable, read_cb, outcome);
}

static void
assert_reading (Outcome *outcome, const char *text)
{
  BipeReading *reading;

  g_assert_no_error (outcome->error);
  g_assert_cmpuint (outcome->sight->readings->len, ==, 1);
  reading = outcome->sight->readings->pdata[0];
  g_assert_cmpstr (reading->text, ==, text);
}

/* That of the decoder's process. */
static int
get_process (BipeDecoder *decoder)
{
  Outcome outcome = { 0 };
  BipeReading *reading;
  int process;

  look (decoder, "P", &outcome);
  g_assert_no_error (outcome.error);
  reading = outcome.sight->readings->pdata[0];
  process = (int)g_ascii_strtoll (reading->text, NULL, 10);
  outcome_clear (&outcome);
  return process;
}

static void
iterate_for (guint milliseconds)
{
  gint64 end = g_get_monotonic_time () + milliseconds * 1000;

  while (g_get_monotonic_time () < end)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
}

/* A zombie still has its number: that it has gone shows that it was reaped. */
static void
assert_gone (int process)
{
  gint64 end = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;

  while (kill (process, 0) == 0 && g_get_monotonic_time () < end)
    iterate_for (5);
  g_assert_cmpint (kill (process, 0), ==, -1);
  g_assert_cmpint (errno, ==, ESRCH);
}

static void
test_look (void)
{
  g_autoptr(BipeDecoder) decoder = bipe_decoder_new ();
  Outcome outcome = { 0 };
  int process;

  look (decoder, "A2 800 10 20 a text\n", &outcome);
  assert_reading (&outcome, "a text");
  g_assert_cmpuint (outcome.sight->width, ==, WIDTH);
  g_assert_cmpuint (outcome.sight->height, ==, HEIGHT);

  /* The request says which look it was. */
  look (decoder, "A4 800 10 20 a text\n", &outcome);
  g_assert_no_error (outcome.error);
  g_assert_cmpuint (outcome.sight->readings->len, ==, 0);

  process = get_process (decoder);
  g_assert_cmpint (process, ==, get_process (decoder));
  g_assert_cmpuint (bipe_decoder_get_n_deaths (decoder), ==, 0);
  outcome_clear (&outcome);
  g_assert_finalize_object (g_steal_pointer (&decoder));
  assert_gone (process);
}

static void
test_stride (void)
{
  static const char words[] = "A0 800 0 0 123456789 12345678\n";
  g_autoptr(BipeDecoder) decoder = bipe_decoder_new ();
  Outcome outcome = { 0 };
  char pixels[5 * 30 + 5];
  BipePicture picture
      = { .luma = (const guint8 *)pixels, .width = 5, .height = 6, .stride = sizeof pixels / 6 };

  memset (pixels, '!', sizeof pixels);
  for (guint y = 0; y < 6; y++)
    memcpy (pixels + y * picture.stride, &words[5 * y], 5);
  bipe_decoder_look_async (decoder, &picture, BIPE_LOOK_FAST, &(BipeArea){ 0 },
                           BIPE_SYMBOLOGIES_DEFAULT, NULL, looked_cb, &outcome);
  wait_for (&outcome);
  assert_reading (&outcome, "123456789 12345678");
  outcome_clear (&outcome);
}

static void
test_sizes (void)
{
  static const BipePicture pictures[] = {
    { .width = 0, .height = 1, .stride = 1 },
    { .width = 1, .height = 0, .stride = 1 },
    { .width = 2, .height = 1, .stride = 1 },
    { .width = 4096, .height = 4097, .stride = 4096 },
    { .width = G_MAXUINT, .height = G_MAXUINT, .stride = G_MAXUINT },
  };
  g_autoptr(BipeDecoder) decoder = bipe_decoder_new ();
  g_autofree guint8 *pixels = g_malloc0 (BIPE_PROTOCOL_MEMORY);
  BipePicture largest = { .luma = pixels, .width = 4096, .height = 4096, .stride = 4096 };
  Outcome outcome = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (pictures); i++)
    {
      outcome_clear (&outcome);
      bipe_decoder_look_async (decoder, &pictures[i], BIPE_LOOK_FAST, &(BipeArea){ 0 },
                               BIPE_SYMBOLOGIES_DEFAULT, NULL, looked_cb, &outcome);
      wait_for (&outcome);
      g_assert_error (outcome.error, BIPE_ERROR, BIPE_ERROR_INVALID);
    }
  outcome_clear (&outcome);
  bipe_decoder_look_async (decoder, &largest, BIPE_LOOK_FAST, &(BipeArea){ 0 },
                           BIPE_SYMBOLOGIES_DEFAULT, NULL, looked_cb, &outcome);
  wait_for (&outcome);
  g_assert_no_error (outcome.error);
  outcome_clear (&outcome);
}

static void
test_busy (void)
{
  g_autoptr(BipeDecoder) decoder = bipe_decoder_new ();
  Outcome first = { 0 }, second = { 0 };

  start_look (decoder, "S", NULL, &first);
  g_assert_true (bipe_decoder_is_busy (decoder));
  start_look (decoder, "A0 800 0 0 x\n", NULL, &second);
  wait_for (&second);
  g_assert_error (second.error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_assert_false (first.is_done);
  wait_for (&first);
  g_assert_no_error (first.error);
  g_assert_false (bipe_decoder_is_busy (decoder));
  outcome_clear (&first);
  outcome_clear (&second);
}

/* Each costs one frame and one process. */
static void
test_faults (void)
{
  static const char *const words[] = { "D", "G", "L", "H" };
  g_autoptr(BipeDecoder) decoder = bipe_decoder_new ();
  Outcome outcome = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      int process = get_process (decoder);

      look (decoder, words[i], &outcome);
      g_assert_error (outcome.error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
      g_assert_cmpuint (bipe_decoder_get_n_deaths (decoder), ==, i + 1);
      g_assert_cmpint (get_process (decoder), !=, process);
      assert_gone (process);
    }
  outcome_clear (&outcome);
}

static void
test_unasked_answer (void)
{
  g_autoptr(BipeDecoder) decoder = bipe_decoder_new ();
  Outcome outcome = { 0 };
  int process = get_process (decoder);

  look (decoder, "T", &outcome);
  g_assert_no_error (outcome.error);
  assert_gone (process);
  g_assert_cmpuint (bipe_decoder_get_n_deaths (decoder), ==, 1);
  outcome_clear (&outcome);
}

static void
test_refusal (void)
{
  g_autoptr(BipeDecoder) decoder = bipe_decoder_new ();
  Outcome outcome = { 0 };

  start_read (decoder, "R", NULL, &outcome);
  wait_for (&outcome);
  g_assert_error (outcome.error, BIPE_ERROR, BIPE_ERROR_INVALID);
  g_assert_cmpstr (outcome.error->message, ==, "it is no picture");
  g_assert_cmpuint (bipe_decoder_get_n_deaths (decoder), ==, 0);
  outcome_clear (&outcome);
}

static void
test_killed_while_idle (void)
{
  g_autoptr(BipeDecoder) decoder = bipe_decoder_new ();
  int process = get_process (decoder);

  kill (process, SIGKILL);
  assert_gone (process);
  g_assert_cmpuint (bipe_decoder_get_n_deaths (decoder), ==, 1);
  g_assert_cmpint (get_process (decoder), !=, process);
}

/* A frame does not wait for a file, and files take their turn. */
static void
test_files (void)
{
  g_autoptr(BipeDecoder) decoder = bipe_decoder_new ();
  Outcome files[BIPE_DECODER_FILES_MAX + 2] = { 0 };
  Outcome frame = { 0 };

  start_read (decoder, "S", NULL, &files[0]);
  for (gsize i = 1; i < G_N_ELEMENTS (files); i++)
    start_read (decoder, i == 3 ? "D" : "A0 800 0 0 file\n", NULL, &files[i]);
  wait_for (&files[G_N_ELEMENTS (files) - 1]);
  g_assert_error (files[G_N_ELEMENTS (files) - 1].error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);

  look (decoder, "A0 800 0 0 frame\n", &frame);
  assert_reading (&frame, "frame");
  g_assert_false (files[0].is_done);

  for (gsize i = 0; i <= BIPE_DECODER_FILES_MAX; i++)
    {
      wait_for (&files[i]);
      for (gsize k = 0; k < i; k++)
        g_assert_true (files[k].is_done);
      if (i == 3)
        g_assert_error (files[i].error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
      else if (i > 0)
        assert_reading (&files[i], "file");
    }
  g_assert_cmpuint (bipe_decoder_get_n_deaths (decoder), ==, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    outcome_clear (&files[i]);
  outcome_clear (&frame);
}

static void
test_file_sizes (void)
{
  g_autoptr(BipeDecoder) decoder = bipe_decoder_new ();
  g_autofree guint8 *zeros = g_malloc0 (BIPE_DECODER_FILE_MAX + 1);

  for (gsize i = 0; i < 3; i++)
    {
      gsize size = i == 0 ? 0 : BIPE_DECODER_FILE_MAX + i - 1;
      g_autoptr(GBytes) file = g_bytes_new_static (zeros, size);
      Outcome outcome = { 0 };

      bipe_decoder_read_async (decoder, file, BIPE_SYMBOLOGIES_DEFAULT, NULL, read_cb, &outcome);
      wait_for (&outcome);
      if (size == BIPE_DECODER_FILE_MAX)
        g_assert_no_error (outcome.error);
      else
        g_assert_error (outcome.error, BIPE_ERROR, BIPE_ERROR_INVALID);
      outcome_clear (&outcome);
    }
}

/* In hand, waiting, before it began; and what waits behind goes on. */
static void
test_cancelled (void)
{
  g_autoptr(BipeDecoder) decoder = bipe_decoder_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  Outcome frame = { 0 }, first = { 0 }, second = { 0 }, third = { 0 }, early = { 0 };
  gint64 start = g_get_monotonic_time ();

  start_look (decoder, "H", cancellable, &frame);
  start_read (decoder, "H", cancellable, &first);
  start_read (decoder, "H", cancellable, &second);
  start_read (decoder, "A0 800 0 0 third\n", NULL, &third);
  iterate_for (20);
  g_cancellable_cancel (cancellable);
  start_read (decoder, "H", cancellable, &early);
  wait_for (&frame);
  wait_for (&first);
  wait_for (&second);
  wait_for (&early);
  g_assert_error (frame.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_error (first.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_error (second.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_error (early.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  wait_for (&third);
  assert_reading (&third, "third");
  g_assert_cmpuint (bipe_decoder_get_n_deaths (decoder), ==, 0);
  g_assert_cmpint (g_get_monotonic_time () - start, <, G_USEC_PER_SEC);
  outcome_clear (&frame);
  outcome_clear (&first);
  outcome_clear (&second);
  outcome_clear (&third);
  outcome_clear (&early);
  g_assert_finalize_object (g_steal_pointer (&decoder));
}

/* Five deaths in a second are replaced at once; after the sixth it rests. */
static void
test_crash_loop (void)
{
  g_autoptr(BipeDecoder) decoder = bipe_decoder_new ();
  Outcome outcome = { 0 };
  gint64 start = g_get_monotonic_time ();
  guint n_tries = 0;

  while (g_get_monotonic_time () - start < 1900 * 1000)
    {
      look (decoder, "D", &outcome);
      g_assert_error (outcome.error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
      n_tries++;
      if (n_tries == BIPE_DECODER_LANE_DEATHS + 1)
        g_assert_cmpuint (bipe_decoder_get_n_deaths (decoder), ==, n_tries);
      g_usleep (5000);
    }
  g_assert_cmpuint (n_tries, >, 50);
  /* Two bursts. Ready again in between: a death that is more than a second old does not count. */
  g_assert_cmpuint (bipe_decoder_get_n_deaths (decoder), <=, 2 * (BIPE_DECODER_LANE_DEATHS + 1));
  g_assert_cmpuint (bipe_decoder_get_n_deaths (decoder), >, BIPE_DECODER_LANE_DEATHS + 1);
  g_usleep (BIPE_DECODER_LANE_REST_MS * 1000);
  look (decoder, "A0 800 0 0 well again\n", &outcome);
  assert_reading (&outcome, "well again");
  outcome_clear (&outcome);
}

static void
test_missing_program (void)
{
  g_autofree char *program = g_strdup (g_getenv ("BIPE_DECODER"));
  g_autoptr(BipeDecoder) decoder = bipe_decoder_new ();
  Outcome outcome = { 0 };

  g_setenv ("BIPE_DECODER", "/nowhere/bipe-decoder", TRUE);
  for (guint i = 0; i <= BIPE_DECODER_LANE_DEATHS + 2; i++)
    {
      look (decoder, "A0 800 0 0 x\n", &outcome);
      g_assert_error (outcome.error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
    }
  g_assert_cmpuint (bipe_decoder_get_n_deaths (decoder), ==, 0);
  g_setenv ("BIPE_DECODER", program, TRUE);
  look (decoder, "A0 800 0 0 x\n", &outcome);
  g_assert_error (outcome.error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE); /* it rests */
  g_usleep (BIPE_DECODER_LANE_REST_MS * 1000);
  look (decoder, "A0 800 0 0 x\n", &outcome);
  assert_reading (&outcome, "x");
  outcome_clear (&outcome);
}

static void
test_idle (void)
{
  g_autoptr(BipeDecoderLane) lane
             = bipe_decoder_lane_new (g_main_context_default (), 1000, 100, NULL, NULL);
  int process;

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(GTask) task = g_task_new (NULL, NULL, NULL, NULL);
      guint8 *memory = bipe_decoder_lane_open (lane, NULL);

      g_assert_nonnull (memory);
      bipe_decoder_lane_ask (lane, &(BipeRequest){ .size = 1 }, g_object_ref (task));
      while (bipe_decoder_lane_is_busy (lane))
        g_main_context_iteration (NULL, TRUE);
      process = bipe_decoder_lane_get_number (lane);
      iterate_for (50);
      g_assert_cmpint (bipe_decoder_lane_get_number (lane), ==, process);
      iterate_for (80);
      g_assert_cmpint (bipe_decoder_lane_get_number (lane), ==, 0);
      assert_gone (process);
    }
  g_assert_cmpuint (bipe_decoder_lane_get_n_deaths (lane), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/decoder/look", test_look);
  g_test_add_func ("/decoder/stride", test_stride);
  g_test_add_func ("/decoder/sizes", test_sizes);
  g_test_add_func ("/decoder/busy", test_busy);
  g_test_add_func ("/decoder/faults", test_faults);
  g_test_add_func ("/decoder/unasked-answer", test_unasked_answer);
  g_test_add_func ("/decoder/refusal", test_refusal);
  g_test_add_func ("/decoder/killed-while-idle", test_killed_while_idle);
  g_test_add_func ("/decoder/files", test_files);
  g_test_add_func ("/decoder/file-sizes", test_file_sizes);
  g_test_add_func ("/decoder/cancelled", test_cancelled);
  g_test_add_func ("/decoder/crash-loop", test_crash_loop);
  g_test_add_func ("/decoder/missing-program", test_missing_program);
  g_test_add_func ("/decoder/idle", test_idle);
  return g_test_run ();
}
