/* test-sqlite.c: what can befall the file of the embedded store. */
#include "config.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#include "base/error.h"
#include "calls.h"

static void
assert_no_ping (BipeStore *store, const char *message)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (call_ping (store, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, message));
}

static void
assert_written (BipeStore *store, GPtrArray *scans)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) results = call_write (store, scans, &error);

  g_assert_no_error (error);
  g_assert_cmpint (((BipeScan *)results->pdata[0])->state, ==, BIPE_SCAN_STORED);
}

static sqlite3 *
open_beside (const char *path, const char *sql)
{
  sqlite3 *handle;

  g_assert_cmpint (sqlite3_open (path, &handle), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (handle, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  return handle;
}

/* It is left as it is, and once it is out of the way the store works. */
static void
test_no_database (BipeStore *store, const char *path)
{
  g_autoptr(GPtrArray) scans = make_scans ("sqlite", 3);
  g_autofree char *junk = g_strnfill (5000, 'j');
  g_autofree char *after = NULL;

  g_unlink (path);
  g_assert_true (g_file_set_contents (path, junk, -1, NULL));
  bipe_store_close (store);
  g_object_unref (store);
  store = bipe_store_new (bipe_store_target_new_sqlite (path));
  assert_no_ping (store, path);
  g_assert_true (g_file_get_contents (path, &after, NULL, NULL));
  g_assert_cmpstr (after, ==, junk);
  g_unlink (path);
  assert_written (store, scans);
  finish_store (store);
}

static void
test_table_dropped (BipeStore *store, const char *path)
{
  g_autoptr(GPtrArray) scans = make_scans ("sqlite", 3);

  assert_written (store, scans);
  sqlite3_close (open_beside (path, "DROP VIEW codigo_bipado; DROP TABLE scan"));
  assert_no_ping (store, "no such table");
  assert_no_ping (store, "no such table");
  finish_store (store);
}

static void
test_locked (BipeStore *store, const char *path)
{
  g_autoptr(GPtrArray) scans = make_scans ("sqlite", 3);
  const BipeScanRef ref = ref_to (scans->pdata[0]);
  g_autoptr(BipeScan) found = NULL;
  g_autoptr(GError) error = NULL;
  sqlite3 *handle;

  assert_written (store, scans);
  handle = open_beside (path, "BEGIN IMMEDIATE");
  g_assert_null (call_write (store, scans, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  found = call_find (store, &ref, NULL);
  g_assert_nonnull (found); /* readers don't mind */
  sqlite3_close (handle);
  assert_written (store, scans);
  finish_store (store);
}

/* LIKE alone would know ASCII's letters only. The second code is no UTF-8. */
static void
test_letter_case (BipeStore *store, const char *path)
{
  static const struct
  {
    const char *text;
    guint n_rows;
  } searches[] = {
    { "\303\2511", 1 }, { "\303\2111", 1 },  { "\303\251X", 1 }, { "X\303\251", 1 },
    { "e1", 0 },        { "\303\251%1", 0 }, { "\303\251", 2 },
  };

  g_assert_true (call_ping (store, NULL));
  sqlite3_close (open_beside (path, "INSERT INTO scan (code) VALUES ('x' || char (201) || '1'),"
                                    " (CAST (x'ffc389' AS TEXT) || 'x'), ('E')"));
  for (guint i = 0; i < G_N_ELEMENTS (searches); i++)
    {
      g_autoptr(BipeQuery) query = bipe_query_new ();
      g_autoptr(GError) error = NULL;
      g_autoptr(GPtrArray) page = NULL;

      g_test_message ("%s", searches[i].text);
      query->text = g_strdup (searches[i].text);
      page = call_query (store, query, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (page->len, ==, searches[i].n_rows);
    }
  finish_store (store);
}

typedef struct
{
  const char *name;
  void (*test) (BipeStore *store, const char *path);
} Case;

static const Case cases[] = {
  { "no-database", test_no_database },
  { "table-dropped", test_table_dropped },
  { "locked", test_locked },
  { "letter-case", test_letter_case },
};

static void
run_case (gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("bipe-sqlite-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "store.db", NULL);

  ((const Case *)data)->test (bipe_store_new (bipe_store_target_new_sqlite (path)), path);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/sqlite/%s", cases[i].name);
      g_test_add_data_func (path, &cases[i], run_case);
    }
  return g_test_run ();
}
