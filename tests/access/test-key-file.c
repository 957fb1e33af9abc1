#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "access/key-file.h"
#include "access/secret.h"
#include "base/error.h"
#include "folder.h"

static void
test_make (Folder *self, gconstpointer data)
{
  g_autofree char *path = folder_join (self, "secret.key");
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) made = NULL, read = NULL, again = NULL, other = NULL;
  GStatBuf status;

  g_assert_true (bipe_key_file_read (path, &read, &error));
  g_assert_no_error (error);
  g_assert_null (read);

  made = bipe_key_file_make (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (made), ==, BIPE_SECRET_SIZE);
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  g_assert_true (bipe_key_file_read (path, &read, &error));
  g_assert_true (g_bytes_equal (made, read));

  /* Whoever comes second takes what is there. */
  again = bipe_key_file_make (path, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (made, again));
  g_assert_cmpuint (folder_count (self), ==, 1);

  other = bipe_key_new (&error);
  g_assert_false (g_bytes_equal (made, other));
}

static void
test_not_writable (Folder *self, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) key = bipe_key_file_make ("/proc/nowhere/secret.key", &error);

  g_assert_null (key);
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_WRITABLE);
  g_assert_nonnull (strstr (error->message, "secret-key-file"));
}

static const struct
{
  const char *name;
  gsize length;
  int mode;
  const char *why; /* NULL: it is good */
} files[] = {
  { "private", 32, 0600, NULL },
  { "read only", 32, 0400, NULL },
  { "readable by the group", 32, 0640, NULL },
  { "readable by all", 32, 0644, "other users" },
  { "writable by the group", 32, 0660, "other users" },
  { "writable by all", 32, 0602, "other users" },
  { "empty", 0, 0600, "it has 0 bytes, and a key has 32" },
  { "short", 31, 0600, "it has 31 bytes" },
  { "a line", 33, 0600, "it has 33 bytes" },
  { "long", 1 << 20, 0600, "it has 1048576 bytes" },
};

static void
test_files (Folder *self, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = folder_join (self, files[i].name);
      g_autofree char *content = g_strnfill (files[i].length, 'k');
      g_autoptr(GError) error = NULL;
      g_autoptr(GBytes) key = NULL;
      gboolean is_read;

      g_test_message ("%s", files[i].name);
      g_assert_true (g_file_set_contents (path, content, (gssize)files[i].length, NULL));
      g_assert_cmpint (g_chmod (path, files[i].mode), ==, 0);
      is_read = bipe_key_file_read (path, &key, &error);
      g_assert_cmpint (is_read, ==, files[i].why == NULL);
      if (is_read)
        {
          g_assert_cmpmem (g_bytes_get_data (key, NULL), g_bytes_get_size (key), content, 32);
          continue;
        }
      g_assert_null (key);
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_SETTING);
      g_assert_nonnull (strstr (error->message, files[i].why));
      g_assert_nonnull (strstr (error->message, path));
    }
}

/* None of them may keep the start waiting. */
static void
test_no_files (Folder *self, gconstpointer data)
{
  g_autofree char *pipe = folder_join (self, "pipe");
  const char *const paths[] = { pipe, self->path, "/dev/zero" };

  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GBytes) key = NULL;

      g_assert_false (bipe_key_file_read (paths[i], &key, &error));
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_SETTING);
      g_assert_nonnull (strstr (error->message, "no file"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/key-file/make", Folder, NULL, folder_set_up, test_make, folder_tear_down);
  g_test_add ("/key-file/not-writable", Folder, NULL, folder_set_up, test_not_writable,
              folder_tear_down);
  g_test_add ("/key-file/files", Folder, NULL, folder_set_up, test_files, folder_tear_down);
  g_test_add ("/key-file/no-files", Folder, NULL, folder_set_up, test_no_files, folder_tear_down);
  return g_test_run ();
}
