/* records.c: the queue is the journal's alone; whatever may be in the store is the lookup's. */
#include "config.h"

#include "station/records.h"

#include "base/clock.h"
#include "station/lookup.h"

struct _BipeRecords
{
  GObject parent_instance;

  BipeJournal *journal;
  BipeStore *store;
  BipeLookup *lookup;
  BipeClock *clock;
};

G_DEFINE_FINAL_TYPE (BipeRecords, bipe_records, G_TYPE_OBJECT)

/* --- One scan ----------------------------------------------------------------------------------
 */

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  g_autoptr(GPtrArray) scans = bipe_journal_change_finish (BIPE_JOURNAL (source), result, &error);

  if (scans != NULL)
    g_task_return_pointer (task, bipe_scan_ref (scans->pdata[0]), (GDestroyNotify)bipe_scan_unref);
  else
    g_task_return_error (task, error);
}

static void
change_in_journal (BipeRecords *self,
                   const BipeChange *change,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, change_in_journal);
  bipe_journal_change_async (self->journal, change, 1, changed_cb, task);
}

void
bipe_records_release_async (BipeRecords *self,
                            const BipeUuid *uuid,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  BipeChange change
      = { .kind = BIPE_EVENT_RELEASED, .uuid = *uuid, .at = bipe_clock_real (self->clock) };

  change_in_journal (self, &change, callback, user_data);
}

void
bipe_records_edit_async (BipeRecords *self,
                         const BipeUuid *uuid,
                         const char *code,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  BipeChange change = {
    .kind = BIPE_EVENT_EDITED, .uuid = *uuid, .at = bipe_clock_real (self->clock), .code = code
  };
  GError *error = NULL;

  if (bipe_scan_check_code (code, &error))
    change_in_journal (self, &change, callback, user_data);
  else
    g_task_report_error (self, callback, user_data, bipe_records_edit_async, error);
}

void
bipe_records_remove_async (BipeRecords *self,
                           const BipeUuid *uuid,
                           const char *reason,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  BipeChange change = {
    .kind = BIPE_EVENT_REMOVED, .uuid = *uuid, .at = bipe_clock_real (self->clock), .reason = reason
  };

  change_in_journal (self, &change, callback, user_data);
}

static void
released_all_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  gint64 count = bipe_journal_release_all_finish (BIPE_JOURNAL (source), result, &error);

  if (count >= 0)
    g_task_return_int (task, count);
  else
    g_task_return_error (task, error);
}

void
bipe_records_release_all_async (BipeRecords *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, bipe_records_release_all_async);
  bipe_journal_release_all_async (self->journal, released_all_cb, task);
}

gint64
bipe_records_release_all_finish (BipeRecords *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_int (G_TASK (result), error);
}

void
bipe_records_find_async (BipeRecords *self,
                         const BipeScanRef *ref,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, bipe_records_find_async);
  bipe_lookup_find (self->lookup, ref, task);
}

void
bipe_records_void_async (BipeRecords *self,
                         const BipeScanRef *ref,
                         const char *reason,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, bipe_records_void_async);
  bipe_lookup_void (self->lookup, ref, reason, task);
}

void
bipe_records_restore_async (BipeRecords *self,
                            const BipeScanRef *ref,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, bipe_records_restore_async);
  bipe_lookup_restore (self->lookup, ref, task);
}

BipeScan *
bipe_records_scan_finish (BipeRecords *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- Lists -------------------------------------------------------------------------------------
 */

static void
return_scans (GTask *task, GPtrArray *scans, GError *error)
{
  if (scans != NULL)
    g_task_return_pointer (task, scans, (GDestroyNotify)g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

static void
queried_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  GPtrArray *scans = bipe_store_query_finish (BIPE_STORE (source), result, &error);

  return_scans (task, scans, error);
}

void
bipe_records_query_async (BipeRecords *self,
                          const BipeQuery *query,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, bipe_records_query_async);
  bipe_store_query_async (self->store, query, cancellable, queried_cb, task);
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  GPtrArray *scans = bipe_journal_list_finish (BIPE_JOURNAL (source), result, &error);

  return_scans (task, scans, error);
}

void
bipe_records_list_queue_async (BipeRecords *self,
                               guint states,
                               const BipeUuid *after,
                               guint limit,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, bipe_records_list_queue_async);
  bipe_journal_list_async (self->journal, states, after, limit, listed_cb, task);
}

GPtrArray *
bipe_records_scans_finish (BipeRecords *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
events_listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  BipeEventPage *page = bipe_journal_list_events_finish (BIPE_JOURNAL (source), result, &error);

  if (page != NULL)
    g_task_return_pointer (task, page, (GDestroyNotify)bipe_event_page_free);
  else
    g_task_return_error (task, error);
}

void
bipe_records_list_events_async (BipeRecords *self,
                                gint64 after,
                                guint limit,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GTask *task;

  g_return_if_fail (limit > 0 && limit <= BIPE_EVENT_PAGE_MAX);
  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, bipe_records_list_events_async);
  bipe_journal_list_events_async (self->journal, after, limit, events_listed_cb, task);
}

BipeEventPage *
bipe_records_list_events_finish (BipeRecords *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- The object --------------------------------------------------------------------------------
 */

static void
bipe_records_dispose (GObject *object)
{
  BipeRecords *self = BIPE_RECORDS (object);

  g_clear_object (&self->lookup);
  g_clear_object (&self->store);
  g_clear_object (&self->journal);
  G_OBJECT_CLASS (bipe_records_parent_class)->dispose (object);
}

static void
bipe_records_class_init (BipeRecordsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = bipe_records_dispose;
}

static void
bipe_records_init (BipeRecords *self)
{
}

BipeRecords *
bipe_records_new (BipeJournal *journal, BipeStore *store, BipeClock *clock)
{
  BipeRecords *self = g_object_new (BIPE_TYPE_RECORDS, NULL);

  self->journal = g_object_ref (journal);
  self->store = g_object_ref (store);
  self->lookup = bipe_lookup_new (journal, store, clock);
  self->clock = clock;
  return self;
}
