#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "sqlite/database.h"

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("test-database-XXXXXX", NULL);
  self->path = g_build_filename (self->folder, "file.sqlite", NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_autoptr(GDir) dir = g_dir_open (self->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);
      g_unlink (path);
    }
  g_rmdir (self->folder);
  g_free (self->path);
  g_free (self->folder);
}

static GBytes *
read_file (const char *path)
{
  char *text;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, NULL))
    return g_bytes_new (NULL, 0);
  return g_bytes_new_take (text, length);
}

static char *
query (BipeDatabase *database, const char *sql)
{
  sqlite3_stmt *statement = bipe_database_prepare (database, sql);
  char *value = NULL;

  if (sqlite3_step (statement) == SQLITE_ROW)
    value = g_strdup ((const char *)sqlite3_column_text (statement, 0));
  sqlite3_reset (statement);
  return value;
}

/* A database of another make; kept open, so that its log stays beside it. */
static sqlite3 *
make_foreign (const char *path, const char *sql)
{
  sqlite3 *handle;

  g_assert_cmpint (sqlite3_open (path, &handle), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (handle, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  return handle;
}

static void
make_ours (const char *path, const char *sql)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeDatabase) database = bipe_database_open (path, "journal", &error);

  g_assert_no_error (error);
  bipe_database_exec (database, sql, &error);
  g_assert_no_error (error);
}

static void
make_text (const char *path)
{
  g_file_set_contents (path, "this is no database, whatever its name says\n", -1, NULL);
}

static void
make_old_foreign (const char *path)
{
  sqlite3_close (make_foreign (path, "CREATE TABLE t (x); INSERT INTO t VALUES (1)"));
}

/* Copies the three files of a living one, as a crash leaves them. */
static void
crash_copy (const char *from, const char *to)
{
  static const char *const suffixes[] = { "", "-wal", "-shm" };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *source = g_strconcat (from, suffixes[i], NULL);
      g_autofree char *target = g_strconcat (to, suffixes[i], NULL);
      g_autoptr(GBytes) bytes = read_file (source);
      gsize size;
      const char *data = g_bytes_get_data (bytes, &size);

      g_file_set_contents (target, size > 0 ? data : "", (gssize)size, NULL);
    }
}

static void
make_crashed_foreign (const char *path)
{
  g_autofree char *living = g_strconcat (path, ".living", NULL);
  sqlite3 *handle = make_foreign (
      living, "PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1)");

  crash_copy (living, path);
  sqlite3_close (handle);
}

static void
make_newer (const char *path)
{
  make_ours (path, "PRAGMA user_version = 999");
}

/* The new version stands in the log only. */
static void
make_crashed_newer (const char *path)
{
  g_autofree char *living = g_strconcat (path, ".living", NULL);
  sqlite3 *handle;

  make_ours (living, "SELECT 1");
  handle = make_foreign (living, "PRAGMA user_version = 999");
  crash_copy (living, path);
  sqlite3_close (handle);
}

static void
make_other_dialect (const char *path)
{
  g_autoptr(GError) error = NULL;
  BipeDatabase *database = bipe_database_open (path, "sqlite", &error);

  g_assert_no_error (error);
  bipe_database_free (database);
}

static void
make_filled (const char *path)
{
  make_ours (path,
             "CREATE TABLE filler (x);"
             "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
             "INSERT INTO filler SELECT hex(randomblob(200)) FROM n");
}

static void
make_overwritten (const char *path)
{
  g_autoptr(GBytes) bytes = NULL;
  g_autofree char *copy = NULL;
  gsize size;

  make_filled (path);
  bytes = read_file (path);
  copy = g_memdup2 (g_bytes_get_data (bytes, &size), g_bytes_get_size (bytes));
  size = g_bytes_get_size (bytes);
  g_assert_cmpuint (size, >, 100000);
  memset (copy + size / 2, 'x', 8192);
  g_file_set_contents (path, copy, (gssize)size, NULL);
}

static void
make_truncated (const char *path)
{
  g_autoptr(GBytes) bytes = NULL;

  make_filled (path);
  bytes = read_file (path);
  g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes) / 2,
                       NULL);
}

static void
make_short (const char *path)
{
  g_file_set_contents (path, "SQLite format 3", 16, NULL);
}

static const struct
{
  const char *name;
  void (*make) (const char *path);
  const char *advice;
} refused[] = {
  { "text", make_text, "move it away" },
  { "short", make_short, "move it away" },
  { "foreign", make_old_foreign, "move it away" },
  { "crashed-foreign", make_crashed_foreign, "move it away" },
  { "newer", make_newer, "install" },
  { "crashed-newer", make_crashed_newer, "install" },
  { "other-dialect", make_other_dialect, "move it away" },
  { "overwritten", make_overwritten, "restore it from a backup" },
  { "truncated", make_truncated, "restore it from a backup" },
};

