#include "config.h"

#include "base/clock.h"
#include "journal/ledger.h"
#include "journal/replay.h"
#include "tests/journal/fixture.h"

#define MINUTE (60 * G_TIME_SPAN_SECOND)

static Fixture fixture;
static BipeLedger *ledger;

static void
open_ledger (void)
{
  g_autoptr(GError) error = NULL;

  ledger = bipe_ledger_open (fixture.path, &fixture.limits, fixture.clock, &error);
  g_assert_no_error (error);
}

static void
begin (void)
{
  g_autoptr(GError) error = NULL;

  bipe_ledger_begin (ledger, &error);
  g_assert_no_error (error);
}

/* Adds what was announced to @told. */
static void
commit (GPtrArray *told)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) events = bipe_ledger_commit (ledger, &error);

  g_assert_no_error (error);
  if (told != NULL)
    g_ptr_array_extend_and_steal (told, g_steal_pointer (&events));
}

static void
append (GPtrArray *scans, GPtrArray *told)
{
  g_autoptr(BipeAppend) kept = NULL;
  g_autoptr(GError) error = NULL;

  begin ();
  kept = bipe_ledger_append (ledger, scans, TRUE, &error);
  g_assert_no_error (error);
  commit (told);
}

static void
append_many (guint n_scans, GPtrArray *told)
{
  g_autoptr(GPtrArray) scans = fixture_scans (&fixture, n_scans);

  append (scans, told);
}

static void
change (const BipeChange *step, GPtrArray *told)
{
  g_autoptr(BipeScan) after = NULL;
  g_autoptr(GError) error = NULL;

  begin ();
  after = bipe_ledger_change (ledger, step, &error);
  g_assert_no_error (error);
  commit (told);
}

static void
prune (void)
{
  g_autoptr(GError) error = NULL;
  gboolean is_done = FALSE;
  gint64 cursor = 0;

  while (!is_done)
    {
      begin ();
      bipe_ledger_prune (ledger, &cursor, &is_done, &error);
      g_assert_no_error (error);
      commit (NULL);
    }
}

static BipeEventPage *
list (gint64 after, guint limit)
{
  g_autoptr(GError) error = NULL;
  BipeEventPage *page = bipe_ledger_list_events (ledger, after, limit, &error);

  g_assert_no_error (error);
  return page;
}

/* Behind the ledger's back. */
static void
run_sql (const char *sql)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeDatabase) database = bipe_database_open (fixture.path, "journal", &error);

  g_assert_no_error (error);
  bipe_database_exec (database, sql, &error);
  g_assert_no_error (error);
}

static char *
describe (const BipeScan *scan)
{
  GString *text = g_string_new (NULL);

  bipe_scan_append_json (scan, text);
  return g_string_free (text, FALSE);
}

/* --- The scan as it was ------------------------------------------------------------------------
 */

#define QUEUED BIPE_EVENT_QUEUED
#define RELEASED BIPE_EVENT_RELEASED
#define EDITED BIPE_EVENT_EDITED
#define REMOVED BIPE_EVENT_REMOVED
#define STORED BIPE_EVENT_STORED
#define REJECTED BIPE_EVENT_REJECTED
#define COLLECTED BIPE_EVENT_COLLECTED
#define VOIDED BIPE_EVENT_VOIDED
#define RESTORED BIPE_EVENT_RESTORED
#define N(event) (1u << (event))

/* What happens to a scan after its acceptance (event 0); QUEUED ends it. The events named behind
 * can't be told whole: the text, the reason. */
