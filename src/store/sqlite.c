#include "config.h"

#include "store/sqlite.h"

#include "base/error.h"
#include "sqlite/database.h"
#include "store/columns.h"

/* Virtual machine steps between two looks at the cancellable: some tenth of a millisecond. */
#define STEPS_BETWEEN_LOOKS 10000

enum
{
  FIND_BY_ID,
  FIND_BY_UUID,
  INSERT,
  MARK_COLLECTED,
  AMEND,
  N_STATEMENTS,
};

static const char *const statements[N_STATEMENTS] = {
  [FIND_BY_ID] = ("SELECT " BIPE_COLUMNS " FROM scan WHERE id = $1"),
  [FIND_BY_UUID] = ("SELECT " BIPE_COLUMNS " FROM scan WHERE uuid = $1"),
  [INSERT] = ("INSERT INTO scan (" BIPE_COLUMNS_INSERTED ", stored_at)"
              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
              " ON CONFLICT (uuid) DO NOTHING"),
  [MARK_COLLECTED] = ("UPDATE scan SET collected_at = $1 WHERE uuid = $2"),
  [AMEND] = ("UPDATE scan SET voided_at = $1, reason = $2 WHERE (id = $3 OR uuid = $4)"
             " AND (voided_at IS NULL) = ($1 IS NOT NULL)"),
};

struct _BipeSqlite
{
  GObject parent_instance;

  char *path;
  BipeDatabase *database; /* NULL: closed */
  sqlite3_stmt *statements[N_STATEMENTS];

  /* The last page's, since the next one is often asked for in the same words. */
  sqlite3_stmt *page;
  char *page_sql;
};

/* Closing also rolls back a transaction. */
static void
drop (BipeSqlite *self)
{
  g_clear_pointer (&self->page_sql, g_free);
  self->page = NULL;
  g_clear_pointer (&self->database, bipe_database_free);
}

/* Tells the handle's last error as a connection must. A fault of the file closes it, so that the
 * next call opens it anew. No statement may be touched afterwards. */
static gboolean
fail (BipeSqlite *self, const char *what, GCancellable *cancellable, GError **error)
{
  g_autoptr(GError) problem = NULL;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  /* A trigger can leave a row out without a word. */
  if (sqlite3_errcode (bipe_database_get_handle (self->database)) == SQLITE_OK)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_REJECTED, "the database has not kept this row");
      return FALSE;
    }
  bipe_database_fail (self->database, what, &problem);
  if (g_error_matches (problem, BIPE_ERROR, BIPE_ERROR_REJECTED))
    {
      g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_REJECTED,
                           sqlite3_errmsg (bipe_database_get_handle (self->database)));
      return FALSE;
    }
  g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, problem->message);
  drop (self);
  return FALSE;
}

static gboolean
prepare (BipeSqlite *self, const char *sql, sqlite3_stmt **statement)
{
  return sqlite3_prepare_v2 (bipe_database_get_handle (self->database), sql, -1, statement, NULL)
         == SQLITE_OK;
}

/* contains (code, text), for what is beyond LIKE, which ignores the case of ASCII's letters alone.
 * The text is ours and valid; the code is whatever SQL has put there. */
static void
contains_cb (sqlite3_context *context, int n_values, sqlite3_value **values)
{
  const char *code = (const char *)sqlite3_value_text (values[0]);
  const char *text = (const char *)sqlite3_value_text (values[1]);
  g_autofree char *repaired = NULL;

  if (code != NULL && !g_utf8_validate (code, -1, NULL))
    code = repaired = g_utf8_make_valid (code, -1);
  sqlite3_result_int (context, text != NULL && bipe_query_contains (code, text));
}

static gboolean
be_open (BipeSqlite *self, GError **error)
{
  g_autoptr(GError) problem = NULL;

  if (self->database != NULL)
    return TRUE;
  self->database = bipe_database_open (self->path, "sqlite", &problem);
  if (self->database == NULL)
    {
      g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, problem->message);
      return FALSE;
    }
  if (sqlite3_create_function (bipe_database_get_handle (self->database), "contains", 2,
                               SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, contains_cb, NULL, NULL)
      != SQLITE_OK)
    return fail (self, "use the store", NULL, error);
  for (guint i = 0; i < N_STATEMENTS; i++)
    if (!prepare (self, statements[i], &self->statements[i]))
      return fail (self, "use the store", NULL, error);
  return TRUE;
}

