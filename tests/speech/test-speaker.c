/* test-speaker.c: with the real bipe-voice, and with a bad one. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "folder-tools.h"
#include "speech/recording.h"
#include "speech/speaker.h"

typedef struct
{
  gboolean is_done;
  GError *error;
  gint n_progress;
  gint last_progress;
} Result;

static void
said_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Result *said = user_data;

  g_assert_true (bipe_speaker_say_finish (NULL, result, &said->error) == (said->error == NULL));
  said->is_done = TRUE;
}

static void
progress_cb (guint per_cent, gpointer user_data)
{
  Result *result = user_data;

  g_assert_cmpuint (per_cent, <=, 100);
  g_atomic_int_inc (&result->n_progress);
  g_atomic_int_set (&result->last_progress, (int)per_cent);
}

static BipeUtterance *
make (const char *text, const char *language)
{
  BipeManner manner = BIPE_MANNER_DEFAULT;
  g_autoptr(GError) error = NULL;
  BipeUtterance *utterance;

  manner.language = language;
  utterance = bipe_utterance_new (text, &manner, &error);
  g_assert_no_error (error);
  return utterance;
}

static void
start (BipeSpeaker *speaker,
       const char *text,
       const char *language,
       const char *path,
       GCancellable *cancellable,
       Result *result)
{
  g_autoptr(BipeUtterance) utterance = make (text, language);
  BipeSpeakerOrder order = {
    .utterance = utterance,
    .form = g_str_has_suffix (path, ".pcm") ? BIPE_SPEECH_PCM : BIPE_SPEECH_MP3,
    .sink = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600),
    .progress = progress_cb,
    .user_data = result,
  };

  bipe_speaker_say_async (speaker, &order, cancellable, said_cb, result);
}

static void
wait_for (Result *result)
{
  while (!result->is_done)
    g_main_context_iteration (NULL, TRUE);
}

/* The code of the failure, −1 for a success. */
static int
say (BipeSpeaker *speaker, const char *text, const char *language, const char *path)
{
  Result result = { 0 };
  int code;

  start (speaker, text, language, path, NULL, &result);
  wait_for (&result);
  code = result.error != NULL ? result.error->code : -1;
  if (result.error != NULL)
    {
      g_assert_true (result.error->domain == BIPE_ERROR);
      g_assert_true (g_utf8_validate (result.error->message, -1, NULL));
    }
  g_clear_error (&result.error);
  return code;
}

typedef struct
{
  char *folder;
  char *mp3;
  char *pcm;
  BipeSpeaker *speaker;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  /* A helper under the sanitizers is slow to start. */
  self->folder = make_folder ();
  self->mp3 = g_build_filename (self->folder, "x.mp3", NULL);
  self->pcm = g_build_filename (self->folder, "x.pcm", NULL);
  if (data != NULL)
    g_setenv ("BIPE_VOICE", g_getenv (data), TRUE);
  self->speaker = bipe_speaker_new (data != NULL ? 1500 : 60000);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_pointer (&self->speaker, bipe_speaker_free);
  g_setenv ("BIPE_VOICE", g_getenv ("REAL_VOICE"), TRUE);
  /* None is left, not even as a zombie. */
  g_assert_cmpint (waitpid (-1, NULL, WNOHANG), ==, -1);
  g_assert_cmpint (errno, ==, ECHILD);
  g_free (self->pcm);
  g_free (self->mp3);
  remove_folder (self->folder);
}

static gsize
size_of (const char *path)
{
  GStatBuf status;

  g_assert_cmpint (g_stat (path, &status), ==, 0);
  return (gsize)status.st_size;
}

static void
test_said (Fixture *self, gconstpointer data)
{
  g_autoptr(BipeRecording) recording = NULL;
  Result result = { 0 };
  double seconds;

  start (self->speaker, "One, two, three. This is said in English.", "en", self->mp3, NULL,
         &result);
  wait_for (&result);
  g_assert_no_error (result.error);
  g_assert_cmpint (result.n_progress, >, 2);
  g_assert_cmpint (result.last_progress, >, 50);
  g_assert_cmpint (
      say (self->speaker, "One, two, three. This is said in English.", "en", self->pcm), ==, -1);
  seconds = (double)size_of (self->pcm) / 2 / BIPE_SPEECH_RATE;
  recording = bipe_recording_open (self->mp3, NULL);
  g_assert_cmpfloat (seconds, >, 2);
  g_assert_cmpfloat_with_epsilon (bipe_recording_get_seconds (recording), seconds, 0.15);
}

