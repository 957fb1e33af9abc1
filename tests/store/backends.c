#include "config.h"

#include "backends.h"

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "private-postgres.h"

static BipePrivatePostgres *server;
static char *folder;

static BipeStore *
open_postgres (void)
{
  g_autofree char *url = bipe_private_postgres_dup_url (server, "contract");
  g_autoptr(GError) error = NULL;
  BipeStoreTarget *target = bipe_store_target_new_postgres (url, NULL, FALSE, &error);

  g_assert_no_error (error);
  bipe_private_postgres_create_database (server, "contract", "UTF8");
  return bipe_store_new (target);
}

static void
clean_postgres (void)
{
}

static void
run_postgres (const char *sql)
{
  g_free (bipe_private_postgres_run (server, "contract", sql));
}

static BipeStore *
open_sqlite (void)
{
  g_autofree char *path = NULL;

  folder = g_dir_make_tmp ("bipe-store-XXXXXX", NULL);
  path = g_build_filename (folder, "store.db", NULL);
  return bipe_store_new (bipe_store_target_new_sqlite (path));
}

static void
clean_sqlite (void)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_unlink (path);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_clear_pointer (&folder, g_free);
}

static void
run_sqlite (const char *sql)
{
  g_autofree char *path = g_build_filename (folder, "store.db", NULL);
  sqlite3 *handle;

  g_assert_cmpint (sqlite3_open (path, &handle), ==, SQLITE_OK);
  sqlite3_busy_timeout (handle, 10000);
  if (sqlite3_exec (handle, sql, NULL, NULL, NULL) != SQLITE_OK)
    g_error ("%s, in: %s", sqlite3_errmsg (handle), sql);
  sqlite3_close (handle);
}

const Backend backends[N_BACKENDS] = {
  {
      "sqlite",
      open_sqlite,
      clean_sqlite,
      run_sqlite,
      "CREATE TRIGGER refuse BEFORE INSERT ON scan WHEN new.code LIKE 'poison%'"
      " BEGIN SELECT RAISE (ABORT, 'no poison'); END",
      "CREATE TRIGGER swallow BEFORE INSERT ON scan WHEN new.code = 'swallowed'"
      " BEGIN SELECT RAISE (IGNORE); END",
  },
  {
      "postgres",
      open_postgres,
      clean_postgres,
      run_postgres,
      "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
      " $$ BEGIN RAISE EXCEPTION 'no poison'; END $$;"
      "CREATE TRIGGER refuse BEFORE INSERT ON scan FOR EACH ROW"
      " WHEN (new.code LIKE 'poison%') EXECUTE FUNCTION refuse()",
      "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS"
      " $$ BEGIN RETURN NULL; END $$;"
      "CREATE TRIGGER swallow BEFORE INSERT ON scan FOR EACH ROW"
      " WHEN (new.code = 'swallowed') EXECUTE FUNCTION swallow()",
  },
};

void
backends_start (void)
{
  server = bipe_private_postgres_new ();
}

void
backends_stop (void)
{
  bipe_private_postgres_free (server);
}
