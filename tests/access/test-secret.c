/* test-secret.c: where the key comes from, with a secret service that is absent, silent, real, or
 * locked. The real one is gnome-keyring's, where it is installed. */
#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "access/secret.h"
#include "base/error.h"
#include "folder.h"

#define SERVICE "org.freedesktop.secrets"

static GBytes *
load (const char *file, const char *data_dir, BipeSecretKeyring keyring)
{
  g_autoptr(GError) error = NULL;
  GBytes *key = bipe_secret_load (file, data_dir, keyring, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (key), ==, BIPE_SECRET_SIZE);
  return key;
}

static void
test_files (Folder *self, gconstpointer data)
{
  g_autofree char *file = folder_join (self, "named.key");
  g_autofree char *wrong = folder_join (self, "wrong.key");
  g_autoptr(GBytes) named = load (file, self->path, BIPE_SECRET_KEYRING_UNUSED);
  g_autoptr(GBytes) named_again = load (file, self->path, BIPE_SECRET_KEYRING_MADE);
  g_autoptr(GBytes) own = load ("", self->path, BIPE_SECRET_KEYRING_UNUSED);
  g_autoptr(GBytes) own_again = load ("", self->path, BIPE_SECRET_KEYRING_UNUSED);
  g_autoptr(GBytes) own_with_service = load ("", self->path, BIPE_SECRET_KEYRING_MADE);
  g_autoptr(GError) error = NULL;

  g_assert_true (g_bytes_equal (named, named_again));
  g_assert_true (g_bytes_equal (own, own_again));
  g_assert_true (g_bytes_equal (own, own_with_service));
  g_assert_false (g_bytes_equal (named, own));
  g_assert_cmpuint (folder_count (self), ==, 2);

  /* A key that can't be used is not made good by another one. */
  g_assert_true (g_file_set_contents (wrong, "short", -1, NULL));
  g_assert_null (bipe_secret_load (wrong, self->path, BIPE_SECRET_KEYRING_UNUSED, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_SETTING);
}

static gboolean
has_file (const Folder *self)
{
  g_autofree char *path = folder_join (self, "secret.key");

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
test_no_bus (Folder *self, gconstpointer data)
{
  g_autoptr(GBytes) key = NULL;

  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
  key = load ("", self->path, BIPE_SECRET_KEYRING_MADE);
  g_assert_true (has_file (self));
}

static void
test_no_service (Folder *self, gconstpointer data)
{
  g_autoptr(GTestDBus) bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_autoptr(GBytes) key = NULL;

  g_test_dbus_up (bus);
  key = load ("", self->path, BIPE_SECRET_KEYRING_MADE);
  g_assert_true (has_file (self));
  g_test_dbus_stop (bus);
}

/* Every call is taken and none answered. */
static GDBusMessage *
swallow (GDBusConnection *connection, GDBusMessage *message, gboolean is_incoming, gpointer data)
{
  if (is_incoming && g_dbus_message_get_message_type (message) == G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    {
      g_object_unref (message);
      return NULL;
    }
  return message;
}

static void
test_silent (Folder *self, gconstpointer data)
{
  g_autoptr(GTestDBus) bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_autoptr(GDBusConnection) connection = NULL;
  g_autoptr(GVariant) owned = NULL;
  g_autoptr(GBytes) key = NULL, again = NULL;
  g_autoptr(GError) error = NULL;
  gint64 start, duration;

  g_test_dbus_up (bus);
  connection = g_dbus_connection_new_for_address_sync (
      g_test_dbus_get_bus_address (bus),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);
  g_assert_no_error (error);
  g_dbus_connection_add_filter (connection, swallow, NULL, NULL);
  owned = g_dbus_connection_call_sync (
      connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "RequestName", g_variant_new ("(su)", SERVICE, 4), NULL, 0, -1, NULL, &error);
  g_assert_no_error (error);

  start = g_get_monotonic_time ();
  key = load ("", self->path, BIPE_SECRET_KEYRING_MADE);
  duration = g_get_monotonic_time () - start;
  g_test_message ("%.2f s", (double)duration / G_USEC_PER_SEC);
  g_assert_cmpint (duration, >, G_USEC_PER_SEC);
  g_assert_cmpint (duration, <, 5 * G_USEC_PER_SEC);
  g_assert_true (has_file (self));
  again = load ("", self->path, BIPE_SECRET_KEYRING_MADE);
  g_assert_true (g_bytes_equal (key, again));
  g_dbus_connection_close_sync (connection, NULL, NULL);
  g_test_dbus_stop (bus);
}

/* It must not outlive a test that fails. */
static void
end_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* A keyring of its own, in @self's folder "home"; open where @password is given. */
static GPid
start_keyring (const char *home, const char *password)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *data = g_build_filename (home, "data", NULL);
  g_auto(GStrv) environment = g_get_environ ();
  const char *const arguments[]
      = { "gnome-keyring-daemon", "--foreground", "--components=secrets",
          password != NULL ? "--unlock" : "--control-directory=/nonexistent", NULL };
  g_autoptr(GDBusConnection) connection = NULL;
  gboolean is_there = FALSE;
  int input;
  GPid pid;

  environment = g_environ_setenv (environment, "XDG_DATA_HOME", data, TRUE);
  environment = g_environ_setenv (environment, "XDG_RUNTIME_DIR", home, TRUE);
  environment = g_environ_setenv (environment, "HOME", home, TRUE);
  g_spawn_async_with_pipes (NULL, (char **)arguments, environment,
                            G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD
                                | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                            end_with_parent, NULL, &pid, &input, NULL, NULL, &error);
  g_assert_no_error (error);
  if (password != NULL)
    g_assert_cmpint (write (input, password, strlen (password)), ==, (gssize)strlen (password));
  g_close (input, NULL);

  connection = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 500 && !is_there; i++)
    {
      g_autoptr(GVariant) answer = g_dbus_connection_call_sync (
          connection, SERVICE, "/org/freedesktop/secrets", "org.freedesktop.DBus.Properties", "Get",
          g_variant_new ("(ss)", "org.freedesktop.Secret.Service", "Collections"), NULL,
          G_DBUS_CALL_FLAGS_NO_AUTO_START, 1000, NULL, NULL);

      is_there = answer != NULL;
      g_usleep (20000);
    }
  g_assert_true (is_there);
  return pid;
}

static void
stop_keyring (GPid pid)
{
  kill (pid, SIGTERM);
  waitpid (pid, NULL, 0);
  g_spawn_close_pid (pid);
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

/* Kept in the keyring, and found there again, by folder; locked, it is not replaced by another. */
static void
test_keyring (Folder *self, gconstpointer data)
{
  g_autofree char *program = g_find_program_in_path ("gnome-keyring-daemon");
  g_autofree char *home = folder_join (self, "home");
  g_autoptr(GTestDBus) bus = NULL;
  g_autoptr(GBytes) key = NULL, again = NULL, other = NULL;
  g_autoptr(GError) error = NULL;
  GPid pid;

  if (program == NULL)
    {
      g_test_skip ("gnome-keyring is not installed");
      return;
    }
  g_assert_cmpint (g_mkdir (home, 0700), ==, 0);
  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);

  pid = start_keyring (home, "password");
  key = load ("", self->path, BIPE_SECRET_KEYRING_MADE);
  again = load ("", self->path, BIPE_SECRET_KEYRING_MADE);
  g_assert_true (g_bytes_equal (key, again));
  g_assert_false (has_file (self));
  other = load ("", "/another/folder", BIPE_SECRET_KEYRING_MADE);
  g_assert_false (g_bytes_equal (key, other));
  stop_keyring (pid);

  pid = start_keyring (home, NULL);
  g_assert_null (bipe_secret_load ("", self->path, BIPE_SECRET_KEYRING_MADE, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "locked"));
  g_assert_false (has_file (self));
  stop_keyring (pid);

  g_test_dbus_stop (bus);
  remove_all (home);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/secret/files", Folder, NULL, folder_set_up, test_files, folder_tear_down);
  g_test_add ("/secret/no-bus", Folder, NULL, folder_set_up, test_no_bus, folder_tear_down);
  g_test_add ("/secret/no-service", Folder, NULL, folder_set_up, test_no_service, folder_tear_down);
  g_test_add ("/secret/silent", Folder, NULL, folder_set_up, test_silent, folder_tear_down);
  g_test_add ("/secret/keyring", Folder, NULL, folder_set_up, test_keyring, folder_tear_down);
  return g_test_run ();
}
