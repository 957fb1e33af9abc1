#include "config.h"

#include "speech/speech.h"

#include <glib/gstdio.h>

#include "base/error.h"
#include "base/inbox.h"
#include "speech/shelf.h"
#include "speech/speaker.h"
#include "speech/speech-name.h"

/* Words of progress that may wait; past it they are dropped, and the next ones tell more. */
#define PROGRESS_MAX 64

struct _BipeSpeech
{
  GObject parent_instance;

  char *folder;
  BipeSpeechLimits limits;

  /* NULL before the first request that needs them. */
  BipeShelf *cached;
  BipeShelf *named;
  BipeSpeaker *speaker;

  GHashTable *jobs; /* key → Job: under way, and still wanted */
  BipeInbox *progress;
  GSource *idle;
  gboolean is_closed;
  guint n_said;
  guint n_spared;
};

G_DEFINE_FINAL_TYPE (BipeSpeech, bipe_speech, G_TYPE_OBJECT)

/* One utterance that is being said, for all who wait for it. */
typedef struct
{
  BipeSpeech *speech;  /* a reference */
  BipeInbox *progress; /* a reference, for the speaker's thread */
  char *key;
  char *path;
  GCancellable *cancellable;
  GPtrArray *waiting; /* of GTask */
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
  g_object_unref (job->speech);
  g_free (job->path);
  g_free (job->key);
  g_free (job);
}

static gboolean
open_shelves (BipeSpeech *self, GError **error)
{
  g_autofree char *cached = g_build_filename (self->folder, "cache", NULL);
  g_autofree char *named = g_build_filename (self->folder, "names", NULL);

  if (self->cached == NULL)
    self->cached
        = bipe_shelf_open (cached, self->limits.cached_bytes, self->limits.cached_files, error);
  if (self->cached != NULL && self->named == NULL)
    self->named
        = bipe_shelf_open (named, self->limits.named_bytes, self->limits.named_files, error);
  return self->named != NULL;
}

/* What is at @path gets the request's name, if it has one, and is what the request returns. */
static void
give (BipeSpeech *self, GTask *task, const char *path)
{
  Request *request = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeRecording) recording = NULL;
  g_autofree char *key = request->name != NULL ? bipe_speech_name_to_key (request->name) : NULL;

  if (key == NULL || bipe_shelf_link (self->named, path, key, &error))
    recording = bipe_recording_open (path, &error);
  if (recording != NULL)
    g_task_return_pointer (task, g_steal_pointer (&recording), (GDestroyNotify)bipe_recording_free);
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
  if (self->is_closed || g_hash_table_size (self->jobs) > 0)
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

static void
said_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;
  BipeSpeech *self = job->speech;
  g_autoptr(GError) error = NULL;
  g_autofree char *path = NULL;

  unlist (job);
  if (bipe_speaker_say_finish (self->speaker, result, &error)
      && bipe_shelf_put (self->cached, job->path, job->key, &error))
    path = bipe_shelf_find (self->cached, job->key);
  else
    g_unlink (job->path);
  if (path == NULL && error == NULL)
    g_set_error (&error, BIPE_ERROR, BIPE_ERROR_FULL, "cannot keep the speech");
  for (guint i = 0; i < job->waiting->len; i++)
    if (path != NULL)
      give (self, job->waiting->pdata[i], path);
    else
      g_task_return_error (job->waiting->pdata[i], g_error_copy (error));
  start_idle (self);
  job_free (job);
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

/* NULL with BIPE_ERROR_FULL. */
static Job *
start (BipeSpeech *self, BipeUtterance *utterance, GError **error)
{
  BipeSpeakerOrder order = { .utterance = utterance, .progress = speaker_progress_cb };
  g_autofree char *path = NULL;
  Job *job;

  order.sink = bipe_shelf_begin (self->cached, &path, error);
  if (order.sink < 0)
    return NULL;
  if (self->speaker == NULL)
    self->speaker = bipe_speaker_new (self->limits.say_ms);
  clear_idle (self);
  job = g_new0 (Job, 1);
  job->speech = g_object_ref (self);
  job->progress = bipe_inbox_ref (self->progress);
  job->key = g_strdup (utterance->key);
  job->path = g_steal_pointer (&path);
  job->cancellable = g_cancellable_new ();
  job->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  g_hash_table_insert (self->jobs, job->key, job);
  self->n_said++;
  order.user_data = job;
  bipe_speaker_say_async (self->speaker, &order, job->cancellable, said_cb, job);
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
  g_autofree char *path = NULL;
  Job *job;

  g_return_if_fail (!self->is_closed);

  request->name = g_strdup (name);
  request->progress = progress;
  request->user_data = user_data;
  g_task_set_source_tag (task, bipe_speech_make_async);
  g_task_set_task_data (task, request, request_free);
  if ((name != NULL && !bipe_speech_name_check (name, &error)) || !open_shelves (self, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  path = bipe_shelf_find (self->cached, utterance->key);
  if (path != NULL)
    {
      self->n_spared++;
      give (self, task, path);
      return;
    }
  job = g_hash_table_lookup (self->jobs, utterance->key);
  if (job != NULL)
    self->n_spared++;
  else
    job = start (self, utterance, &error);
  if (job != NULL)
    wait_for (job, task);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

BipeRecording *
bipe_speech_make_finish (BipeSpeech *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

BipeRecording *
bipe_speech_find (BipeSpeech *self, const char *name, GError **error)
{
  g_autofree char *key = NULL;
  g_autofree char *path = NULL;

  if (bipe_speech_name_check (name, NULL))
    {
      if (!open_shelves (self, error))
        return NULL;
      key = bipe_speech_name_to_key (name);
      path = bipe_shelf_find (self->named, key);
    }
  if (path != NULL)
    return bipe_recording_open (path, error);
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND, "there is no speech of this name");
  return NULL;
}

guint
bipe_speech_get_n_said (BipeSpeech *self)
{
  return self->n_said;
}

guint
bipe_speech_get_n_spared (BipeSpeech *self)
{
  return self->n_spared;
}

void
bipe_speech_close (BipeSpeech *self)
{
  if (self->is_closed)
    return;
  self->is_closed = TRUE;
  clear_idle (self);
  bipe_inbox_close (self->progress);
  g_clear_pointer (&self->speaker, bipe_speaker_free);
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
  g_clear_pointer (&self->named, bipe_shelf_free);
  g_clear_pointer (&self->cached, bipe_shelf_free);
  g_free (self->folder);
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

  self->folder = g_strdup (folder);
  self->limits = *limits;
  self->progress = bipe_inbox_new (g_main_context_get_thread_default (), G_PRIORITY_DEFAULT,
                                   PROGRESS_MAX, progress_free, progress_cb, self);
  return self;
}
