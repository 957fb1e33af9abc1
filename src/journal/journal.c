#include "config.h"

#include "journal/journal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/post.h"
#include "base/worker.h"
#include "journal/ledger.h"
#include "journal/request.h"

/* Requests that may wait; as many as this share one commit. */
#define CAPACITY 16384
#define BATCH 512

struct _BipeJournal
{
  GObject parent_instance;

  GMainContext *context; /* of the birth, where the signal is emitted */
  BipeClock *clock;
  BipeWorker *worker; /* NULL: closed */
  BipeJournalCounts opening_counts;
  BipeUuid last_uuid;
  gboolean has_last_uuid;

  BipeLedger *ledger; /* the worker's thread only, between open and close */
};

G_DEFINE_FINAL_TYPE (BipeJournal, bipe_journal, G_TYPE_OBJECT)

enum
{
  COMMITTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
perform (BipeJournal *self, BipeRequest *request)
{
  bipe_request_clear_result (request);
  request->work (self->ledger, request, &request->error);
}

/* The commit failed: writers hear of it, readers may have seen what is undone now and look again.
 */
static void
undo (BipeJournal *self, GPtrArray *tasks, const GError *loss)
{
  for (guint i = 0; i < tasks->len; i++)
    {
      BipeRequest *request = g_task_get_task_data (tasks->pdata[i]);

      if (request->is_writing)
        {
          bipe_request_clear_result (request);
          request->error = g_error_copy (loss);
        }
      else if (!request->is_late)
        perform (self, request);
    }
}

typedef struct
{
  BipeJournal *journal;
  GPtrArray *events;
  BipeJournalCounts counts;
} Announcement;

static void
free_announcement (gpointer data)
{
  Announcement *self = data;

  g_ptr_array_unref (self->events);
  g_object_unref (self->journal);
  g_free (self);
}

static gboolean
announce_cb (gpointer user_data)
{
  Announcement *self = user_data;

  g_signal_emit (self->journal, signals[COMMITTED], 0, self->events, &self->counts);
  return G_SOURCE_REMOVE;
}

/* Posted before the tasks return, so it comes first in the same context. */
static void
announce (BipeJournal *self, GPtrArray *events, gint64 commit_time)
{
  Announcement *announcement = g_new0 (Announcement, 1);

  announcement->journal = g_object_ref (self);
  announcement->events = g_ptr_array_ref (events);
  announcement->counts = bipe_ledger_get_counts (self->ledger);
  announcement->counts.commit_time = commit_time;
  bipe_post (self->context, announce_cb, announcement, free_announcement);
}

/* One late reader a batch, once the others have their results: many that come at once keep no
 * writer waiting for longer than one of them takes. */
static void
finish (BipeJournal *self, GPtrArray *tasks)
{
  g_autoptr(GPtrArray) finished = g_ptr_array_new ();
  g_autoptr(GPtrArray) late = g_ptr_array_new ();

  for (guint i = 0; i < tasks->len; i++)
    {
      const BipeRequest *request = g_task_get_task_data (tasks->pdata[i]);

      if (request->is_late && late->len == 0)
        g_ptr_array_add (late, tasks->pdata[i]);
      else if (request->is_late || (request->is_unfinished && request->error == NULL))
        bipe_worker_push (self->worker, g_object_ref (tasks->pdata[i]));
      else
        g_ptr_array_add (finished, tasks->pdata[i]);
    }
  bipe_worker_deliver (finished, bipe_request_give_result);
  if (late->len > 0)
    {
      perform (self, g_task_get_task_data (late->pdata[0]));
      bipe_worker_deliver (late, bipe_request_give_result);
    }
}

/* All that waits shares one commit, and nothing is told before it is on the disk. */
static void
work (GPtrArray *tasks, gpointer user_data)
{
  BipeJournal *self = user_data;
  gint64 start = bipe_clock_monotonic (self->clock);
  gboolean is_writing = FALSE;
  g_autoptr(GPtrArray) events = NULL;
  g_autoptr(GError) loss = NULL;

  for (guint i = 0; i < tasks->len; i++)
    is_writing |= ((BipeRequest *)g_task_get_task_data (tasks->pdata[i]))->is_writing;

  if (is_writing && !bipe_ledger_begin (self->ledger, &loss))
    undo (self, tasks, loss);
  else
    {
      for (guint i = 0; i < tasks->len; i++)
        {
          BipeRequest *request = g_task_get_task_data (tasks->pdata[i]);

          if (!request->is_late && (!request->is_writing || !bipe_ledger_is_lost (self->ledger)))
            perform (self, request);
        }
      if (is_writing && (events = bipe_ledger_commit (self->ledger, &loss)) == NULL)
        undo (self, tasks, loss);
    }

  if (events != NULL && events->len > 0)
    announce (self, events, bipe_clock_monotonic (self->clock) - start);
  finish (self, tasks);
}

/* Takes @request over. */
static void
start (BipeJournal *self,
       BipeRequest *request,
       gpointer tag,
       GAsyncReadyCallback callback,
       gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, request, bipe_request_free);
  if (self->worker != NULL)
    bipe_worker_push (self->worker, g_steal_pointer (&task));
  else
    g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "the journal is closed");
}

