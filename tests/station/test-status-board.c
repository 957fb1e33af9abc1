/* test-status-board.c: the board alone, on a clock that is moved by hand. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "fixture.h"
#include "station/status-board.h"

typedef struct
{
  Fixture base;
  BipeStatusBoard *board;
} BoardFixture;

/* A local time today or on a day after it. */
static gint64
local_time (int day, int hour, int minute)
{
  g_autoptr(GDateTime) time = g_date_time_new_local (2026, 1, day, hour, minute, 0);

  return g_date_time_to_unix (time) * G_USEC_PER_SEC;
}

static void
set_up (BoardFixture *self, gint64 now)
{
  fixture_set_up (&self->base);
  self->base.clock = bipe_clock_new_manual (now);
  fixture_open_parts (&self->base);
  self->board = bipe_status_board_new ("desk", "the store", FALSE, self->base.journal,
                                       self->base.events, self->base.clock);
}

static gboolean
is_alone (Fixture *fixture, gpointer object)
{
  return G_OBJECT (object)->ref_count == 1;
}

static void
tear_down (BoardFixture *self)
{
  fixture_wait_until (&self->base, is_alone, self->board);
  g_assert_finalize_object (self->board);
  fixture_close_parts (&self->base);
  bipe_clock_free (self->base.clock);
  fixture_tear_down (&self->base);
}

/* As the journal would say it. */
static void
note_queued (BoardFixture *self, guint n_events)
{
  BipeScan fields = { .code = "1", .station = "s" };
  g_autoptr(BipeScan) scan = bipe_scan_new (&fields);
  g_autoptr(GPtrArray) events = bipe_event_array_new ();
  BipeJournalCounts counts = { .n_queued = n_events };

  for (guint i = 0; i < n_events; i++)
    g_ptr_array_add (events, bipe_event_new (i + 1, 0, BIPE_EVENT_QUEUED, scan));
  bipe_status_board_note_commit (self->board, events, &counts);
}

typedef struct
{
  BipeStatusBoard *board;
  gint64 n_today;
} Today;

static gboolean
is_today (Fixture *fixture, gpointer user_data)
{
  const Today *today = user_data;
  g_autoptr(BipeStatus) status = bipe_status_board_dup (today->board);

  return status->n_today == today->n_today;
}

static void
wait_for_today (BoardFixture *self, gint64 n_today)
{
  Today today = { self->board, n_today };

  fixture_wait_until (&self->base, is_today, &today);
}

static void
append (BoardFixture *self, BipeUuidSource *uuids)
{
  BipeScan fields = { .code = "1", .station = "s", .uuid = bipe_uuid_source_next (uuids) };
  g_autoptr(GPtrArray) scans = bipe_scan_array_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(BipeAppend) done = NULL;

  g_ptr_array_add (scans, bipe_scan_new (&fields));
  bipe_journal_append_async (self->base.journal, scans, FALSE, fixture_result_cb, &result);
  fixture_wait (&self->base, &result);
  done = bipe_journal_append_finish (self->base.journal, result, NULL);
  g_assert_nonnull (done);
}

/* A day ends at local midnight, also while nothing is scanned. */
static void
test_midnight (void)
{
  BoardFixture fixture;
  g_autoptr(BipeUuidSource) uuids = NULL;

  set_up (&fixture, local_time (10, 23, 50));
  uuids = bipe_uuid_source_new (fixture.base.clock);
  for (guint i = 0; i < 3; i++)
    append (&fixture, uuids);
  note_queued (&fixture, 3);
  wait_for_today (&fixture, 3);

  bipe_clock_advance (fixture.base.clock, 10 * G_TIME_SPAN_MINUTE - 1);
  bipe_status_board_tick (fixture.board);
  append (&fixture, uuids);
  note_queued (&fixture, 1);
  wait_for_today (&fixture, 4);

  bipe_clock_advance (fixture.base.clock, 1);
  bipe_status_board_tick (fixture.board);
  wait_for_today (&fixture, 0);
  append (&fixture, uuids);
  note_queued (&fixture, 1);
  wait_for_today (&fixture, 1);

  /* Some days in sleep. */
  bipe_clock_advance (fixture.base.clock, 3 * G_TIME_SPAN_DAY);
  bipe_status_board_tick (fixture.board);
  wait_for_today (&fixture, 0);
  tear_down (&fixture);
}

