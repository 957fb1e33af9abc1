/* test-postgres-link.c: what the network, the server and the locks of others do to a
 * connection. */
#include "config.h"

#include <gio/gio.h>
#include <string.h>

#include "base/error.h"
#include "lab.h"

static void
test_restart (void)
{
  BipeStore *store = lab_open_store ();
  g_autoptr(GPtrArray) scans = make_scans ("restart", 10);
  const BipeScanRef ref = ref_to (scans->pdata[3]);
  g_autoptr(BipeQuery) query = bipe_query_new ();
  g_autoptr(BipeScan) found = NULL;
  g_autoptr(GPtrArray) page = NULL;
  GError *error = NULL;

  lab_assert_written (store, scans);
  found = call_find (store, &ref, NULL);
  g_assert_nonnull (found);
  g_clear_pointer (&found, bipe_scan_unref);

  bipe_private_postgres_stop (lab_server, "fast");
  g_assert_null (call_write (store, scans, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_clear_error (&error);
  g_assert_null (call_find (store, &ref, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_clear_error (&error);
  g_assert_null (call_query (store, query, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_clear_error (&error);

  bipe_private_postgres_start (lab_server);
  found = call_find (store, &ref, &error);
  g_assert_no_error (error);
  page = call_query (store, query, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (page->len, ==, 10);
  lab_assert_written (store, scans);

  /* One that nobody has seen: the first call afterwards finds it out by itself. */
  bipe_private_postgres_stop (lab_server, "fast");
  bipe_private_postgres_start (lab_server);
  lab_assert_written (store, scans);
  lab_assert_sql ("SELECT count(*) FROM scan", "10");
  finish_store (store);
}

static void
crash_server (void)
{
  bipe_private_postgres_stop (lab_server, "immediate");
  bipe_private_postgres_start (lab_server);
}

static void
check_loss (void (*lose) (void))
{
  BipeStore *store = lab_open_store ();
  g_autoptr(GPtrArray) scans = make_scans ("loss", 10);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  PGconn *lock;

  lab_assert_ping (store);
  lock = lab_lock_table ();
  bipe_store_write_async (store, scans, NULL, keep_cb, &result);
  lab_wait_until_waiting ("1");
  lose ();
  g_assert_null (bipe_store_write_finish (store, wait_for (&result), &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  PQfinish (lock);
  lab_assert_written (store, scans);
  lab_assert_written (store, scans);
  lab_assert_sql ("SELECT count(*) FROM scan", "10");
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
  check_loss (lab_end_sessions);
}

static void
test_cancel (void)
{
  BipeStore *store = lab_open_store ();
  g_autoptr(GPtrArray) scans = make_scans ("cancel", 10);
  const BipeScanRef ref = ref_to (scans->pdata[0]);
  g_autoptr(BipeQuery) query = bipe_query_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) written = NULL;
  g_autoptr(GAsyncResult) found = NULL;
  g_autoptr(GAsyncResult) queried = NULL;
  PGconn *lock;
  GError *error = NULL;

  lab_assert_ping (store);
  lock = lab_lock_table ();
  bipe_store_write_async (store, scans, cancellable, keep_cb, &written);
  bipe_store_find_async (store, &ref, cancellable, keep_cb, &found);
  bipe_store_query_async (store, query, cancellable, keep_cb, &queried);
  lab_wait_until_waiting ("3");
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
  lab_assert_sql ("SELECT " LAB_COUNT_WAITING, "0");
  PQfinish (lock);
  lab_assert_sql ("SELECT count(*) FROM scan", "0");
  lab_assert_written (store, scans);
  lab_assert_sql ("SELECT count(*) FROM scan", "10");
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
      = g_strdup_printf ("postgresql://ana:Geheim@127.0.0.1:%u/" LAB_DATABASE,
                         g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));
  BipeStore *store = lab_open_store_at (url, FALSE);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  bipe_store_ping_async (store, cancellable, keep_cb, &result);
  g_cancellable_cancel (cancellable);
  g_assert_false (bipe_store_ping_finish (store, wait_for (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  lab_assert_no_ping (store, "does not answer in time");
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
    { "postgresql://guarded:Geheim@127.0.0.1:%u/" LAB_DATABASE, "password authentication failed" },
    { "postgresql://guarded@127.0.0.1:%u/" LAB_DATABASE, "no password supplied" },
    { "postgresql://nobody:Geheim@127.0.0.1:%u/" LAB_DATABASE, "\"nobody\" does not exist" },
    { "postgresql://postgres:Geheim@127.0.0.1:%u/nowhere", "\"nowhere\" does not exist" },
    { "host=127.0.0.1 port=1 password=Geheim dbname=" LAB_DATABASE " application_name=%u",
      "refused" },
  };

  g_free (lab_run ("DROP ROLE IF EXISTS guarded; CREATE ROLE guarded LOGIN PASSWORD 'right'"));
  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      char port[8];
      g_auto(GStrv) parts = g_strsplit (targets[i].target, "%u", 2);
      g_autofree char *url = NULL;
      g_autoptr(GError) error = NULL;
      BipeStore *store;

      g_snprintf (port, sizeof port, "%u", bipe_private_postgres_get_port (lab_server));
      url = g_strconcat (parts[0], port, parts[1], NULL);
      store = lab_open_store_at (url, FALSE);
      g_assert_null (strstr (bipe_store_get_name (store), "Geheim"));
      g_assert_false (call_ping (store, &error));
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, targets[i].message));
      g_assert_null (strstr (error->message, "Geheim"));
      finish_store (store);
    }
}

static void
test_read_only (void)
{
  BipeStore *store = lab_open_store ();
  g_autoptr(GPtrArray) scans = make_scans ("read-only", 1);
  g_autoptr(GError) error = NULL;

  lab_assert_ping (store);
  g_free (lab_run ("ALTER DATABASE " LAB_DATABASE " SET default_transaction_read_only = on"));
  lab_end_sessions ();
  g_assert_null (call_write (store, scans, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "It may be a standby"));
  g_free (bipe_private_postgres_run (lab_server, "postgres",
                                     "ALTER DATABASE " LAB_DATABASE
                                     " RESET default_transaction_read_only"));
  lab_end_sessions ();
  lab_assert_written (store, scans);
  finish_store (store);
}

static const LabCase cases[] = {
  { "restart", test_restart },
  { "crash", test_crash },
  { "sessions-ended", test_sessions_ended },
  { "cancel", test_cancel },
  { "deaf-server", test_deaf_server },
  { "wrong-target", test_wrong_target },
  { "read-only", test_read_only },
};

int
main (int argc, char **argv)
{
  return lab_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
