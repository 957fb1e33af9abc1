/* test-resume.c: reading events again goes over into live delivery. */
#include "config.h"

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

static void
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static BipeEventPage *
list (gint64 after, guint limit)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  BipeEventPage *page;

  bipe_journal_list_events_async (journal, after, limit, finished_cb, &result);
  wait_for (&result);
  page = bipe_journal_list_events_finish (journal, result, &error);
  g_assert_no_error (error);
  return page;
}

/* So many are appended, one a request and some requests under way at any time. */
typedef struct
{
  guint n_left;
  guint n_under_way;
} Writer;

static void append_next (Writer *self);

static void
appended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Writer *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeAppend) kept G_GNUC_UNUSED
             = bipe_journal_append_finish (BIPE_JOURNAL (source), result, &error);

  g_assert_no_error (error);
  self->n_under_way--;
  append_next (self);
}

static void
append_next (Writer *self)
{
  while (self->n_left > 0 && self->n_under_way < 8)
    {
      g_autoptr(GPtrArray) scans = fixture_scans (&fixture, 1);

      self->n_left--;
      self->n_under_way++;
      bipe_journal_append_async (journal, scans, FALSE, appended_cb, self);
    }
}

static void
write_all (guint n_scans)
{
  Writer writer = { .n_left = n_scans };

  append_next (&writer);
  while (writer.n_under_way > 0)
    g_main_context_iteration (NULL, TRUE);
}

/* Reads pages, then listens; each must be the next number. */
typedef struct
{
  gint64 seq;
  guint limit;
  gulong handler; /* 0: still reading */
} Reader;

static void
take (Reader *self, GPtrArray *events)
{
  for (guint i = 0; i < events->len; i++)
    {
      const BipeEvent *event = events->pdata[i];

      g_assert_cmpint (event->seq, ==, self->seq + 1);
      self->seq = event->seq;
    }
}

static void
committed_cb (BipeJournal *source,
              GPtrArray *events,
              const BipeJournalCounts *counts,
              gpointer user_data)
{
  take (user_data, events);
}

static void read_next (Reader *self);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Reader *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeEventPage) page
             = bipe_journal_list_events_finish (BIPE_JOURNAL (source), result, &error);

  g_assert_no_error (error);
  g_assert_false (page->has_gap);
  take (self, page->events);
  g_assert_cmpint (page->last, ==, self->seq);
  if (page->is_last)
    self->handler = g_signal_connect (source, "committed", G_CALLBACK (committed_cb), self);
  else
    read_next (self);
}

static void
read_next (Reader *self)
{
  bipe_journal_list_events_async (journal, self->seq, self->limit, read_cb, self);
}

/* Half of it is from an earlier run; readers come while it is written. */
static void
test_join (void)
{
  Writer writer = { .n_left = 4000 };
  Reader readers[40] = { { 0 } };
  guint n_readers = 0, n_turns = 0;

  open_journal ();
  write_all (1000);
  close_journal ();
  open_journal ();
  append_next (&writer);
  while (writer.n_under_way > 0)
    {
      if (n_readers < G_N_ELEMENTS (readers) && ++n_turns % 5 == 0)
        {
          readers[n_readers].limit = n_readers % 2 == 0 ? 100 : BIPE_EVENT_PAGE_MAX;
          readers[n_readers].seq = n_readers * 20;
          read_next (&readers[n_readers++]);
        }
      g_main_context_iteration (NULL, TRUE);
    }
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    while (readers[i].handler == 0)
      g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    {
      g_assert_cmpint (readers[i].seq, ==, 5000);
      g_signal_handler_disconnect (journal, readers[i].handler);
    }
  close_journal ();
}

/* What shares the page's batch, before and behind it, is told by the page, not by the signal only.
 */
static void
test_shared_commit (void)
{
  GAsyncResult *results[3] = { NULL };
  g_autoptr(GPtrArray) scans = fixture_scans (&fixture, 1), more = fixture_scans (&fixture, 2);
  g_autoptr(BipeEventPage) page = NULL;
  g_autoptr(GError) error = NULL;
  Reader reader = { 0 };
  gulong handler;

  open_journal ();
  handler = g_signal_connect (journal, "committed", G_CALLBACK (committed_cb), &reader);
  bipe_journal_append_async (journal, scans, FALSE, finished_cb, &results[0]);
  bipe_journal_list_events_async (journal, 0, 10, finished_cb, &results[1]);
  bipe_journal_append_async (journal, more, FALSE, finished_cb, &results[2]);
  wait_for (&results[1]);
  page = bipe_journal_list_events_finish (journal, results[1], &error);
  g_assert_no_error (error);
  g_assert_cmpint (page->last, ==, reader.seq);
  g_assert_cmpint (page->last, ==, 3);
  wait_for (&results[2]);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    g_clear_object (&results[i]);
  g_signal_handler_disconnect (journal, handler);
  close_journal ();
}

