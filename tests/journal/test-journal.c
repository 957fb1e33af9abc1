#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "journal/journal.h"
#include "tests/journal/fixture.h"

static Fixture fixture;
static BipeJournal *journal;

static void
open_journal (void)
{
  g_autoptr(GError) error = NULL;

  journal = bipe_journal_open (fixture.path, &fixture.limits, fixture.clock, &error);
  g_assert_no_error (error);
}

static void
close_journal (void)
{
  bipe_journal_close (journal);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (journal);
}

static void
finished_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **slot = user_data;

  *slot = g_object_ref (result);
}

/* Lets the thread's own context run until the result is there. */
static void
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
}

static BipeAppend *
append (GPtrArray *scans, gboolean is_held, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_journal_append_async (journal, scans, is_held, finished_cb, &result);
  wait_for (&result);
  return bipe_journal_append_finish (journal, result, error);
}

static void
append_many (guint n_scans, gboolean is_held)
{
  g_autoptr(GPtrArray) scans = fixture_scans (&fixture, n_scans);
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeAppend) kept = append (scans, is_held, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (kept->n_new, ==, n_scans);
}

static GPtrArray *
change (const BipeChange *changes, gsize n_changes, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_journal_change_async (journal, changes, n_changes, finished_cb, &result);
  wait_for (&result);
  return bipe_journal_change_finish (journal, result, error);
}

static GPtrArray *
claim (guint limit, gboolean with_held)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  GPtrArray *scans;

  bipe_journal_claim_async (journal, limit, with_held, finished_cb, &result);
  wait_for (&result);
  scans = bipe_journal_claim_finish (journal, result, &error);
  g_assert_no_error (error);
  return scans;
}

/* What the signal and the finished requests have told, in order. */
static void
note_event_cb (BipeJournal *source,
               GPtrArray *events,
               const BipeJournalCounts *counts,
               gpointer user_data)
{
  for (guint i = 0; i < events->len; i++)
    {
      const BipeEvent *event = events->pdata[i];
      g_string_append_printf (user_data, "%s %s, ", bipe_event_kind_name (event->kind),
                              event->scan->code);
    }
  g_string_append_printf (user_data, "%d %d; ", (int)counts->n_queued, (int)counts->n_held);
}

static void
note_end_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeAppend) kept = bipe_journal_append_finish (BIPE_JOURNAL (source), result, NULL);

  g_string_append_printf (user_data, "kept %s; ", ((BipeScan *)kept->scans->pdata[0])->code);
}

static void
test_announced_first (void)
{
  g_autoptr(GString) notes = g_string_new (NULL);
  g_autoptr(GPtrArray) two = fixture_scans (&fixture, 2), one = fixture_scans (&fixture, 1);

  open_journal ();
  g_signal_connect (journal, "committed", G_CALLBACK (note_event_cb), notes);
  bipe_journal_append_async (journal, two, TRUE, note_end_cb, notes);
  while (strstr (notes->str, "kept") == NULL)
    g_main_context_iteration (NULL, TRUE);
  bipe_journal_append_async (journal, one, FALSE, note_end_cb, notes);
  close_journal ();
  g_assert_cmpstr (notes->str, ==, "queued 1, queued 2, 2 2; kept 1; queued 1, 3 2; kept 1; ");
}

/* Each thread has its own context, some requests under way at any time, and hears of them there. */
#define N_THREADS 4
#define N_APPENDS 500
#define N_WAITING 16

typedef struct
{
  GThread *thread;
  guint n_started;
  guint n_finished;
} Appender;

static void append_next (Appender *self);

static void
appended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Appender *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeAppend) kept = bipe_journal_append_finish (BIPE_JOURNAL (source), result, &error);

  g_assert_no_error (error);
  g_assert_true (g_thread_self () == self->thread);
  g_assert_cmpuint (kept->n_new, ==, 1);
  self->n_finished++;
  if (self->n_started < N_APPENDS)
    append_next (self);
}

