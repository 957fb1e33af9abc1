#include "config.h"

#include "journal/ledger.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "journal/pruner.h"
#include "journal/replay.h"
#include "journal/row.h"
#include "sqlite/database.h"

#define DAY (24 * G_TIME_SPAN_HOUR)

/* ?1: the places wanted, as bits; ?2: behind this number. The planner would rather walk the table
 * than an index in the order of seq. */
#define IN_PLACE(place)                                                                            \
  "SELECT " BIPE_ROW_COLUMNS " FROM scan INDEXED BY scan_place WHERE place = " #place              \
  " AND (?1 >> " #place ") & 1 AND seq > ?2"
#define OR " UNION ALL "

typedef struct
{
  gint64 seq; /* the last one given */
  BipeJournalCounts counts;
} Tally;

struct _BipeLedger
{
  BipeDatabase *database;
  BipePruner *pruner;
  BipeReplay *replay;
  BipeClock *clock;
  BipeJournalLimits limits;

  Tally now;
  Tally durable;     /* as of the last commit */
  GPtrArray *events; /* of BipeEvent, since the begin */
  GError *loss;      /* why the commit will fail */
  GHashTable *taken; /* of BipeUuid: handed out, not yet collected */
  GPtrArray *picked; /* of BipeUuid, in taken: since the begin */
  GString *record;   /* scratch */

  sqlite3_stmt *insert;
  sqlite3_stmt *insert_event;
  sqlite3_stmt *insert_key;
  sqlite3_stmt *update;
  sqlite3_stmt *find;
  sqlite3_stmt *find_key;
  sqlite3_stmt *find_seq;
  sqlite3_stmt *list;
  sqlite3_stmt *list_collecting;
  sqlite3_stmt *forget_collected;
  sqlite3_stmt *count_since;
  sqlite3_stmt *savepoint;
  sqlite3_stmt *roll_back_to;
  sqlite3_stmt *release;
};

static const char list_sql[]
    = IN_PLACE (0) OR IN_PLACE (1) OR IN_PLACE (2) OR IN_PLACE (3) " ORDER BY seq LIMIT ?3";

static const char list_collecting_sql[]
    = "SELECT " BIPE_ROW_COLUMNS " FROM scan INDEXED BY scan_collecting WHERE collecting = ?1 "
      "AND accepted_at >= ?2 ORDER BY seq LIMIT ?3";

/* Backwards to the first that is older: acceptances are in the order of seq. */
static const char count_since_sql[]
    = "SELECT count(accepted_at) FROM scan WHERE seq > coalesce((SELECT seq FROM scan "
      "WHERE accepted_at < ?1 ORDER BY seq DESC LIMIT 1), 0)";

/* A failure of the disk loses the whole transaction: SQLite may have rolled it back already. */
static void
lose (BipeLedger *self, const char *what, GError **error)
{
  g_autoptr(GError) cause = NULL;

  bipe_database_fail (self->database, what, &cause);
  if (self->loss == NULL)
    self->loss = g_error_copy (cause);
  g_propagate_error (error, g_steal_pointer (&cause));
}

static gboolean
run (BipeLedger *self, sqlite3_stmt *statement, GError **error)
{
  int code = sqlite3_step (statement);

  if (code == SQLITE_CONSTRAINT)
    bipe_database_fail (self->database, "keep the scan", error);
  else if (code != SQLITE_DONE)
    lose (self, "write the journal", error);
  sqlite3_reset (statement);
  return code == SQLITE_DONE;
}

/* 1: there is a row; 0: there is none; −1: @error. The statement is reset where there is no row. */
static int
next (BipeLedger *self, sqlite3_stmt *statement, GError **error)
{
  int code = sqlite3_step (statement);

  if (code == SQLITE_ROW)
    return 1;
  if (code != SQLITE_DONE)
    lose (self, "read the journal", error);
  sqlite3_reset (statement);
  return code == SQLITE_DONE ? 0 : -1;
}

/* The scans that a statement gives; resets it. */
static GPtrArray *
read_scans (BipeLedger *self, sqlite3_stmt *statement, GError **error)
{
  g_autoptr(GPtrArray) scans = bipe_scan_array_new ();
  int has_row;

  while ((has_row = next (self, statement, error)) > 0)
    {
      BipeRow row;

      bipe_row_read (&row, statement);
      g_ptr_array_add (scans, row.scan);
    }
  return has_row == 0 ? g_steal_pointer (&scans) : NULL;
}