static void
test_refused (Fixture *self, gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autofree char *log = g_strconcat (self->path, "-wal", NULL);
  g_autoptr(GBytes) before = NULL, log_before = NULL, after = NULL, log_after = NULL;
  g_autoptr(GError) error = NULL;

  refused[i].make (self->path);
  before = read_file (self->path);
  log_before = read_file (log);

  g_assert_null (bipe_database_open (self->path, "journal", &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNREADABLE);
  g_assert_nonnull (strstr (error->message, refused[i].advice));
  g_assert_nonnull (strstr (error->message, self->path));

  after = read_file (self->path);
  log_after = read_file (log);
  g_assert_true (g_bytes_equal (before, after));
  g_assert_true (g_bytes_equal (log_before, log_after));
}

static void
test_no_folder (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "none", "file.sqlite", NULL);
  g_autoptr(GError) error = NULL;

  g_assert_null (bipe_database_open (path, "journal", &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNREADABLE);
}

static void
test_new (Fixture *self, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeDatabase) database = bipe_database_open (self->path, "journal", &error);
  g_autoptr(BipeDatabase) second = bipe_database_open (self->path, "journal", &error);
  g_autofree char *log = g_strconcat (self->path, "-wal", NULL);
  g_autofree char *mode = NULL, *synchronous = NULL, *version = NULL, *n_tables = NULL;
  GStatBuf status;

  g_assert_no_error (error);
  g_assert_cmpint (g_stat (self->path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  g_assert_cmpint (g_stat (log, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);

  mode = query (database, "PRAGMA journal_mode");
  synchronous = query (database, "PRAGMA synchronous");
  version = query (database, "PRAGMA user_version");
  n_tables = query (second, "SELECT count(*) FROM sqlite_schema WHERE name = 'scan'");
  g_assert_cmpstr (mode, ==, "wal");
  g_assert_cmpstr (synchronous, ==, "2");
  g_assert_cmpstr (version, ==, "1");
  g_assert_cmpstr (n_tables, ==, "1");
}

/* What a crash has left in the log is there again, and a clean end leaves one file. */
static void
test_reopen (Fixture *self, gconstpointer data)
{
  g_autofree char *copy = g_strconcat (self->path, ".copy", NULL);
  g_autofree char *log = g_strconcat (copy, "-wal", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeDatabase) database = bipe_database_open (self->path, "journal", &error);
  g_autoptr(BipeDatabase) crashed = NULL;
  g_autofree char *gone = NULL;

  g_assert_no_error (error);
  g_assert_true (bipe_database_exec (database, "UPDATE gone SET seq = 42", &error));
  crash_copy (self->path, copy);
  g_assert_true (g_file_test (log, G_FILE_TEST_EXISTS));

  crashed = bipe_database_open (copy, "journal", &error);
  g_assert_no_error (error);
  gone = query (crashed, "SELECT seq FROM gone");
  g_assert_cmpstr (gone, ==, "42");
  g_clear_pointer (&crashed, bipe_database_free);
  g_assert_false (g_file_test (log, G_FILE_TEST_EXISTS));
}

static const struct
{
  const char *name;
  const char *sql;
  BipeError code;
} failures[] = {
  { "unique", "INSERT INTO event VALUES (1, 1, 1, 1), (1, 1, 1, 1)", BIPE_ERROR_REJECTED },
  { "null", "INSERT INTO gone VALUES (NULL)", BIPE_ERROR_REJECTED },
  { "type", "INSERT INTO gone VALUES ('text')", BIPE_ERROR_REJECTED },
  { "full",
    "PRAGMA max_page_count = 1; CREATE TABLE filler (x);"
    "INSERT INTO filler VALUES (zeroblob(100000))",
    BIPE_ERROR_FULL },
  { "syntax", "SELEKT", BIPE_ERROR_UNAVAILABLE },
};

static void
test_failure (Fixture *self, gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr(GError) opening_error = NULL, error = NULL;
  g_autoptr(BipeDatabase) database = bipe_database_open (self->path, "journal", &opening_error);

  g_assert_no_error (opening_error);
  g_assert_false (bipe_database_exec (database, failures[i].sql, &error));
  g_assert_error (error, BIPE_ERROR, (int)failures[i].code);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/database/new", Fixture, NULL, set_up, test_new, tear_down);
  g_test_add ("/database/reopen", Fixture, NULL, set_up, test_reopen, tear_down);
  g_test_add ("/database/no-folder", Fixture, NULL, set_up, test_no_folder, tear_down);
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autofree char *name = g_strdup_printf ("/database/refused/%s", refused[i].name);
      g_test_add (name, Fixture, GUINT_TO_POINTER (i), set_up, test_refused, tear_down);
    }
  for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      g_autofree char *name = g_strdup_printf ("/database/failure/%s", failures[i].name);
      g_test_add (name, Fixture, GUINT_TO_POINTER (i), set_up, test_failure, tear_down);
    }
  return g_test_run ();
}
