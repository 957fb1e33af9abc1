#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "folder-tools.h"
#include "speech/shelf.h"

static char *
make_key (guint number)
{
  return g_strdup_printf ("%064x", number);
}

static void
put (BipeShelf *shelf, guint number, gsize size)
{
  g_autofree char *key = make_key (number);
  g_autofree char *bytes = g_malloc0 (size);
  g_autofree char *path = NULL;
  g_autoptr(GError) error = NULL;
  int fd = bipe_shelf_begin (shelf, &path, &error);

  g_assert_no_error (error);
  g_assert_cmpint (write (fd, bytes, size), ==, (gssize)size);
  close (fd);
  g_assert_true (bipe_shelf_put (shelf, path, key, &error));
  g_assert_no_error (error);
}

/* Also uses it. */
static gboolean
has (BipeShelf *shelf, guint number)
{
  g_autofree char *key = make_key (number);
  g_autofree char *path = bipe_shelf_find (shelf, key);

  g_assert_true (path == NULL || g_file_test (path, G_FILE_TEST_IS_REGULAR));
  return path != NULL;
}

static void
test_bytes (void)
{
  char *folder = make_folder ();
  g_autoptr(BipeShelf) shelf = bipe_shelf_open (folder, 1000, 100, NULL);

  put (shelf, 1, 400);
  put (shelf, 2, 400);
  g_assert_true (has (shelf, 1));
  put (shelf, 3, 400);
  g_assert_false (has (shelf, 2)); /* used longer ago */
  g_assert_true (has (shelf, 1) && has (shelf, 3));
  put (shelf, 4, 5000); /* the newest stays */
  g_assert_true (has (shelf, 4));
  g_assert_cmpuint (count_files (folder, "."), ==, 1);
  put (shelf, 4, 10); /* the room of the one before is free */
  put (shelf, 5, 990);
  g_assert_true (has (shelf, 4) && has (shelf, 5));
  put (shelf, 6, 1);
  g_assert_false (has (shelf, 4));
  g_assert_true (has (shelf, 5) && has (shelf, 6));
  remove_folder (folder);
}

static void
test_files (void)
{
  char *folder = make_folder ();
  g_autoptr(BipeShelf) shelf = bipe_shelf_open (folder, 1000000, 3, NULL);

  for (guint i = 0; i < 10; i++)
    put (shelf, i, 1);
  g_assert_cmpuint (count_files (folder, "."), ==, 3);
  g_assert_true (has (shelf, 7) && has (shelf, 8) && has (shelf, 9));
  remove_folder (folder);
}

/* The order of use outlives the process, and what was unfinished does not. */
static void
test_reopened (void)
{
  char *folder = make_folder ();
  g_autofree char *other = g_build_filename (folder, "README", NULL);
  BipeShelf *shelf = bipe_shelf_open (folder, 1000, 3, NULL);
  g_autofree char *unfinished = NULL;

  put (shelf, 1, 10);
  g_usleep (20000);
  put (shelf, 2, 10);
  g_usleep (20000);
  put (shelf, 3, 10);
  g_usleep (20000);
  g_assert_true (has (shelf, 1));
  close (bipe_shelf_begin (shelf, &unfinished, NULL));
  bipe_shelf_free (shelf);
  g_assert_true (g_file_set_contents (other, "x", 1, NULL));

  shelf = bipe_shelf_open (folder, 1000, 3, NULL);
  g_assert_false (g_file_test (unfinished, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (other, G_FILE_TEST_EXISTS));
  put (shelf, 4, 10);
  g_assert_false (has (shelf, 2));
  g_assert_true (has (shelf, 1) && has (shelf, 3) && has (shelf, 4));
  bipe_shelf_free (shelf);
  /* Under a smaller bound it is smaller. */
  shelf = bipe_shelf_open (folder, 15, 3, NULL);
  g_assert_cmpuint (count_files (folder, "."), ==, 2); /* with the other */
  bipe_shelf_free (shelf);
  remove_folder (folder);
}

static void
test_link (void)
{
  char *folder = make_folder ();
  g_autofree char *inner = g_build_filename (folder, "names", NULL);
  g_autoptr(BipeShelf) shelf = bipe_shelf_open (folder, 1000, 10, NULL);
  g_autoptr(BipeShelf) names = bipe_shelf_open (inner, 30, 10, NULL);
  g_autofree char *first = make_key (1);
  g_autofree char *second = make_key (2);
  g_autofree char *path = NULL;
  g_autofree char *other = NULL;
  g_autoptr(GError) error = NULL;

  put (shelf, 1, 10);
  put (shelf, 2, 20);
  path = bipe_shelf_find (shelf, first);
  other = bipe_shelf_find (shelf, second);
  for (guint i = 0; i < 3; i++) /* also once more the same */
    g_assert_true (bipe_shelf_link (names, path, first, &error));
  g_assert_cmpuint (count_files (folder, "names"), ==, 1);
  g_assert_true (bipe_shelf_link (names, other, second, &error)); /* there is just room for it */
  g_assert_true (has (names, 2) && has (names, 1));
  g_assert_true (bipe_shelf_link (names, other, first, &error));
  g_assert_true (has (names, 1));
  g_assert_false (has (names, 2));
  g_assert_true (has (shelf, 1) && has (shelf, 2));
  g_assert_false (bipe_shelf_link (names, "/nowhere", first, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_FULL);
  remove_folder (folder);
}

/* Somebody has removed a file, or the whole folder. */
static void
test_gone (void)
{
  char *folder = make_folder ();
  g_autofree char *inner = g_build_filename (folder, "a", "b", NULL);
  g_autoptr(BipeShelf) shelf = bipe_shelf_open (inner, 1000, 10, NULL);
  g_autofree char *key = make_key (1);
  g_autofree char *path = NULL;
  g_autofree char *unfinished = NULL;
  g_autoptr(GError) error = NULL;

  put (shelf, 1, 10);
  path = bipe_shelf_find (shelf, key);
  g_unlink (path);
  g_assert_false (has (shelf, 1));
  put (shelf, 1, 995);
  put (shelf, 2, 5); /* the first one takes no room any more */
  for (guint i = 1; i <= 2; i++)
    {
      g_autofree char *other = make_key (i);
      g_autofree char *found = bipe_shelf_find (shelf, other);

      g_assert_cmpint (g_unlink (found), ==, 0);
    }
  g_assert_cmpint (g_rmdir (inner), ==, 0);
  g_assert_cmpint (bipe_shelf_begin (shelf, &unfinished, &error), ==, -1);
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_FULL);
  g_assert_null (unfinished);
  remove_folder (folder);
}

static void
test_not_writable (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (bipe_shelf_open ("/dev/null/x", 1, 1, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_WRITABLE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/shelf/bytes", test_bytes);
  g_test_add_func ("/shelf/files", test_files);
  g_test_add_func ("/shelf/reopened", test_reopened);
  g_test_add_func ("/shelf/link", test_link);
  g_test_add_func ("/shelf/gone", test_gone);
  g_test_add_func ("/shelf/not-writable", test_not_writable);
  return g_test_run ();
}
