/* test-secret.c: where the key comes from, with a secret service that is absent, silent, real, or
 * locked. The real one is gnome-keyring's, where it is installed. */
#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "access/secret.h"
#include "base/error.h"
#include "folder.h"
#include "keyring-daemon.h"

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
  owned = g_dbus_connection_call_sync (connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "RequestName",
                                       g_variant_new ("(su)", "org.freedesktop.secrets", 4), NULL,
                                       0, -1, NULL, &error);
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

/* Kept in the keyring, and found there again, by folder; locked, it is not replaced by another. */
static void
test_keyring (Folder *self, gconstpointer data)
{
  g_autofree char *home = folder_join (self, "home");
  g_autoptr(GTestDBus) bus = NULL;
  g_autoptr(GBytes) key = NULL, again = NULL, other = NULL;
  g_autoptr(GError) error = NULL;
  GPid pid;

  if (!keyring_daemon_is_installed ())
    {
      g_test_skip ("gnome-keyring is not installed");
      return;
    }
  g_assert_cmpint (g_mkdir (home, 0700), ==, 0);
  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);

  pid = keyring_daemon_start (home, "password");
  key = load ("", self->path, BIPE_SECRET_KEYRING_MADE);
  again = load ("", self->path, BIPE_SECRET_KEYRING_MADE);
  g_assert_true (g_bytes_equal (key, again));
  g_assert_false (has_file (self));
  other = load ("", "/another/folder", BIPE_SECRET_KEYRING_MADE);
  g_assert_false (g_bytes_equal (key, other));
  keyring_daemon_stop (pid);

  pid = keyring_daemon_start (home, NULL);
  g_assert_null (bipe_secret_load ("", self->path, BIPE_SECRET_KEYRING_MADE, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "locked"));
  g_assert_false (has_file (self));
  keyring_daemon_stop (pid);

  g_test_dbus_stop (bus);
  keyring_daemon_remove (home);
}

/* As in a sandbox: a file of libsecret's, which is encrypted with what the portal would give. */
static void
test_sandbox (Folder *self, gconstpointer data)
{
  g_autofree char *home = folder_join (self, "home");
  g_autofree char *path = g_build_filename (home, "keyring", NULL);
  g_autoptr(GBytes) key = NULL, again = NULL, other = NULL;

#ifdef __SANITIZE_ADDRESS__
  g_test_skip ("libsecret 0.20 leaks the tag of each file that it writes");
  return;
#endif
  g_assert_cmpint (g_mkdir (home, 0700), ==, 0);
  g_setenv ("SECRET_BACKEND", "file", TRUE);
  g_setenv ("SECRET_FILE_TEST_PATH", path, TRUE);
  g_setenv ("SECRET_FILE_TEST_PASSWORD", "the portal's", TRUE);

  key = load ("", self->path, BIPE_SECRET_KEYRING_MADE);
  again = load ("", self->path, BIPE_SECRET_KEYRING_MADE);
  g_assert_true (g_bytes_equal (key, again));
  g_assert_false (has_file (self));
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
  other = load ("", "/another/folder", BIPE_SECRET_KEYRING_MADE);
  g_assert_false (g_bytes_equal (key, other));

  g_unsetenv ("SECRET_FILE_TEST_PASSWORD");
  g_unsetenv ("SECRET_FILE_TEST_PATH");
  g_unsetenv ("SECRET_BACKEND");
  keyring_daemon_remove (home);
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
  g_test_add ("/secret/sandbox", Folder, NULL, folder_set_up, test_sandbox, folder_tear_down);
  return g_test_run ();
}
