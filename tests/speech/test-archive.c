#include "config.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "base/error.h"
#include "folder-tools.h"
#include "speech/archive.h"

#define KEY "00000000000000000000000000000000000000000000000000000000000000ab"
#define OTHER "00000000000000000000000000000000000000000000000000000000000000cd"

static const BipeArchiveLimits limits
    = { .cached_bytes = 1000, .cached_files = 3, .named_bytes = 1000, .named_files = 3 };

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

/* Of a new file; NULL: there is a recording. */
static char *
begin (BipeArchive *archive, const char *key, int *sink, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;
  char *path = NULL;

  bipe_archive_begin_async (archive, key, done_cb, &result);
  bipe_archive_begin_finish (wait_for (&result), &path, sink, error);
  return path;
}

static void
keep (BipeArchive *archive, const char *key, const char *bytes)
{
  g_autoptr(GError) error = NULL;
  int sink;
  g_autofree char *path = begin (archive, key, &sink, &error);

  g_assert_no_error (error);
  g_assert_cmpint (write (sink, bytes, strlen (bytes)), ==, (gssize)strlen (bytes));
  close (sink);
  bipe_archive_keep (archive, path, key);
}

static BipeRecording *
give (BipeArchive *archive, const char *key, const char *name, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_archive_give_async (archive, key, name, done_cb, &result);
  return bipe_archive_give_finish (wait_for (&result), error);
}

static BipeRecording *
find (BipeArchive *archive, const char *name, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_archive_find_async (archive, name, done_cb, &result);
  return bipe_archive_give_finish (wait_for (&result), error);
}

static void
assert_is (BipeRecording *recording, const char *bytes)
{
  gsize length;
  const char *is = g_bytes_get_data (recording->bytes, &length);

  g_assert_cmpmem (is, length, bytes, strlen (bytes));
}

static void
test_kept (void)
{
  char *folder = make_folder ();
  BipeArchive *archive = bipe_archive_new (folder, &limits);
  g_autoptr(BipeRecording) given = NULL;
  g_autoptr(BipeRecording) found = NULL;
  g_autoptr(BipeRecording) again = NULL;
  g_autoptr(GError) error = NULL;
  int sink;

  g_assert_cmpuint (count_files (folder, "."), ==, 0); /* nothing before it is asked */
  keep (archive, KEY, "sound");
  given = give (archive, KEY, "name", &error);
  g_assert_no_error (error);
  assert_is (given, "sound");
  g_assert_null (begin (archive, KEY, &sink, &error));
  g_assert_no_error (error);
  g_assert_cmpint (sink, ==, -1);

  /* What is given stays as it is; its name is another one's from now on. */
  keep (archive, OTHER, "noise");
  bipe_recording_free (give (archive, OTHER, "name", NULL));
  assert_is (given, "sound");
  found = find (archive, "name", &error);
  assert_is (found, "noise");
  bipe_archive_free (archive);

  archive = bipe_archive_new (folder, &limits);
  again = find (archive, "name", &error);
  assert_is (again, "noise");
  bipe_archive_free (archive);
  remove_folder (folder);
}

static void
test_missing (void)
{
  char *folder = make_folder ();
  g_autoptr(BipeArchive) archive = bipe_archive_new (folder, &limits);
  g_autoptr(GError) error = NULL;
  g_autofree char *path = NULL;
  int sink;

  g_assert_null (find (archive, "name", &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (give (archive, KEY, NULL, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_FULL);
  g_clear_error (&error);

  /* What is discarded is not there; and what can't be kept neither, whatever was asked behind it.
   */
  path = begin (archive, KEY, &sink, &error);
  bipe_archive_discard (archive, path, sink);
  g_log_set_always_fatal (G_LOG_FATAL_MASK); /* a warning says why */
  bipe_archive_keep (archive, path, KEY);
  g_assert_null (give (archive, KEY, NULL, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_FULL);
  g_assert_cmpuint (count_files (folder, "cache"), ==, 0);
  remove_folder (folder);
}

/* All that was asked for is done before the end. */
static void
test_end (void)
{
  char *folder = make_folder ();
  BipeArchive *archive = bipe_archive_new (folder, &limits);
  int sink;
  g_autofree char *path = begin (archive, KEY, &sink, NULL);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(BipeRecording) given = NULL;

  g_assert_cmpint (write (sink, "sound", 5), ==, 5);
  close (sink);
  bipe_archive_keep (archive, path, KEY);
  bipe_archive_give_async (archive, KEY, "name", done_cb, &result);
  bipe_archive_free (archive);
  given = bipe_archive_give_finish (wait_for (&result), NULL);
  assert_is (given, "sound");
  g_assert_cmpuint (count_files (folder, "names"), ==, 1);
  remove_folder (folder);
}

static void
test_not_writable (void)
{
  g_autoptr(BipeArchive) archive = bipe_archive_new ("/dev/null/x", &limits);
  g_autoptr(GError) error = NULL;
  int sink;

  g_assert_null (begin (archive, KEY, &sink, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_WRITABLE);
  g_assert_cmpint (sink, ==, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/archive/kept", test_kept);
  g_test_add_func ("/archive/missing", test_missing);
  g_test_add_func ("/archive/end", test_end);
  g_test_add_func ("/archive/not-writable", test_not_writable);
  return g_test_run ();
}