static const struct
{
  const char *name;
  BipeEventKind kinds[8];
  guint other_text;
  guint no_reason;
} lives[] = {
  { "accepted", { 0 }, 0, 0 },
  { "stored", { STORED }, 0, 0 },
  { "collected", { STORED, COLLECTED }, 0, 0 },
  { "rejected", { REJECTED }, 0, 0 },
  { "released", { RELEASED, STORED, COLLECTED }, 0, 0 },
  { "edited", { EDITED, RELEASED, STORED, COLLECTED }, 0, 0 },
  { "edited, rejected", { EDITED, RELEASED, REJECTED }, 0, 0 },
  { "edited twice", { EDITED, EDITED, RELEASED, STORED }, N (1), 0 },
  { "removed", { REMOVED }, 0, 0 },
  { "edited, removed", { EDITED, REMOVED }, 0, 0 },
  { "put back", { REMOVED, RESTORED }, 0, N (1) },
  { "put back, stored", { REMOVED, RESTORED, RELEASED, STORED, COLLECTED }, 0, N (1) },
  { "removed twice", { REMOVED, RESTORED, REMOVED }, 0, N (1) },
  { "put back, edited", { REMOVED, RESTORED, EDITED, STORED }, N (1) | N (2), N (1) },
  { "put back, voided", { REMOVED, RESTORED, STORED, VOIDED, RESTORED }, 0, N (1) | N (4) },
  { "voided", { STORED, VOIDED }, 0, 0 },
  { "collected, voided", { STORED, COLLECTED, VOIDED }, 0, 0 },
  { "restored", { STORED, VOIDED, RESTORED }, 0, N (2) },
  { "restored, collected", { STORED, VOIDED, RESTORED, COLLECTED }, 0, N (2) },
  { "voided twice", { STORED, COLLECTED, VOIDED, RESTORED, VOIDED }, 0, N (3) },
};

/* How far the store's clock is from ours, which it tells by stored_at. */
static const gint64 skews[] = { 0, -10 * MINUTE, 10 * MINUTE };

static void
live (guint life, gint64 skew, GPtrArray *told)
{
  g_autoptr(GPtrArray) scans = fixture_scans (&fixture, 1);
  const BipeEventKind *kinds = lives[life].kinds;

  append (scans, told);
  for (guint i = 0; kinds[i] != QUEUED; i++)
    {
      g_autofree char *code = g_strdup_printf ("text %u", i);
      g_autofree char *reason = g_strdup_printf ("reason %u", i);
      BipeChange step = { .kind = kinds[i],
                          .uuid = ((BipeScan *)scans->pdata[0])->uuid,
                          .id = 7,
                          .code = code,
                          .reason = reason };

      bipe_clock_advance (fixture.clock, MINUTE);
      step.at = bipe_clock_real (fixture.clock) + (kinds[i] == STORED ? skew : 0);
      change (&step, told);
    }
}

static void
assert_same_event (const BipeEvent *event, const BipeEvent *told, gboolean is_text, gboolean is_why)
{
  BipeScan fields = *event->scan;
  g_autoptr(BipeScan) scan = NULL;
  g_autofree char *as_read = NULL;
  g_autofree char *as_told = describe (told->scan);

  g_assert_cmpint (event->seq, ==, told->seq);
  g_assert_cmpint (event->at, ==, told->at);
  g_assert_cmpint (event->kind, ==, told->kind);
  if (!is_text)
    {
      g_assert_cmpstr (fields.code, !=, told->scan->code);
      g_assert_cmpstr (fields.code_read, ==, "1");
      fields.code = told->scan->code;
      fields.code_read = told->scan->code_read;
    }
  if (!is_why)
    {
      g_assert_null (fields.reason);
      fields.reason = told->scan->reason;
    }
  scan = bipe_scan_new (&fields);
  as_read = describe (scan);
  g_assert_cmpstr (as_read, ==, as_told);
}

/* As told, after each step of the life and after another start. */
static void
test_life (gconstpointer data)
{
  guint life = GPOINTER_TO_UINT (data);

  for (guint i = 0; i < G_N_ELEMENTS (skews); i++)
    {
      g_autoptr(GPtrArray) told = bipe_event_array_new ();
      g_autoptr(BipeEventPage) page = NULL;

      fixture_set_up (&fixture);
      open_ledger ();
      live (life, skews[i], told);
      bipe_ledger_free (ledger);
      open_ledger ();
      page = list (0, 100);
      g_assert_cmpuint (page->events->len, ==, told->len);
      for (guint j = 0; j < told->len; j++)
        assert_same_event (page->events->pdata[j], told->pdata[j],
                           (lives[life].other_text & N (j)) == 0,
                           (lives[life].no_reason & N (j)) == 0);
      bipe_ledger_free (ledger);
      fixture_tear_down (&fixture);
    }
}

