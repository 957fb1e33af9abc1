#include "config.h"

#include "fixture.h"

#include <glib/gstdio.h>

static void
seen_cb (GPtrArray *events, gboolean has_gap, gpointer user_data)
{
  Fixture *self = user_data;

  g_assert_false (has_gap);
  for (guint i = 0; i < events->len; i++)
    {
      BipeEvent *event = events->pdata[i];
      const BipeEvent *last = self->seen->len > 0 ? self->seen->pdata[self->seen->len - 1] : NULL;

      if (event->kind == BIPE_EVENT_STATUS)
        continue;
      g_assert_true (last == NULL || event->seq > last->seq);
      g_ptr_array_add (self->seen, bipe_event_ref (event));
    }
}

void
fixture_set_up (Fixture *self)
{
  *self = (Fixture){ .clock = bipe_clock_system (),
                     .limits = { .queue_limit = 100000, .collect_days = 7, .event_days = 7 } };
  /* A store that is away is warned of, and that is no fault here. */
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  self->folder = g_dir_make_tmp ("bipe-station-XXXXXX", NULL);
  g_assert_nonnull (self->folder);
  self->context = g_main_context_new ();
  g_main_context_push_thread_default (self->context);
  self->seen = bipe_event_array_new ();
}

void
fixture_tear_down (Fixture *self)
{
  g_autoptr(GDir) dir = g_dir_open (self->folder, 0, NULL);
  const char *name;

  if (self->station != NULL)
    fixture_stop (self);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);

      g_unlink (path);
    }
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_ptr_array_unref (self->seen);
  g_main_context_pop_thread_default (self->context);
  g_main_context_unref (self->context);
  g_free (self->database_url);
  g_free (self->folder);
}

void
fixture_open_parts (Fixture *self)
{
  g_autofree char *journal = g_build_filename (self->folder, "journal.db", NULL);
  g_autofree char *store = g_build_filename (self->folder, "scans.db", NULL);
  g_autoptr(GError) error = NULL;
  BipeStoreTarget *target = NULL;

  self->journal = bipe_journal_open (journal, &self->limits, self->clock, &error);
  g_assert_no_error (error);
  target = self->database_url != NULL
               ? bipe_store_target_new_postgres (self->database_url, NULL, FALSE, &error)
               : bipe_store_target_new_sqlite (store);
  g_assert_no_error (error);
  self->store = bipe_store_new (target);
  self->events = bipe_events_new ();
  self->subscription = bipe_events_subscribe (self->events, self->context, seen_cb, self);
}

/* What is still under way holds a reference until it has come back. */
static gboolean
is_alone (Fixture *self, gpointer object)
{
  return G_OBJECT (object)->ref_count == 1;
}

void
fixture_close_parts (Fixture *self)
{
  bipe_events_unsubscribe (self->events, self->subscription);
  bipe_store_close (self->store);
  bipe_journal_close (self->journal);
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_assert_finalize_object (g_steal_pointer (&self->store));
  g_assert_finalize_object (g_steal_pointer (&self->journal));
  g_assert_finalize_object (g_steal_pointer (&self->events));
}

void
fixture_start (Fixture *self, gboolean is_review)
{
  fixture_open_parts (self);
  self->station = bipe_station_new ("balc\303\243o", is_review, self->journal, self->store,
                                    self->events, self->clock);
  self->records = bipe_station_get_records (self->station);
}

void
fixture_stop (Fixture *self)
{
  bipe_station_stop (self->station);
  fixture_wait_until (self, is_alone, self->station);
  g_assert_finalize_object (g_steal_pointer (&self->station));
  fixture_close_parts (self);
}

static sqlite3 *
open_store_file (Fixture *self)
{
  g_autofree char *path = g_build_filename (self->folder, "scans.db", NULL);
  sqlite3 *handle;

  g_assert_cmpint (sqlite3_open (path, &handle), ==, SQLITE_OK);
  sqlite3_busy_timeout (handle, 30000);
  return handle;
}

static void
execute (sqlite3 *handle, const char *sql)
{
  char *problem = NULL;

  sqlite3_exec (handle, sql, NULL, NULL, &problem);
  g_assert_cmpstr (problem, ==, NULL);
}

void
fixture_run_sql (Fixture *self, const char *sql)
{
  sqlite3 *handle = open_store_file (self);

  execute (handle, sql);
  g_assert_cmpint (sqlite3_close (handle), ==, SQLITE_OK);
}

sqlite3 *
fixture_lock_store (Fixture *self)
{
  sqlite3 *lock = open_store_file (self);

  execute (lock, "BEGIN IMMEDIATE");
  return lock;
}

void
fixture_unlock_store (Fixture *self, sqlite3 *lock)
{
  execute (lock, "ROLLBACK");
  g_assert_cmpint (sqlite3_close (lock), ==, SQLITE_OK);
}

/* --- Waiting -----------------------------------------------------------------------------------
 */

void
fixture_result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **slot = user_data;

  g_assert_null (*slot);
  *slot = g_object_ref (result);
}

void
fixture_wait (Fixture *self, GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (self->context, TRUE);
  /* The events that came with it are in the subscriber's inbox. */
  while (g_main_context_iteration (self->context, FALSE))
    ;
}

void
fixture_wait_until (Fixture *self, FixtureCheck check, gpointer user_data)
{
  while (!check (self, user_data))
    g_main_context_iteration (self->context, TRUE);
}

static gboolean
has_queued (Fixture *self, gpointer n_queued)
{
  g_autoptr(BipeStatus) status = bipe_station_dup_status (self->station);

  return status->n_queued == *(gint64 *)n_queued;
}

