/* test-postgres-schema.c: migrations, the table that seed 000 has left, and the rights that
 * they need. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "lab.h"

/* As SQLAlchemy makes it for the seed's model, and Alembic beside it. */
static const char seed_table[]
    = "CREATE TABLE codigo_bipado (id SERIAL NOT NULL, codigo_barra VARCHAR(250), PRIMARY KEY "
      "(id));"
      "INSERT INTO codigo_bipado (codigo_barra) VALUES ('4006381333931'), (NULL), (''), ('gap'),"
      " (repeat('x', 250)), (E'\\x1d01');"
      "DELETE FROM codigo_bipado WHERE codigo_barra = 'gap'";
static const char alembic_table[]
    = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);"
      "INSERT INTO alembic_version VALUES ('0123456789ab')";

static const struct
{
  gint64 id;
  const char *code;
} seed_rows[] = {
  { 1, "4006381333931" },
  { 2, NULL },
  { 3, "" },
  { 5, "xxx" },
  { 6, "\x1d"
       "01" },
};

static void
assert_adopted (BipeStore *store)
{
  g_autoptr(BipeQuery) query = bipe_query_new ();
  g_autoptr(GPtrArray) page = call_query (store, query, NULL);

  g_assert_cmpuint (page->len, ==, G_N_ELEMENTS (seed_rows));
  for (guint i = 0; i < page->len; i++)
    {
      const BipeScan *scan = page->pdata[i];

      g_assert_cmpint (scan->id, ==, seed_rows[i].id);
      if (scan->id == 5)
        g_assert_cmpuint (strlen (scan->code), ==, 250);
      else
        g_assert_cmpstr (scan->code, ==, seed_rows[i].code);
      g_assert_cmpint (scan->source, ==, BIPE_SOURCE_IMPORT);
      g_assert_cmpstr (scan->station, ==, "codigo_bipado");
      g_assert_cmpint (scan->state, ==, BIPE_SCAN_STORED);
      g_assert_cmpint (scan->uuid.bytes[6] >> 4, ==, 7);
      g_assert_cmpint (scan->uuid.bytes[8] >> 6, ==, 2);
    }
  lab_assert_sql ("SELECT count(DISTINCT uuid) FROM scan WHERE scanned_at = stored_at"
                  " AND scanned_at > now() - interval '1 hour'",
                  "5");
}

/* NULL and empty ones break the rule for new rows, and can be changed all the same. */
static void
assert_amendable (BipeStore *store)
{
  for (guint i = 0; i < G_N_ELEMENTS (seed_rows); i++)
    {
      const BipeScanRef ref = { .id = seed_rows[i].id };
      g_autoptr(GError) error = NULL;
      g_autoptr(BipeScan) voided = call_amend (store, &ref, 1790000000000000, "old", &error);
      g_autoptr(BipeScan) restored = NULL;
      g_autoptr(GPtrArray) collected = bipe_scan_array_new ();
      BipeScan fields;

      g_assert_no_error (error);
      g_assert_cmpint (voided->state, ==, BIPE_SCAN_VOIDED);
      restored = call_amend (store, &ref, 0, NULL, &error);
      g_assert_no_error (error);
      fields = *restored;
      fields.collected_at = 1790000000000000;
      g_ptr_array_add (collected, bipe_scan_new (&fields));
      g_assert_true (call_mark_collected (store, collected, NULL));
    }
}

/* What the seed itself sends. */
static void
assert_seed_still_works (void)
{
  lab_assert_sql ("SELECT count(*) FROM codigo_bipado", "5");
  lab_assert_sql (
      "INSERT INTO codigo_bipado (codigo_barra) VALUES ('new') RETURNING codigo_bipado.id", "7");
  lab_assert_sql (
      "SELECT codigo_bipado.codigo_barra AS codigo_bipado_codigo_barra FROM codigo_bipado"
      " WHERE codigo_bipado.id = 7",
      "new");
  lab_assert_sql ("SELECT source || station FROM scan WHERE id = 7", "import");
  g_free (lab_run ("UPDATE scan SET voided_at = now() WHERE id = 7"));
  lab_assert_sql ("SELECT count(*) FROM codigo_bipado", "5");
}

static void
check_adoption (gboolean has_alembic)
{
  BipeStore *stores[2];
  GAsyncResult *results[2] = { NULL };

  g_free (lab_run (seed_table));
  if (has_alembic)
    g_free (lab_run (alembic_table));

  /* Two stations at once. */
  for (guint i = 0; i < 2; i++)
    stores[i] = lab_open_store ();
  for (guint i = 0; i < 2; i++)
    bipe_store_ping_async (stores[i], NULL, keep_cb, &results[i]);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(GError) error = NULL;

      bipe_store_ping_finish (stores[i], wait_for (&results[i]), &error);
      g_assert_no_error (error);
      g_object_unref (results[i]);
    }
  assert_adopted (stores[0]);
  assert_amendable (stores[1]);
  assert_seed_still_works ();
  if (has_alembic)
    lab_assert_sql ("SELECT version_num FROM alembic_version", "0123456789ab");

  g_free (lab_run ("TRUNCATE scan RESTART IDENTITY CASCADE"));
  g_free (lab_run ("INSERT INTO scan (code) SELECT 'n' || n FROM generate_series(1, 1000) AS n"));
  lab_assert_sql ("SELECT min(id) || ' ' || max(id) || ' ' || count(DISTINCT uuid) FROM scan"
                  " WHERE uuid::text LIKE '________-____-7%'",
                  "1 1000 1000");
  for (guint i = 0; i < 2; i++)
    finish_store (stores[i]);
}