/* What a commit could not keep is in no page. */
static void
test_full_disk (void)
{
  g_autofree char *code = g_strnfill (7000, 'x');
  g_autoptr(GError) error = NULL;
  guint n_kept = 0;

  open_journal ();
  g_assert_true (fixture_limit_disk (&fixture, FALSE));
  while (error == NULL)
    {
      g_autoptr(GPtrArray) scans = bipe_scan_array_new ();
      g_autoptr(GAsyncResult) result = NULL, reading = NULL;
      g_autoptr(BipeAppend) kept = NULL;
      g_autoptr(BipeEventPage) page = NULL;

      for (guint i = 0; i < 10; i++)
        g_ptr_array_add (scans, fixture_scan (&fixture, code, NULL));
      bipe_journal_append_async (journal, scans, FALSE, finished_cb, &result);
      bipe_journal_list_events_async (journal, 0, BIPE_EVENT_PAGE_MAX, finished_cb, &reading);
      wait_for (&reading);
      wait_for (&result);
      kept = bipe_journal_append_finish (journal, result, &error);
      n_kept += kept != NULL ? kept->n_new : 0;
      page = bipe_journal_list_events_finish (journal, reading, NULL);
      g_assert_cmpuint (page->events->len, ==, n_kept);
      g_assert_cmpint (page->last, ==, n_kept);
    }
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_FULL);
  g_assert_cmpuint (n_kept, >, 0);
  fixture_free_disk (&fixture);
  close_journal ();
}

static void
count_page_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  guint *n_pages = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeEventPage) page
             = bipe_journal_list_events_finish (BIPE_JOURNAL (source), result, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (page->events->len, ==, BIPE_EVENT_PAGE_MAX);
  ++*n_pages;
}

/* Many who come back at once don't keep a writer waiting, and all are served. */
static void
test_many (void)
{
  g_autoptr(GPtrArray) scans = fixture_scans (&fixture, 1);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(BipeAppend) kept = NULL;
  g_autoptr(GError) error = NULL;
  guint n_pages = 0;

  open_journal ();
  write_all (BIPE_EVENT_PAGE_MAX);
  for (guint i = 0; i < 300; i++)
    bipe_journal_list_events_async (journal, 0, BIPE_EVENT_PAGE_MAX, count_page_cb, &n_pages);
  bipe_journal_append_async (journal, scans, FALSE, finished_cb, &result);
  wait_for (&result);
  kept = bipe_journal_append_finish (journal, result, &error);
  g_clear_object (&result);
  g_assert_no_error (error);
  g_assert_cmpuint (n_pages, <, 10);
  while (n_pages < 300)
    g_main_context_iteration (NULL, TRUE);
  close_journal ();
}

static void
test_closed (void)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  open_journal ();
  bipe_journal_close (journal);
  bipe_journal_list_events_async (journal, 0, 1, finished_cb, &result);
  wait_for (&result);
  g_assert_null (bipe_journal_list_events_finish (journal, result, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_clear_object (&result);
  close_journal ();
}

/* What is asked for is bounded; the widest page is allowed. */
static void
test_limit (void)
{
  g_autoptr(BipeEventPage) page = NULL;

  open_journal ();
  page = list (0, BIPE_EVENT_PAGE_MAX);
  g_assert_true (page->is_last);
  g_test_expect_message ("bipe-journal", G_LOG_LEVEL_CRITICAL, "*limit*");
  bipe_journal_list_events_async (journal, 0, 0, finished_cb, NULL);
  g_test_expect_message ("bipe-journal", G_LOG_LEVEL_CRITICAL, "*limit*");
  bipe_journal_list_events_async (journal, 0, BIPE_EVENT_PAGE_MAX + 1, finished_cb, NULL);
  g_test_assert_expected_messages ();
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
    { "/resume/join", test_join },           { "/resume/shared-commit", test_shared_commit },
    { "/resume/full-disk", test_full_disk }, { "/resume/many", test_many },
    { "/resume/closed", test_closed },       { "/resume/limit", test_limit },
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_data_func (tests[i].name, tests[i].test, run_test);
  return g_test_run ();
}
