#include "config.h"

#include "sqlite/database.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "base/migrations.h"

/* A file up to this size is read through at the opening, which takes some 20 ms; damage in a larger
 * one is met when its page is read. */
#define CHECKED_SIZE (8 * 1024 * 1024)

#define BUSY_TIMEOUT_MS 5000

struct _BipeDatabase
{
  sqlite3 *handle;
};

static const char settings[] = "PRAGMA synchronous = FULL;"
                               "PRAGMA cache_size = -2048;" /* KiB */
                               "PRAGMA wal_autocheckpoint = 2000;"
                               "PRAGMA journal_size_limit = 16777216;";

/* "Bipj" for the journal, "Bips" for the embedded store: neither opens as the other. */
static guint32
application_id (const char *dialect)
{
  return (guint32)'B' << 24 | 'i' << 16 | 'p' << 8 | (guint32)dialect[0];
}

static gboolean
refuse (const char *path, const char *why, GError **error)
{
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_UNREADABLE, "cannot open %s: %s", path, why);
  return FALSE;
}

/* The handle's last error, with what to do about it. */
static gboolean
refuse_sqlite (BipeDatabase *self, const char *path, GError **error)
{
  int code = sqlite3_errcode (self->handle);
  g_autofree char *why = NULL;

  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
    why = g_strdup_printf ("it is damaged (%s); restore it from a backup, or move it away to start "
                           "with an empty one",
                           sqlite3_errmsg (self->handle));
  else if (code == SQLITE_FULL)
    why = g_strdup ("the disk is full; free some space");
  else
    why = g_strdup (sqlite3_errmsg (self->handle));
  return refuse (path, why, error);
}