static int
find_row (BipeLedger *self, const BipeUuid *uuid, BipeRow *row, GError **error)
{
  int has_row;

  sqlite3_bind_blob (self->find, 1, uuid->bytes, sizeof uuid->bytes, SQLITE_STATIC);
  has_row = next (self, self->find, error);
  if (has_row > 0)
    {
      bipe_row_read (row, self->find);
      sqlite3_reset (self->find);
    }
  return has_row;
}

static gpointer
not_found (const BipeUuid *uuid, GError **error)
{
  char text[BIPE_UUID_STRING_SIZE];

  bipe_uuid_format (uuid, text);
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND, "the journal has no scan with the uuid %s",
               text);
  return NULL;
}

static void
count (BipeLedger *self, BipePlace place, int delta)
{
  BipeJournalCounts *counts = &self->now.counts;

  counts->n_queued += place == BIPE_PLACE_FREE || place == BIPE_PLACE_HELD ? delta : 0;
  counts->n_held += place == BIPE_PLACE_HELD ? delta : 0;
  counts->n_rejected += place == BIPE_PLACE_REJECTED ? delta : 0;
}

static gboolean
insert_row (BipeLedger *self, const BipeRow *row, gint64 at, GError **error)
{
  bipe_row_bind (row, self->insert, at);
  if (!run (self, self->insert, error))
    return FALSE;
  count (self, row->place, 1);
  return TRUE;
}

static gboolean
insert_event (BipeLedger *self, const BipeChange *change, const BipeRow *row, GError **error)
{
  gint64 seq = ++self->now.seq;
  gboolean is_unstored = change->kind == BIPE_EVENT_RESTORED && row->scan->id == 0;

  sqlite3_bind_int64 (self->insert_event, 1, seq);
  sqlite3_bind_int64 (self->insert_event, 2, change->at);
  sqlite3_bind_int64 (self->insert_event, 3,
                      change->kind | (is_unstored ? BIPE_REPLAY_UNSTORED : 0));
  sqlite3_bind_int64 (self->insert_event, 4, row->seq);
  if (!run (self, self->insert_event, error))
    return FALSE;
  g_ptr_array_add (self->events, bipe_event_new (seq, change->at, change->kind, row->scan));
  return TRUE;
}

/* A scan that the journal has let go: the store has changed it, here it only carries the event. */
static BipeScan *
adopt (BipeLedger *self, const BipeChange *change, GError **error)
{
  g_auto(BipeRow) row
      = { .seq = ++self->now.seq, .place = BIPE_PLACE_NONE, .scan = bipe_scan_ref (change->scan) };

  if (!insert_row (self, &row, change->at, error) || !insert_event (self, change, &row, error))
    return NULL;
  return g_steal_pointer (&row.scan);
}

static BipePlace
place_after (const BipeScan *after, BipeEventKind kind, BipePlace before)
{
  if (after->state == BIPE_SCAN_REJECTED)
    return BIPE_PLACE_REJECTED;
  if (after->state == BIPE_SCAN_VOIDED && after->id == 0)
    return BIPE_PLACE_REMOVED;
  if (after->state != BIPE_SCAN_QUEUED)
    return BIPE_PLACE_NONE;
  if (kind == BIPE_EVENT_RESTORED)
    return BIPE_PLACE_HELD;
  return kind == BIPE_EVENT_RELEASED ? BIPE_PLACE_FREE : before;
}

static int
collecting_after (const BipeScan *after, BipeEventKind kind, const BipeRow *before)
{
  if (after->collected_at != 0)
    return kind == BIPE_EVENT_COLLECTED ? BIPE_COLLECTING_UNTOLD : before->collecting;
  if (after->state != BIPE_SCAN_QUEUED && after->state != BIPE_SCAN_STORED)
    return 0;
  return before->accepted_at != 0 ? BIPE_COLLECTING_WAITS : 0;
}

