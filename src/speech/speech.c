/* speech.c: a job is one text that somebody waits for: looked for in the archive, then said, then
 * kept and given to each who waits. */
#include "config.h"

#include "speech/speech.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/inbox.h"
#include "speech/speaker.h"
#include "speech/speech-name.h"

/* Words of progress that may wait; past it they are dropped, and the next ones tell more. */
#define PROGRESS_MAX 64

struct _BipeSpeech
{
  GObject parent_instance;

  BipeSpeechLimits limits;
  BipeArchive *archive; /* NULL once it is closed */
  BipeSpeaker *speaker; /* NULL before the first text that is said */

  GHashTable *jobs; /* key → Job: under way, and still wanted */
  BipeInbox *progress;
  GSource *idle;
  BipeSpeechFigures figures;
};

G_DEFINE_FINAL_TYPE (BipeSpeech, bipe_speech, G_TYPE_OBJECT)

/* One utterance, for all who wait for it. */
typedef struct
{
  BipeSpeech *speech;       /* a reference */
  BipeInbox *progress;      /* a reference, for the speaker's thread */
  BipeUtterance *utterance; /* a reference */
  const char *key;          /* the utterance's */
  char *path;               /* that it is written to, once it is said */
  GCancellable *cancellable;
  GPtrArray *waiting; /* of GTask */
  gint64 started;
} Job;

/* A task's data. */
typedef struct
{
  char *name; /* or NULL */
  BipeSpeechProgress progress;
  gpointer user_data;
  GSource *cancelled;
} Request;

typedef struct
{
  char *key;
  guint per_cent;
} Progress;

static void
request_free (gpointer data)
{
  Request *request = data;

  if (request->cancelled != NULL)
    g_source_destroy (request->cancelled);
  g_clear_pointer (&request->cancelled, g_source_unref);
  g_free (request->name);
  g_free (request);
}

static void
progress_free (gpointer data)
{
  Progress *progress = data;

  g_free (progress->key);
  g_free (progress);
}

static void
job_free (Job *job)
{
  g_ptr_array_unref (job->waiting);
  g_object_unref (job->cancellable);
  bipe_inbox_unref (job->progress);
  bipe_utterance_unref (job->utterance);
  g_object_unref (job->speech);
  g_free (job->path);
  g_free (job);
}

static void
gave_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;
  BipeRecording *recording = bipe_archive_give_finish (result, &error);

  if (recording != NULL)
    g_task_return_pointer (task, recording, (GDestroyNotify)bipe_recording_free);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static gboolean
idle_cb (gpointer user_data)
{
  BipeSpeech *self = user_data;

  bipe_speaker_rest (self->speaker);
  g_clear_pointer (&self->idle, g_source_unref);
  return G_SOURCE_REMOVE;
}

static void
clear_idle (BipeSpeech *self)
{
  if (self->idle != NULL)
    g_source_destroy (self->idle);
  g_clear_pointer (&self->idle, g_source_unref);
}

static void
start_idle (BipeSpeech *self)
{
  clear_idle (self);
  if (self->speaker == NULL || g_hash_table_size (self->jobs) > 0)
    return;
  self->idle = g_timeout_source_new (self->limits.idle_ms);
  g_source_set_callback (self->idle, idle_cb, self, NULL);
  g_source_attach (self->idle, g_main_context_get_thread_default ());
}

/* A job that nobody wants any more has another one, or none, in its place. */
static void
unlist (Job *job)
{
  if (g_hash_table_lookup (job->speech->jobs, job->key) == job)
    g_hash_table_remove (job->speech->jobs, job->key);
}

/* All who wait get what the archive has; NULL: they get it. Takes @job. */
static void
settle (Job *job, const GError *error)
{
  BipeSpeech *self = job->speech;

  unlist (job);
  for (guint i = 0; i < job->waiting->len; i++)
    {
      GTask *task = job->waiting->pdata[i];
      Request *request = g_task_get_task_data (task);

      if (error == NULL)
        bipe_archive_give_async (self->archive, job->key, request->name, gave_cb,
                                 g_object_ref (task));
      else
        g_task_return_error (task, g_error_copy (error));
    }
  start_idle (self);
  job_free (job);
}