static void
append_next (Appender *self)
{
  g_autoptr(GPtrArray) scans = fixture_scans (&fixture, 1);

  self->n_started++;
  bipe_journal_append_async (journal, scans, FALSE, appended_cb, self);
}

static gpointer
run_appender (gpointer data)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  Appender self = { .thread = g_thread_self () };

  g_main_context_push_thread_default (context);
  while (self.n_started < N_WAITING)
    append_next (&self);
  while (self.n_finished < N_APPENDS)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  return NULL;
}

typedef struct
{
  GThread *thread;
  gint64 seq;
  guint n_events;
} Listener;

static void
listen_cb (BipeJournal *source,
           GPtrArray *events,
           const BipeJournalCounts *counts,
           gpointer user_data)
{
  Listener *self = user_data;

  g_assert_true (g_thread_self () == self->thread);
  for (guint i = 0; i < events->len; i++)
    {
      const BipeEvent *event = events->pdata[i];

      g_assert_cmpint (event->seq, ==, self->seq + 1);
      self->seq = event->seq;
      self->n_events++;
    }
  g_assert_cmpint (counts->n_queued, ==, self->n_events);
}

static void
test_threads (void)
{
  Listener listener = { .thread = g_thread_self () };
  GThread *threads[N_THREADS];
  g_autoptr(GPtrArray) scans = NULL;

  open_journal ();
  g_signal_connect (journal, "committed", G_CALLBACK (listen_cb), &listener);
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("appender", run_appender, NULL);
  while (listener.n_events < N_THREADS * N_APPENDS)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  scans = claim (N_THREADS * N_APPENDS + 1, FALSE);
  g_assert_cmpuint (scans->len, ==, N_THREADS * N_APPENDS);
  close_journal ();
}

static void
count_end_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  guint *n_kept = user_data;
  g_autoptr(BipeAppend) kept = bipe_journal_append_finish (BIPE_JOURNAL (source), result, NULL);

  if (kept != NULL)
    *n_kept += kept->n_new;
}

static void
test_close (void)
{
  g_autoptr(GPtrArray) one = fixture_scans (&fixture, 1);
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeAppend) late = NULL;
  guint n_kept = 0;

  open_journal ();
  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr(GPtrArray) scans = fixture_scans (&fixture, 1);
      bipe_journal_append_async (journal, scans, FALSE, count_end_cb, &n_kept);
    }
  bipe_journal_close (journal);
  late = append (one, FALSE, &error);
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  close_journal ();
  g_assert_cmpuint (n_kept, ==, 1000);

  open_journal ();
  g_assert_cmpint (bipe_journal_get_counts (journal).n_queued, ==, 1000);
  close_journal ();
}

static void
test_change (void)
{
  g_autoptr(GPtrArray) scans = fixture_scans (&fixture, 3);
  g_autoptr(GPtrArray) some = NULL, none = NULL;
  g_autoptr(BipeAppend) kept = NULL;
  g_autoptr(GError) error = NULL;
  BipeChange changes[3];

  open_journal ();
  kept = append (scans, FALSE, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 3; i++)
    changes[i] = (BipeChange){ .kind = i == 1 ? BIPE_EVENT_COLLECTED : BIPE_EVENT_STORED,
                               .uuid = ((BipeScan *)scans->pdata[i])->uuid,
                               .at = NOON,
                               .id = i + 1 };
  some = change (changes, 3, &error);
  g_assert_no_error (error);
  g_assert_cmpint (((BipeScan *)some->pdata[0])->id, ==, 1);
  g_assert_null (some->pdata[1]);
  g_assert_cmpint (((BipeScan *)some->pdata[2])->id, ==, 3);

  none = change (changes + 1, 1, &error);
  g_assert_null (none);
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_CONFLICT);
  g_clear_error (&error);
  changes[0].uuid = bipe_uuid_source_next (fixture.uuids);
  none = change (changes, 1, &error);
  g_assert_null (none);
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
  close_journal ();
}