static void
bipe_journal_dispose (GObject *object)
{
  bipe_journal_close (BIPE_JOURNAL (object));

  G_OBJECT_CLASS (bipe_journal_parent_class)->dispose (object);
}

static void
bipe_journal_finalize (GObject *object)
{
  BipeJournal *self = BIPE_JOURNAL (object);

  g_main_context_unref (self->context);

  G_OBJECT_CLASS (bipe_journal_parent_class)->finalize (object);
}

static void
bipe_journal_class_init (BipeJournalClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = bipe_journal_dispose;
  object_class->finalize = bipe_journal_finalize;

  signals[COMMITTED] = g_signal_new ("committed", BIPE_TYPE_JOURNAL, G_SIGNAL_RUN_LAST, 0, NULL,
                                     NULL, NULL, G_TYPE_NONE, 2, G_TYPE_PTR_ARRAY, G_TYPE_POINTER);
}

static void
bipe_journal_init (BipeJournal *self)
{
  self->context = g_main_context_ref_thread_default ();
}

BipeJournal *
bipe_journal_open (const char *path,
                   const BipeJournalLimits *limits,
                   BipeClock *clock,
                   GError **error)
{
  g_autoptr(BipeLedger) ledger = bipe_ledger_open (path, limits, clock, error);
  BipeJournal *self;

  if (ledger == NULL)
    return NULL;
  self = g_object_new (BIPE_TYPE_JOURNAL, NULL);
  self->clock = clock;
  self->opening_counts = bipe_ledger_get_counts (ledger);
  self->has_last_uuid = bipe_ledger_get_last_uuid (ledger, &self->last_uuid);
  self->ledger = g_steal_pointer (&ledger);
  self->worker = bipe_worker_new ("journal", CAPACITY, BATCH, work, self);
  return self;
}

void
bipe_journal_close (BipeJournal *self)
{
  /* The worker's thread reads the member until it is joined. */
  if (self->worker != NULL)
    bipe_worker_free (self->worker);
  self->worker = NULL;
  g_clear_pointer (&self->ledger, bipe_ledger_free);
}

gboolean
bipe_journal_get_last_uuid (BipeJournal *self, BipeUuid *uuid)
{
  *uuid = self->last_uuid;
  return self->has_last_uuid;
}

BipeJournalCounts
bipe_journal_get_counts (BipeJournal *self)
{
  return self->opening_counts;
}

void
bipe_append_free (BipeAppend *self)
{
  g_clear_pointer (&self->scans, g_ptr_array_unref);
  g_free (self);
}

