/* replay.c: an acceptance is the scan's own row, what comes later is in the table event. Both are
 * walked by their numbers, and merged. A scan is kept only as it is now, so what it was after an
 * earlier event is worked out from the kind of that event. */
#include "config.h"

#include "journal/replay.h"

struct _BipeReplay
{
  BipeDatabase *database;

  sqlite3_stmt *list;
  sqlite3_stmt *gone;
};

/* Columns behind those of the row. */
enum
{
  NUMBER = 21,
  AT,
  KIND,
  CHANGED_AT,
};

/* ?1: behind this number. A scan that was not accepted here is there for its events alone. An event
 * whose scan has been let go still gives a row. */
static const char list_sql[]
    = "SELECT " BIPE_ROW_COLUMNS ", seq AS number, accepted_at, 0, changed_at FROM scan "
      "WHERE seq > ?1 AND accepted_at IS NOT NULL "
      "UNION ALL "
      "SELECT " BIPE_ROW_COLUMNS ", number, at, kind, changed_at "
      "FROM (SELECT seq AS number, at, kind, scan AS its_scan FROM event) "
      "LEFT JOIN scan ON seq = its_scan WHERE number > ?1 ORDER BY number LIMIT ?2";

BipeReplay *
bipe_replay_new (BipeDatabase *database)
{
  BipeReplay *self = g_new0 (BipeReplay, 1);

  self->database = database;
  self->list = bipe_database_prepare (database, list_sql);
  self->gone = bipe_database_prepare (database, "SELECT seq FROM gone");
  return self;
}

void
bipe_replay_free (BipeReplay *self)
{
  g_free (self);
}

void
bipe_event_page_free (BipeEventPage *self)
{
  g_clear_pointer (&self->events, g_ptr_array_unref);
  g_free (self);
}

/* The scan as it was after the event @kind (as the table has it), as far as @row, which is how it
 * is now, can tell; see journal.h for what it can't. @changed_at: see BIPE_ROW_UPDATE. */
static BipeScan *
scan_then (const BipeRow *row, gint64 changed_at, int kind, gint64 at)
{
  const BipeScan *now = row->scan;
  BipeScan then = *now;
  gboolean is_unstored = (kind & BIPE_REPLAY_UNSTORED) != 0 || now->id == 0;
  BipeEventKind what = kind & ~BIPE_REPLAY_UNSTORED;
  gboolean is_voided = what == BIPE_EVENT_REMOVED || what == BIPE_EVENT_VOIDED;
  gboolean is_stored = what == BIPE_EVENT_STORED || what == BIPE_EVENT_COLLECTED
                       || what == BIPE_EVENT_VOIDED
                       || (what == BIPE_EVENT_RESTORED && !is_unstored);

  if (changed_at == at) /* nothing has happened since */
    return bipe_scan_ref (now);

  then.state = is_voided                     ? BIPE_SCAN_VOIDED
               : what == BIPE_EVENT_REJECTED ? BIPE_SCAN_REJECTED
               : is_stored                   ? BIPE_SCAN_STORED
                                             : BIPE_SCAN_QUEUED;
  if (!is_stored)
    then.id = then.stored_at = 0;
  /* What the journal adopted from the store was collected before, if at all. */
  if (!is_stored || what == BIPE_EVENT_STORED || (row->accepted_at != 0 && now->collected_at > at))
    then.collected_at = 0;
  then.voided_at = is_voided ? at : 0;
  if (what != BIPE_EVENT_REJECTED && !(is_voided && now->voided_at == at))
    then.reason = NULL;
  if (what == BIPE_EVENT_QUEUED && now->code_read != NULL)
    {
      then.code = now->code_read;
      then.code_read = NULL;
    }
  return bipe_scan_new (&then);
}

/* The highest number that was let go; −1 with @error. */
static gint64
read_gone (BipeReplay *self, GError **error)
{
  gint64 gone = -1;

  if (sqlite3_step (self->gone) == SQLITE_ROW)
    gone = sqlite3_column_int64 (self->gone, 0);
  else
    bipe_database_fail (self->database, "read the journal", error);
  sqlite3_reset (self->gone);
  return gone;
}

static gsize
count_text (sqlite3_stmt *statement)
{
  gsize n_bytes = 0;

  for (int i = 0; i < NUMBER; i++)
    if (sqlite3_column_type (statement, i) == SQLITE_TEXT)
      n_bytes += (gsize)sqlite3_column_bytes (statement, i);
  return n_bytes;
}

/* NULL: it can't be told: its scan is gone, or the file is damaged. */
static BipeEvent *
read_event (sqlite3_stmt *statement)
{
  g_auto(BipeRow) row = { 0 };
  g_autoptr(BipeScan) then = NULL;
  gint64 at = sqlite3_column_int64 (statement, AT);
  int kind = sqlite3_column_int (statement, KIND);

  if (sqlite3_column_type (statement, 0) == SQLITE_NULL
      || (guint)(kind & ~BIPE_REPLAY_UNSTORED) >= BIPE_EVENT_STATUS)
    return NULL;
  bipe_row_read (&row, statement);
  then = scan_then (&row, sqlite3_column_int64 (statement, CHANGED_AT), kind, at);
  return bipe_event_new (sqlite3_column_int64 (statement, NUMBER), at, kind & ~BIPE_REPLAY_UNSTORED,
                         then);
}

BipeEventPage *
bipe_replay_read (BipeReplay *self, gint64 after, gint64 newest, guint limit, GError **error)
{
  g_autoptr(BipeEventPage) page = g_new0 (BipeEventPage, 1);
  gint64 gone = read_gone (self, error);
  guint n_rows = 0;
  gsize n_bytes = 0;
  int code = SQLITE_ROW;

  if (gone < 0)
    return NULL;
  page->events = bipe_event_array_new ();
  page->has_gap = after < gone || after > newest;
  page->last = page->has_gap ? gone : after;

  sqlite3_bind_int64 (self->list, 1, page->last);
  sqlite3_bind_int64 (self->list, 2, limit);
  while (n_bytes < BIPE_REPLAY_BYTES && (code = sqlite3_step (self->list)) == SQLITE_ROW)
    {
      BipeEvent *event = read_event (self->list);

      if (event != NULL)
        g_ptr_array_add (page->events, event);
      else
        page->has_gap = TRUE;
      page->last = sqlite3_column_int64 (self->list, NUMBER);
      n_bytes += count_text (self->list);
      n_rows++;
    }
  if (code != SQLITE_ROW && code != SQLITE_DONE)
    {
      bipe_database_fail (self->database, "read the journal", error);
      g_clear_pointer (&page, bipe_event_page_free);
    }
  sqlite3_reset (self->list);
  if (page == NULL)
    return NULL;

  page->is_last = page->last == newest || (code == SQLITE_DONE && n_rows < limit);
  if (page->is_last)
    page->last = newest;
  return g_steal_pointer (&page);
}