/* More than a step, and a free one between that does not count. */
static void
test_release_all (void)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GPtrArray) before = NULL, after = NULL;
  g_autoptr(GError) error = NULL;

  open_journal ();
  append_many (1500, TRUE);
  append_many (1, FALSE);
  append_many (1000, TRUE);
  before = claim (10000, FALSE);
  g_assert_cmpuint (before->len, ==, 1);

  bipe_journal_release_all_async (journal, finished_cb, &result);
  wait_for (&result);
  g_assert_cmpint (bipe_journal_release_all_finish (journal, result, &error), ==, 2500);
  g_clear_object (&result);
  g_assert_no_error (error);
  after = claim (10000, FALSE);
  g_assert_cmpuint (after->len, ==, 2501);
  close_journal ();
}

/* The remaining requests, once each through the thread. */
static void
test_collecting (void)
{
  g_autoptr(GPtrArray) scans = fixture_scans (&fixture, 1);
  const BipeScan *scan = scans->pdata[0];
  GAsyncResult *results[9] = { NULL };
  g_autoptr(BipeAppend) kept = NULL;
  g_autoptr(BipeScan) first = NULL, nothing = NULL, again = NULL, found = NULL;
  g_autoptr(GPtrArray) stored = NULL, untold = NULL, listed = NULL;
  g_autoptr(GError) error = NULL;
  BipeChange change_to_stored
      = { .kind = BIPE_EVENT_STORED, .uuid = scan->uuid, .at = NOON, .id = 1 };

  open_journal ();
  kept = append (scans, FALSE, &error);
  bipe_journal_take_async (journal, finished_cb, &results[0]);
  bipe_journal_take_async (journal, finished_cb, &results[1]);
  bipe_journal_give_back_async (journal, &scan->uuid, finished_cb, &results[2]);
  bipe_journal_list_async (journal, 1 << BIPE_SCAN_QUEUED, NULL, 10, finished_cb, &results[3]);
  wait_for (&results[3]);
  first = bipe_journal_take_finish (journal, results[0], &error);
  g_assert_cmpint (first->state, ==, BIPE_SCAN_QUEUED);
  nothing = bipe_journal_take_finish (journal, results[1], &error);
  g_assert_null (nothing);
  g_assert_no_error (error);
  g_assert_true (bipe_journal_done_finish (journal, results[2], &error));
  listed = bipe_journal_list_finish (journal, results[3], &error);
  g_assert_cmpuint (listed->len, ==, 1);

  stored = change (&change_to_stored, 1, &error);
  bipe_journal_take_async (journal, finished_cb, &results[4]);
  bipe_journal_collected_async (journal, 10, finished_cb, &results[5]);
  bipe_journal_forget_collected_async (journal, scans, finished_cb, &results[6]);
  bipe_journal_find_async (journal, &scan->uuid, finished_cb, &results[7]);
  bipe_journal_count_since_async (journal, NOON, finished_cb, &results[8]);
  wait_for (&results[8]);
  again = bipe_journal_take_finish (journal, results[4], &error);
  g_assert_cmpint (again->collected_at, ==, NOON);
  untold = bipe_journal_collected_finish (journal, results[5], &error);
  g_assert_cmpuint (untold->len, ==, 1);
  g_assert_true (bipe_journal_done_finish (journal, results[6], &error));
  found = bipe_journal_find_finish (journal, results[7], &error);
  g_assert_cmpint (found->collected_at, ==, NOON);
  g_assert_cmpint (bipe_journal_count_since_finish (journal, results[8], &error), ==, 1);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    g_clear_object (&results[i]);
  close_journal ();
}

static void
test_prune (void)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GPtrArray) scans = fixture_scans (&fixture, 2500), stored = NULL;
  g_autoptr(BipeAppend) kept = NULL;
  g_autofree BipeChange *changes = g_new0 (BipeChange, scans->len);
  g_autoptr(GError) error = NULL;
  BipeUuid uuid;

  open_journal ();
  kept = append (scans, FALSE, &error);
  for (guint i = 0; i < scans->len; i++)
    {
      changes[i].kind = BIPE_EVENT_STORED;
      changes[i].uuid = ((BipeScan *)scans->pdata[i])->uuid;
      changes[i].at = NOON;
      changes[i].id = i + 1;
    }
  stored = change (changes, scans->len, &error);
  bipe_clock_advance (fixture.clock, 8 * DAY);
  bipe_journal_prune_async (journal, finished_cb, &result);
  wait_for (&result);
  g_assert_true (bipe_journal_done_finish (journal, result, &error));
  g_clear_object (&result);
  close_journal ();

  open_journal ();
  g_assert_false (bipe_journal_get_last_uuid (journal, &uuid));
  close_journal ();
}