void
bipe_journal_append_async (BipeJournal *self,
                           GPtrArray *scans,
                           gboolean is_held,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  start (self, bipe_request_new_append (scans, is_held), bipe_journal_append_async, callback,
         user_data);
}

BipeAppend *
bipe_journal_append_finish (BipeJournal *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
bipe_journal_change_async (BipeJournal *self,
                           const BipeChange *changes,
                           gsize n_changes,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  start (self, bipe_request_new_change (changes, n_changes), bipe_journal_change_async, callback,
         user_data);
}

GPtrArray *
bipe_journal_change_finish (BipeJournal *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
bipe_journal_claim_async (BipeJournal *self,
                          guint limit,
                          gboolean with_held,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  start (self, bipe_request_new_claim (limit, with_held), bipe_journal_claim_async, callback,
         user_data);
}

GPtrArray *
bipe_journal_claim_finish (BipeJournal *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
bipe_journal_collected_async (BipeJournal *self,
                              guint limit,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  start (self, bipe_request_new_collected (limit), bipe_journal_collected_async, callback,
         user_data);
}

GPtrArray *
bipe_journal_collected_finish (BipeJournal *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
bipe_journal_forget_collected_async (BipeJournal *self,
                                     GPtrArray *scans,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  start (self, bipe_request_new_forget_collected (scans), bipe_journal_forget_collected_async,
         callback, user_data);
}

void
bipe_journal_take_async (BipeJournal *self, GAsyncReadyCallback callback, gpointer user_data)
{
  start (self, bipe_request_new_take (), bipe_journal_take_async, callback, user_data);
}

BipeScan *
bipe_journal_take_finish (BipeJournal *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
bipe_journal_give_back_async (BipeJournal *self,
                              const BipeUuid *uuid,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  start (self, bipe_request_new_give_back (uuid), bipe_journal_give_back_async, callback,
         user_data);
}

void
bipe_journal_find_async (BipeJournal *self,
                         const BipeUuid *uuid,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  start (self, bipe_request_new_find (uuid), bipe_journal_find_async, callback, user_data);
}

BipeScan *
bipe_journal_find_finish (BipeJournal *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
bipe_journal_list_async (BipeJournal *self,
                         guint states,
                         const BipeUuid *after,
                         guint limit,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  start (self, bipe_request_new_list (states, after, limit), bipe_journal_list_async, callback,
         user_data);
}

GPtrArray *
bipe_journal_list_finish (BipeJournal *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
bipe_journal_list_events_async (BipeJournal *self,
                                gint64 after,
                                guint limit,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_return_if_fail (limit > 0 && limit <= BIPE_EVENT_PAGE_MAX);
  start (self, bipe_request_new_list_events (after, limit), bipe_journal_list_events_async,
         callback, user_data);
}

BipeEventPage *
bipe_journal_list_events_finish (BipeJournal *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
bipe_journal_release_all_async (BipeJournal *self, GAsyncReadyCallback callback, gpointer user_data)
{
  start (self, bipe_request_new_release_all (bipe_clock_real (self->clock)),
         bipe_journal_release_all_async, callback, user_data);
}

gint64
bipe_journal_release_all_finish (BipeJournal *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_int (G_TASK (result), error);
}

void
bipe_journal_count_since_async (BipeJournal *self,
                                gint64 since,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  start (self, bipe_request_new_count_since (since), bipe_journal_count_since_async, callback,
         user_data);
}

gint64
bipe_journal_count_since_finish (BipeJournal *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_int (G_TASK (result), error);
}

void
bipe_journal_prune_async (BipeJournal *self, GAsyncReadyCallback callback, gpointer user_data)
{
  start (self, bipe_request_new_prune (), bipe_journal_prune_async, callback, user_data);
}

gboolean
bipe_journal_done_finish (BipeJournal *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_int (G_TASK (result), error) != -1;
}