/* Once it is closed, nobody else is served whom the disk could hold up. */
static void
discard (Job *job, int sink)
{
  if (job->speech->archive != NULL)
    bipe_archive_discard (job->speech->archive, job->path, sink);
  else
    {
      g_unlink (job->path);
      if (sink >= 0)
        close (sink);
    }
}

static void
said_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;
  BipeSpeech *self = job->speech;
  g_autoptr(GError) error = NULL;

  bipe_speaker_say_finish (self->speaker, result, &error);
  if (error == NULL && self->archive == NULL)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "the speech service ends");
  if (error == NULL)
    {
      self->figures.n_said++;
      bipe_histogram_add (&self->figures.durations, g_get_monotonic_time () - job->started);
      bipe_archive_keep (self->archive, job->path, job->key);
    }
  else
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        self->figures.n_cancelled++;
      else
        self->figures.n_failed++;
      discard (job, -1);
    }
  settle (job, error);
}

/* On the speaker's thread. */
static void
speaker_progress_cb (guint per_cent, gpointer user_data)
{
  Job *job = user_data;
  Progress *progress = g_new (Progress, 1);

  progress->key = g_strdup (job->key);
  progress->per_cent = per_cent;
  bipe_inbox_post (job->progress, progress);
}

static void
progress_cb (GPtrArray *items, gboolean has_gap, gpointer user_data)
{
  BipeSpeech *self = user_data;

  for (guint i = 0; i < items->len; i++)
    {
      const Progress *progress = items->pdata[i];
      Job *job = g_hash_table_lookup (self->jobs, progress->key);

      for (guint k = 0; job != NULL && k < job->waiting->len; k++)
        {
          Request *request = g_task_get_task_data (job->waiting->pdata[k]);

          if (request->progress != NULL)
            request->progress (progress->per_cent, request->user_data);
        }
    }
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr(GTask) task = g_object_ref (G_TASK (user_data));
  BipeSpeech *self = g_task_get_source_object (task);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->jobs);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Job *job = value;

      if (!g_ptr_array_remove (job->waiting, task))
        continue;
      if (job->waiting->len == 0)
        {
          g_hash_table_iter_remove (&iter);
          g_cancellable_cancel (job->cancellable);
        }
      g_task_return_error_if_cancelled (task);
      break;
    }
  return G_SOURCE_REMOVE;
}

static void
wait_for (Job *job, GTask *task)
{
  Request *request = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  g_ptr_array_add (job->waiting, g_object_ref (task));
  if (cancellable == NULL)
    return;
  request->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (request->cancelled, G_SOURCE_FUNC (cancelled_cb), task, NULL);
  g_source_attach (request->cancelled, g_main_context_get_thread_default ());
}

/* Takes @job and @sink. */
static void
say (Job *job, int sink)
{
  BipeSpeech *self = job->speech;
  const BipeSpeakerOrder order = {
    .utterance = job->utterance, .sink = sink, .progress = speaker_progress_cb, .user_data = job
  };

  if (self->speaker == NULL)
    self->speaker = bipe_speaker_new (self->limits.say_ms);
  clear_idle (self);
  bipe_speaker_say_async (self->speaker, &order, job->cancellable, said_cb, job);
}

static void
begun_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;
  BipeSpeech *self = job->speech;
  g_autoptr(GError) error = NULL;
  gboolean is_wanted = self->archive != NULL && job->waiting->len > 0;
  int sink;

  if (!bipe_archive_begin_finish (result, &job->path, &sink, &error))
    {
      self->figures.n_failed++;
      settle (job, error);
    }
  else if (is_wanted && sink >= 0)
    say (job, sink);
  else if (is_wanted)
    {
      self->figures.n_spared++;
      settle (job, NULL);
    }
  else
    {
      self->figures.n_cancelled++;
      if (sink >= 0)
        discard (job, sink);
      g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "the speech service ends");
      settle (job, error);
    }
}

