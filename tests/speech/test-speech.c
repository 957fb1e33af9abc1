#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/error.h"
#include "folder-tools.h"
#include "speech/speech.h"

typedef struct
{
  gboolean is_done;
  BipeRecording *recording;
  GError *error;
  guint n_progress;
} Result;

static void
made_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Result *made = user_data;

  made->recording = bipe_speech_make_finish (BIPE_SPEECH (source), result, &made->error);
  made->is_done = TRUE;
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Result *found = user_data;

  found->recording = bipe_speech_find_finish (BIPE_SPEECH (source), result, &found->error);
  found->is_done = TRUE;
}

static void
progress_cb (guint per_cent, gpointer user_data)
{
  Result *result = user_data;

  g_assert_false (result->is_done);
  result->n_progress++;
}

static void
start (BipeSpeech *speech,
       const char *text,
       const char *name,
       GCancellable *cancellable,
       Result *result)
{
  const BipeManner manner = BIPE_MANNER_DEFAULT;
  g_autoptr(BipeUtterance) utterance = bipe_utterance_new (text, &manner, NULL);

  bipe_speech_make_async (speech, utterance, name, progress_cb, cancellable, made_cb, result);
}

static void
wait_for (Result *result)
{
  while (!result->is_done)
    g_main_context_iteration (NULL, TRUE);
}

static void
clear (Result *result)
{
  g_clear_pointer (&result->recording, bipe_recording_free);
  g_clear_error (&result->error);
  *result = (Result){ 0 };
}

static void
make (BipeSpeech *speech, const char *text, const char *name)
{
  Result result = { 0 };

  start (speech, text, name, NULL, &result);
  wait_for (&result);
  g_assert_no_error (result.error);
  g_assert_cmpuint (g_bytes_get_size (result.recording->bytes), >, 100);
  clear (&result);
}

static BipeRecording *
find (BipeSpeech *speech, const char *name, GError **error)
{
  Result result = { 0 };

  bipe_speech_find_async (speech, name, found_cb, &result);
  wait_for (&result);
  if (result.error != NULL)
    g_propagate_error (error, result.error);
  return result.recording;
}

typedef struct
{
  char *folder;
  BipeSpeech *speech;
} Fixture;

static BipeSpeechLimits
limits (void)
{
  BipeSpeechLimits defaults = BIPE_SPEECH_LIMITS_DEFAULT;

  defaults.say_ms = 60000;
  return defaults;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  BipeSpeechLimits bounds = limits ();

  bounds.archive.cached_files = 3;
  bounds.archive.named_files = 4;
  self->folder = make_folder ();
  self->speech = bipe_speech_new (self->folder, &bounds);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  bipe_speech_close (self->speech);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_finalize_object (self->speech);
  remove_folder (self->folder);
}

static void
test_lazy (Fixture *self, gconstpointer data)
{
  g_assert_cmpuint (count_files (self->folder, "."), ==, 0);
}

/* Equal requests at once are said once, each with its own name; and never again. */
static void
test_joined (Fixture *self, gconstpointer data)
{
  static const char *const names[] = { "a", "b", NULL, "语" };
  Result results[G_N_ELEMENTS (names)] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    start (self->speech, "Olá, mundo", names[i], NULL, &results[i]);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      wait_for (&results[i]);
      g_assert_no_error (results[i].error);
      g_assert_true (g_bytes_equal (results[i].recording->bytes, results[0].recording->bytes));
      g_assert_cmpuint (results[i].n_progress, >, 0);
    }
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(BipeRecording) found
                 = names[i] != NULL ? find (self->speech, names[i], NULL) : NULL;

      g_assert_true (names[i] == NULL || g_bytes_equal (found->bytes, results[0].recording->bytes));
    }
  make (self->speech, "Olá, mundo", NULL);
  g_assert_cmpuint (bipe_speech_get_figures (self->speech)->n_said, ==, 1);
  g_assert_cmpuint (bipe_speech_get_figures (self->speech)->n_spared, ==, 4);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    clear (&results[i]);
}

static void
test_replaced (Fixture *self, gconstpointer data)
{
  g_autoptr(BipeRecording) first = NULL;
  g_autoptr(BipeRecording) second = NULL;

  make (self->speech, "um", "name");
  first = find (self->speech, "name", NULL);
  make (self->speech, "dois e três", "name");
  second = find (self->speech, "name", NULL);
  g_assert_false (g_bytes_equal (first->bytes, second->bytes));
  g_assert_cmpstr (first->tag, !=, second->tag);
  g_assert_cmpuint (count_files (self->folder, "names"), ==, 1);
}

static void
test_bounds (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < 8; i++)
    {
      g_autofree char *text = g_strdup_printf ("texto %u", i);

      make (self->speech, text, text);
    }
  g_assert_cmpuint (count_files (self->folder, "cache"), ==, 3);
  g_assert_cmpuint (count_files (self->folder, "names"), ==, 4);
  make (self->speech, "texto 0", NULL);
  g_assert_cmpuint (bipe_speech_get_figures (self->speech)->n_said, ==, 9);
}

/* What was kept is found by the next process. */
static void
test_reopened (Fixture *self, gconstpointer data)
{
  BipeSpeechLimits bounds = limits ();
  g_autoptr(BipeSpeech) next = NULL;
  g_autoptr(BipeRecording) found = NULL;

  make (self->speech, "um", "name");
  bipe_speech_close (self->speech);
  next = bipe_speech_new (self->folder, &bounds);
  found = find (next, "name", NULL);
  g_assert_nonnull (found);
  make (next, "um", NULL);
  g_assert_cmpuint (bipe_speech_get_figures (next)->n_said, ==, 0);
}