static gboolean
exec (BipeSqlite *self, const char *sql)
{
  return sqlite3_exec (bipe_database_get_handle (self->database), sql, NULL, NULL, NULL)
         == SQLITE_OK;
}

static gboolean
open_connection (BipeConnection *connection, GCancellable *cancellable, GError **error)
{
  BipeSqlite *self = BIPE_SQLITE (connection);

  if (g_cancellable_set_error_if_cancelled (cancellable, error) || !be_open (self, error))
    return FALSE;
  return exec (self, "SELECT id FROM scan LIMIT 1")
         || fail (self, "read the store", cancellable, error);
}

/* For a statement that returns no row. Leaves the error with the handle. */
static gboolean
run (sqlite3_stmt *statement)
{
  gboolean is_done = sqlite3_step (statement) == SQLITE_DONE;

  sqlite3_reset (statement);
  return is_done;
}

static void
bind_text (sqlite3_stmt *statement, int index, const char *text)
{
  sqlite3_bind_text (statement, index, text, -1, SQLITE_STATIC);
}

static void
bind_time (sqlite3_stmt *statement, int index, gint64 time)
{
  if (time != 0)
    sqlite3_bind_int64 (statement, index, time);
  else
    sqlite3_bind_null (statement, index);
}

static void
bind_uuid (sqlite3_stmt *statement, int index, const BipeUuid *uuid)
{
  sqlite3_bind_blob (statement, index, uuid->bytes, sizeof uuid->bytes, SQLITE_STATIC);
}

static void
bind_column (sqlite3_stmt *statement, int index, const BipeColumn *column, const BipeScan *scan)
{
  switch (column->type)
    {
    case BIPE_COLUMN_INTEGER:
    case BIPE_COLUMN_TIME:
      bind_time (statement, index, bipe_column_get_integer (column, scan));
      break;
    case BIPE_COLUMN_UUID:
      bind_uuid (statement, index, &scan->uuid);
      break;
    case BIPE_COLUMN_TEXT:
    case BIPE_COLUMN_SOURCE:
    default:
      bind_text (statement, index, bipe_column_get_text (column, scan));
      break;
    }
}

/* The row that @statement stands on. */
static BipeScan *
make_scan (sqlite3_stmt *statement)
{
  BipeScan fields = { 0 };

  for (int i = 0; i < BIPE_N_COLUMNS; i++)
    {
      const BipeColumn *column = &bipe_columns[i];
      const char *text;
      gint64 number;

      switch (column->type)
        {
        case BIPE_COLUMN_INTEGER:
        case BIPE_COLUMN_TIME:
          number = sqlite3_column_int64 (statement, i);
          if (number != 0 || sqlite3_column_type (statement, i) != SQLITE_NULL)
            bipe_column_set_integer (column, &fields, number);
          break;
        case BIPE_COLUMN_UUID:
          if (sqlite3_column_bytes (statement, i) == sizeof (BipeUuid))
            fields.uuid = *(const BipeUuid *)sqlite3_column_blob (statement, i);
          break;
        case BIPE_COLUMN_TEXT:
        case BIPE_COLUMN_SOURCE:
        default:
          text = (const char *)sqlite3_column_text (statement, i);
          if (text != NULL)
            bipe_column_set_text (column, &fields, text);
          break;
        }
    }
  return bipe_columns_make_scan (&fields);
}

/* *scan: NULL where there is no such row. */
static gboolean
find_one (BipeSqlite *self, const BipeScanRef *ref, BipeScan **scan)
{
  sqlite3_stmt *statement = self->statements[ref->id != 0 ? FIND_BY_ID : FIND_BY_UUID];
  int code;

  if (ref->id != 0)
    sqlite3_bind_int64 (statement, 1, ref->id);
  else
    bind_uuid (statement, 1, &ref->uuid);
  code = sqlite3_step (statement);
  *scan = code == SQLITE_ROW ? make_scan (statement) : NULL;
  sqlite3_reset (statement);
  return code == SQLITE_ROW || code == SQLITE_DONE;
}