/* Until a request fails; then what was kept, and nothing else, is there, for readers too. */
static void
test_full_disk (void)
{
  g_autofree char *code = g_strnfill (7000, 'x');
  g_autoptr(GError) error = NULL;
  guint n_kept = 0;
  g_autoptr(GPtrArray) claimed = NULL, later = NULL;

  open_journal ();
  g_assert_true (fixture_limit_disk (&fixture, FALSE));
  while (error == NULL)
    {
      g_autoptr(GPtrArray) scans = bipe_scan_array_new ();
      g_autoptr(BipeAppend) kept = NULL;
      g_autoptr(GAsyncResult) result = NULL, reading = NULL;

      for (guint i = 0; i < 10; i++)
        g_ptr_array_add (scans, fixture_scan (&fixture, code, NULL));
      bipe_journal_append_async (journal, scans, FALSE, finished_cb, &result);
      bipe_journal_claim_async (journal, 10000, FALSE, finished_cb, &reading);
      wait_for (&reading);
      kept = bipe_journal_append_finish (journal, result, &error);
      n_kept += kept != NULL ? kept->n_new : 0;
      g_clear_pointer (&claimed, g_ptr_array_unref);
      claimed = bipe_journal_claim_finish (journal, reading, NULL);
      g_assert_cmpuint (claimed->len, ==, n_kept);
    }
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_FULL);
  g_assert_cmpuint (n_kept, >, 0);
  fixture_free_disk (&fixture);

  append_many (1, FALSE);
  later = claim (10000, FALSE);
  g_assert_cmpuint (later->len, ==, n_kept + 1);
  close_journal ();
}

/* An array that is larger than SQLite's cache fails before the commit, and SQLite rolls back by
 * itself. What shares the commit must not be kept one by one; what does not share it, may. */
static void
test_full_disk_midway (void)
{
  g_autofree char *code = g_strnfill (7000, 'x');
  g_autoptr(GPtrArray) many = fixture_scans (&fixture, 500), large = bipe_scan_array_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(BipeAppend) refused = NULL;
  g_autoptr(GError) error = NULL;
  guint n_kept = 0;

  open_journal ();
  g_assert_true (fixture_limit_disk (&fixture, FALSE));
  for (guint i = 0; i < 500; i++)
    g_ptr_array_add (large, fixture_scan (&fixture, code, NULL));
  /* This one keeps the thread busy while the others come. */
  bipe_journal_append_async (journal, many, FALSE, count_end_cb, &n_kept);
  bipe_journal_append_async (journal, large, FALSE, finished_cb, &result);
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr(GPtrArray) small = fixture_scans (&fixture, 1);
      bipe_journal_append_async (journal, small, FALSE, count_end_cb, &n_kept);
    }
  wait_for (&result);
  refused = bipe_journal_append_finish (journal, result, &error);
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_FULL);
  g_clear_object (&result);
  fixture_free_disk (&fixture);
  close_journal ();

  open_journal ();
  g_assert_cmpint (bipe_journal_get_counts (journal).n_queued, ==, n_kept);
  close_journal ();
}

static void
test_unreadable (void)
{
  g_autoptr(GError) error = NULL;

  g_file_set_contents (fixture.path, "no journal", -1, NULL);
  g_assert_null (bipe_journal_open (fixture.path, &fixture.limits, fixture.clock, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNREADABLE);
}

/* The child: appends without an end, and writes the uuid of each scan that is acknowledged. */
static void
tell_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeAppend) kept = bipe_journal_append_finish (BIPE_JOURNAL (source), result, NULL);
  g_autoptr(GPtrArray) scans = fixture_scans (user_data, 1);

  for (guint i = 0; i < kept->scans->len; i++)
    {
      char uuid[BIPE_UUID_STRING_SIZE];

      bipe_uuid_format (&((BipeScan *)kept->scans->pdata[i])->uuid, uuid);
      g_print ("%s\n", uuid);
    }
  bipe_journal_append_async (BIPE_JOURNAL (source), scans, FALSE, tell_cb, user_data);
}