/* One that was set aside from the start was told so. */
static void
test_rejected_from_start (void)
{
  g_autoptr(GPtrArray) scans = bipe_scan_array_new (), told = bipe_event_array_new ();
  g_autoptr(BipeScan) scan = fixture_scan (&fixture, "a", NULL);
  BipeScan fields = *scan;
  g_autoptr(BipeEventPage) page = NULL;

  open_ledger ();
  fields.state = BIPE_SCAN_REJECTED;
  fields.reason = "too long";
  g_ptr_array_add (scans, bipe_scan_new (&fields));
  append (scans, told);
  page = list (0, 10);
  g_assert_cmpuint (page->events->len, ==, 1);
  assert_same_event (page->events->pdata[0], told->pdata[0], TRUE, TRUE);
  bipe_ledger_free (ledger);
}

/* What the journal had let go: the row that carries the events is no acceptance. */
static void
test_adopted (void)
{
  g_autoptr(GPtrArray) told = bipe_event_array_new ();
  g_autoptr(BipeScan) scan = fixture_scan (&fixture, "a", NULL);
  BipeScan fields = *scan;
  BipeChange step = { .kind = VOIDED, .uuid = scan->uuid, .at = NOON, .reason = "twice" };
  g_autoptr(BipeEventPage) page = NULL;

  open_ledger ();
  fields.id = 7;
  fields.state = BIPE_SCAN_VOIDED;
  fields.reason = "twice";
  fields.stored_at = 5;
  fields.collected_at = NOON + DAY; /* by another clock */
  fields.voided_at = NOON;
  step.scan = bipe_scan_new (&fields);
  change (&step, told);
  g_clear_pointer (&step.scan, bipe_scan_unref);
  step.kind = RESTORED;
  step.at += MINUTE;
  change (&step, told);

  page = list (0, 10);
  g_assert_cmpuint (page->events->len, ==, 2);
  assert_same_event (page->events->pdata[0], told->pdata[0], TRUE, FALSE);
  assert_same_event (page->events->pdata[1], told->pdata[1], TRUE, TRUE);
  bipe_ledger_free (ledger);
}

/* --- Pages -------------------------------------------------------------------------------------
 */

/* Of five events, the first two of them pruned. */
static const struct
{
  const char *name;
  gint64 after;
  guint limit;
  gboolean has_gap;
  gint64 first, last; /* 0: the page is empty */
  gboolean is_last;
} pages[] = {
  { "exactly behind what is gone", 2, 10, FALSE, 3, 5, TRUE },
  { "older", 1, 10, TRUE, 3, 5, TRUE },
  { "from the start", 0, 10, TRUE, 3, 5, TRUE },
  { "below zero", -1, 10, TRUE, 3, 5, TRUE },
  { "lowest", G_MININT64, 10, TRUE, 3, 5, TRUE },
  { "a part", 2, 2, FALSE, 3, 4, FALSE },
  { "older, a part", 1, 2, TRUE, 3, 4, FALSE },
  { "the rest", 4, 2, FALSE, 5, 5, TRUE },
  { "exactly the rest", 4, 1, FALSE, 5, 5, TRUE },
  { "nothing more", 5, 1, FALSE, 0, 5, TRUE },
  { "of the future", 6, 10, TRUE, 3, 5, TRUE },
  { "of the future, a part", G_MAXINT64, 1, TRUE, 3, 3, FALSE },
};

