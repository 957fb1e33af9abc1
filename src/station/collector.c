/* collector.c: take ─┬─ stored: done (the taking has collected it)
 *                    ├─ held, store known to be away: give back, fail
 *                    └─ queued: release, hurry the forwarder, wait ─┬─ stored: collect ─ done
 *                                                                  ├─ rejected, removed: take again
 *                                                                  └─ store away: give back, fail
 */
#include "config.h"

#include "station/collector.h"

#include <glib/gi18n-lib.h>

#include "base/clock.h"
#include "base/error.h"

struct _BipeCollector
{
  GObject parent_instance;

  BipeJournal *journal;
  BipeForwarder *forwarder;
  BipeClock *clock;
  GHashTable *waiting; /* BipeUuid → GTask: taken, and not yet stored */
};

G_DEFINE_FINAL_TYPE (BipeCollector, bipe_collector, G_TYPE_OBJECT)

/* A task on its way through the journal. */
typedef struct
{
  BipeCollector *collector;
  GTask *task;
} Errand;

static Errand *
errand_new (BipeCollector *self, GTask *task)
{
  Errand *errand = g_new (Errand, 1);

  errand->collector = g_object_ref (self);
  errand->task = g_object_ref (task);
  return errand;
}

static void
errand_free (Errand *errand)
{
  g_object_unref (errand->task);
  g_object_unref (errand->collector);
  g_free (errand);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Errand, errand_free)

static GHashTable *
new_waiting (void)
{
  return g_hash_table_new_full (bipe_uuid_hash, bipe_uuid_equal, g_free, g_object_unref);
}

static GTask *
steal_waiting (BipeCollector *self, const BipeUuid *uuid)
{
  g_autofree BipeUuid *key = NULL;
  GTask *task = NULL;

  g_hash_table_steal_extended (self->waiting, uuid, (gpointer *)&key, (gpointer *)&task);
  return task;
}

static void
given_back_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  if (!bipe_journal_done_finish (BIPE_JOURNAL (source), result, &error))
    g_warning ("Cannot give a scan back to the queue: %s", error->message);
}

/* @error: NULL where the task was cancelled. */
static void
give_back (BipeCollector *self, const BipeUuid *uuid, GTask *task, const GError *error)
{
  bipe_journal_give_back_async (self->journal, uuid, given_back_cb, NULL);
  if (!g_task_return_error_if_cancelled (task))
    g_task_return_error (task, g_error_copy (error));
}

static void
collected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Errand) errand = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) scans = bipe_journal_change_finish (BIPE_JOURNAL (source), result, &error);

  if (scans != NULL)
    g_task_return_pointer (errand->task, bipe_scan_ref (scans->pdata[0]),
                           (GDestroyNotify)bipe_scan_unref);
  /* Voided since it was stored: the next one, then. */
  else if (g_error_matches (error, BIPE_ERROR, BIPE_ERROR_CONFLICT))
    bipe_collector_collect (errand->collector, g_object_ref (errand->task));
  else
    g_task_return_error (errand->task, g_steal_pointer (&error));
}

/* It is in the store: hand it out. */
static void
collect_stored (BipeCollector *self, const BipeUuid *uuid, GTask *task)
{
  BipeChange change
      = { .kind = BIPE_EVENT_COLLECTED, .uuid = *uuid, .at = bipe_clock_real (self->clock) };

  bipe_journal_change_async (self->journal, &change, 1, collected_cb, errand_new (self, task));
}

static void
settle (BipeCollector *self, const BipeScan *scan)
{
  g_autoptr(GTask) task = NULL;

  if (scan->state == BIPE_SCAN_QUEUED)
    return;
  task = steal_waiting (self, &scan->uuid);
  if (task == NULL)
    return;
  if (g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    give_back (self, &scan->uuid, task, NULL);
  else if (scan->state == BIPE_SCAN_STORED)
    collect_stored (self, &scan->uuid, task);
  else
    bipe_collector_collect (self, g_steal_pointer (&task));
}

static GError *
make_away (void)
{
  return g_error_new (BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
                      N_ ("the database can't be reached; the scan stays in the queue"));
}

/* The scan may have been stored after it was taken and before anybody waited for it. */
static void
looked_again_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeCollector) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeScan) scan = bipe_journal_find_finish (BIPE_JOURNAL (source), result, &error);

  if (scan != NULL)
    settle (self, scan);
  else
    bipe_collector_note_failure (self, error);
}