static void
test_names (Fixture *self, gconstpointer data)
{
  static const char *const wrong[] = { "", "../x", ".x", "a/b", "nothing" };
  Result result = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (find (self->speech, wrong[i], &error));
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
    }
  start (self->speech, "x", "../x", NULL, &result);
  wait_for (&result);
  g_assert_error (result.error, BIPE_ERROR, BIPE_ERROR_INVALID);
  clear (&result);
}

/* Who goes away takes nothing from the others; when the last has gone, nothing is said any more. */
static void
test_cancelled (Fixture *self, gconstpointer data)
{
  g_autoptr(GCancellable) first = g_cancellable_new ();
  g_autoptr(GCancellable) second = g_cancellable_new ();
  g_autofree char *text = g_strnfill (5000, '7');
  Result results[3] = { 0 };

  start (self->speech, text, "a", first, &results[0]);
  start (self->speech, text, "b", NULL, &results[1]);
  g_cancellable_cancel (first);
  wait_for (&results[0]);
  g_assert_error (results[0].error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  wait_for (&results[1]);
  g_assert_no_error (results[1].error);
  g_assert_null (find (self->speech, "a", NULL));

  text[0] = '8';
  start (self->speech, text, "c", second, &results[2]);
  while (results[2].n_progress == 0)
    g_main_context_iteration (NULL, TRUE);
  g_cancellable_cancel (second);
  wait_for (&results[2]);
  g_assert_error (results[2].error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  /* At once the same again: it is said anew. */
  clear (&results[2]);
  start (self->speech, text, "c", NULL, &results[2]);
  wait_for (&results[2]);
  g_assert_no_error (results[2].error);
  g_assert_cmpuint (bipe_speech_get_figures (self->speech)->n_cancelled, ==, 1);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    clear (&results[i]);
  g_assert_cmpuint (count_files (self->folder, "cache"), ==, 2);
}

static void
test_closed (Fixture *self, gconstpointer data)
{
  g_autofree char *text = g_strnfill (5000, '7');
  Result result = { 0 };

  start (self->speech, text, "a", NULL, &result);
  while (result.n_progress == 0)
    g_main_context_iteration (NULL, TRUE);
  bipe_speech_close (self->speech);
  wait_for (&result);
  g_assert_error (result.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  clear (&result);
  g_assert_cmpuint (count_files (self->folder, "cache"), ==, 0);
}

static void
test_disk (Fixture *self, gconstpointer data)
{
  g_autofree char *file = g_build_filename (self->folder, "file", NULL);
  g_autofree char *below = g_build_filename (file, "speech", NULL);
  BipeSpeechLimits bounds = limits ();
  g_autoptr(BipeSpeech) speech = bipe_speech_new (below, &bounds);
  Result result = { 0 };

  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  start (speech, "x", "x", NULL, &result);
  wait_for (&result);
  g_assert_error (result.error, BIPE_ERROR, BIPE_ERROR_NOT_WRITABLE);
  clear (&result);
  g_assert_cmpuint (bipe_speech_get_figures (speech)->n_failed, ==, 1);
}

/* Before the disk has been asked whether there is such a recording already. */
static void
test_cancelled_early (Fixture *self, gconstpointer data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  Result results[2] = { 0 };

  start (self->speech, "um", "a", cancellable, &results[0]);
  g_cancellable_cancel (cancellable);
  while (bipe_speech_get_figures (self->speech)->n_cancelled == 0 || !results[0].is_done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (results[0].error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (bipe_speech_get_figures (self->speech)->n_said, ==, 0);

  start (self->speech, "dois", "b", NULL, &results[1]);
  bipe_speech_close (self->speech);
  wait_for (&results[1]);
  g_assert_error (results[1].error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (count_files (self->folder, "cache"), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    clear (&results[i]);
}

/* What can't be kept is given to nobody. */
static void
test_not_kept (Fixture *self, gconstpointer data)
{
  g_autofree char *names = g_build_filename (self->folder, "names", NULL);
  Result result = { 0 };

  make (self->speech, "um", NULL);
  g_assert_cmpint (g_rmdir (names), ==, 0);
  start (self->speech, "um", "a", NULL, &result);
  wait_for (&result);
  g_assert_error (result.error, BIPE_ERROR, BIPE_ERROR_FULL);
  clear (&result);
}

static gboolean
has_child (void)
{
  siginfo_t info = { 0 };

  /* Without taking its status, which is the speaker's. */
  return waitid (P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* The process goes when nobody has asked for a while, and comes back. */
static void
test_idle (Fixture *self, gconstpointer data)
{
  BipeSpeechLimits bounds = limits ();
  g_autoptr(BipeSpeech) speech = NULL;

  bounds.idle_ms = 100;
  speech = bipe_speech_new (self->folder, &bounds);
  g_assert_false (has_child ());
  make (speech, "um", NULL);
  g_assert_true (has_child ());
  while (has_child ())
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  make (speech, "dois", NULL);
  g_assert_true (has_child ());
}

#define ADD(name, func) g_test_add ("/speech/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("lazy", test_lazy);
  ADD ("joined", test_joined);
  ADD ("replaced", test_replaced);
  ADD ("bounds", test_bounds);
  ADD ("reopened", test_reopened);
  ADD ("names", test_names);
  ADD ("cancelled", test_cancelled);
  ADD ("cancelled-early", test_cancelled_early);
  ADD ("closed", test_closed);
  ADD ("disk", test_disk);
  ADD ("not-kept", test_not_kept);
  ADD ("idle", test_idle);
  return g_test_run ();
}
