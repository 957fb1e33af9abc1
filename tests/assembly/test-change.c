/* test-change.c: what the window's Preferences ask of the engine, of a whole station with a real
 * PostgreSQL. */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "assembly.h"
#include "base/error.h"
#include "base/settings.h"
#include "private-postgres.h"
#include "station/station.h"

typedef struct
{
  char *folder;
  BipeSettings *settings;
  BipeAssembly *assembly;
} Fixture;

static BipePrivatePostgres *server;
static guint n_secrets_told;

static void
finished_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static void
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
start (Fixture *self, const char *url)
{
  g_autoptr(GError) error = NULL;
  char *environment[] = { g_strconcat ("BIPE_DATA_DIR=", self->folder, NULL),
                          g_strconcat ("BIPE_DATABASE_URL=", url, NULL), NULL };

  self->settings = bipe_settings_new (NULL, NULL);
  g_assert_true (bipe_settings_load_environment (self->settings, environment, &error));
  self->assembly = bipe_assembly_new (self->settings, FALSE, &error);
  g_assert_no_error (error);
  g_free (environment[0]);
  g_free (environment[1]);
}

static void
stop (Fixture *self)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_assembly_stop_async (self->assembly, finished_cb, &result);
  wait_for (&result);
  bipe_assembly_stop_finish (self->assembly, result);
  g_clear_object (&result);
  bipe_assembly_close (self->assembly);
  g_assert_finalize_object (g_steal_pointer (&self->assembly));
  g_clear_pointer (&self->settings, bipe_settings_free);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("bipe-change-XXXXXX", NULL);
  bipe_private_postgres_create_database (server, "scans", "UTF8");
  g_free (bipe_private_postgres_run (server, "scans",
                                     "DROP ROLE IF EXISTS guarded;"
                                     "CREATE ROLE guarded LOGIN PASSWORD 'geheim';"
                                     "GRANT CREATE ON SCHEMA public TO guarded"));
}

static void
remove_all (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_all (child);
    }
  g_remove (path);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  remove_all (self->folder);
  g_free (self->folder);
  /* What it owns goes with it, before the next one has its name. */
  bipe_private_postgres_create_database (server, "scans", "UTF8");
  g_assert_cmpuint (n_secrets_told, ==, 0);
}

static char *
make_url (void)
{
  return g_strdup_printf ("postgresql://guarded@127.0.0.1:%u/scans",
                          bipe_private_postgres_get_port (server));
}

static BipeStatus *
get_status (Fixture *self)
{
  return bipe_station_dup_status (bipe_assembly_get_station (self->assembly));
}

static void
wait_for_store (Fixture *self, BipeStoreState state)
{
  for (;;)
    {
      g_autoptr(BipeStatus) status = get_status (self);

      if (status->store_state == state && (state == BIPE_STORE_OFFLINE || status->n_queued == 0))
        return;
      g_main_context_iteration (NULL, TRUE);
    }
}

static gboolean
change (Fixture *self, const BipeStationWish *wish, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_assembly_change_async (self->assembly, wish, finished_cb, &result);
  wait_for (&result);
  return bipe_assembly_change_finish (self->assembly, result, error);
}

static void
change_to (Fixture *self, const BipeStationWish *wish)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (change (self, wish, &error));
  g_assert_no_error (error);
}

static char *
probe (Fixture *self, const BipeStationWish *wish, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_assembly_probe_async (self->assembly, wish, NULL, finished_cb, &result);
  wait_for (&result);
  return bipe_assembly_probe_finish (self->assembly, result, error);
}

static void
accept (Fixture *self, const char *code)
{
  BipeStation *station = bipe_assembly_get_station (self->assembly);
  BipeScan draft = { .code = code, .source = BIPE_SOURCE_MANUAL };
  g_autoptr(GPtrArray) drafts = bipe_scan_array_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(BipeAppend) append = NULL;

  g_ptr_array_add (drafts, bipe_scan_new (&draft));
  bipe_station_accept_async (station, drafts, finished_cb, &result);
  wait_for (&result);
  append = bipe_station_accept_finish (station, result, NULL);
  g_assert_nonnull (append);
}

static void
assert_sql (const char *sql, const char *expected)
{
  g_autofree char *value = bipe_private_postgres_run (server, "scans", sql);

  g_assert_cmpstr (value, ==, expected);
}

