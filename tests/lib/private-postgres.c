/* private-postgres.c: a shell of the server's own user sets the cluster up, and then waits for the
 * end of its standard input: when the test lets go of it, or dies, it takes everything down. */
#include "config.h"

#include "private-postgres.h"

#include <gio/gio.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct _BipePrivatePostgres
{
  char *folder;
  char *programs; /* where initdb and pg_ctl are */
  guint16 port;
  GPid keeper;
  int lifeline; /* the keeper's standard input */
};

/* PostgreSQL refuses to run as root. Also in a session of its own, so that a test runner that kills
 * the test's process group leaves the keeper to do its work. */
static void
become_server_user_cb (gpointer user_data)
{
  const struct passwd *user = user_data;

  setsid ();
  if (user != NULL && (setgid (user->pw_gid) < 0 || setuid (user->pw_uid) < 0))
    _exit (126);
}

static const struct passwd *
get_server_user (void)
{
  const struct passwd *user = geteuid () == 0 ? getpwnam ("postgres") : NULL;

  g_assert_true (geteuid () != 0 || user != NULL);
  return user;
}

static void
run_script (BipePrivatePostgres *self, const char *script)
{
  const char *argv[] = { "sh", "-ec", script, "sh", self->programs, self->folder, NULL };
  g_autoptr(GError) error = NULL;
  g_autofree char *output = NULL;
  int status;

  g_spawn_sync (self->folder, (char **)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL,
                become_server_user_cb, (gpointer)get_server_user (), &output, NULL, &status,
                &error);
  g_assert_no_error (error);
  if (!g_spawn_check_wait_status (status, NULL))
    g_error ("the private PostgreSQL failed at: %s\n%s", script, output);
}

static void
start_keeper (BipePrivatePostgres *self)
{
  const char *argv[] = { "sh",
                         "-c",
                         "read -r line; \"$1/pg_ctl\" -D \"$2/data\" -m immediate -w stop; "
                         "cd /; rm -rf \"$2\"",
                         "sh",
                         self->programs,
                         self->folder,
                         NULL };
  g_autoptr(GError) error = NULL;

  g_spawn_async_with_pipes (self->folder, (char **)argv, NULL,
                            G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD
                                | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL
                                | G_SPAWN_CLOEXEC_PIPES,
                            become_server_user_cb, (gpointer)get_server_user (), &self->keeper,
                            &self->lifeline, NULL, NULL, &error);
  g_assert_no_error (error);
}

static guint16
find_free_port (void)
{
  g_autoptr(GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                             G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr(GSocketAddress) bound = NULL;

  g_assert_true (g_socket_bind (socket, any, FALSE, NULL));
  bound = g_socket_get_local_address (socket, NULL);
  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
}

static char *
find_programs (void)
{
  g_autofree char *output = NULL;
  g_autofree char *initdb = NULL;

  if (!g_spawn_command_line_sync ("pg_config --bindir", &output, NULL, NULL, NULL))
    g_error ("pg_config is missing: install the packages postgresql and libpq-dev");
  g_strchomp (output);
  initdb = g_build_filename (output, "initdb", NULL);
  if (!g_file_test (initdb, G_FILE_TEST_IS_EXECUTABLE))
    g_error ("%s is missing: install the package postgresql", initdb);
  return g_steal_pointer (&output);
}

void
bipe_private_postgres_start (BipePrivatePostgres *self)
{
  run_script (self, "\"$1/pg_ctl\" -D \"$2/data\" -l \"$2/log\" -w start");
}

void
bipe_private_postgres_stop (BipePrivatePostgres *self, const char *mode)
{
  g_autofree char *script = g_strdup_printf ("\"$1/pg_ctl\" -D \"$2/data\" -m %s -w stop", mode);

  run_script (self, script);
}

BipePrivatePostgres *
bipe_private_postgres_new (void)
{
  BipePrivatePostgres *self = g_new0 (BipePrivatePostgres, 1);
  const struct passwd *user = get_server_user ();
  g_autofree char *script = NULL;

  self->programs = find_programs ();
  self->port = find_free_port ();
  self->folder = g_dir_make_tmp ("bipe-postgres-XXXXXX", NULL);
  g_assert_nonnull (self->folder);
  if (user != NULL)
    g_assert_cmpint (chown (self->folder, user->pw_uid, user->pw_gid), ==, 0);
  start_keeper (self);

  /* The disk is not what is tested, so nothing waits for it. */
  script = g_strdup_printf (
      "\"$1/initdb\" -D \"$2/data\" -U postgres -A trust -E UTF8 --locale=C --no-sync;"
      "printf 'host all guarded all scram-sha-256\\n' | cat - \"$2/data/pg_hba.conf\" >\"$2/hba\";"
      "mv \"$2/hba\" \"$2/data/pg_hba.conf\";"
      "printf \"listen_addresses = '127.0.0.1'\\nport = %u\\nfsync = off\\n\" "
      ">>\"$2/data/postgresql.conf\";"
      "printf \"unix_socket_directories = '%%s'\\nmax_connections = 40\\n\" \"$2\" "
      ">>\"$2/data/postgresql.conf\"",
      self->port);
  run_script (self, script);
  bipe_private_postgres_start (self);
  return self;
}

void
bipe_private_postgres_free (BipePrivatePostgres *self)
{
  close (self->lifeline);
  waitpid (self->keeper, NULL, 0);
  g_assert_false (g_file_test (self->folder, G_FILE_TEST_EXISTS));
  g_free (self->programs);
  g_free (self->folder);
  g_free (self);
}

guint16
bipe_private_postgres_get_port (BipePrivatePostgres *self)
{
  return self->port;
}

char *
bipe_private_postgres_dup_url (BipePrivatePostgres *self, const char *database)
{
  return g_strdup_printf ("postgresql://postgres@127.0.0.1:%u/%s", self->port, database);
}

char *
bipe_private_postgres_run (BipePrivatePostgres *self, const char *database, const char *sql)
{
  g_autofree char *where
      = g_strdup_printf ("host=%s port=%u user=postgres dbname=%s client_encoding=UTF8 options='-c "
                         "client_min_messages=error'",
                         self->folder, self->port, database);
  PGconn *connection = PQconnectdb (where);
  PGresult *result = PQexec (connection, sql);
  ExecStatusType status = PQresultStatus (result);
  char *value = NULL;

  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
    g_error ("%s, in: %s", PQerrorMessage (connection), sql);
  if (PQntuples (result) > 0 && !PQgetisnull (result, 0, 0))
    value = g_strdup (PQgetvalue (result, 0, 0));
  PQclear (result);
  PQfinish (connection);
  return value;
}

void
bipe_private_postgres_create_database (BipePrivatePostgres *self,
                                       const char *database,
                                       const char *encoding)
{
  g_autofree char *drop = g_strdup_printf ("DROP DATABASE IF EXISTS %s WITH (FORCE)", database);
  g_autofree char *create = g_strdup_printf (
      "CREATE DATABASE %s TEMPLATE template0 ENCODING '%s' LOCALE 'C'", database, encoding);

  g_free (bipe_private_postgres_run (self, "postgres", drop));
  g_free (bipe_private_postgres_run (self, "postgres", create));
}