G_NORETURN static void
run_child (const char *path)
{
  BipeJournalLimits limits = { .queue_limit = G_MAXINT64, .collect_days = 7, .event_days = 7 };
  g_autoptr(BipeUuidSource) uuids = bipe_uuid_source_new (bipe_clock_system ());
  Fixture self = { .uuids = uuids };
  BipeUuid last;

  journal = bipe_journal_open (path, &limits, bipe_clock_system (), NULL);
  if (bipe_journal_get_last_uuid (journal, &last))
    bipe_uuid_source_raise (uuids, &last);
  for (guint i = 0; i < 32; i++)
    {
      g_autoptr(GPtrArray) scans = fixture_scans (&self, 1 + i % 3);
      bipe_journal_append_async (journal, scans, FALSE, tell_cb, &self);
    }
  for (;;)
    g_main_context_iteration (NULL, TRUE);
}

/* Kills a child after so many acknowledgements; adds what it has acknowledged to @uuids. */
static void
kill_child (guint n_lines, GHashTable *uuids)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSubprocess) child = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, "/proc/self/exe", "--child", fixture.path, NULL);
  g_autoptr(GDataInputStream) lines = NULL;
  char *line;

  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (child));
  while ((line = g_data_input_stream_read_line (lines, NULL, NULL, NULL)) != NULL)
    {
      if (strlen (line) == BIPE_UUID_STRING_SIZE - 1)
        g_hash_table_add (uuids, g_strdup (line));
      g_free (line);
      if (n_lines-- == 0)
        g_subprocess_force_exit (child);
    }
  g_subprocess_wait (child, NULL, NULL);
}

static void
test_killed (void)
{
  g_autoptr(GHashTable) told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GPtrArray) scans = NULL;
  GHashTableIter iter;
  gpointer uuid;

  for (guint i = 0; i < 5; i++)
    kill_child ((guint)g_test_rand_int_range (1, 2000), told);

  open_journal ();
  scans = claim (G_MAXINT32, FALSE);
  for (guint i = 0; i < scans->len; i++)
    {
      char text[BIPE_UUID_STRING_SIZE];

      bipe_uuid_format (&((BipeScan *)scans->pdata[i])->uuid, text);
      g_hash_table_add (kept, g_strdup (text));
    }
  g_assert_cmpuint (g_hash_table_size (kept), ==, scans->len);
  g_assert_cmpuint (g_hash_table_size (told), >, 5);
  g_hash_table_iter_init (&iter, told);
  while (g_hash_table_iter_next (&iter, &uuid, NULL))
    g_assert_true (g_hash_table_contains (kept, uuid));
  g_test_message ("%u acknowledged, %u kept", g_hash_table_size (told), scans->len);
  close_journal ();
}

static void
run_test (gconstpointer data)
{
  void (*test) (void) = data;

  fixture_set_up (&fixture);
  test ();
  fixture_tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*test) (void);
  } tests[] = {
    { "/journal/announced-first", test_announced_first },
    { "/journal/threads", test_threads },
    { "/journal/close", test_close },
    { "/journal/change", test_change },
    { "/journal/release-all", test_release_all },
    { "/journal/collecting", test_collecting },
    { "/journal/prune", test_prune },
    { "/journal/full-disk", test_full_disk },
    { "/journal/full-disk-midway", test_full_disk_midway },
    { "/journal/unreadable", test_unreadable },
    { "/journal/killed", test_killed },
  };

  if (argc == 3 && g_str_equal (argv[1], "--child"))
    run_child (argv[2]);
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_data_func (tests[i].name, tests[i].test, run_test);
  return g_test_run ();
}