static void
test_page (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr(GPtrArray) told = bipe_event_array_new ();
  g_autoptr(BipeEventPage) page = NULL;

  fixture_set_up (&fixture);
  fixture.limits.collect_days = 1;
  open_ledger ();
  live (1, 0, told); /* 1 and 2 */
  bipe_clock_advance (fixture.clock, 8 * DAY);
  append_many (3, NULL);
  prune ();

  page = list (pages[i].after, pages[i].limit);
  g_assert_cmpint (page->has_gap, ==, pages[i].has_gap);
  g_assert_cmpint (page->last, ==, pages[i].last);
  g_assert_cmpint (page->is_last, ==, pages[i].is_last);
  g_assert_cmpuint (page->events->len, ==,
                    pages[i].first != 0 ? pages[i].last - pages[i].first + 1 : 0);
  for (guint j = 0; j < page->events->len; j++)
    g_assert_cmpint (((BipeEvent *)page->events->pdata[j])->seq, ==, pages[i].first + j);
  bipe_ledger_free (ledger);
  fixture_tear_down (&fixture);
}

static void
test_empty (void)
{
  g_autoptr(BipeEventPage) page = NULL, future = NULL;

  open_ledger ();
  page = list (0, 1);
  g_assert_false (page->has_gap);
  g_assert_true (page->is_last);
  g_assert_cmpint (page->last, ==, 0);
  future = list (1, 1);
  g_assert_true (future->has_gap);
  g_assert_true (future->is_last);
  g_assert_cmpint (future->last, ==, 0);
  bipe_ledger_free (ledger);
}

/* One that has waited for long is kept, but its acceptance lies behind the gap. */
static void
test_waiting_for_long (void)
{
  g_autoptr(GPtrArray) told = bipe_event_array_new ();
  g_autoptr(BipeEventPage) before = NULL, after = NULL;

  fixture.limits.collect_days = 1;
  open_ledger ();
  append_many (1, NULL);
  before = list (0, 10);
  bipe_clock_advance (fixture.clock, 400 * DAY);
  prune ();
  g_assert_false (before->has_gap);
  g_assert_cmpuint (before->events->len, ==, 1);

  live (1, 0, told); /* 2 and 3 */
  bipe_clock_advance (fixture.clock, 8 * DAY);
  prune ();
  append_many (1, NULL);
  after = list (0, 10);
  g_assert_true (after->has_gap);
  g_assert_cmpuint (after->events->len, ==, 1);
  g_assert_cmpint (((BipeEvent *)after->events->pdata[0])->seq, ==, 4);
  bipe_ledger_free (ledger);
}

/* Between two steps of the pruner an old event may stand without its scan; so may one of a damaged
 * file, or of a kind that there is not. */
static const struct
{
  const char *name;
  const char *sql;
} faults[] = {
  { "without its scan", "DELETE FROM scan WHERE seq = 1" },
  { "of no kind", "UPDATE event SET kind = 9" },
  { "of a kind below zero", "UPDATE event SET kind = -1" },
};

static void
test_fault (gconstpointer data)
{
  g_autoptr(GPtrArray) told = bipe_event_array_new ();
  g_autoptr(BipeEventPage) page = NULL, behind = NULL;

  fixture_set_up (&fixture);
  open_ledger ();
  live (1, 0, told);
  append_many (1, NULL);
  run_sql (data);
  page = list (1, 10);
  g_assert_true (page->has_gap);
  g_assert_cmpuint (page->events->len, ==, 1);
  g_assert_cmpint (page->last, ==, 3);
  g_assert_true (page->is_last);
  behind = list (2, 10);
  g_assert_false (behind->has_gap);
  g_assert_cmpuint (behind->events->len, ==, 1);
  bipe_ledger_free (ledger);
  fixture_tear_down (&fixture);
}

/* The clock is set back by as many days as events are kept: the scan stays with the younger one of
 * its events. */