static Job *
start (BipeSpeech *self, BipeUtterance *utterance)
{
  Job *job = g_new0 (Job, 1);

  job->speech = g_object_ref (self);
  job->progress = bipe_inbox_ref (self->progress);
  job->utterance = bipe_utterance_ref (utterance);
  job->key = utterance->key;
  job->cancellable = g_cancellable_new ();
  job->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  job->started = g_get_monotonic_time ();
  g_hash_table_insert (self->jobs, (char *)job->key, job);
  bipe_archive_begin_async (self->archive, job->key, begun_cb, job);
  return job;
}

void
bipe_speech_make_async (BipeSpeech *self,
                        BipeUtterance *utterance,
                        const char *name,
                        BipeSpeechProgress progress,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  Request *request = g_new0 (Request, 1);
  g_autoptr(GError) error = NULL;
  Job *job;

  g_return_if_fail (self->archive != NULL);

  request->name = g_strdup (name);
  request->progress = progress;
  request->user_data = user_data;
  g_task_set_source_tag (task, bipe_speech_make_async);
  g_task_set_task_data (task, request, request_free);
  if (name != NULL && !bipe_speech_name_check (name, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  job = g_hash_table_lookup (self->jobs, utterance->key);
  if (job != NULL)
    self->figures.n_spared++;
  else
    job = start (self, utterance);
  wait_for (job, task);
}

BipeRecording *
bipe_speech_make_finish (BipeSpeech *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
bipe_speech_find_async (BipeSpeech *self,
                        const char *name,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);

  g_return_if_fail (self->archive != NULL);

  g_task_set_source_tag (task, bipe_speech_find_async);
  if (bipe_speech_name_check (name, NULL))
    bipe_archive_find_async (self->archive, name, gave_cb, g_steal_pointer (&task));
  else
    g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_NOT_FOUND,
                             "there is no speech of this name");
}

BipeRecording *
bipe_speech_find_finish (BipeSpeech *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

const BipeSpeechFigures *
bipe_speech_get_figures (BipeSpeech *self)
{
  return &self->figures;
}

void
bipe_speech_close (BipeSpeech *self)
{
  if (self->archive == NULL)
    return;
  clear_idle (self);
  bipe_inbox_close (self->progress);
  g_clear_pointer (&self->speaker, bipe_speaker_free);
  g_clear_pointer (&self->archive, bipe_archive_free);
}

static void
bipe_speech_dispose (GObject *object)
{
  bipe_speech_close (BIPE_SPEECH (object));
  G_OBJECT_CLASS (bipe_speech_parent_class)->dispose (object);
}

static void
bipe_speech_finalize (GObject *object)
{
  BipeSpeech *self = BIPE_SPEECH (object);

  g_clear_pointer (&self->progress, bipe_inbox_unref);
  g_hash_table_unref (self->jobs);
  G_OBJECT_CLASS (bipe_speech_parent_class)->finalize (object);
}

static void
bipe_speech_class_init (BipeSpeechClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = bipe_speech_dispose;
  object_class->finalize = bipe_speech_finalize;
}

static void
bipe_speech_init (BipeSpeech *self)
{
  self->jobs = g_hash_table_new (g_str_hash, g_str_equal);
}

BipeSpeech *
bipe_speech_new (const char *folder, const BipeSpeechLimits *limits)
{
  BipeSpeech *self = g_object_new (BIPE_TYPE_SPEECH, NULL);

  self->limits = *limits;
  self->archive = bipe_archive_new (folder, &limits->archive);
  self->progress = bipe_inbox_new (g_main_context_get_thread_default (), G_PRIORITY_DEFAULT,
                                   PROGRESS_MAX, progress_free, progress_cb, self);
  return self;
}
