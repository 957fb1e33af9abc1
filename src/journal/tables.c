#include "config.h"

#include "journal/tables.h"

#include <string.h>

#include "base/error.h"
#include "journal/replay.h"

/* ?1: the places wanted, as bits; ?2: behind this number. The planner would rather walk the table
 * than an index in the order of seq. */
#define IN_PLACE(place)                                                                            \
  "SELECT " BIPE_ROW_COLUMNS " FROM scan INDEXED BY scan_place WHERE place = " #place              \
  " AND (?1 >> " #place ") & 1 AND seq > ?2"
#define OR " UNION ALL "

/* Rows that `fresh` may have. */
#define FRESH_MAX 16384

struct _BipeTables
{
  BipeDatabase *database;
  GError *loss;    /* why the commit will fail */
  GString *record; /* scratch */

  /* Of BipeRow, by its scan's uuid: rows as they were inserted, and still are. Most are stored soon
   * afterwards, and are not read again for that. */
  GHashTable *fresh;

  sqlite3_stmt *begin;
  sqlite3_stmt *commit;
  sqlite3_stmt *insert;
  sqlite3_stmt *insert_event;
  sqlite3_stmt *insert_key;
  sqlite3_stmt *update;
  sqlite3_stmt *update_collecting;
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

static void
prepare (BipeTables *self)
{
  const struct
  {
    sqlite3_stmt **statement;
    const char *sql;
  } statements[] = {
    { &self->begin, "BEGIN IMMEDIATE" },
    { &self->commit, "COMMIT" },
    { &self->insert, BIPE_ROW_INSERT },
    { &self->insert_event, "INSERT INTO event (seq, at, kind, scan) VALUES (?1, ?2, ?3, ?4)" },
    { &self->insert_key, "INSERT INTO client_key (seq, key, at, record) VALUES (?1, ?2, ?3, ?4)" },
    { &self->update, BIPE_ROW_UPDATE ("") },
    { &self->update_collecting, BIPE_ROW_UPDATE ("collecting = ?4, ") },
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

static void
free_row (gpointer data)
{
  bipe_row_clear (data);
  g_free (data);
}

BipeTables *
bipe_tables_open (const char *path, GError **error)
{
  g_autoptr(BipeDatabase) database = bipe_database_open (path, "journal", error);
  BipeTables *self;

  if (database == NULL)
    return NULL;
  self = g_new0 (BipeTables, 1);
  self->database = g_steal_pointer (&database);
  self->record = g_string_new (NULL);
  self->fresh = g_hash_table_new_full (bipe_uuid_hash, bipe_uuid_equal, NULL, free_row);
  prepare (self);
  return self;
}

void
bipe_tables_free (BipeTables *self)
{
  bipe_database_free (self->database);
  g_hash_table_unref (self->fresh);
  g_string_free (self->record, TRUE);
  g_clear_error (&self->loss);
  g_free (self);
}

BipeDatabase *
bipe_tables_get_database (BipeTables *self)
{
  return self->database;
}

void
bipe_tables_forget_fresh (BipeTables *self)
{
  g_hash_table_remove_all (self->fresh);
}

static gboolean
refuse (GError *cause, GError **error)
{
  cause->code = BIPE_ERROR_FULL;
  g_propagate_error (error, cause);
  return FALSE;
}

gboolean
bipe_tables_begin (BipeTables *self, GError **error)
{
  GError *cause = NULL;

  g_clear_error (&self->loss);
  if (!bipe_database_run (self->database, self->begin, "change the database", &cause))
    return refuse (cause, error);
  return TRUE;
}

gboolean
bipe_tables_commit (BipeTables *self, GError **error)
{
  if (self->loss == NULL
      && bipe_database_run (self->database, self->commit, "change the database", &self->loss))
    return TRUE;
  bipe_tables_forget_fresh (self);
  if (!sqlite3_get_autocommit (bipe_database_get_handle (self->database)))
    bipe_database_exec (self->database, "ROLLBACK", NULL);
  return refuse (g_steal_pointer (&self->loss), error);
}

gboolean
bipe_tables_is_lost (BipeTables *self)
{
  return self->loss != NULL;
}

void
bipe_tables_set_lost (BipeTables *self, const GError *cause)
{
  if (self->loss == NULL)
    self->loss = g_error_copy (cause);
}

/* A failure of the disk loses the whole transaction: SQLite may have rolled it back already. */
static void
lose (BipeTables *self, const char *what, GError **error)
{
  g_autoptr(GError) cause = NULL;

  bipe_database_fail (self->database, what, &cause);
  bipe_tables_set_lost (self, cause);
  g_propagate_error (error, g_steal_pointer (&cause));
}

static gboolean
run (BipeTables *self, sqlite3_stmt *statement, GError **error)
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
next (BipeTables *self, sqlite3_stmt *statement, GError **error)
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
read_scans (BipeTables *self, sqlite3_stmt *statement, GError **error)
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

gboolean
bipe_tables_save (BipeTables *self, GError **error)
{
  return run (self, self->savepoint, error);
}

void
bipe_tables_undo (BipeTables *self)
{
  bipe_tables_forget_fresh (self);
  if (self->loss == NULL)
    run (self, self->roll_back_to, NULL);
}

gboolean
bipe_tables_release (BipeTables *self, GError **error)
{
  return run (self, self->release, error);
}

static void
remember (BipeTables *self, const BipeRow *row)
{
  BipeRow *fresh;

  if (g_hash_table_size (self->fresh) == FRESH_MAX)
    return;
  fresh = g_memdup2 (row, sizeof *row);
  bipe_scan_ref (fresh->scan);
  g_hash_table_replace (self->fresh, (gpointer)&fresh->scan->uuid, fresh);
}

gboolean
bipe_tables_insert (BipeTables *self, const BipeRow *row, gint64 changed_at, GError **error)
{
  bipe_row_bind (row, self->insert, changed_at);
  if (!run (self, self->insert, error))
    return FALSE;
  remember (self, row);
  return TRUE;
}

gboolean
bipe_tables_update (BipeTables *self,
                    const BipeRow *before,
                    const BipeRow *after,
                    gint64 changed_at,
                    GError **error)
{
  /* Who names a column, has its index written anew. */
  sqlite3_stmt *update
      = before->collecting == after->collecting ? self->update : self->update_collecting;

  g_hash_table_remove (self->fresh, &after->scan->uuid);
  bipe_row_bind (after, update, changed_at);
  return run (self, update, error);
}

gboolean
bipe_tables_insert_event (BipeTables *self,
                          gint64 seq,
                          const BipeChange *change,
                          const BipeRow *row,
                          GError **error)
{
  gboolean is_unstored = change->kind == BIPE_EVENT_RESTORED && row->scan->id == 0;

  sqlite3_bind_int64 (self->insert_event, 1, seq);
  sqlite3_bind_int64 (self->insert_event, 2, change->at);
  sqlite3_bind_int64 (self->insert_event, 3,
                      change->kind | (is_unstored ? BIPE_REPLAY_UNSTORED : 0));
  sqlite3_bind_int64 (self->insert_event, 4, row->seq);
  return run (self, self->insert_event, error);
}

gboolean
bipe_tables_insert_key (BipeTables *self, const BipeRow *row, GError **error)
{
  g_string_truncate (self->record, 0);
  bipe_scan_append_json (row->scan, self->record);
  sqlite3_bind_int64 (self->insert_key, 1, row->seq);
  sqlite3_bind_text (self->insert_key, 2, row->scan->key, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (self->insert_key, 3, row->accepted_at);
  sqlite3_bind_text (self->insert_key, 4, self->record->str, (int)self->record->len, SQLITE_STATIC);
  return run (self, self->insert_key, error);
}

int
bipe_tables_find (BipeTables *self, const BipeUuid *uuid, BipeRow *row, GError **error)
{
  const BipeRow *fresh = g_hash_table_lookup (self->fresh, uuid);
  int has_row;

  if (fresh != NULL)
    {
      *row = *fresh;
      bipe_scan_ref (row->scan);
      return 1;
    }
  sqlite3_bind_blob (self->find, 1, uuid->bytes, sizeof uuid->bytes, SQLITE_STATIC);
  has_row = next (self, self->find, error);
  if (has_row > 0)
    {
      bipe_row_read (row, self->find);
      sqlite3_reset (self->find);
    }
  return has_row;
}

int
bipe_tables_find_key (BipeTables *self, const char *key, BipeScan **first, GError **error)
{
  const char *record;
  g_autoptr(json_t) json = NULL;
  int has_row;

  sqlite3_bind_text (self->find_key, 1, key, -1, SQLITE_STATIC);
  has_row = next (self, self->find_key, error);
  if (has_row <= 0)
    return has_row;
  record = (const char *)sqlite3_column_text (self->find_key, 0);
  json = bipe_json_parse (record, strlen (record), error);
  sqlite3_reset (self->find_key);
  return json != NULL && (*first = bipe_scan_from_json (json, error)) != NULL ? 1 : -1;
}

static void
bind_collecting (BipeTables *self, BipeCollecting collecting, gint64 since, gint64 limit)
{
  sqlite3_bind_int64 (self->list_collecting, 1, collecting);
  sqlite3_bind_int64 (self->list_collecting, 2, since);
  sqlite3_bind_int64 (self->list_collecting, 3, limit);
}

int
bipe_tables_find_waiting (BipeTables *self,
                          gint64 since,
                          GHashTable *except,
                          BipeRow *row,
                          GError **error)
{
  int has_row;

  bind_collecting (self, BIPE_COLLECTING_WAITS, since, -1);
  while ((has_row = next (self, self->list_collecting, error)) > 0)
    {
      bipe_row_read (row, self->list_collecting);
      if (!g_hash_table_contains (except, &row->scan->uuid))
        break;
      bipe_row_clear (row);
    }
  sqlite3_reset (self->list_collecting);
  return has_row;
}

GPtrArray *
bipe_tables_list (BipeTables *self,
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

GPtrArray *
bipe_tables_collected (BipeTables *self, guint limit, GError **error)
{
  bind_collecting (self, BIPE_COLLECTING_UNTOLD, 0, limit);
  return read_scans (self, self->list_collecting, error);
}

gboolean
bipe_tables_forget_collected (BipeTables *self, GPtrArray *scans, GError **error)
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
bipe_tables_count_since (BipeTables *self, gint64 since, GError **error)
{
  gint64 n = -1;

  sqlite3_bind_int64 (self->count_since, 1, since);
  if (next (self, self->count_since, error) > 0)
    n = sqlite3_column_int64 (self->count_since, 0);
  sqlite3_reset (self->count_since);
  return n;
}

gboolean
bipe_tables_get_last_uuid (BipeTables *self, BipeUuid *uuid)
{
  sqlite3_stmt *last = bipe_database_prepare (
      self->database, "SELECT uuid FROM scan WHERE length(uuid) = 16 ORDER BY uuid DESC LIMIT 1");
  gboolean is_found = sqlite3_step (last) == SQLITE_ROW;

  if (is_found)
    memcpy (uuid->bytes, sqlite3_column_blob (last, 0), sizeof uuid->bytes);
  sqlite3_reset (last);
  return is_found;
}

gboolean
bipe_tables_load_newest (BipeTables *self, gint64 *seq, GError **error)
{
  sqlite3_stmt *newest = bipe_database_prepare (
      self->database,
      "SELECT max((SELECT seq FROM gone), coalesce((SELECT max(seq) FROM scan), 0), "
      "coalesce((SELECT max(seq) FROM event), 0))");
  int has_row = next (self, newest, error);

  if (has_row > 0)
    *seq = sqlite3_column_int64 (newest, 0);
  sqlite3_reset (newest);
  return has_row >= 0;
}

gboolean
bipe_tables_load_places (BipeTables *self, gint64 n_scans[BIPE_PLACE_NONE], GError **error)
{
  sqlite3_stmt *places = bipe_database_prepare (
      self->database, "SELECT place, count(*) FROM scan WHERE place IS NOT NULL GROUP BY place");
  int has_row;

  while ((has_row = next (self, places, error)) > 0)
    {
      gint64 place = sqlite3_column_int64 (places, 0);

      if (place >= 0 && place < BIPE_PLACE_NONE) /* the file may be damaged */
        n_scans[place] = sqlite3_column_int64 (places, 1);
    }
  return has_row == 0;
}