static gboolean
find (BipeConnection *connection,
      const BipeScanRef *refs,
      gsize n_refs,
      GPtrArray *found,
      GCancellable *cancellable,
      GError **error)
{
  BipeSqlite *self = BIPE_SQLITE (connection);

  if (!be_open (self, error))
    return FALSE;
  g_ptr_array_set_size (found, 0);
  for (gsize i = 0; i < n_refs; i++)
    {
      BipeScan *scan;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (!find_one (self, &refs[i], &scan))
        return fail (self, "look up a scan in the store", cancellable, error);
      g_ptr_array_add (found, scan);
    }
  return TRUE;
}

/* Returns the row as it then is, or NULL: the handle has the error, or none where there is no row.
 */
static BipeScan *
insert_one (BipeSqlite *self, const BipeScan *scan, gint64 now)
{
  sqlite3 *handle = bipe_database_get_handle (self->database);
  sqlite3_stmt *statement = self->statements[INSERT];
  const BipeScanRef ref = { 0, scan->uuid };
  BipeScan fields = *scan;

  for (int i = 0; i < BIPE_N_COLUMNS_INSERTED; i++)
    bind_column (statement, i + 1, &bipe_columns[i], scan);
  bind_time (statement, BIPE_N_COLUMNS_INSERTED + 1, now);
  if (!run (statement))
    return NULL;
  if (sqlite3_changes (handle) == 0)
    {
      BipeScan *known;
      return find_one (self, &ref, &known) ? known : NULL;
    }
  fields.state = BIPE_SCAN_STORED;
  fields.id = sqlite3_last_insert_rowid (handle);
  fields.stored_at = now;
  return bipe_scan_new (&fields);
}

static gboolean
insert_all (BipeSqlite *self, GPtrArray *scans, GPtrArray *stored, GCancellable *cancellable)
{
  gint64 now = g_get_real_time ();

  g_ptr_array_set_size (stored, 0);
  for (guint i = 0; i < scans->len; i++)
    {
      BipeScan *scan = insert_one (self, scans->pdata[i], now);

      if (scan == NULL || g_cancellable_is_cancelled (cancellable))
        {
          g_clear_pointer (&scan, bipe_scan_unref);
          return FALSE;
        }
      g_ptr_array_add (stored, scan);
    }
  return TRUE;
}

static gboolean
mark_all (BipeSqlite *self, GPtrArray *scans, GPtrArray *stored, GCancellable *cancellable)
{
  sqlite3_stmt *statement = self->statements[MARK_COLLECTED];

  for (guint i = 0; i < scans->len; i++)
    {
      const BipeScan *scan = scans->pdata[i];

      bind_time (statement, 1, scan->collected_at);
      bind_uuid (statement, 2, &scan->uuid);
      if (!run (statement) || g_cancellable_is_cancelled (cancellable))
        return FALSE;
    }
  return TRUE;
}

typedef gboolean (*WorkFunc) (BipeSqlite *self,
                              GPtrArray *scans,
                              GPtrArray *stored,
                              GCancellable *cancellable);

/* Does @work in a transaction. */
static gboolean
write_all (BipeSqlite *self,
           const char *what,
           WorkFunc work,
           GPtrArray *scans,
           GPtrArray *stored,
           GCancellable *cancellable,
           GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error) || !be_open (self, error))
    return FALSE;
  if (exec (self, "BEGIN IMMEDIATE") && work (self, scans, stored, cancellable)
      && exec (self, "COMMIT"))
    return TRUE;
  fail (self, what, cancellable, error);
  if (self->database != NULL && !exec (self, "ROLLBACK"))
    drop (self);
  return FALSE;
}

static gboolean
insert (BipeConnection *connection,
        GPtrArray *scans,
        GPtrArray *stored,
        GCancellable *cancellable,
        GError **error)
{
  return write_all (BIPE_SQLITE (connection), "store scans", insert_all, scans, stored, cancellable,
                    error);
}

static gboolean
mark_collected (BipeConnection *connection,
                GPtrArray *scans,
                GCancellable *cancellable,
                GError **error)
{
  return write_all (BIPE_SQLITE (connection), "mark scans as collected", mark_all, scans, NULL,
                    cancellable, error);
}

