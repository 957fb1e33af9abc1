#include "config.h"

#include "store/postgres-schema.h"

#include "base/error.h"
#include "base/migrations.h"

#define DIALECT "postgres"
#define READ_SECONDS 15

/* Adopting writes a big table anew, and stations wait for one another. */
#define MIGRATE_SECONDS 600

/* Stations agree on the number; it means nothing. READ COMMITTED, so that what is read after the
 * wait is what the one before us has left. */
#define BEGIN                                                                                      \
  "BEGIN ISOLATION LEVEL READ COMMITTED; "                                                         \
  "SELECT pg_advisory_xact_lock(4006381333931)"

static gint64
read_number (BipePostgresLink *link, const char *sql, GCancellable *cancellable, GError **error)
{
  static const BipeParameters none = { 0 };
  const BipePostgresCall call = { "read the database's schema version", sql, &none, READ_SECONDS };
  g_autoptr(PGresult) result = bipe_postgres_link_run (link, &call, cancellable, error);

  return result != NULL ? bipe_result_get_integer (result, 0, 0) : -1;
}

/* 0: there is nothing yet, or somebody has dropped it; −1 on failure. */
static gint64
read_version (BipePostgresLink *link, GCancellable *cancellable, GError **error)
{
  /* Opening a table, be it pg_class, is what makes a session see that others have made one. */
  gint64 n_tables = read_number (link,
                                 "SELECT count(*) FROM pg_class WHERE oid IN (to_regclass('scan'), "
                                 "to_regclass('bipe_migration'))",
                                 cancellable, error);

  if (n_tables != 2)
    return MIN (n_tables, 0);
  return read_number (link, "SELECT coalesce(max(number), 0)::bigint FROM bipe_migration",
                      cancellable, error);
}

static gboolean
run (BipePostgresLink *link,
     const char *what,
     const char *sql,
     GCancellable *cancellable,
     GError **error)
{
  const BipePostgresCall call = { what, sql, NULL, MIGRATE_SECONDS };
  g_autoptr(GError) problem = NULL;
  g_autoptr(PGresult) result = bipe_postgres_link_run (link, &call, cancellable, &problem);

  if (result != NULL)
    return TRUE;
  /* Here a row is no scan that could be set aside. */
  if (g_error_matches (problem, BIPE_ERROR, BIPE_ERROR_REJECTED))
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "cannot %s: %s", what,
                 problem->message);
  else
    g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

/* Inside of the transaction; an error ends it, since the link drops a connection that is in one. */
static gboolean
apply (BipePostgresLink *link,
       const BipeMigration *migration,
       GCancellable *cancellable,
       GError **error)
{
  g_autofree char *what = g_strdup_printf ("migrate the database to %s", migration->name);
  g_autofree char *note
      = g_strdup_printf ("CREATE TABLE IF NOT EXISTS bipe_migration (number integer PRIMARY KEY, "
                         "name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now()); "
                         "INSERT INTO bipe_migration (number, name) VALUES (%u, '%s') "
                         "ON CONFLICT (number) DO UPDATE SET applied_at = now()",
                         migration->number, migration->name);

  return run (link, what, migration->sql, cancellable, error)
         && run (link, what, note, cancellable, error);
}

/* One migration, or none where another station was faster. */
static gboolean
step (BipePostgresLink *link, GPtrArray *migrations, GCancellable *cancellable, GError **error)
{
  gint64 version;

  if (!run (link, "begin to migrate the database", BEGIN, cancellable, error))
    return FALSE;
  version = read_version (link, cancellable, error);
  if (version < 0
      || (version < migrations->len
          && !apply (link, migrations->pdata[version], cancellable, error)))
    return FALSE;
  return run (link, "commit a migration of the database", "COMMIT", cancellable, error);
}

gboolean
bipe_postgres_schema_prepare (BipePostgresLink *link, GCancellable *cancellable, GError **error)
{
  g_autoptr(GPtrArray) migrations = bipe_migrations_load (DIALECT);

  for (;;)
    {
      gint64 version = read_version (link, cancellable, error);

      if (version < 0)
        return FALSE;
      if (version == migrations->len)
        return TRUE;
      if (version > migrations->len)
        {
          g_set_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
                       "the database has version %" G_GINT64_FORMAT
                       " of its schema, made by a newer "
                       "Bipe; this one knows version %u. Update this station",
                       version, migrations->len);
          return FALSE;
        }
      if (!step (link, migrations, cancellable, error))
        return FALSE;
    }
}

gboolean
bipe_postgres_schema_add_index (BipePostgresLink *link, GCancellable *cancellable, GError **error)
{
  const char *what = "add the search index";
  g_autofree char *sql = bipe_migrations_load_extra (DIALECT, "search-index.sql");

  return run (link, what, BEGIN, cancellable, error) && run (link, what, sql, cancellable, error)
         && run (link, what, "COMMIT", cancellable, error);
}
