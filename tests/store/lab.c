#include "config.h"

#include "lab.h"

#include <string.h>

#include "base/error.h"

BipePrivatePostgres *lab_server;
guint lab_n_warnings;

char *
lab_run (const char *sql)
{
  return bipe_private_postgres_run (lab_server, LAB_DATABASE, sql);
}

void
lab_assert_sql (const char *sql, const char *expected)
{
  g_autofree char *value = lab_run (sql);

  g_assert_cmpstr (value, ==, expected);
}

BipeStore *
lab_open_store_at (const char *url, gboolean has_search_index)
{
  g_autoptr(GError) error = NULL;
  BipeStoreTarget *target = bipe_store_target_new_postgres (url, NULL, has_search_index, &error);

  g_assert_no_error (error);
  return bipe_store_new (target);
}

BipeStore *
lab_open_store (void)
{
  g_autofree char *url = bipe_private_postgres_dup_url (lab_server, LAB_DATABASE);

  return lab_open_store_at (url, FALSE);
}

BipeStore *
lab_open_store_as (const char *user, gboolean has_search_index)
{
  g_autofree char *url = g_strdup_printf ("postgresql://%s@127.0.0.1:%u/" LAB_DATABASE, user,
                                          bipe_private_postgres_get_port (lab_server));

  return lab_open_store_at (url, has_search_index);
}

void
lab_assert_ping (BipeStore *store)
{
  g_autoptr(GError) error = NULL;

  call_ping (store, &error);
  g_assert_no_error (error);
}

void
lab_assert_no_ping (BipeStore *store, const char *message)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (call_ping (store, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, message));
}

void
lab_assert_written (BipeStore *store, GPtrArray *scans)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) results = call_write (store, scans, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < results->len; i++)
    g_assert_cmpint (((BipeScan *)results->pdata[i])->state, ==, BIPE_SCAN_STORED);
}

PGconn *
lab_lock_table (void)
{
  g_autofree char *url = bipe_private_postgres_dup_url (lab_server, LAB_DATABASE);
  PGconn *connection = PQconnectdb (url);

  PQclear (PQexec (connection, "BEGIN"));
  PQclear (PQexec (connection, "LOCK TABLE scan IN ACCESS EXCLUSIVE MODE"));
  g_assert_cmpint (PQtransactionStatus (connection), ==, PQTRANS_INTRANS);
  return connection;
}

void
lab_wait_until_waiting (const char *n)
{
  g_autofree char *sql
      = g_strdup_printf ("DO $$ BEGIN WHILE " LAB_COUNT_WAITING " <> %s LOOP"
                         " PERFORM pg_sleep(0.01), pg_stat_clear_snapshot(); END LOOP; END $$",
                         n);

  g_free (lab_run (sql));
}

void
lab_end_sessions (void)
{
  g_free (lab_run ("SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity"
                   " WHERE application_name = 'bipe'"));
}

static GLogWriterOutput
write_log_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  if (level & G_LOG_LEVEL_WARNING)
    {
      lab_n_warnings++;
      return G_LOG_WRITER_HANDLED;
    }
  return g_log_writer_default (level, fields, n_fields, user_data);
}

static void
run_case (gconstpointer data)
{
  bipe_private_postgres_create_database (lab_server, LAB_DATABASE, "UTF8");
  ((const LabCase *)data)->test ();
}

int
lab_main (int argc, char **argv, const LabCase *cases, gsize n_cases)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (write_log_cb, NULL, NULL);
  for (gsize i = 0; i < n_cases; i++)
    {
      g_autofree char *path = g_strdup_printf ("/postgres/%s", cases[i].name);
      g_test_add_data_func (path, &cases[i], run_case);
    }
  lab_server = bipe_private_postgres_new ();
  status = g_test_run ();
  bipe_private_postgres_free (lab_server);
  return status;
}