static BipeScan *
change_row (BipeLedger *self, const BipeChange *change, const BipeRow *before, GError **error)
{
  g_auto(BipeRow) after = { .seq = before->seq, .accepted_at = before->accepted_at };

  after.scan = bipe_change_apply (change, before->scan, before->place == BIPE_PLACE_HELD, error);
  if (after.scan == NULL)
    return NULL;
  after.place = place_after (after.scan, change->kind, before->place);
  after.collecting = collecting_after (after.scan, change->kind, before);
  bipe_row_bind (&after, self->update, change->at);
  if (!run (self, self->update, error) || !insert_event (self, change, &after, error))
    return NULL;
  count (self, before->place, -1);
  count (self, after.place, 1);
  return g_steal_pointer (&after.scan);
}

/* The scan that came with this key: as it is now, or as it was if the journal has let it go. */
static BipeScan *
recall (BipeLedger *self, const BipeScan *scan, gboolean *is_known, GError **error)
{
  const char *record;
  g_autoptr(json_t) json = NULL;
  g_autoptr(BipeScan) first = NULL;
  g_auto(BipeRow) row = { 0 };
  int has_row;

  sqlite3_bind_text (self->find_key, 1, scan->key, -1, SQLITE_STATIC);
  has_row = next (self, self->find_key, error);
  *is_known = has_row != 0;
  if (has_row <= 0)
    return NULL;
  record = (const char *)sqlite3_column_text (self->find_key, 0);
  json = bipe_json_parse (record, strlen (record), error);
  sqlite3_reset (self->find_key);
  if (json == NULL || (first = bipe_scan_from_json (json, error)) == NULL)
    return NULL;

  if (!g_str_equal (first->code, scan->code))
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_CONFLICT,
                   "the key \"%s\" was used before, for another code", scan->key);
      return NULL;
    }
  has_row = find_row (self, &first->uuid, &row, error);
  if (has_row < 0)
    return NULL;
  return has_row > 0 ? g_steal_pointer (&row.scan) : g_steal_pointer (&first);
}

static gboolean
insert_key (BipeLedger *self, const BipeRow *row, GError **error)
{
  g_string_truncate (self->record, 0);
  bipe_scan_append_json (row->scan, self->record);
  sqlite3_bind_int64 (self->insert_key, 1, row->seq);
  sqlite3_bind_text (self->insert_key, 2, row->scan->key, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (self->insert_key, 3, row->accepted_at);
  sqlite3_bind_text (self->insert_key, 4, self->record->str, (int)self->record->len, SQLITE_STATIC);
  return run (self, self->insert_key, error);
}

static gboolean
check_room (BipeLedger *self, GError **error)
{
  const BipeJournalCounts *counts = &self->now.counts;

  if (counts->n_queued + counts->n_rejected < self->limits.queue_limit)
    return TRUE;
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_FULL,
               "cannot keep the scan: the queue is full, %" G_GINT64_FORMAT
               " scans wait and %" G_GINT64_FORMAT
               " are rejected; bring the database back, release what is held, or raise queue-limit",
               counts->n_queued, counts->n_rejected);
  return FALSE;
}

/* Returns the new scan, or the known one. */
static BipeScan *
append_one (BipeLedger *self,
            const BipeScan *scan,
            gboolean is_held,
            gboolean *is_known,
            GError **error)
{
  gboolean is_rejected = scan->state == BIPE_SCAN_REJECTED;
  BipeRow row = { .scan = (BipeScan *)scan };

  *is_known = FALSE;
  if (scan->key != NULL)
    {
      BipeScan *known = recall (self, scan, is_known, error);

      if (*is_known)
        return known;
    }
  if (!check_room (self, error))
    return NULL;

  row.seq = ++self->now.seq;
  row.accepted_at = bipe_clock_real (self->clock);
  row.place = is_rejected ? BIPE_PLACE_REJECTED : is_held ? BIPE_PLACE_HELD : BIPE_PLACE_FREE;
  row.collecting = is_rejected ? 0 : BIPE_COLLECTING_WAITS;
  if (!insert_row (self, &row, row.accepted_at, error)
      || (scan->key != NULL && !insert_key (self, &row, error)))
    return NULL;
  g_ptr_array_add (self->events,
                   bipe_event_new (row.seq, row.accepted_at, BIPE_EVENT_QUEUED, scan));
  return bipe_scan_ref (scan);
}

