/* test-postgres-probe.c: what the operator is told of a database before he uses it. */
#include "config.h"

#include <gio/gio.h>
#include <string.h>

#include "base/error.h"
#include "lab.h"
#include "store/postgres-probe.h"

static char *
probe (const char *url, const char *password, GCancellable *cancellable, GError **error)
{
  g_autoptr(BipePostgresTarget) target = bipe_postgres_target_parse (url, password, error);

  return target != NULL ? bipe_postgres_probe (target, cancellable, error) : NULL;
}

/* With %u for the port of the lab's server. */
static char *
print_url (const char *form)
{
  g_autofree char *port = g_strdup_printf ("%u", bipe_private_postgres_get_port (lab_server));
  g_auto(GStrv) parts = g_strsplit (form, "%u", -1);

  return g_strjoinv (port, parts);
}

static void
assert_found (const char *form, const char *password, const char *expected)
{
  g_autofree char *url = print_url (form);
  g_autoptr(GError) error = NULL;
  g_autofree char *found = probe (url, password, NULL, &error);

  g_assert_no_error (error);
  g_test_message ("%s", found);
  if (strstr (found, expected) == NULL)
    g_error ("%s: %s, and not: %s", form, found, expected);
}

static void
assert_wrong (const char *form, const char *password, const char *expected)
{
  g_autofree char *url = print_url (form);
  g_autoptr(GError) error = NULL;

  g_assert_null (probe (url, password, NULL, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_test_message ("%s", error->message);
  if (strstr (error->message, expected) == NULL)
    g_error ("%s: %s, and not: %s", form, error->message, expected);
  g_assert_null (strstr (error->message, "falsch"));
}

static void
test_connecting (void)
{
  static const struct
  {
    const char *url;
    const char *password;
    const char *expected;
  } cases[] = {
    { "postgresql://postgres@no-such-host.invalid:%u/lab", NULL,
      "There is no host “no-such-host.invalid”" },
    { "postgresql://postgres@127.0.0.1:1/lab", NULL, "No database listens at 127.0.0.1:1." },
    { "host=/nowhere dbname=lab user=postgres", NULL, "No database listens at this computer." },
    { "postgresql://postgres@127.0.0.1:%u/lab?sslmode=require", NULL, "does not offer TLS" },
    { "postgresql://guarded@127.0.0.1:%u/lab?passfile=/nonexistent", NULL,
      "wants a password of the user “guarded”" },
    { "postgresql://guarded@127.0.0.1:%u/lab", "falsch",
      "does not take this password of the user “guarded”" },
    { "postgresql://guarded:falsch@127.0.0.1:%u/lab", NULL, "does not take this password" },
    { "postgresql://postgres@127.0.0.1:%u/nowhere", NULL,
      "There is no database “nowhere” at 127.0.0.1:" },
    { "postgresql://nobody-here@127.0.0.1:%u/lab", NULL,
      "does not let the user “nobody-here” in from here. Check" },
    { "postgresql://untold@127.0.0.1:%u/lab?sslmode=disable", NULL, "in from here without TLS" },
    { "postgresql://outsider@127.0.0.1:%u/closed", NULL, "GRANT CONNECT ON DATABASE \"closed\"" },
  };

  bipe_private_postgres_create_database (lab_server, "closed", "UTF8");
  g_free (lab_run ("DROP ROLE IF EXISTS guarded; DROP ROLE IF EXISTS untold;"
                   " DROP ROLE IF EXISTS outsider;"
                   "CREATE ROLE guarded LOGIN PASSWORD 'geheim'; CREATE ROLE untold LOGIN;"
                   " CREATE ROLE outsider LOGIN; REVOKE CONNECT ON DATABASE closed FROM PUBLIC"));
  /* Only TLS is good enough for that one. */
  g_free (lab_run (
      "DO $$ DECLARE rules text := pg_read_file(current_setting('hba_file')); BEGIN"
      " EXECUTE format('COPY (SELECT unnest(string_to_array(%L, chr(10)))) TO %L',"
      "  'hostnossl all untold all reject' || chr(10) || rules, current_setting('hba_file'));"
      " PERFORM pg_reload_conf(); PERFORM pg_sleep(0.3); END $$"));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_wrong (cases[i].url, cases[i].password, cases[i].expected);
  g_free (lab_run ("GRANT CREATE ON SCHEMA public TO guarded"));
  assert_found ("postgresql://guarded@127.0.0.1:%u/lab", "geheim", "The table will be made.");
  lab_assert_sql ("SELECT to_regclass('scan')", NULL);
}

static void
test_table (void)
{
  const char *as_owner = "postgresql://postgres@127.0.0.1:%u/lab";
  const char *as_other = "postgresql://other@127.0.0.1:%u/lab";
  g_autoptr(GPtrArray) scans = make_scans ("probe", 1234);
  BipeStore *store;

  g_free (lab_run ("DROP ROLE IF EXISTS other; CREATE ROLE other LOGIN"));
  assert_found (as_owner, NULL, "The table will be made.");
  assert_wrong (as_other, NULL, "GRANT CREATE ON SCHEMA public TO \"other\"");
  g_free (lab_run ("CREATE TABLE codigo_bipado (id serial PRIMARY KEY, codigo_barra varchar(250));"
                   "INSERT INTO codigo_bipado (codigo_barra) VALUES ('1'), ('2');"
                   "GRANT CREATE ON SCHEMA public TO other"));
  assert_found (as_owner, NULL, "an earlier program is there, with 2 codes");
  assert_wrong (as_other, NULL, "ALTER TABLE codigo_bipado OWNER TO \"other\"");
  g_free (lab_run ("DROP TABLE codigo_bipado; CREATE TABLE scan (id serial, what text)"));
  assert_wrong (as_owner, NULL, "a table “scan” in the database “lab” that is not Bipe’s");
  g_free (lab_run ("DROP TABLE scan"));

  store = lab_open_store ();
  lab_assert_written (store, scans);
  finish_store (store);
  assert_found (as_owner, NULL, "The table is there, with 1234 scans.");
  assert_wrong (as_other, NULL, "may not write scans");
  g_free (lab_run ("GRANT SELECT, INSERT, UPDATE ON scan TO other;"
                   "GRANT SELECT ON bipe_migration TO other"));
  assert_wrong (as_other, NULL, "GRANT USAGE ON SEQUENCE scan_id_seq TO \"other\"");
  g_free (lab_run ("GRANT USAGE ON SEQUENCE scan_id_seq TO other"));
  assert_found (as_other, NULL, "with 1234 scans.");

  /* What it advises does it. */
  store = lab_open_store_as ("other", FALSE);
  lab_assert_ping (store);
  finish_store (store);

  g_free (lab_run ("INSERT INTO bipe_migration (number, name) VALUES (99, 'later')"));
  assert_wrong (as_owner, NULL, "A newer version of Bipe");
  g_free (lab_run ("DELETE FROM bipe_migration WHERE number = 99;"
                   "ALTER TABLE scan DROP COLUMN device CASCADE"));
  assert_wrong (as_owner, NULL, "not Bipe’s");
  g_free (lab_run ("ALTER DATABASE lab SET default_transaction_read_only = on"));
  assert_wrong (as_owner, NULL, "can only be read");
}

/* A host that takes the connection and says nothing. */
static void
test_silent (void)
{
  g_autoptr(GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  g_autofree char *url = g_strdup_printf ("postgresql://postgres@127.0.0.1:%u/lab", port);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GThread) thread = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_null (probe (url, NULL, NULL, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "does not answer"));
  g_clear_error (&error);

  thread = g_thread_new ("cancel", (GThreadFunc)(void (*) (void))g_cancellable_cancel, cancellable);
  g_assert_null (probe (url, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (g_steal_pointer (&thread));
}

int
main (int argc, char **argv)
{
  static const LabCase cases[] = {
    { "probe/connecting", test_connecting },
    { "probe/table", test_table },
    { "probe/silent", test_silent },
  };

  return lab_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