static void
test_clock_set_back (void)
{
  g_autoptr(GPtrArray) scans = fixture_scans (&fixture, 1), told = bipe_event_array_new ();
  BipeUuid uuid = ((BipeScan *)scans->pdata[0])->uuid;
  BipeChange stored = { .kind = STORED, .uuid = uuid, .at = NOON + 7 * DAY, .id = 7 };
  BipeChange voided = { .kind = VOIDED, .uuid = uuid, .at = NOON, .reason = "why" };
  g_autoptr(BipeEventPage) page = NULL;

  open_ledger ();
  append (scans, told);
  change (&stored, told);
  change (&voided, told);
  bipe_clock_advance (fixture.clock, 8 * DAY);
  prune ();
  page = list (1, 10);
  g_assert_true (page->has_gap); /* the voiding looks old */
  page = (bipe_event_page_free (page), list (3, 10));
  g_assert_false (page->has_gap);
  run_sql ("UPDATE gone SET seq = 0");
  page = (bipe_event_page_free (page), list (1, 10));
  g_assert_false (page->has_gap);
  g_assert_cmpuint (page->events->len, ==, 1);
  assert_same_event (page->events->pdata[0], told->pdata[1], TRUE, TRUE);
  bipe_ledger_free (ledger);
}

/* Page after page, whatever the limit: each event once, in order, acceptances and changes mixed. */
static void
test_walk (void)
{
  static const guint limits[] = { 1, 2, 7, BIPE_EVENT_PAGE_MAX };
  g_autoptr(GPtrArray) told = bipe_event_array_new ();

  open_ledger ();
  for (guint i = 0; i < 40; i++)
    {
      live (i % G_N_ELEMENTS (lives), 0, told);
      append_many (2, told);
    }
  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      gboolean is_last = FALSE;
      gint64 after = 0;
      guint n_events = 0;

      while (!is_last)
        {
          g_autoptr(BipeEventPage) page = list (after, limits[i]);

          g_assert_false (page->has_gap);
          g_assert_cmpuint (page->events->len, >, 0);
          g_assert_cmpuint (page->events->len, <=, limits[i]);
          for (guint j = 0; j < page->events->len; j++, n_events++)
            g_assert_cmpint (((BipeEvent *)page->events->pdata[j])->seq, ==,
                             ((BipeEvent *)told->pdata[n_events])->seq);
          after = page->last;
          is_last = page->is_last;
        }
      g_assert_cmpuint (n_events, ==, told->len);
    }
  bipe_ledger_free (ledger);
}

/* A page of long codes ends early, but not without an event, and goes on where it ended. */
static void
test_long_codes (void)
{
  g_autofree char *code = g_strnfill (100000, 'x');
  g_autoptr(GPtrArray) scans = bipe_scan_array_new ();
  g_autoptr(BipeEventPage) page = NULL, next = NULL;

  open_ledger ();
  for (guint i = 0; i < 15; i++)
    g_ptr_array_add (scans, fixture_scan (&fixture, code, NULL));
  append (scans, NULL);
  page = list (0, 100);
  g_assert_cmpuint (page->events->len, ==, BIPE_REPLAY_BYTES / 100000 + 1);
  g_assert_false (page->is_last);
  g_assert_false (page->has_gap);
  next = list (page->last, 100);
  g_assert_cmpuint (next->events->len, ==, 15 - page->events->len);
  g_assert_true (next->is_last);
  bipe_ledger_free (ledger);
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
    { "/replay/rejected-from-start", test_rejected_from_start },
    { "/replay/adopted", test_adopted },
    { "/replay/empty", test_empty },
    { "/replay/waiting-for-long", test_waiting_for_long },
    { "/replay/clock-set-back", test_clock_set_back },
    { "/replay/walk", test_walk },
    { "/replay/long-codes", test_long_codes },
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (lives); i++)
    {
      g_autofree char *name = g_strdup_printf ("/replay/life/%s", lives[i].name);
      g_test_add_data_func (name, GUINT_TO_POINTER (i), test_life);
    }
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      g_autofree char *name = g_strdup_printf ("/replay/page/%s", pages[i].name);
      g_test_add_data_func (name, GUINT_TO_POINTER (i), test_page);
    }
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *name = g_strdup_printf ("/replay/fault/%s", faults[i].name);
      g_test_add_data_func (name, faults[i].sql, test_fault);
    }
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_data_func (tests[i].name, tests[i].test, run_test);
  return g_test_run ();
}
