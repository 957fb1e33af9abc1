/* test-database-password.c: the database's password is kept, found again, changed and forgotten: in
 * a keyring, and in a file where there is none. */
#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "access/database-password.h"
#include "access/password-file.h"
#include "base/error.h"
#include "folder.h"
#include "keyring-daemon.h"

#define URL "postgresql://ana@db:5432/bench"
#define OTHER "postgresql://ana@db:5432/other"

static void
keep (const Folder *self, const char *url, const char *password, gboolean uses_keyring)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (bipe_database_password_keep (self->path, url, password, uses_keyring, &error));
  g_assert_no_error (error);
}

static void
assert_kept (const Folder *self, const char *url, const char *expected, gboolean uses_keyring)
{
  g_autofree char *password = bipe_database_password_load (self->path, url, uses_keyring);

  g_assert_cmpstr (password, ==, expected);
}

static char *
read_file (const Folder *self)
{
  g_autofree char *path = folder_join (self, "database.password");
  char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? text : NULL;
}

static void
test_file (Folder *self, gconstpointer data)
{
  /* What a key file would take for something else. */
  static const char *const passwords[]
      = { "geheim", " with blanks ", "a=b;c#d", "[group]", "line\nbreak", "tab\tand \\s", "ção" };
  g_autofree char *path = folder_join (self, "database.password");
  g_autofree char *text = NULL;
  struct stat status;

  assert_kept (self, URL, NULL, FALSE);
  g_assert_cmpuint (folder_count (self), ==, 0);
  keep (self, URL, "", FALSE);
  g_assert_cmpuint (folder_count (self), ==, 0);

  for (guint i = 0; i < G_N_ELEMENTS (passwords); i++)
    {
      keep (self, URL, passwords[i], FALSE);
      assert_kept (self, URL, passwords[i], FALSE);
      assert_kept (self, OTHER, NULL, FALSE);
    }
  keep (self, OTHER, "second", FALSE);
  assert_kept (self, OTHER, "second", FALSE);
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  text = read_file (self);
  g_assert_null (strstr (text, "bench")); /* nor does it tell which database */

  keep (self, URL, "", FALSE);
  assert_kept (self, URL, NULL, FALSE);
  assert_kept (self, OTHER, "second", FALSE);
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *url = g_strdup_printf ("postgresql://db/%u", i);

      keep (self, url, "x", FALSE);
      assert_kept (self, url, "x", FALSE);
    }
  g_clear_pointer (&text, g_free);
  text = read_file (self);
  g_assert_cmpuint (strlen (text), <, 2000);
  /* At the bound the oldest makes room, and one that is there already needs none. */
  keep (self, "postgresql://db/99", "changed", FALSE);
  assert_kept (self, "postgresql://db/79", NULL, FALSE);
  assert_kept (self, "postgresql://db/80", "x", FALSE);
  assert_kept (self, "postgresql://db/99", "changed", FALSE);
  keep (self, URL, "new", FALSE);
  assert_kept (self, "postgresql://db/80", NULL, FALSE);
  assert_kept (self, "postgresql://db/81", "x", FALSE);
}

/* One that others may read has told its secrets; one that can't be read has none. */
static void
test_bad_file (Folder *self, gconstpointer data)
{
  g_autofree char *path = folder_join (self, "database.password");
  g_autofree char *nowhere = folder_join (self, "nowhere/database.password");
  g_autoptr(GError) error = NULL;
  struct stat status;

  keep (self, URL, "geheim", FALSE);
  g_assert_cmpint (g_chmod (path, 0640), ==, 0);
  assert_kept (self, URL, NULL, FALSE);
  keep (self, URL, "new", FALSE);
  assert_kept (self, URL, "new", FALSE);
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);

  g_assert_true (g_file_set_contents (path, "geheim", -1, NULL));
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  assert_kept (self, URL, NULL, FALSE);

  g_assert_false (bipe_password_file_write (nowhere, URL, "geheim", &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_WRITABLE);
  g_assert_null (strstr (error->message, "geheim"));
}

/* Without a bus all is in the file. */
static void
test_no_bus (Folder *self, gconstpointer data)
{
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
  keep (self, URL, "geheim", TRUE);
  assert_kept (self, URL, "geheim", TRUE);
  assert_kept (self, URL, "geheim", FALSE);
  keep (self, URL, "", TRUE);
  assert_kept (self, URL, NULL, TRUE);
}

static void
assert_in_file (const Folder *self, gboolean is_there)
{
  assert_kept (self, URL, is_there ? "file" : NULL, FALSE);
}

static void
test_keyring (Folder *self, gconstpointer data)
{
  g_autofree char *home = folder_join (self, "home");
  g_autoptr(GTestDBus) bus = NULL;
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

  /* What the file had goes where it is safer. */
  keep (self, URL, "file", FALSE);
  assert_in_file (self, TRUE);
  keep (self, URL, "geheim", TRUE);
  assert_in_file (self, FALSE);
  assert_kept (self, URL, "geheim", TRUE);
  assert_kept (self, OTHER, NULL, TRUE);
  keep (self, URL, "another", TRUE);
  assert_kept (self, URL, "another", TRUE);
  keep (self, OTHER, "second", TRUE);
  keep (self, URL, "", TRUE);
  assert_kept (self, URL, NULL, TRUE);
  assert_kept (self, OTHER, "second", TRUE);
  keyring_daemon_stop (pid);

  /* Locked, it gives nothing, and a new one is kept in the file, which counts. */
  pid = keyring_daemon_start (home, NULL);
  assert_kept (self, OTHER, NULL, TRUE);
  keep (self, URL, "file", TRUE);
  assert_in_file (self, TRUE);
  assert_kept (self, URL, "file", TRUE);
  keyring_daemon_stop (pid);

  g_test_dbus_stop (bus);
  keyring_daemon_remove (home);
}

/* The log is warned, and none of it has a secret. */
static GLogWriterOutput
write_log_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE"))
      g_assert_null (strstr (fields[i].value, "geheim"));
  return level & G_LOG_LEVEL_WARNING ? G_LOG_WRITER_HANDLED
                                     : g_log_writer_default (level, fields, n_fields, user_data);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (write_log_cb, NULL, NULL);
  g_test_add ("/database-password/file", Folder, NULL, folder_set_up, test_file, folder_tear_down);
  g_test_add ("/database-password/bad-file", Folder, NULL, folder_set_up, test_bad_file,
              folder_tear_down);
  g_test_add ("/database-password/no-bus", Folder, NULL, folder_set_up, test_no_bus,
              folder_tear_down);
  g_test_add ("/database-password/keyring", Folder, NULL, folder_set_up, test_keyring,
              folder_tear_down);
  return g_test_run ();
}
