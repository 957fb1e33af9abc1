/* The history's list model on a real station with the embedded store, without any widget. */
#include "config.h"

#include <glib/gstdio.h>

#include "app/history-model.h"
#include "app/scan-item.h"
#include "base/clock.h"

#define MANY 2550

typedef struct
{
  char *folder;
  BipeJournal *journal;
  BipeStore *store;
  BipeEvents *events;
  BipeStation *station;
  BipeFeed *feed;
  BipeHistoryModel *model;
  guint n_accepted;
} Fixture;

/* The test's time limit is meson's. */
#define WAIT_FOR(condition)                                                                        \
  while (!(condition))                                                                             \
  g_main_context_iteration (NULL, TRUE)

static void
set_up (Fixture *self, gconstpointer data)
{
  BipeJournalLimits limits = { .queue_limit = 100000, .collect_days = 7, .event_days = 7 };
  g_autoptr(GError) error = NULL;
  g_autofree char *journal = NULL;
  g_autofree char *store = NULL;

  self->folder = g_dir_make_tmp ("bipe-history-XXXXXX", &error);
  g_assert_no_error (error);
  journal = g_build_filename (self->folder, "journal.db", NULL);
  store = g_build_filename (self->folder, "scans.db", NULL);
  self->journal = bipe_journal_open (journal, &limits, bipe_clock_system (), &error);
  g_assert_no_error (error);
  self->store = bipe_store_new (bipe_store_target_new_sqlite (store));
  self->events = bipe_events_new ();
  self->station = bipe_station_new ("test", FALSE, self->journal, self->store, self->events,
                                    bipe_clock_system ());
  self->feed = bipe_feed_new (self->events);
  bipe_feed_start (self->feed);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_autoptr(GDir) folder = NULL;
  const char *name;

  g_assert_finalize_object (g_steal_pointer (&self->model));
  g_assert_finalize_object (g_steal_pointer (&self->feed));
  bipe_station_stop (self->station);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  bipe_journal_close (self->journal);
  bipe_store_close (self->store);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (g_steal_pointer (&self->station));
  g_assert_finalize_object (g_steal_pointer (&self->events));
  g_assert_finalize_object (g_steal_pointer (&self->store));
  g_assert_finalize_object (g_steal_pointer (&self->journal));

  folder = g_dir_open (self->folder, 0, NULL);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);

      g_unlink (path);
    }
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_free (self->folder);
}

static void
accepted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeAppend) append
             = bipe_station_accept_finish (BIPE_STATION (source), result, &error);

  g_assert_no_error (error);
  self->n_accepted += append->n_new;
}

/* Scans "code 0", "code 1" …, going on where the last call ended. Does not wait. */
static void
start_scans (Fixture *self, guint first, guint n_scans)
{
  while (n_scans > 0)
    {
      guint n = MIN (n_scans, BIPE_STATION_ACCEPT_MAX);
      g_autoptr(GPtrArray) drafts = bipe_scan_array_new ();

      for (guint i = 0; i < n; i++)
        {
          g_autofree char *code = g_strdup_printf ("code %u", first + i);
          BipeScan fields = { .code = code, .source = BIPE_SOURCE_MANUAL };

          g_ptr_array_add (drafts, bipe_scan_new (&fields));
        }
      bipe_station_accept_async (self->station, drafts, accepted_cb, self);
      first += n;
      n_scans -= n;
    }
}

static gint64
count_waiting (Fixture *self)
{
  g_autoptr(BipeStatus) status = bipe_station_dup_status (self->station);

  return status->n_queued;
}

static void
store_scans (Fixture *self, guint first, guint n_scans)
{
  start_scans (self, first, n_scans);
  WAIT_FOR (self->n_accepted == first + n_scans && count_waiting (self) == 0);
}

static void
open_model (Fixture *self)
{
  gboolean is_loading = TRUE;

  self->model = bipe_history_model_new (self->station, self->feed);
  WAIT_FOR ((g_object_get (self->model, "is-loading", &is_loading, NULL), !is_loading));
}

static guint
count_items (Fixture *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->model));
}

/* Asks for the row as a view does, and waits until it is there. */
static char *
dup_code (Fixture *self, guint position)
{
  for (;;)
    {
      g_autoptr(BipeScanItem) item = g_list_model_get_item (G_LIST_MODEL (self->model), position);
      const BipeScan *scan = item != NULL ? bipe_scan_item_get_scan (item) : NULL;

      g_assert_nonnull (item);
      if (scan != NULL)
        return g_strdup (scan->code);
      g_main_context_iteration (NULL, TRUE);
    }
}

static void
assert_code (Fixture *self, guint position, guint number)
{
  g_autofree char *expected = g_strdup_printf ("code %u", number);
  g_autofree char *code = dup_code (self, position);

  g_assert_cmpstr (code, ==, expected);
}