static void
test_adoption (void)
{
  check_adoption (FALSE);
}

static void
test_adoption_alembic (void)
{
  check_adoption (TRUE);
}

static void
test_many_migrate (void)
{
  enum
  {
    N = 6
  };
  BipeStore *stores[N];
  GAsyncResult *results[N] = { NULL };

  for (guint i = 0; i < N; i++)
    {
      stores[i] = lab_open_store ();
      bipe_store_ping_async (stores[i], NULL, keep_cb, &results[i]);
    }
  for (guint i = 0; i < N; i++)
    {
      g_autoptr(GError) error = NULL;

      bipe_store_ping_finish (stores[i], wait_for (&results[i]), &error);
      g_assert_no_error (error);
      g_object_unref (results[i]);
      finish_store (stores[i]);
    }
  lab_assert_sql ("SELECT count(*) || min(name) FROM bipe_migration WHERE number = 1",
                  "10001-scan.sql");
}

static void
test_newer_schema (void)
{
  BipeStore *store = lab_open_store ();

  lab_assert_ping (store);
  g_free (lab_run ("INSERT INTO bipe_migration (number, name) VALUES (4711, 'future')"));
  lab_assert_no_ping (store, "version 4711");
  lab_assert_no_ping (store, "newer");
  g_free (lab_run ("DELETE FROM bipe_migration WHERE number = 4711"));
  lab_assert_ping (store);
  finish_store (store);
}

static void
test_foreign_table (void)
{
  BipeStore *store = lab_open_store ();

  g_free (lab_run ("CREATE TABLE scan (id int)"));
  lab_assert_no_ping (store, "cannot migrate the database to 0001-scan.sql");
  g_free (lab_run ("DROP TABLE scan"));
  lab_assert_ping (store);
  finish_store (store);
}

static void
test_table_dropped (void)
{
  BipeStore *store = lab_open_store ();
  g_autoptr(GPtrArray) scans = make_scans ("drop", 3);
  g_autoptr(GError) error = NULL;

  lab_assert_written (store, scans);
  g_free (lab_run ("DROP TABLE scan CASCADE"));
  g_assert_null (call_write (store, scans, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  lab_assert_written (store, scans);
  lab_assert_sql ("SELECT count(*) FROM codigo_bipado", "3");
  finish_store (store);
}

static void
test_few_rights (void)
{
  BipeStore *store = lab_open_store_as ("clerk", FALSE);
  BipeStore *owner = lab_open_store ();
  g_autoptr(GPtrArray) scans = make_scans ("right", 3);

  g_free (lab_run ("DROP ROLE IF EXISTS clerk; CREATE ROLE clerk LOGIN"));
  lab_assert_no_ping (store, "permission denied for schema public. Let the owner");
  lab_assert_ping (owner);
  lab_assert_no_ping (store, "permission denied for table bipe_migration. Let the owner");
  g_free (lab_run ("GRANT SELECT ON bipe_migration TO clerk;"
                   "GRANT SELECT, INSERT, UPDATE ON scan TO clerk;"
                   "GRANT USAGE ON SEQUENCE scan_id_seq TO clerk"));
  lab_assert_written (store, scans);
  finish_store (owner);
  finish_store (store);
  g_free (lab_run ("DROP OWNED BY clerk; DROP ROLE clerk"));
}

static void
test_search_index (void)
{
  BipeStore *store = lab_open_store_as ("clerk", TRUE);
  BipeStore *owner = lab_open_store_as ("postgres", TRUE);
  g_autoptr(GPtrArray) scans = make_scans ("index", 3);

  /* Without the right to make the extension: said once, and the work goes on. */
  g_free (lab_run ("DROP ROLE IF EXISTS clerk; CREATE ROLE clerk LOGIN;"
                   "GRANT ALL ON SCHEMA public TO clerk"));
  lab_n_warnings = 0;
  lab_assert_written (store, scans);
  lab_end_sessions ();
  lab_assert_written (store, scans);
  g_assert_cmpuint (lab_n_warnings, ==, 1);
  lab_assert_sql ("SELECT to_regclass('scan_code_search')", NULL);

  lab_assert_written (owner, scans);
  lab_end_sessions ();
  lab_assert_written (owner, scans);
  g_assert_cmpuint (lab_n_warnings, ==, 1);
  lab_assert_sql ("SELECT to_regclass('scan_code_search')", "scan_code_search");
  finish_store (owner);
  finish_store (store);
  g_free (lab_run ("DROP OWNED BY clerk CASCADE; DROP ROLE clerk"));
}

static const LabCase cases[] = {
  { "adoption", test_adoption },           { "adoption-alembic", test_adoption_alembic },
  { "many-migrate", test_many_migrate },   { "newer-schema", test_newer_schema },
  { "foreign-table", test_foreign_table }, { "table-dropped", test_table_dropped },
  { "few-rights", test_few_rights },       { "search-index", test_search_index },
};

int
main (int argc, char **argv)
{
  return lab_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