static BipeScan *
amend (BipeConnection *connection,
       const BipeScanRef *ref,
       gint64 at,
       const char *reason,
       GCancellable *cancellable,
       GError **error)
{
  BipeSqlite *self = BIPE_SQLITE (connection);
  sqlite3_stmt *statement;
  BipeScan *scan = NULL;

  if (g_cancellable_set_error_if_cancelled (cancellable, error) || !be_open (self, error))
    return NULL;
  statement = self->statements[AMEND];
  bind_time (statement, 1, at);
  bind_text (statement, 2, at != 0 ? reason : NULL);
  bind_time (statement, 3, ref->id);
  bind_uuid (statement, 4, &ref->uuid);
  if (ref->id != 0)
    sqlite3_bind_null (statement, 4);
  if (!run (statement))
    {
      fail (self, "change a scan in the store", cancellable, error);
      return NULL;
    }
  if (sqlite3_changes (bipe_database_get_handle (self->database)) == 0)
    return bipe_connection_settle_amend (connection, ref, at, cancellable, error);
  if (!find_one (self, ref, &scan))
    fail (self, "look up a scan in the store", cancellable, error);
  return scan;
}

static int
look_cb (void *data)
{
  return g_cancellable_is_cancelled (data);
}

static void
bind_value (sqlite3_stmt *statement, int index, const BipeQueryValue *value)
{
  if (value->type == BIPE_COLUMN_TEXT)
    bind_text (statement, index, value->text);
  else
    sqlite3_bind_int64 (statement, index, value->integer);
}

/* Takes @sql. */
static gboolean
prepare_page (BipeSqlite *self, char *sql)
{
  if (g_strcmp0 (sql, self->page_sql) == 0)
    {
      g_free (sql);
      return TRUE;
    }
  sqlite3_finalize (g_steal_pointer (&self->page));
  g_free (self->page_sql);
  self->page_sql = sql;
  if (prepare (self, sql, &self->page))
    return TRUE;
  g_clear_pointer (&self->page_sql, g_free);
  return FALSE;
}

/* @page gets the rows. */
static gboolean
read_page (BipeSqlite *self, GArray *values, GPtrArray *page, GCancellable *cancellable)
{
  sqlite3 *handle = bipe_database_get_handle (self->database);
  int code;

  for (guint i = 0; i < values->len; i++)
    bind_value (self->page, (int)i + 1, &g_array_index (values, BipeQueryValue, i));
  sqlite3_progress_handler (handle, STEPS_BETWEEN_LOOKS, look_cb, cancellable);
  while ((code = sqlite3_step (self->page)) == SQLITE_ROW)
    g_ptr_array_add (page, make_scan (self->page));
  sqlite3_progress_handler (handle, 0, NULL, NULL);
  sqlite3_reset (self->page);
  sqlite3_clear_bindings (self->page);
  return code == SQLITE_DONE;
}

static GPtrArray *
query (BipeConnection *connection,
       const BipeQuery *wanted,
       GCancellable *cancellable,
       GError **error)
{
  BipeSqlite *self = BIPE_SQLITE (connection);
  g_autoptr(GArray) values = bipe_query_values_new ();
  g_autoptr(GPtrArray) page = bipe_scan_array_new ();
  gboolean is_ascii = wanted->text == NULL || g_str_is_ascii (wanted->text);

  if (g_cancellable_set_error_if_cancelled (cancellable, error) || !be_open (self, error))
    return NULL;
  /* LIKE is the faster one. */
  if (prepare_page (self, bipe_columns_build_page (wanted, is_ascii ? "LIKE" : NULL, values))
      && read_page (self, values, page, cancellable))
    return g_steal_pointer (&page);
  fail (self, "read the history", cancellable, error);
  return NULL;
}

static void
connection_init (BipeConnectionInterface *iface)
{
  iface->open = open_connection;
  iface->insert = insert;
  iface->mark_collected = mark_collected;
  iface->amend = amend;
  iface->find = find;
  iface->query = query;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BipeSqlite,
                               bipe_sqlite,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BIPE_TYPE_CONNECTION, connection_init))

static void
bipe_sqlite_finalize (GObject *object)
{
  BipeSqlite *self = BIPE_SQLITE (object);

  drop (self);
  g_free (self->path);
  G_OBJECT_CLASS (bipe_sqlite_parent_class)->finalize (object);
}

static void
bipe_sqlite_class_init (BipeSqliteClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bipe_sqlite_finalize;
}

static void
bipe_sqlite_init (BipeSqlite *self)
{
}

BipeConnection *
bipe_sqlite_new (const char *path)
{
  BipeSqlite *self = g_object_new (BIPE_TYPE_SQLITE, NULL);

  self->path = g_strdup (path);
  return BIPE_CONNECTION (self);
}