static void
released_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeCollector) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) scans = bipe_journal_change_finish (BIPE_JOURNAL (source), result, &error);
  g_autoptr(GError) away = NULL;

  /* In automatic mode it was never held, and that is a conflict. */
  if (scans == NULL && !g_error_matches (error, BIPE_ERROR, BIPE_ERROR_CONFLICT))
    {
      bipe_collector_note_failure (self, error);
      return;
    }
  if (bipe_forwarder_hurry (self->forwarder))
    return;
  away = make_away ();
  bipe_collector_note_failure (self, away);
}

static void
taken_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Errand) errand = user_data;
  BipeCollector *self = errand->collector;
  GError *error = NULL;
  g_autoptr(BipeScan) scan = bipe_journal_take_finish (BIPE_JOURNAL (source), result, &error);
  BipeChange release = { .kind = BIPE_EVENT_RELEASED };
  g_autoptr(GError) away = NULL;

  if (error != NULL)
    g_task_return_error (errand->task, error);
  else if (scan == NULL)
    g_task_return_pointer (errand->task, NULL, NULL);
  else if (scan->state == BIPE_SCAN_STORED)
    g_task_return_pointer (errand->task, g_steal_pointer (&scan), (GDestroyNotify)bipe_scan_unref);
  else if (bipe_forwarder_spares_held (self->forwarder))
    {
      away = make_away ();
      give_back (self, &scan->uuid, errand->task, away);
    }
  else
    {
      g_hash_table_insert (self->waiting, g_memdup2 (&scan->uuid, sizeof scan->uuid),
                           g_object_ref (errand->task));
      release.uuid = scan->uuid;
      release.at = bipe_clock_real (self->clock);
      bipe_journal_change_async (self->journal, &release, 1, released_cb, g_object_ref (self));
      bipe_journal_find_async (self->journal, &scan->uuid, looked_again_cb, g_object_ref (self));
    }
}

void
bipe_collector_collect (BipeCollector *self, GTask *task)
{
  bipe_journal_take_async (self->journal, taken_cb, errand_new (self, task));
  g_object_unref (task);
}

void
bipe_collector_note_commit (BipeCollector *self, GPtrArray *events)
{
  if (g_hash_table_size (self->waiting) == 0)
    return;
  for (guint i = 0; i < events->len; i++)
    {
      const BipeEvent *event = events->pdata[i];

      settle (self, event->scan);
    }
}

void
bipe_collector_note_failure (BipeCollector *self, const GError *error)
{
  g_autoptr(GHashTable) failed = g_steal_pointer (&self->waiting);
  GHashTableIter iter;
  gpointer uuid, task;

  /* Callbacks may run at once, and ask for more. */
  self->waiting = new_waiting ();
  g_hash_table_iter_init (&iter, failed);
  while (g_hash_table_iter_next (&iter, &uuid, &task))
    give_back (self, uuid, task, error);
}

static void
bipe_collector_dispose (GObject *object)
{
  BipeCollector *self = BIPE_COLLECTOR (object);

  g_clear_pointer (&self->waiting, g_hash_table_unref);
  g_clear_object (&self->forwarder);
  g_clear_object (&self->journal);
  G_OBJECT_CLASS (bipe_collector_parent_class)->dispose (object);
}

static void
bipe_collector_class_init (BipeCollectorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = bipe_collector_dispose;
}

static void
bipe_collector_init (BipeCollector *self)
{
  self->waiting = new_waiting ();
}

BipeCollector *
bipe_collector_new (BipeJournal *journal, BipeForwarder *forwarder, BipeClock *clock)
{
  BipeCollector *self = g_object_new (BIPE_TYPE_COLLECTOR, NULL);

  self->journal = g_object_ref (journal);
  self->forwarder = g_object_ref (forwarder);
  self->clock = clock;
  return self;
}