static void
prepare (BipeLedger *self)
{
  const struct
  {
    sqlite3_stmt **statement;
    const char *sql;
  } statements[] = {
    { &self->insert, BIPE_ROW_INSERT },
    { &self->insert_event, "INSERT INTO event (seq, at, kind, scan) VALUES (?1, ?2, ?3, ?4)" },
    { &self->insert_key, "INSERT INTO client_key (seq, key, at, record) VALUES (?1, ?2, ?3, ?4)" },
    { &self->update, BIPE_ROW_UPDATE },
    { &self->find, "SELECT " BIPE_ROW_COLUMNS " FROM scan WHERE uuid = ?1" },
    { &self->find_key, "SELECT record FROM client_key WHERE key = ?1" },
    { &self->find_seq, "SELECT seq FROM scan WHERE uuid <= ?1 ORDER BY uuid DESC LIMIT 1" },
    { &self->list, list_sql },
    { &self->list_collecting, list_collecting_sql },
    { &self->forget_collected,
      "UPDATE scan SET collecting = NULL WHERE uuid = ?1 AND collecting = 2" },
    { &self->count_since, count_since_sql },
    { &self->savepoint, "SAVEPOINT append" },
    { &self->roll_back_to, "ROLLBACK TO append" },
    { &self->release, "RELEASE append" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    *statements[i].statement = bipe_database_prepare (self->database, statements[i].sql);
}

/* What is kept in memory: the newest number, and what waits. */
static gboolean
load_tally (BipeLedger *self, GError **error)
{
  sqlite3_stmt *newest = bipe_database_prepare (
      self->database,
      "SELECT max((SELECT seq FROM gone), coalesce((SELECT max(seq) FROM scan), 0), "
      "coalesce((SELECT max(seq) FROM event), 0))");
  sqlite3_stmt *places = bipe_database_prepare (
      self->database, "SELECT place, count(*) FROM scan WHERE place IS NOT NULL GROUP BY place");
  int has_row = next (self, newest, error);

  if (has_row > 0)
    self->now.seq = sqlite3_column_int64 (newest, 0);
  sqlite3_reset (newest);
  while (has_row >= 0 && (has_row = next (self, places, error)) > 0)
    count (self, sqlite3_column_int (places, 0), sqlite3_column_int (places, 1));
  self->durable = self->now;
  return has_row == 0;
}

BipeLedger *
bipe_ledger_open (const char *path,
                  const BipeJournalLimits *limits,
                  BipeClock *clock,
                  GError **error)
{
  g_autoptr(BipeDatabase) database = bipe_database_open (path, "journal", error);
  g_autoptr(BipeLedger) self = NULL;

  if (database == NULL)
    return NULL;
  self = g_new0 (BipeLedger, 1);
  self->database = g_steal_pointer (&database);
  self->clock = clock;
  self->limits = *limits;
  self->events = bipe_event_array_new ();
  self->taken = g_hash_table_new_full (bipe_uuid_hash, bipe_uuid_equal, g_free, NULL);
  self->picked = g_ptr_array_new_with_free_func (g_free);
  self->record = g_string_new (NULL);
  prepare (self);
  self->pruner = bipe_pruner_new (self->database, limits);
  self->replay = bipe_replay_new (self->database);
  return load_tally (self, error) ? g_steal_pointer (&self) : NULL;
}

void
bipe_ledger_free (BipeLedger *self)
{
  bipe_replay_free (self->replay);
  bipe_pruner_free (self->pruner);
  bipe_database_free (self->database);
  g_string_free (self->record, TRUE);
  g_ptr_array_unref (self->picked);
  g_hash_table_unref (self->taken);
  g_ptr_array_unref (self->events);
  g_clear_error (&self->loss);
  g_free (self);
}

BipeJournalCounts
bipe_ledger_get_counts (BipeLedger *self)
{
  return self->durable.counts;
}

gboolean
bipe_ledger_get_last_uuid (BipeLedger *self, BipeUuid *uuid)
{
  sqlite3_stmt *last = bipe_database_prepare (
      self->database, "SELECT uuid FROM scan WHERE length(uuid) = 16 ORDER BY uuid DESC LIMIT 1");
  gboolean is_found = sqlite3_step (last) == SQLITE_ROW;

  if (is_found)
    memcpy (uuid->bytes, sqlite3_column_blob (last, 0), sizeof uuid->bytes);
  sqlite3_reset (last);
  return is_found;
}

/* Whatever the cause: a scan that can't be written can't be kept. */
static gboolean
refuse (GError *cause, GError **error)
{
  cause->code = BIPE_ERROR_FULL;
  g_propagate_error (error, cause);
  return FALSE;
}

gboolean
bipe_ledger_begin (BipeLedger *self, GError **error)
{
  GError *cause = NULL;

  g_clear_error (&self->loss);
  if (!bipe_database_exec (self->database, "BEGIN IMMEDIATE", &cause))
    return refuse (cause, error);
  return TRUE;
}

gboolean
bipe_ledger_is_lost (BipeLedger *self)
{
  return self->loss != NULL;
}

/* A scan that has been collected, or never will be, is held by nobody. */
static void
forget_taken (BipeLedger *self)
{
  for (guint i = 0; i < self->events->len; i++)
    {
      const BipeEvent *event = self->events->pdata[i];

      if (event->kind == BIPE_EVENT_COLLECTED || event->kind == BIPE_EVENT_REJECTED
          || event->kind == BIPE_EVENT_REMOVED || event->kind == BIPE_EVENT_VOIDED)
        g_hash_table_remove (self->taken, &event->scan->uuid);
    }
}

static void
roll_back (BipeLedger *self)
{
  if (!sqlite3_get_autocommit (bipe_database_get_handle (self->database)))
    bipe_database_exec (self->database, "ROLLBACK", NULL);
  self->now = self->durable;
  g_ptr_array_set_size (self->events, 0);
  for (guint i = 0; i < self->picked->len; i++)
    g_hash_table_remove (self->taken, self->picked->pdata[i]);
  g_ptr_array_set_size (self->picked, 0);
}

GPtrArray *
bipe_ledger_commit (BipeLedger *self, GError **error)
{
  GPtrArray *events;

  if (self->loss == NULL)
    bipe_database_exec (self->database, "COMMIT", &self->loss);
  if (self->loss != NULL)
    {
      roll_back (self);
      refuse (g_steal_pointer (&self->loss), error);
      return NULL;
    }

  self->durable = self->now;
  forget_taken (self);
  g_ptr_array_set_size (self->picked, 0);
  events = g_steal_pointer (&self->events);
  self->events = bipe_event_array_new ();
  return events;
}

BipeAppend *
bipe_ledger_append (BipeLedger *self, GPtrArray *scans, gboolean is_held, GError **error)
{
  g_autoptr(BipeAppend) append = g_new0 (BipeAppend, 1);
  gboolean is_array = scans->len > 1;
  Tally before = self->now;
  guint n_events = self->events->len;

  append->scans = bipe_scan_array_new ();
  if (is_array && !run (self, self->savepoint, error))
    return NULL;
  for (guint i = 0; i < scans->len; i++)
    {
      gboolean is_known;
      BipeScan *scan = append_one (self, scans->pdata[i], is_held, &is_known, error);

      if (scan == NULL)
        {
          self->now = before;
          g_ptr_array_set_size (self->events, (int)n_events);
          if (is_array && self->loss == NULL)
            run (self, self->roll_back_to, NULL);
          return NULL;
        }
      g_ptr_array_add (append->scans, scan);
      append->n_new += is_known ? 0 : 1;
    }
  if (is_array && !run (self, self->release, error))
    return NULL;
  return g_steal_pointer (&append);
}

BipeScan *
bipe_ledger_change (BipeLedger *self, const BipeChange *change, GError **error)
{
  g_auto(BipeRow) row = { 0 };
  int has_row = find_row (self, &change->uuid, &row, error);
  gboolean is_store_s = change->kind == BIPE_EVENT_VOIDED || change->kind == BIPE_EVENT_RESTORED;

  if (has_row < 0)
    return NULL;
  if (has_row > 0)
    return change_row (self, change, &row, error);
  if (change->scan != NULL && is_store_s)
    return adopt (self, change, error);
  return not_found (&change->uuid, error);
}

BipeScan *
bipe_ledger_find (BipeLedger *self, const BipeUuid *uuid, GError **error)
{
  BipeRow row = { 0 };
  int has_row = find_row (self, uuid, &row, error);

  return has_row == 0 ? not_found (uuid, error) : row.scan;
}

GPtrArray *
bipe_ledger_list (BipeLedger *self,
                  guint places,
                  const BipeUuid *after,
                  guint limit,
                  GError **error)
{
  gint64 seq = 0;

  if (after != NULL)
    {
      int has_row;

      sqlite3_bind_blob (self->find_seq, 1, after->bytes, sizeof after->bytes, SQLITE_STATIC);
      has_row = next (self, self->find_seq, error);
      if (has_row < 0)
        return NULL;
      if (has_row > 0)
        seq = sqlite3_column_int64 (self->find_seq, 0);
      sqlite3_reset (self->find_seq);
    }
  sqlite3_bind_int64 (self->list, 1, places);
  sqlite3_bind_int64 (self->list, 2, seq);
  sqlite3_bind_int64 (self->list, 3, limit);
  return read_scans (self, self->list, error);
}

BipeEventPage *
bipe_ledger_list_events (BipeLedger *self, gint64 after, guint limit, GError **error)
{
  return bipe_replay_read (self->replay, after, self->durable.seq, limit, error);
}

static void
bind_collecting (BipeLedger *self, int collecting, gint64 since, gint64 limit)
{
  sqlite3_bind_int64 (self->list_collecting, 1, collecting);
  sqlite3_bind_int64 (self->list_collecting, 2, since);
  sqlite3_bind_int64 (self->list_collecting, 3, limit);
}

/* The oldest that waits and that nobody holds: the held ones are few, and the first ones. */
static int
next_to_collect (BipeLedger *self, BipeRow *row, GError **error)
{
  gint64 since = bipe_clock_real (self->clock) - self->limits.collect_days * DAY;
  int has_row;

  bind_collecting (self, BIPE_COLLECTING_WAITS, since, -1);
  while ((has_row = next (self, self->list_collecting, error)) > 0)
    {
      bipe_row_read (row, self->list_collecting);
      if (!g_hash_table_contains (self->taken, &row->scan->uuid))
        break;
      bipe_row_clear (row);
    }
  sqlite3_reset (self->list_collecting);
  return has_row;
}

BipeScan *
bipe_ledger_take (BipeLedger *self, GError **error)
{
  g_auto(BipeRow) row = { 0 };
  BipeChange collected = { .kind = BIPE_EVENT_COLLECTED, .at = bipe_clock_real (self->clock) };

  if (next_to_collect (self, &row, error) <= 0)
    return NULL;
  if (row.scan->state == BIPE_SCAN_STORED)
    return change_row (self, &collected, &row, error);
  g_hash_table_add (self->taken, g_memdup2 (&row.scan->uuid, sizeof (BipeUuid)));
  g_ptr_array_add (self->picked, g_memdup2 (&row.scan->uuid, sizeof (BipeUuid)));
  return g_steal_pointer (&row.scan);
}

void
bipe_ledger_give_back (BipeLedger *self, const BipeUuid *uuid)
{
  g_hash_table_remove (self->taken, uuid);
}

GPtrArray *
bipe_ledger_collected (BipeLedger *self, guint limit, GError **error)
{
  bind_collecting (self, BIPE_COLLECTING_UNTOLD, 0, limit);
  return read_scans (self, self->list_collecting, error);
}

gboolean
bipe_ledger_forget_collected (BipeLedger *self, GPtrArray *scans, GError **error)
{
  for (guint i = 0; i < scans->len; i++)
    {
      const BipeScan *scan = scans->pdata[i];

      sqlite3_bind_blob (self->forget_collected, 1, scan->uuid.bytes, sizeof scan->uuid.bytes,
                         SQLITE_STATIC);
      if (!run (self, self->forget_collected, error))
        return FALSE;
    }
  return TRUE;
}

gint64
bipe_ledger_count_since (BipeLedger *self, gint64 since, GError **error)
{
  gint64 n = -1;

  sqlite3_bind_int64 (self->count_since, 1, since);
  if (next (self, self->count_since, error) > 0)
    n = sqlite3_column_int64 (self->count_since, 0);
  sqlite3_reset (self->count_since);
  return n;
}

gboolean
bipe_ledger_prune (BipeLedger *self, gint64 *cursor, gboolean *is_done, GError **error)
{
  if (bipe_pruner_step (self->pruner, bipe_clock_real (self->clock), cursor, is_done, &self->loss))
    return TRUE;
  g_propagate_error (error, g_error_copy (self->loss));
  return FALSE;
}
