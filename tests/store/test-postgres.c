/* test-postgres.c: what is PostgreSQL's alone: its outages, its locks, its rights, its encodings,
 * and the table that seed 000 has left. */
#include "config.h"

#include <gio/gio.h>
#include <libpq-fe.h>
#include <string.h>

#include "base/error.h"
#include "calls.h"
#include "private-postgres.h"

#define DATABASE "lab"

static BipePrivatePostgres *server;
static guint n_warnings;

static char *
run (const char *sql)
{
  return bipe_private_postgres_run (server, DATABASE, sql);
}

static void
assert_sql (const char *sql, const char *expected)
{
  g_autofree char *value = run (sql);

  g_assert_cmpstr (value, ==, expected);
}

static BipeStore *
open_store_at (const char *url, gboolean has_search_index)
{
  g_autoptr(GError) error = NULL;
  BipeStore *store = bipe_store_new_postgres (url, has_search_index, &error);

  g_assert_no_error (error);
  return store;
}

static BipeStore *
open_store (void)
{
  g_autofree char *url = bipe_private_postgres_dup_url (server, DATABASE);

  return open_store_at (url, FALSE);
}

static BipeStore *
open_store_as (const char *user, gboolean has_search_index)
{
  g_autofree char *url = g_strdup_printf ("postgresql://%s@127.0.0.1:%u/" DATABASE, user,
                                          bipe_private_postgres_get_port (server));

  return open_store_at (url, has_search_index);
}

static void
assert_ping (BipeStore *store)
{
  g_autoptr(GError) error = NULL;

  call_ping (store, &error);
  g_assert_no_error (error);
}

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
  for (guint i = 0; i < results->len; i++)
    g_assert_cmpint (((BipeScan *)results->pdata[i])->state, ==, BIPE_SCAN_STORED);
}

/* Another session that holds the table; PQfinish() gives it free. */
static PGconn *
lock_table (void)
{
  g_autofree char *url = bipe_private_postgres_dup_url (server, DATABASE);
  PGconn *connection = PQconnectdb (url);

  PQclear (PQexec (connection, "BEGIN"));
  PQclear (PQexec (connection, "LOCK TABLE scan IN ACCESS EXCLUSIVE MODE"));
  g_assert_cmpint (PQtransactionStatus (connection), ==, PQTRANS_INTRANS);
  return connection;
}

#define COUNT_WAITING                                                                              \
  "(SELECT count(*) FROM pg_stat_activity"                                                         \
  " WHERE application_name = 'bipe' AND wait_event_type = 'Lock')"

static void
wait_until_waiting (const char *n)
{
  g_autofree char *sql
      = g_strdup_printf ("DO $$ BEGIN WHILE " COUNT_WAITING " <> %s LOOP"
                         " PERFORM pg_sleep(0.01), pg_stat_clear_snapshot(); END LOOP; END $$",
                         n);

  g_free (run (sql));
}