static gboolean
exec (BipeDatabase *self, const char *sql)
{
  return sqlite3_exec (self->handle, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* The first value that @sql gives; NULL: none, and the handle has the error. */
static char *
query (BipeDatabase *self, const char *sql)
{
  sqlite3_stmt *statement;
  char *value = NULL;

  if (sqlite3_prepare_v2 (self->handle, sql, -1, &statement, NULL) != SQLITE_OK)
    return NULL;
  if (sqlite3_step (statement) == SQLITE_ROW)
    value = g_strdup ((const char *)sqlite3_column_text (statement, 0));
  sqlite3_finalize (statement);
  return value;
}

static guint32
read_be32 (const guint8 *bytes)
{
  return (guint32)bytes[0] << 24 | (guint32)bytes[1] << 16 | (guint32)bytes[2] << 8 | bytes[3];
}

/* An SQLite file starts with 100 bytes: "SQLite format 3" and a NUL, …, at 68 the application id,
 * big-endian. They are read before SQLite looks at the file, because a look alone may change a
 * foreign one (a hot journal is rolled back), and by SQLite's own descriptor, because closing
 * another one would drop the locks that this process has on the file. */
static gboolean
check_header (BipeDatabase *self,
              const char *path,
              const char *dialect,
              sqlite3_int64 *size,
              GError **error)
{
  guint8 header[100] = { 0 };
  sqlite3_file *file = NULL;

  sqlite3_file_control (self->handle, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file->pMethods->xFileSize (file, size) != SQLITE_OK)
    return refuse (path, "its size can't be read", error);
  if (*size == 0)
    return TRUE;
  file->pMethods->xRead (file, header, sizeof header, 0);
  if (memcmp (header, "SQLite format 3", 16) != 0)
    return refuse (path,
                   "it is no database, or damaged; restore it from a backup, or move it away to "
                   "start with an empty one",
                   error);
  if (read_be32 (header + 68) != application_id (dialect))
    return refuse (path, "it belongs to another program; move it away to start with an empty one",
                   error);
  return TRUE;
}

/* Reads only. */
static gboolean
check_content (BipeDatabase *self,
               const char *path,
               sqlite3_int64 size,
               guint newest,
               GError **error)
{
  g_autofree char *version = query (self, "PRAGMA user_version");
  g_autofree char *n_tables = query (self, "SELECT count(*) FROM sqlite_schema");
  g_autofree char *verdict = NULL;

  if (version == NULL || n_tables == NULL)
    return refuse_sqlite (self, path, error);
  if (g_ascii_strtoull (version, NULL, 10) > newest)
    return refuse (path, "it comes from a newer version of this program; install that one", error);
  if (size > CHECKED_SIZE)
    return TRUE;

  verdict = query (self, "PRAGMA quick_check(1)");
  if (verdict == NULL)
    return refuse_sqlite (self, path, error);
  if (!g_str_equal (verdict, "ok"))
    {
      g_autofree char *why = g_strdup_printf ("it is damaged (%s); restore it from a backup, or "
                                              "move it away to start with an empty one",
                                              verdict);
      return refuse (path, why, error);
    }
  return TRUE;
}

/* Brings the file one version further; the check inside the transaction is for a second connection
 * that does the same at this moment. */
static gboolean
migrate_step (BipeDatabase *self, const BipeMigration *migration)
{
  g_autofree char *version = NULL;
  g_autofree char *done = g_strdup_printf ("PRAGMA user_version = %u", migration->number);

  if (!exec (self, "BEGIN IMMEDIATE"))
    return FALSE;
  version = query (self, "PRAGMA user_version");
  if (version != NULL && g_ascii_strtoull (version, NULL, 10) < migration->number
      && (!exec (self, migration->sql) || !exec (self, done)))
    return FALSE;
  return version != NULL && exec (self, "COMMIT");
}

static gboolean
migrate (BipeDatabase *self, GPtrArray *migrations)
{
  g_autofree char *version = query (self, "PRAGMA user_version");

  if (version == NULL)
    return FALSE;
  for (guint i = (guint)g_ascii_strtoull (version, NULL, 10); i < migrations->len; i++)
    if (!migrate_step (self, migrations->pdata[i]))
      return FALSE;
  return TRUE;
}

static gboolean
set_up (BipeDatabase *self, const char *path, const char *dialect, GError **error)
{
  g_autoptr(GPtrArray) migrations = bipe_migrations_load (dialect);
  g_autofree char *mark = NULL;
  g_autofree char *mode = NULL;
  sqlite3_int64 size;

  sqlite3_busy_timeout (self->handle, BUSY_TIMEOUT_MS);
  /* Until it is known to be ours, closing the file must not write into it either. */
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  if (!check_header (self, path, dialect, &size, error)
      || (size > 0 && !check_content (self, path, size, migrations->len, error)))
    return FALSE;
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);

  mark = g_strdup_printf ("PRAGMA application_id = %u", application_id (dialect));
  if (size == 0 && !exec (self, mark))
    return refuse_sqlite (self, path, error);
  mode = query (self, "PRAGMA journal_mode = WAL");
  if (mode == NULL)
    return refuse_sqlite (self, path, error);
  if (!g_str_equal (mode, "wal"))
    return refuse (path, "its file system can't hold a write-ahead log; use a local disk", error);
  if (!exec (self, settings) || !migrate (self, migrations))
    return refuse_sqlite (self, path, error);
  return TRUE;
}

/* SQLite's count of its memory, which nobody asks for, costs a lock at each allocation. */
static gpointer
configure (gpointer data)
{
  return GINT_TO_POINTER (sqlite3_config (SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK);
}

BipeDatabase *
bipe_database_open (const char *path, const char *dialect, GError **error)
{
  static GOnce configured = G_ONCE_INIT;
  g_autoptr(BipeDatabase) self = NULL;
  int fd = g_open (path, O_CREAT | O_EXCL | O_CLOEXEC | O_RDWR, 0600);

  if (fd >= 0)
    g_close (fd, NULL);
  else if (errno != EEXIST)
    {
      refuse (path, g_strerror (errno), error);
      return NULL;
    }

  g_once (&configured, configure, NULL);
  self = g_new0 (BipeDatabase, 1);
  if (sqlite3_open_v2 (path, &self->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL)
      != SQLITE_OK)
    {
      refuse_sqlite (self, path, error);
      return NULL;
    }
  return set_up (self, path, dialect, error) ? g_steal_pointer (&self) : NULL;
}

void
bipe_database_free (BipeDatabase *self)
{
  sqlite3_stmt *statement;

  while ((statement = sqlite3_next_stmt (self->handle, NULL)) != NULL)
    sqlite3_finalize (statement);
  sqlite3_close (self->handle);
  g_free (self);
}

sqlite3 *
bipe_database_get_handle (BipeDatabase *self)
{
  return self->handle;
}

sqlite3_stmt *
bipe_database_prepare (BipeDatabase *self, const char *sql)
{
  sqlite3_stmt *statement = NULL;

  sqlite3_prepare_v3 (self->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
  if (statement == NULL)
    g_critical ("%s, in: %s", sqlite3_errmsg (self->handle), sql);
  g_assert (statement != NULL);
  return statement;
}

gboolean
bipe_database_exec (BipeDatabase *self, const char *sql, GError **error)
{
  if (exec (self, sql))
    return TRUE;
  return bipe_database_fail (self, "change the database", error);
}

gboolean
bipe_database_fail (BipeDatabase *self, const char *what, GError **error)
{
  BipeError code = BIPE_ERROR_UNAVAILABLE;
  const char *why = sqlite3_errmsg (self->handle);

  switch (sqlite3_errcode (self->handle))
    {
    case SQLITE_FULL:
      code = BIPE_ERROR_FULL;
      why = "the disk is full";
      break;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
      code = BIPE_ERROR_REJECTED;
      break;
    default:
      break;
    }
  g_set_error (error, BIPE_ERROR, code, "cannot %s: %s", what, why);
  return FALSE;
}

gboolean
bipe_database_run (BipeDatabase *self, sqlite3_stmt *statement, const char *what, GError **error)
{
  gboolean is_done = sqlite3_step (statement) == SQLITE_DONE;

  if (!is_done)
    bipe_database_fail (self, what, error);
  sqlite3_reset (statement);
  return is_done;
}