/* A scan that comes while the journal counts may be in its number or not: it counts again. */
static void
test_accepted_meanwhile (void)
{
  BoardFixture fixture;
  g_autoptr(BipeUuidSource) uuids = NULL;

  set_up (&fixture, local_time (10, 12, 0));
  uuids = bipe_uuid_source_new (fixture.base.clock);
  note_queued (&fixture, 1);
  append (&fixture, uuids);
  fixture_wait_until (&fixture.base, is_alone, fixture.board);
  bipe_status_board_tick (fixture.board);
  wait_for_today (&fixture, 1);
  fixture_wait_until (&fixture.base, is_alone, fixture.board);

  /* Counted in peace it stays. */
  note_queued (&fixture, 1);
  bipe_status_board_tick (fixture.board);
  wait_for_today (&fixture, 2);
  fixture_wait_until (&fixture.base, is_alone, fixture.board);
  wait_for_today (&fixture, 2);
  tear_down (&fixture);
}

static void
test_counts_earlier_run (void)
{
  BoardFixture fixture;
  g_autoptr(BipeUuidSource) uuids = NULL;

  set_up (&fixture, local_time (10, 23, 59));
  uuids = bipe_uuid_source_new (fixture.base.clock);
  append (&fixture, uuids);
  bipe_clock_advance (fixture.base.clock, G_TIME_SPAN_MINUTE);
  append (&fixture, uuids);
  append (&fixture, uuids);
  fixture_wait_until (&fixture.base, is_alone, fixture.board);
  g_assert_finalize_object (fixture.board);
  fixture.board = bipe_status_board_new ("desk", "the store", FALSE, fixture.base.journal,
                                         fixture.base.events, fixture.base.clock);
  wait_for_today (&fixture, 2);
  tear_down (&fixture);
}

static gboolean
has_no_problem (Fixture *fixture, gpointer board)
{
  g_autoptr(BipeStatus) status = bipe_status_board_dup (board);

  return status->problem == NULL;
}

static gboolean
has_problem (Fixture *fixture, gpointer board)
{
  return !has_no_problem (fixture, board);
}

static void
test_refusal (void)
{
  BoardFixture fixture;
  g_autoptr(GError) error = g_error_new (BIPE_ERROR, BIPE_ERROR_FULL, "the disk is full");

  set_up (&fixture, local_time (10, 12, 0));
  /* A scan that is accepted ends it, and so does time. */
  for (guint i = 0; i < 2; i++)
    {
      bipe_status_board_note_refusal (fixture.board, error);
      fixture_wait_until (&fixture.base, has_problem, fixture.board);
      bipe_clock_advance (fixture.base.clock, 9 * G_USEC_PER_SEC);
      bipe_status_board_tick (fixture.board);
      bipe_status_board_note_refusal (fixture.board, error);
      bipe_clock_advance (fixture.base.clock, 9 * G_USEC_PER_SEC);
      bipe_status_board_tick (fixture.board);
      bipe_status_board_note_store (fixture.board, i == 0 ? NULL : error);
      fixture_wait_until (&fixture.base, has_problem, fixture.board);
      if (i == 0)
        note_queued (&fixture, 1);
      else
        bipe_clock_advance (fixture.base.clock, 2 * G_USEC_PER_SEC);
      bipe_status_board_tick (fixture.board);
      fixture_wait_until (&fixture.base, has_no_problem, fixture.board);
    }
  tear_down (&fixture);
}

/* Counts what the log is told of the clock, and has the last of it. */
static guint n_jumps;
static char jump[64];

static GLogWriterOutput
write_log_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE") && g_str_has_prefix (fields[i].value, "The clock"))
      {
        n_jumps++;
        g_strlcpy (jump, fields[i].value, sizeof jump);
      }
  return g_log_writer_default (level, fields, n_fields, user_data);
}

static void
test_clock_jump (void)
{
  static const struct
  {
    int seconds;
    const char *told;
  } steps[] = {
    { 60, NULL }, { -60, NULL }, { 61, " +61 s:" }, { -3600, " -3600 s:" }, { 0, NULL },
  };
  BoardFixture fixture;
  BipeClock *clock;

  set_up (&fixture, local_time (10, 12, 0));
  clock = fixture.base.clock;
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      n_jumps = 0;
      bipe_clock_advance (clock, G_TIME_SPAN_HOUR);
      bipe_clock_step (clock, bipe_clock_real (clock) + steps[i].seconds * G_TIME_SPAN_SECOND);
      bipe_status_board_tick (fixture.board);
      bipe_status_board_tick (fixture.board);
      g_assert_cmpuint (n_jumps, ==, steps[i].told != NULL ? 1 : 0);
      g_assert_true (steps[i].told == NULL || strstr (jump, steps[i].told) != NULL);
    }
  tear_down (&fixture);
}