static void
test_restart (void)
{
  BipeStore *store = open_store ();
  g_autoptr(GPtrArray) scans = make_scans ("restart", 10);
  const BipeScanRef ref = ref_to (scans->pdata[3]);
  g_autoptr(BipeQuery) query = bipe_query_new ();
  g_autoptr(BipeScan) found = NULL;
  g_autoptr(GPtrArray) page = NULL;
  GError *error = NULL;

  assert_written (store, scans);
  found = call_find (store, &ref, NULL);
  g_assert_nonnull (found);
  g_clear_pointer (&found, bipe_scan_unref);

  bipe_private_postgres_stop (server, "fast");
  g_assert_null (call_write (store, scans, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_clear_error (&error);
  g_assert_null (call_find (store, &ref, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_clear_error (&error);
  g_assert_null (call_query (store, query, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_clear_error (&error);

  bipe_private_postgres_start (server);
  found = call_find (store, &ref, &error);
  g_assert_no_error (error);
  page = call_query (store, query, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (page->len, ==, 10);
  assert_written (store, scans);

  /* One that nobody has seen: the first call afterwards finds it out by itself. */
  bipe_private_postgres_stop (server, "fast");
  bipe_private_postgres_start (server);
  assert_written (store, scans);
  assert_sql ("SELECT count(*) FROM scan", "10");
  finish_store (store);
}

static void
crash_server (void)
{
  bipe_private_postgres_stop (server, "immediate");
  bipe_private_postgres_start (server);
}

static void
end_sessions (void)
{
  g_free (run ("SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity"
               " WHERE application_name = 'bipe'"));
}

static void
check_loss (void (*lose) (void))
{
  BipeStore *store = open_store ();
  g_autoptr(GPtrArray) scans = make_scans ("loss", 10);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  PGconn *lock;

  assert_ping (store);
  lock = lock_table ();
  bipe_store_write_async (store, scans, NULL, keep_cb, &result);
  wait_until_waiting ("1");
  lose ();
  g_assert_null (bipe_store_write_finish (store, wait_for (&result), &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  PQfinish (lock);
  assert_written (store, scans);
  assert_written (store, scans);
  assert_sql ("SELECT count(*) FROM scan", "10");
  g_clear_object (&result);
  finish_store (store);
}

static void
test_crash (void)
{
  check_loss (crash_server);
}

static void
test_sessions_ended (void)
{
  check_loss (end_sessions);
}

static void
test_cancel (void)
{
  BipeStore *store = open_store ();
  g_autoptr(GPtrArray) scans = make_scans ("cancel", 10);
  const BipeScanRef ref = ref_to (scans->pdata[0]);
  g_autoptr(BipeQuery) query = bipe_query_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) written = NULL;
  g_autoptr(GAsyncResult) found = NULL;
  g_autoptr(GAsyncResult) queried = NULL;
  PGconn *lock;
  GError *error = NULL;

  assert_ping (store);
  lock = lock_table ();
  bipe_store_write_async (store, scans, cancellable, keep_cb, &written);
  bipe_store_find_async (store, &ref, cancellable, keep_cb, &found);
  bipe_store_query_async (store, query, cancellable, keep_cb, &queried);
  wait_until_waiting ("3");
  g_cancellable_cancel (cancellable);
  g_assert_null (bipe_store_write_finish (store, wait_for (&written), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (bipe_store_find_finish (store, wait_for (&found), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (bipe_store_query_finish (store, wait_for (&queried), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  /* The server has given up too, and nothing comes through later. */
  assert_sql ("SELECT " COUNT_WAITING, "0");
  PQfinish (lock);
  assert_sql ("SELECT count(*) FROM scan", "0");
  assert_written (store, scans);
  assert_sql ("SELECT count(*) FROM scan", "10");
  g_clear_object (&written);
  g_clear_object (&found);
  g_clear_object (&queried);
  finish_store (store);
}

/* A socket whose connections nobody ever accepts. */
static GSocket *
listen_deaf (void)
{
  GSocket *socket
      = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new (loopback, 0);

  g_assert_true (g_socket_bind (socket, any, FALSE, NULL) && g_socket_listen (socket, NULL));
  return socket;
}

static void
test_deaf_server (void)
{
  g_autoptr(GSocket) socket = listen_deaf ();
  g_autoptr(GSocketAddress) address = g_socket_get_local_address (socket, NULL);
  g_autofree char *url
      = g_strdup_printf ("postgresql://ana:Geheim@127.0.0.1:%u/" DATABASE,
                         g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));
  BipeStore *store = open_store_at (url, FALSE);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  bipe_store_ping_async (store, cancellable, keep_cb, &result);
  g_cancellable_cancel (cancellable);
  g_assert_false (bipe_store_ping_finish (store, wait_for (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_no_ping (store, "does not answer in time");
  g_clear_object (&result);
  finish_store (store);
}

static void
test_wrong_target (void)
{
  static const struct
  {
    const char *target; /* with the port to be filled in */
    const char *message;
  } targets[] = {
    { "postgresql://guarded:Geheim@127.0.0.1:%u/" DATABASE, "password authentication failed" },
    { "postgresql://guarded@127.0.0.1:%u/" DATABASE, "no password supplied" },
    { "postgresql://nobody:Geheim@127.0.0.1:%u/" DATABASE, "\"nobody\" does not exist" },
    { "postgresql://postgres:Geheim@127.0.0.1:%u/nowhere", "\"nowhere\" does not exist" },
    { "host=127.0.0.1 port=1 password=Geheim dbname=" DATABASE " application_name=%u", "refused" },
  };

  g_free (run ("DROP ROLE IF EXISTS guarded; CREATE ROLE guarded LOGIN PASSWORD 'right'"));
  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      char port[8];
      g_auto(GStrv) parts = g_strsplit (targets[i].target, "%u", 2);
      g_autofree char *url = NULL;
      g_autoptr(GError) error = NULL;
      BipeStore *store;

      g_snprintf (port, sizeof port, "%u", bipe_private_postgres_get_port (server));
      url = g_strconcat (parts[0], port, parts[1], NULL);
      store = open_store_at (url, FALSE);
      g_assert_null (strstr (bipe_store_get_name (store), "Geheim"));
      g_assert_false (call_ping (store, &error));
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, targets[i].message));
      g_assert_null (strstr (error->message, "Geheim"));
      finish_store (store);
    }
}

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
  assert_sql ("SELECT count(DISTINCT uuid) FROM scan WHERE scanned_at = stored_at"
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
  assert_sql ("SELECT count(*) FROM codigo_bipado", "5");
  assert_sql ("INSERT INTO codigo_bipado (codigo_barra) VALUES ('new') RETURNING codigo_bipado.id",
              "7");
  assert_sql ("SELECT codigo_bipado.codigo_barra AS codigo_bipado_codigo_barra FROM codigo_bipado"
              " WHERE codigo_bipado.id = 7",
              "new");
  assert_sql ("SELECT source || station FROM scan WHERE id = 7", "import");
  g_free (run ("UPDATE scan SET voided_at = now() WHERE id = 7"));
  assert_sql ("SELECT count(*) FROM codigo_bipado", "5");
}

static void
check_adoption (gboolean has_alembic)
{
  BipeStore *stores[2];
  GAsyncResult *results[2] = { NULL };

  g_free (run (seed_table));
  if (has_alembic)
    g_free (run (alembic_table));

  /* Two stations at once. */
  for (guint i = 0; i < 2; i++)
    stores[i] = open_store ();
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
    assert_sql ("SELECT version_num FROM alembic_version", "0123456789ab");

  g_free (run ("TRUNCATE scan RESTART IDENTITY CASCADE"));
  g_free (run ("INSERT INTO scan (code) SELECT 'n' || n FROM generate_series(1, 1000) AS n"));
  assert_sql ("SELECT min(id) || ' ' || max(id) || ' ' || count(DISTINCT uuid) FROM scan"
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
      stores[i] = open_store ();
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
  assert_sql ("SELECT count(*) || min(name) FROM bipe_migration WHERE number = 1",
              "10001-scan.sql");
}

static void
test_newer_schema (void)
{
  BipeStore *store = open_store ();

  assert_ping (store);
  g_free (run ("INSERT INTO bipe_migration (number, name) VALUES (4711, 'future')"));
  assert_no_ping (store, "version 4711");
  assert_no_ping (store, "newer");
  g_free (run ("DELETE FROM bipe_migration WHERE number = 4711"));
  assert_ping (store);
  finish_store (store);
}

static void
test_foreign_table (void)
{
  BipeStore *store = open_store ();

  g_free (run ("CREATE TABLE scan (id int)"));
  assert_no_ping (store, "cannot migrate the database to 0001-scan.sql");
  g_free (run ("DROP TABLE scan"));
  assert_ping (store);
  finish_store (store);
}

static void
test_table_dropped (void)
{
  BipeStore *store = open_store ();
  g_autoptr(GPtrArray) scans = make_scans ("drop", 3);
  g_autoptr(GError) error = NULL;

  assert_written (store, scans);
  g_free (run ("DROP TABLE scan CASCADE"));
  g_assert_null (call_write (store, scans, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  assert_written (store, scans);
  assert_sql ("SELECT count(*) FROM codigo_bipado", "3");
  finish_store (store);
}

static void
test_rules_of_administrator (void)
{
  static const char *const reasons[]
      = { NULL, "duplicate key", "violates check constraint \"house_rule\"" };
  BipeStore *store = open_store ();
  g_autoptr(GPtrArray) scans = bipe_scan_array_new ();
  g_autoptr(GPtrArray) results = NULL;

  assert_ping (store);
  g_free (run ("ALTER TABLE scan ADD UNIQUE (code),"
               " ADD CONSTRAINT house_rule CHECK (code <> 'forbidden')"));
  g_ptr_array_add (scans, make_scan ("one"));
  g_ptr_array_add (scans, make_scan ("one"));
  g_ptr_array_add (scans, make_scan ("forbidden"));
  results = call_write (store, scans, NULL);
  for (guint i = 0; i < 3; i++)
    {
      const BipeScan *result = results->pdata[i];

      g_assert_cmpint (result->state, ==, i == 0 ? BIPE_SCAN_STORED : BIPE_SCAN_REJECTED);
      if (i > 0)
        g_assert_nonnull (strstr (result->reason, reasons[i]));
    }
  finish_store (store);
}

static void
test_latin1 (void)
{
  BipeStore *store;
  g_autoptr(GPtrArray) scans = bipe_scan_array_new ();
  g_autoptr(GPtrArray) results = NULL;
  g_autoptr(BipeQuery) query = bipe_query_new ();
  g_autoptr(GPtrArray) page = NULL;
  g_autoptr(GPtrArray) none = NULL;

  bipe_private_postgres_create_database (server, DATABASE, "LATIN1");
  store = open_store ();
  g_ptr_array_add (scans, make_scan ("ação"));
  g_ptr_array_add (scans, make_scan ("漢字"));
  g_ptr_array_add (scans, make_scan ("plain"));
  results = call_write (store, scans, NULL);
  g_assert_cmpint (((BipeScan *)results->pdata[0])->state, ==, BIPE_SCAN_STORED);
  g_assert_cmpint (((BipeScan *)results->pdata[1])->state, ==, BIPE_SCAN_REJECTED);
  g_assert_cmpint (((BipeScan *)results->pdata[2])->state, ==, BIPE_SCAN_STORED);
  g_test_message ("%s", ((BipeScan *)results->pdata[1])->reason);

  query->text = g_strdup ("ação");
  page = call_query (store, query, NULL);
  g_assert_cmpuint (page->len, ==, 1);
  g_assert_cmpstr (((BipeScan *)page->pdata[0])->code, ==, "ação");
  g_free (query->text);
  query->text = g_strdup ("漢");
  none = call_query (store, query, NULL);
  g_assert_cmpuint (none->len, ==, 0);
  finish_store (store);
}

static void
test_no_encoding (void)
{
  BipeStore *store;
  g_autoptr(GPtrArray) scans = bipe_scan_array_new ();
  g_autoptr(BipeQuery) query = bipe_query_new ();
  g_autoptr(GPtrArray) page = NULL;
  g_autoptr(GError) error = NULL;

  bipe_private_postgres_create_database (server, DATABASE, "SQL_ASCII");
  store = open_store ();
  g_ptr_array_add (scans, make_scan ("ação"));
  g_ptr_array_add (scans, make_scan ("漢字"));
  assert_written (store, scans);
  page = call_query (store, query, NULL);
  g_assert_cmpstr (((BipeScan *)page->pdata[1])->code, ==, "漢字");

  g_free (run ("INSERT INTO scan (code) VALUES (E'a\\347\\343o')"));
  g_assert_null (call_query (store, query, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_test_message ("%s", error->message);
  finish_store (store);
}

static void
test_endless_times (void)
{
  BipeStore *store = open_store ();
  g_autoptr(BipeQuery) query = bipe_query_new ();
  g_autoptr(GPtrArray) page = NULL;

  assert_ping (store);
  g_free (run ("INSERT INTO scan (code, scanned_at) VALUES ('a', 'infinity'), ('b', '-infinity'),"
               " ('c', '294276-12-31'), ('d', '4713-01-01 BC'), ('e', '1970-01-01 00:00:00Z')"));
  page = call_query (store, query, NULL);
  g_assert_cmpuint (page->len, ==, 5);
  for (guint i = 0; i < page->len; i++)
    {
      const BipeScan *scan = page->pdata[i];

      if (i % 2 == 0 && i < 4)
        g_assert_cmpint (scan->scanned_at, ==, G_GINT64_CONSTANT (253402300799999999));
      else
        g_assert_cmpint (scan->scanned_at, ==, 1);
    }
  finish_store (store);
}

static void
test_few_rights (void)
{
  BipeStore *store = open_store_as ("clerk", FALSE);
  BipeStore *owner = open_store ();
  g_autoptr(GPtrArray) scans = make_scans ("right", 3);

  g_free (run ("DROP ROLE IF EXISTS clerk; CREATE ROLE clerk LOGIN"));
  assert_no_ping (store, "permission denied for schema public. Let the owner");
  assert_ping (owner);
  assert_no_ping (store, "permission denied for table bipe_migration. Let the owner");
  g_free (run ("GRANT SELECT ON bipe_migration TO clerk;"
               "GRANT SELECT, INSERT, UPDATE ON scan TO clerk;"
               "GRANT USAGE ON SEQUENCE scan_id_seq TO clerk"));
  assert_written (store, scans);
  finish_store (owner);
  finish_store (store);
  g_free (run ("DROP OWNED BY clerk; DROP ROLE clerk"));
}

static void
test_read_only (void)
{
  BipeStore *store = open_store ();
  g_autoptr(GPtrArray) scans = make_scans ("read-only", 1);
  g_autoptr(GError) error = NULL;

  assert_ping (store);
  g_free (run ("ALTER DATABASE " DATABASE " SET default_transaction_read_only = on"));
  end_sessions ();
  g_assert_null (call_write (store, scans, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "It may be a standby"));
  g_free (bipe_private_postgres_run (
      server, "postgres", "ALTER DATABASE " DATABASE " RESET default_transaction_read_only"));
  end_sessions ();
  assert_written (store, scans);
  finish_store (store);
}

static GLogWriterOutput
write_log_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  if (level & G_LOG_LEVEL_WARNING)
    {
      n_warnings++;
      return G_LOG_WRITER_HANDLED;
    }
  return g_log_writer_default (level, fields, n_fields, user_data);
}

static void
test_search_index (void)
{
  BipeStore *store = open_store_as ("clerk", TRUE);
  BipeStore *owner = open_store_as ("postgres", TRUE);
  g_autoptr(GPtrArray) scans = make_scans ("index", 3);

  /* Without the right to make the extension: said once, and the work goes on. */
  g_free (run ("DROP ROLE IF EXISTS clerk; CREATE ROLE clerk LOGIN;"
               "GRANT ALL ON SCHEMA public TO clerk"));
  n_warnings = 0;
  assert_written (store, scans);
  end_sessions ();
  assert_written (store, scans);
  g_assert_cmpuint (n_warnings, ==, 1);
  assert_sql ("SELECT to_regclass('scan_code_search')", NULL);

  assert_written (owner, scans);
  end_sessions ();
  assert_written (owner, scans);
  g_assert_cmpuint (n_warnings, ==, 1);
  assert_sql ("SELECT to_regclass('scan_code_search')", "scan_code_search");
  finish_store (owner);
  finish_store (store);
  g_free (run ("DROP OWNED BY clerk CASCADE; DROP ROLE clerk"));
}

typedef struct
{
  const char *name;
  void (*test) (void);
} Case;

static const Case cases[] = {
  { "restart", test_restart },
  { "crash", test_crash },
  { "sessions-ended", test_sessions_ended },
  { "cancel", test_cancel },
  { "deaf-server", test_deaf_server },
  { "wrong-target", test_wrong_target },
  { "adoption", test_adoption },
  { "adoption-alembic", test_adoption_alembic },
  { "many-migrate", test_many_migrate },
  { "newer-schema", test_newer_schema },
  { "foreign-table", test_foreign_table },
  { "table-dropped", test_table_dropped },
  { "rules-of-administrator", test_rules_of_administrator },
  { "latin1", test_latin1 },
  { "no-encoding", test_no_encoding },
  { "endless-times", test_endless_times },
  { "few-rights", test_few_rights },
  { "read-only", test_read_only },
  { "search-index", test_search_index },
};

static void
run_case (gconstpointer data)
{
  bipe_private_postgres_create_database (server, DATABASE, "UTF8");
  ((const Case *)data)->test ();
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (write_log_cb, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/postgres/%s", cases[i].name);
      g_test_add_data_func (path, &cases[i], run_case);
    }
  server = bipe_private_postgres_new ();
  status = g_test_run ();
  bipe_private_postgres_free (server);
  return status;
}