static gboolean
has_password_file (Fixture *self)
{
  g_autofree char *path = g_build_filename (self->folder, "database.password", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
remove_password_file (Fixture *self)
{
  g_autofree char *path = g_build_filename (self->folder, "database.password", NULL);

  g_assert_cmpint (g_unlink (path), ==, 0);
}

static guint
get_store_number (Fixture *self)
{
  g_autoptr(BipeStatus) status = get_status (self);

  return status->store_number;
}

static void
test_database (Fixture *self, gconstpointer data)
{
  g_autofree char *url = make_url ();
  BipeStationWish wish = { .name = (char *)"doca 4", .database_url = url };
  g_autoptr(GError) error = NULL;
  g_autofree char *found = NULL;

  start (self, "");
  accept (self, "here");
  wait_for_store (self, BIPE_STORE_ONLINE);

  /* A probe keeps nothing. */
  wish.database_password = (char *)"falsch";
  g_assert_null (probe (self, &wish, &error));
  g_assert_nonnull (strstr (error->message, "does not take this password"));
  g_clear_error (&error);
  wish.database_password = (char *)"geheim";
  found = probe (self, &wish, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (found, "The table will be made."));
  g_assert_false (has_password_file (self));
  assert_sql ("SELECT to_regclass('scan')", NULL);

  change_to (self, &wish);
  g_assert_true (has_password_file (self));
  accept (self, "there");
  wait_for_store (self, BIPE_STORE_ONLINE);
  assert_sql ("SELECT string_agg(code || '@' || station, ' ') FROM scan", "there@doca 4");

  /* From now on it is known: to a probe, to a change, and to the next start. */
  wish.database_password = NULL;
  g_clear_pointer (&found, g_free);
  found = probe (self, &wish, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (found, "with 1 scan."));
  change_to (self, &wish);
  g_assert_cmpuint (get_store_number (self), ==, 2); /* the same database is no move */
  stop (self);

  start (self, url);
  accept (self, "again");
  wait_for_store (self, BIPE_STORE_ONLINE);

  /* What is in use is not lost with the place where it is kept. */
  remove_password_file (self);
  change_to (self, &wish);
  g_assert_cmpint (get_store_number (self), ==, 1);
  assert_sql ("SELECT count(*) FROM scan", "2");

  wish.database_password = (char *)"";
  change_to (self, &wish);
  wait_for_store (self, BIPE_STORE_OFFLINE);
  accept (self, "waits");
  wish.database_url = (char *)"";
  change_to (self, &wish);
  wait_for_store (self, BIPE_STORE_ONLINE);
  g_clear_pointer (&found, g_free);
  found = probe (self, &wish, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (found, self->folder));
  stop (self);
}

/* Where one part can't be had nothing is changed. */
static void
test_refused (Fixture *self, gconstpointer data)
{
  g_autofree char *long_name = g_strnfill (101, 'x');
  g_autofree char *url = make_url ();
  const struct
  {
    BipeStationWish wish;
    int code;
  } cases[] = {
    { { (char *)"new", TRUE, (char *)"mysql://geheim@h/d", NULL }, BIPE_ERROR_DATABASE_URL },
    { { (char *)"new", TRUE, (char *)"postgresql://ana:geheim@h:x/d", NULL },
      BIPE_ERROR_DATABASE_URL },
    { { long_name, TRUE, (char *)"", NULL }, BIPE_ERROR_SETTING },
    { { (char *)"\xff", TRUE, (char *)"", NULL }, BIPE_ERROR_SETTING },
    { { (char *)"new", TRUE, url, (char *)"geheim" }, BIPE_ERROR_NOT_WRITABLE },
  };
  g_autofree char *blocked = g_build_filename (self->folder, "database.password", NULL);

  g_assert_cmpint (g_mkdir (blocked, 0700), ==, 0); /* no file can be put there */
  start (self, "");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(BipeStatus) status = NULL;

      g_assert_false (change (self, &cases[i].wish, &error));
      g_assert_error (error, BIPE_ERROR, cases[i].code);
      g_test_message ("%s", error->message);
      g_assert_null (strstr (error->message, "geheim"));
      status = get_status (self);
      g_assert_cmpstr (status->station, ==, g_get_host_name ());
      g_assert_false (status->is_review);
      g_assert_cmpuint (status->store_number, ==, 1);
    }
  stop (self);
}

/* A password in the URL counts, and is kept nowhere; two changes at once are told apart. */
static void
test_in_url (Fixture *self, gconstpointer data)
{
  g_autofree char *url = g_strdup_printf ("postgresql://guarded:geheim@127.0.0.1:%u/scans",
                                          bipe_private_postgres_get_port (server));
  const BipeStationWish wish = { (char *)"", TRUE, url, (char *)"geheim, but the other" };
  const BipeStationWish second = { (char *)"", FALSE, (char *)"", NULL };
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(BipeStatus) status = NULL;
  g_autoptr(GError) error = NULL;

  start (self, "");
  bipe_assembly_change_async (self->assembly, &wish, finished_cb, &result);
  g_assert_false (change (self, &second, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_CONFLICT);
  wait_for (&result);
  g_assert_true (bipe_assembly_change_finish (self->assembly, result, NULL));
  wait_for_store (self, BIPE_STORE_ONLINE);
  status = get_status (self);
  g_assert_true (status->is_review);
  g_assert_false (has_password_file (self));
  g_clear_object (&result);
  stop (self);
}

static GLogWriterOutput
write_log_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE") && strstr (fields[i].value, "geheim") != NULL)
      n_secrets_told++;
  return level & G_LOG_LEVEL_WARNING ? G_LOG_WRITER_HANDLED
                                     : g_log_writer_default (level, fields, n_fields, user_data);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (write_log_cb, NULL, NULL);
  g_test_add ("/change/database", Fixture, NULL, set_up, test_database, tear_down);
  g_test_add ("/change/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add ("/change/in-url", Fixture, NULL, set_up, test_in_url, tear_down);
  server = bipe_private_postgres_new ();
  status = g_test_run ();
  bipe_private_postgres_free (server);
  return status;
}