typedef struct
{
  BipeStatusBoard *board;
  gint64 n_queued;
} Announced;

static gboolean
is_announced (Fixture *fixture, gpointer user_data)
{
  const Announced *announced = user_data;
  g_autoptr(BipeStatus) status = bipe_status_board_dup (announced->board);

  return status->n_queued == announced->n_queued;
}

static void
test_store (void)
{
  static const struct
  {
    const char *problem; /* NULL: it works */
    BipeStoreState state;
    gint64 since; /* seconds since the start */
  } steps[] = {
    { "refused", BIPE_STORE_OFFLINE, 1 }, { "refused", BIPE_STORE_OFFLINE, 1 },
    { "timeout", BIPE_STORE_OFFLINE, 1 }, { NULL, BIPE_STORE_ONLINE, 4 },
    { NULL, BIPE_STORE_ONLINE, 4 },       { "refused", BIPE_STORE_OFFLINE, 6 },
  };
  gint64 start = local_time (10, 12, 0);
  BoardFixture fixture;
  g_autoptr(BipeStatus) first = NULL;

  set_up (&fixture, start);
  first = bipe_status_board_dup (fixture.board);
  g_assert_cmpint (first->store_state, ==, BIPE_STORE_CONNECTING);
  g_assert_cmpint (first->store_since, ==, start);
  g_assert_cmpstr (first->store, ==, "the store");
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(BipeStatus) status = NULL;

      if (steps[i].problem != NULL)
        error = g_error_new_literal (BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, steps[i].problem);
      bipe_clock_advance (fixture.base.clock, G_USEC_PER_SEC);
      bipe_status_board_note_store (fixture.board, error);
      /* What is announced with it was noted before it. */
      note_queued (&fixture, i + 1);
      fixture_wait_until (&fixture.base, is_announced, &(Announced){ fixture.board, i + 1 });
      status = bipe_status_board_dup (fixture.board);
      g_assert_cmpint (status->store_state, ==, steps[i].state);
      g_assert_cmpint (status->store_since, ==, start + steps[i].since * G_USEC_PER_SEC);
      g_assert_cmpstr (status->store_problem, ==, steps[i].problem);
    }
  tear_down (&fixture);
}

static void
test_waiting (void)
{
  static const struct
  {
    gboolean is_review;
    BipeJournalCounts counts;
    gboolean has_waiting;
  } cases[] = {
    { FALSE, { 0, 0, 0 }, FALSE }, { FALSE, { 1, 0, 0 }, TRUE }, { FALSE, { 1, 1, 0 }, TRUE },
    { FALSE, { 0, 0, 3 }, FALSE }, { TRUE, { 2, 2, 0 }, FALSE }, { TRUE, { 3, 2, 0 }, TRUE },
  };
  g_autoptr(GPtrArray) none = bipe_event_array_new ();
  BoardFixture fixture;

  set_up (&fixture, local_time (10, 12, 0));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BipeStatusBoard *board
          = bipe_status_board_new ("desk", "s", cases[i].is_review, fixture.base.journal,
                                   fixture.base.events, fixture.base.clock);

      bipe_status_board_note_commit (board, none, &cases[i].counts);
      g_assert_cmpint (bipe_status_board_has_waiting (board), ==, cases[i].has_waiting);
      fixture_wait_until (&fixture.base, is_alone, board);
      g_assert_finalize_object (board);
    }
  tear_down (&fixture);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (write_log_cb, NULL, NULL);
  g_test_add_func ("/status-board/midnight", test_midnight);
  g_test_add_func ("/status-board/accepted-meanwhile", test_accepted_meanwhile);
  g_test_add_func ("/status-board/counts-earlier-run", test_counts_earlier_run);
  g_test_add_func ("/status-board/refusal", test_refusal);
  g_test_add_func ("/status-board/clock-jump", test_clock_jump);
  g_test_add_func ("/status-board/store", test_store);
  g_test_add_func ("/status-board/waiting", test_waiting);
  return g_test_run ();
}