static void
test_refused (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (say (self->speaker, "x", "qqq", self->mp3), ==, BIPE_ERROR_INVALID);
  g_assert_cmpint (say (self->speaker, "x", "zh", self->mp3), ==, -1);
}

/* Half an hour of speech is the bound; its process goes on with the next. */
static void
test_too_long (Fixture *self, gconstpointer data)
{
  g_autoptr(GString) text = g_string_new (NULL);
  BipeManner manner = BIPE_MANNER_DEFAULT;
  g_autoptr(BipeUtterance) utterance = NULL;
  Result result = { 0 };
  BipeSpeakerOrder order = { .form = BIPE_SPEECH_PCM };

  /* Not one long number: how that is read depends on the version of espeak-ng. */
  for (guint i = 0; i < BIPE_UTTERANCE_TEXT_MAX / 2; i++)
    g_string_append (text, "7 ");
  manner.speed = 80;
  utterance = bipe_utterance_new (text->str, &manner, NULL);
  order.utterance = utterance;
  order.sink = open (self->pcm, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  bipe_speaker_say_async (self->speaker, &order, NULL, said_cb, &result);
  wait_for (&result);
  g_assert_error (result.error, BIPE_ERROR, BIPE_ERROR_INVALID);
  g_clear_error (&result.error);
  g_assert_cmpuint (size_of (self->pcm), <=, BIPE_RECORDING_BYTES_MAX);
  g_assert_cmpint (say (self->speaker, "x", "pt", self->mp3), ==, -1);
}

static void
test_cancelled (Fixture *self, gconstpointer data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *text = g_strnfill (5000, '7');
  Result result = { 0 }, waiting = { 0 };
  gint64 started;

  start (self->speaker, text, "pt", self->mp3, cancellable, &result);
  start (self->speaker, text, "en", self->pcm, cancellable, &waiting);
  while (g_atomic_int_get (&result.n_progress) == 0)
    g_main_context_iteration (NULL, FALSE);
  started = g_get_monotonic_time ();
  g_cancellable_cancel (cancellable);
  wait_for (&result);
  wait_for (&waiting);
  g_assert_cmpint (g_get_monotonic_time () - started, <, G_USEC_PER_SEC);
  g_assert_error (result.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_error (waiting.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&result.error);
  g_clear_error (&waiting.error);
  g_assert_cmpint (say (self->speaker, "x", "pt", self->mp3), ==, -1);
}

/* Ended with work under way and work that waits: both are told. */
static void
test_closed (Fixture *self, gconstpointer data)
{
  g_autofree char *text = g_strnfill (5000, '7');
  Result result = { 0 }, waiting = { 0 };

  start (self->speaker, text, "pt", self->mp3, NULL, &result);
  start (self->speaker, text, "en", self->pcm, NULL, &waiting);
  while (g_atomic_int_get (&result.n_progress) == 0)
    g_main_context_iteration (NULL, FALSE);
  g_clear_pointer (&self->speaker, bipe_speaker_free);
  wait_for (&result);
  wait_for (&waiting);
  g_assert_error (result.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_error (waiting.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&result.error);
  g_clear_error (&waiting.error);
}

static void
test_sink (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (say (self->speaker, "One two three", "en", "/dev/full"), ==, BIPE_ERROR_FULL);
  g_assert_cmpint (say (self->speaker, "x", "pt", self->mp3), ==, -1);
}

static void
test_queue (Fixture *self, gconstpointer data)
{
  enum
  {
    N = BIPE_SPEAKER_QUEUE_MAX + 20
  };
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  Result results[N] = { 0 }, held = { 0 };
  guint n_full = 0;

  /* The worker is kept busy: else it could take the orders as fast as they come. */
  bipe_speaker_free (self->speaker);
  self->speaker = bipe_speaker_new (60000);
  start (self->speaker, "hold", "en", self->mp3, cancellable, &held);
  while (g_atomic_int_get (&held.n_progress) == 0)
    g_main_context_iteration (NULL, FALSE);
  for (guint i = 0; i < N; i++)
    start (self->speaker, "number", "en", self->mp3, NULL, &results[i]);
  g_cancellable_cancel (cancellable);
  wait_for (&held);
  g_assert_error (held.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&held.error);
  for (guint i = 0; i < N; i++)
    {
      wait_for (&results[i]);
      if (g_error_matches (results[i].error, BIPE_ERROR, BIPE_ERROR_FULL))
        n_full++;
      else
        g_assert_no_error (results[i].error);
      g_clear_error (&results[i].error);
    }
  g_assert_cmpuint (n_full, ==, 20);
}

static void
test_bad (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *text;
    int code;
  } bad[] = {
    { "die", BIPE_ERROR_UNAVAILABLE },   { "half", BIPE_ERROR_UNAVAILABLE },
    { "sleep", BIPE_ERROR_UNAVAILABLE }, { "nonsense", BIPE_ERROR_UNAVAILABLE },
    { "long", BIPE_ERROR_UNAVAILABLE },  { "fail", BIPE_ERROR_UNAVAILABLE },
    { "endless", BIPE_ERROR_INVALID },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      gint64 started = g_get_monotonic_time ();

      g_test_message ("%s", bad[i].text);
      g_assert_cmpint (say (self->speaker, bad[i].text, "en", self->mp3), ==, bad[i].code);
      g_assert_cmpint (g_get_monotonic_time () - started, <, 10 * G_USEC_PER_SEC);
      g_assert_cmpint (say (self->speaker, "number", "en", self->mp3), ==, -1);
    }
}

static int
read_number (Fixture *self)
{
  g_autofree char *text = NULL;

  g_assert_cmpint (say (self->speaker, "number", "en", self->mp3), ==, -1);
  g_assert_true (g_file_get_contents (self->mp3, &text, NULL, NULL));
  return atoi (text);
}

/* One process for many texts; another where it has died in between, or was let go. */
static void
test_process (Fixture *self, gconstpointer data)
{
  int first = read_number (self), second;

  g_assert_cmpint (read_number (self), ==, first);
  kill (first, SIGKILL);
  second = read_number (self);
  g_assert_cmpint (second, !=, first);
  bipe_speaker_rest (self->speaker);
  g_assert_cmpint (read_number (self), !=, second);
  g_assert_cmpint (kill (second, 0), ==, -1);
  g_assert_cmpint (say (self->speaker, "last", "en", self->mp3), ==, -1);
  g_assert_cmpint (read_number (self), !=, first);
}

static void
test_missing (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (say (self->speaker, "x", "en", self->mp3), ==, BIPE_ERROR_UNAVAILABLE);
  g_assert_cmpint (say (self->speaker, "x", "en", self->mp3), ==, BIPE_ERROR_UNAVAILABLE);
}

#define ADD(name, voice, func)                                                                     \
  g_test_add ("/speaker/" name, Fixture, voice, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_setenv ("REAL_VOICE", g_getenv ("BIPE_VOICE"), TRUE);
  g_setenv ("NO_VOICE", "/nowhere/bipe-voice", TRUE);
  g_test_init (&argc, &argv, NULL);
  ADD ("said", NULL, test_said);
  ADD ("refused", NULL, test_refused);
  ADD ("too-long", NULL, test_too_long);
  ADD ("cancelled", NULL, test_cancelled);
  ADD ("closed", NULL, test_closed);
  ADD ("sink", NULL, test_sink);
  ADD ("queue", "FAKE_VOICE", test_queue);
  ADD ("bad", "FAKE_VOICE", test_bad);
  ADD ("process", "FAKE_VOICE", test_process);
  ADD ("missing", "NO_VOICE", test_missing);
  return g_test_run ();
}