void
fixture_wait_queued (Fixture *self, gint64 n_queued)
{
  fixture_wait_until (self, has_queued, &n_queued);
}

static gboolean
has_store_state (Fixture *self, gpointer state)
{
  g_autoptr(BipeStatus) status = bipe_station_dup_status (self->station);

  return status->store_state == *(BipeStoreState *)state;
}

void
fixture_wait_store (Fixture *self, BipeStoreState state)
{
  fixture_wait_until (self, has_store_state, &state);
}

/* --- Calls that wait for their end -------------------------------------------------------------
 */

BipeAppend *
fixture_accept (Fixture *self, GPtrArray *drafts, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_station_accept_async (self->station, drafts, fixture_result_cb, &result);
  fixture_wait (self, &result);
  return bipe_station_accept_finish (self->station, result, error);
}

BipeScan *
fixture_accept_code (Fixture *self, const char *code)
{
  BipeScan draft = { .code = code, .source = BIPE_SOURCE_MANUAL };
  g_autoptr(GPtrArray) drafts = bipe_scan_array_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeAppend) append = NULL;

  g_ptr_array_add (drafts, bipe_scan_new (&draft));
  append = fixture_accept (self, drafts, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (append->n_new, ==, 1);
  return bipe_scan_ref (append->scans->pdata[0]);
}

void
fixture_accept_codes (Fixture *self, const char *prefix, guint n_codes)
{
  for (guint done = 0; done < n_codes;)
    {
      g_autoptr(GPtrArray) drafts = bipe_scan_array_new ();
      g_autoptr(BipeAppend) append = NULL;
      g_autoptr(GError) error = NULL;

      while (done < n_codes && drafts->len < BIPE_STATION_ACCEPT_MAX)
        {
          g_autofree char *code = g_strdup_printf ("%s%04u", prefix, ++done);
          BipeScan draft = { .code = code, .source = BIPE_SOURCE_WEDGE };

          g_ptr_array_add (drafts, bipe_scan_new (&draft));
        }
      append = fixture_accept (self, drafts, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (append->n_new, ==, drafts->len);
    }
}

BipeScan *
fixture_collect (Fixture *self, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_station_collect_async (self->station, NULL, fixture_result_cb, &result);
  fixture_wait (self, &result);
  return bipe_station_collect_finish (self->station, result, error);
}

BipeScan *
fixture_find (Fixture *self, const BipeScanRef *ref, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_records_find_async (self->records, ref, NULL, fixture_result_cb, &result);
  fixture_wait (self, &result);
  return bipe_records_scan_finish (self->records, result, error);
}

BipeScan *
fixture_void (Fixture *self, const BipeScanRef *ref, const char *reason, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_records_void_async (self->records, ref, reason, fixture_result_cb, &result);
  fixture_wait (self, &result);
  return bipe_records_scan_finish (self->records, result, error);
}

BipeScan *
fixture_restore (Fixture *self, const BipeScanRef *ref, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_records_restore_async (self->records, ref, fixture_result_cb, &result);
  fixture_wait (self, &result);
  return bipe_records_scan_finish (self->records, result, error);
}

GPtrArray *
fixture_list (Fixture *self, guint states)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  GPtrArray *scans;

  bipe_records_list_queue_async (self->records, states, NULL, 10000, fixture_result_cb, &result);
  fixture_wait (self, &result);
  scans = bipe_records_scans_finish (self->records, result, &error);
  g_assert_no_error (error);
  return scans;
}

GPtrArray *
fixture_query (Fixture *self)
{
  g_autoptr(BipeQuery) query = bipe_query_new ();
  GPtrArray *all = bipe_scan_array_new ();

  query->limit = BIPE_QUERY_LIMIT_MAX;
  for (;;)
    {
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(GError) error = NULL;
      GPtrArray *page;

      bipe_records_query_async (self->records, query, NULL, fixture_result_cb, &result);
      fixture_wait (self, &result);
      page = bipe_records_scans_finish (self->records, result, &error);
      g_assert_no_error (error);
      if (page->len == 0)
        {
          g_ptr_array_unref (page);
          return all;
        }
      query->after = ((BipeScan *)page->pdata[page->len - 1])->id;
      g_ptr_array_extend_and_steal (all, page);
    }
}

gboolean
fixture_drain (Fixture *self)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  gboolean is_empty;

  bipe_station_drain_async (self->station, 60000, fixture_result_cb, &result);
  fixture_wait (self, &result);
  is_empty = bipe_station_drain_finish (self->station, result, &error);
  g_assert_no_error (error);
  return is_empty;
}

void
fixture_assert_stored (Fixture *self, const char *prefix, guint n_codes)
{
  g_autoptr(GPtrArray) rows = fixture_query (self);

  g_assert_cmpuint (rows->len, ==, n_codes);
  for (guint i = 0; i < n_codes; i++)
    {
      g_autofree char *code = g_strdup_printf ("%s%04u", prefix, i + 1);

      g_assert_cmpstr (((BipeScan *)rows->pdata[i])->code, ==, code);
    }
}

void
fixture_assert_status (Fixture *self, gint64 n_queued, gint64 n_held, gint64 n_rejected)
{
  g_autoptr(BipeStatus) status = NULL;

  fixture_wait_queued (self, n_queued);
  status = bipe_station_dup_status (self->station);
  g_assert_cmpint (status->n_held, ==, n_held);
  g_assert_cmpint (status->n_rejected, ==, n_rejected);
}

guint
fixture_count_events (Fixture *self, BipeEventKind kind)
{
  guint count = 0;

  for (guint i = 0; i < self->seen->len; i++)
    count += ((BipeEvent *)self->seen->pdata[i])->kind == kind;
  return count;
}