static void
assert_status (Fixture *self, const char *expected)
{
  g_autofree char *status = NULL;

  g_object_get (self->model, "status", &status, NULL);
  g_assert_cmpstr (status, ==, expected);
}

static void
test_pages (Fixture *self, gconstpointer data)
{
  store_scans (self, 0, MANY);
  open_model (self);
  g_assert_cmpuint (count_items (self), ==, 101);

  for (guint i = 0; i < MANY; i++)
    assert_code (self, i, MANY - 1 - i);
  g_assert_cmpuint (count_items (self), ==, MANY);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (self->model), MANY));
  g_assert_cmpuint (bipe_history_model_count_loaded (self->model), <=, 1300);

  /* Back up: what was let go comes again. */
  for (guint i = MANY; i > 0; i -= 10)
    assert_code (self, i - 10, MANY - 1 - (i - 10));
  g_assert_cmpuint (bipe_history_model_count_loaded (self->model), <=, 1300);
}

static void
moved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_assert_true (bipe_station_move_finish (BIPE_STATION (source), result, NULL));
}

/* Another database has other rows, and what is stored in it comes on top of those. */
static void
test_move (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "other.db", NULL);

  store_scans (self, 0, 3);
  open_model (self);
  g_assert_cmpuint (count_items (self), ==, 3);
  bipe_station_move_async (self->station, bipe_store_target_new_sqlite (path), moved_cb, NULL);
  WAIT_FOR (count_items (self) == 0);
  store_scans (self, 3, 2);
  WAIT_FOR (count_items (self) == 2);
  assert_code (self, 0, 4);
  assert_code (self, 1, 3);
}

static void
test_live (Fixture *self, gconstpointer data)
{
  open_model (self);
  assert_status (self, "empty");

  start_scans (self, 0, MANY);
  WAIT_FOR (count_items (self) == MANY);
  assert_status (self, "rows");
  for (guint i = 0; i < MANY; i++)
    assert_code (self, i, MANY - 1 - i);
}

static gboolean
has_on_top (Fixture *self, guint number)
{
  g_autofree char *expected = g_strdup_printf ("code %u", number);
  g_autoptr(BipeScanItem) item = g_list_model_get_item (G_LIST_MODEL (self->model), 0);
  const BipeScan *scan = item != NULL ? bipe_scan_item_get_scan (item) : NULL;

  return scan != NULL && g_str_equal (scan->code, expected);
}

/* The first page is asked for while rows come in: each is there once. */
static void
test_race (Fixture *self, gconstpointer data)
{
  store_scans (self, 0, 50);
  start_scans (self, 50, 1000);
  self->model = bipe_history_model_new (self->station, self->feed);
  WAIT_FOR (has_on_top (self, 1049));
  for (guint i = 0; i < 1050; i++)
    assert_code (self, i, 1049 - i);
  g_assert_cmpuint (count_items (self), ==, 1050);
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeScan) scan = bipe_records_scan_finish (BIPE_RECORDS (source), result, &error);

  g_assert_no_error (error);
  g_assert_nonnull (scan);
}

static void
test_filters (Fixture *self, gconstpointer data)
{
  g_autoptr(BipeScanItem) item = NULL;
  BipeScanRef ref = { 0 };

  store_scans (self, 0, 20);
  open_model (self);
  g_object_set (self->model, "text", "CODE 1", NULL);
  WAIT_FOR (count_items (self) == 11);
  assert_code (self, 0, 19);
  start_scans (self, 20, 1);  /* fits not */
  start_scans (self, 100, 1); /* fits */
  WAIT_FOR (count_items (self) == 12);
  assert_code (self, 0, 100);

  g_object_set (self->model, "filter", BIPE_HISTORY_STORED, NULL);
  WAIT_FOR (count_items (self) == 12);
  item = g_list_model_get_item (G_LIST_MODEL (self->model), 1);
  ref.uuid = *bipe_scan_item_get_uuid (item);
  bipe_records_void_async (bipe_station_get_records (self->station), &ref, "a test", changed_cb,
                           NULL);
  WAIT_FOR (count_items (self) == 11);
  assert_code (self, 1, 18);
  bipe_records_restore_async (bipe_station_get_records (self->station), &ref, changed_cb, NULL);
  WAIT_FOR (count_items (self) == 12);
  assert_code (self, 1, 19);

  g_object_set (self->model, "text", "no such", NULL);
  WAIT_FOR (count_items (self) == 0);
  assert_status (self, "nothing");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*test) (Fixture *, gconstpointer);
  } cases[] = {
    { "/history-model/pages are loaded and let go", test_pages },
    { "/history-model/new rows come on top", test_live },
    { "/history-model/another database has other rows", test_move },
    { "/history-model/rows that come while it loads", test_race },
    { "/history-model/filters hold for live rows, too", test_filters },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add (cases[i].name, Fixture, NULL, set_up, cases[i].test, tear_down);
  return g_test_run ();
}
