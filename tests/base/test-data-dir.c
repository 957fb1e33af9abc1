/* test-data-dir.c: the second process is this program again: with a folder as its argument it takes
 * the folder, says how that went, and holds it until its standard input ends. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/data-dir.h"
#include "base/error.h"

#define NOBODY 65534

static const char *program;

static int
hold (const char *path, const char *address)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeDataDir) dir = bipe_data_dir_open (path, address, &error);
  char byte;

  if (dir == NULL)
    {
      g_print ("%d %s\n", error->code, error->message);
      return 1;
    }
  g_print ("held\n");
  while (read (STDIN_FILENO, &byte, 1) > 0)
    ;
  return 0;
}

static GSubprocess *
start (const char *path, const char *address, GSubprocessFlags flags, char **answer)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GDataInputStream) out = NULL;
  GSubprocess *process
      = g_subprocess_new (flags | G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                          &error, program, "--hold", path, address, NULL);

  g_assert_no_error (error);
  out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  *answer = g_data_input_stream_read_line (out, NULL, NULL, &error);
  g_assert_no_error (error);
  return process;
}

static char *
make_folder (void)
{
  g_autoptr(GError) error = NULL;
  char *folder = g_dir_make_tmp ("bipe-test-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static void
remove_folder (const char *folder)
{
  g_autofree char *lock = g_build_filename (folder, "lock", NULL);

  g_unlink (lock);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_makes_folder (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *outer = g_build_filename (folder, "a", NULL);
  g_autofree char *path = g_build_filename (outer, "b", NULL);
  g_autofree char *lock = g_build_filename (path, "lock", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeDataDir) dir = bipe_data_dir_open (path, NULL, &error);
  GStatBuf info;

  g_assert_no_error (error);
  g_assert_cmpstr (bipe_data_dir_get_path (dir), ==, path);
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0700);
  g_assert_cmpint (g_stat (lock, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);

  remove_folder (path);
  remove_folder (outer);
  remove_folder (folder);
}

static void
test_second_in_process (void)
{
  g_autofree char *folder = make_folder ();
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeDataDir) first = bipe_data_dir_open (folder, NULL, &error);
  g_autoptr(BipeDataDir) second = bipe_data_dir_open (folder, NULL, &error);
  g_autofree char *self = g_strdup_printf ("process %d", (int)getpid ());

  g_assert_nonnull (first);
  g_assert_null (second);
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_LOCKED);
  g_assert_nonnull (strstr (error->message, self));
  g_assert_nonnull (strstr (error->message, folder));
  g_assert_null (bipe_data_dir_dup_holder_address (folder));

  g_clear_error (&error);
  g_clear_pointer (&first, bipe_data_dir_free);
  second = bipe_data_dir_open (folder, NULL, &error);
  g_assert_no_error (error);
  remove_folder (folder);
}

static void
test_second_process (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *answer = NULL, *refusal = NULL, *address = NULL;
  g_autoptr(GSubprocess) holder
             = start (folder, "http://localhost:5000", G_SUBPROCESS_FLAGS_NONE, &answer);
  g_autoptr(GSubprocess) second = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeDataDir) dir = bipe_data_dir_open (folder, "http://localhost:1", &error);

  g_assert_cmpstr (answer, ==, "held");
  g_assert_null (dir);
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_LOCKED);
  g_assert_nonnull (strstr (error->message, g_subprocess_get_identifier (holder)));
  g_assert_nonnull (strstr (error->message, "http://localhost:5000"));
  address = bipe_data_dir_dup_holder_address (folder);
  g_assert_cmpstr (address, ==, "http://localhost:5000");

  second = start (folder, "http://localhost:2", G_SUBPROCESS_FLAGS_NONE, &refusal);
  g_assert_true (g_subprocess_wait (second, NULL, NULL));
  g_assert_cmpint (g_subprocess_get_exit_status (second), ==, 1);
  g_assert_cmpint (atoi (refusal), ==, BIPE_ERROR_LOCKED);

  /* However the holder ends, the folder is free. */
  g_subprocess_force_exit (holder);
  g_assert_true (g_subprocess_wait (holder, NULL, NULL));
  g_clear_error (&error);
  dir = bipe_data_dir_open (folder, "http://localhost:3", &error);
  g_assert_no_error (error);
  g_clear_pointer (&address, g_free);
  address = bipe_data_dir_dup_holder_address (folder);
  g_assert_cmpstr (address, ==, "http://localhost:3");
  remove_folder (folder);
}

static void
assert_free (const char *path)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (bipe_data_dir_check_held (path, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, path));
}

/* Whoever looks takes nothing and makes nothing. */
static void
test_check_held (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *inner = g_build_filename (folder, "inner", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeDataDir) dir = NULL, second = NULL;

  assert_free (inner);
  g_assert_false (g_file_test (inner, G_FILE_TEST_EXISTS));
  assert_free (folder);
  dir = bipe_data_dir_open (folder, "http://localhost:1", &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (bipe_data_dir_check_held (folder, &error));
      g_assert_no_error (error);
    }
  /* What it has left there does not count. */
  g_clear_pointer (&dir, bipe_data_dir_free);
  assert_free (folder);
  second = bipe_data_dir_open (folder, NULL, &error);
  g_assert_no_error (error);
  remove_folder (folder);
}

/* A child that this process starts must not hold the folder on. */
static void
test_children (void)
{
  g_autofree char *folder = make_folder (), *other = make_folder ();
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeDataDir) dir = bipe_data_dir_open (folder, NULL, &error);
  g_autofree char *answer = NULL;
  g_autoptr(GSubprocess) child = start (other, "", G_SUBPROCESS_FLAGS_INHERIT_FDS, &answer);

  g_assert_cmpstr (answer, ==, "held");
  g_clear_pointer (&dir, bipe_data_dir_free);
  dir = bipe_data_dir_open (folder, NULL, &error);
  g_assert_no_error (error);
  g_subprocess_force_exit (child);
  g_assert_true (g_subprocess_wait (child, NULL, NULL));
  remove_folder (folder);
  remove_folder (other);
}

static void
assert_not_writable (const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeDataDir) dir = bipe_data_dir_open (path, NULL, &error);

  g_assert_null (dir);
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_WRITABLE);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_nonnull (strstr (error->message, "--data-dir"));
}

static void
test_not_writable (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *inner = g_build_filename (folder, "inner", NULL);
  g_autofree char *file = g_build_filename (folder, "lock", NULL);
  g_autofree char *in_file = g_build_filename (file, "inner", NULL);
  gboolean is_root = geteuid () == 0;

  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  assert_not_writable (file);
  assert_not_writable (in_file);
  g_unlink (file);

  g_assert_cmpint (g_chmod (folder, 0555), ==, 0);
  if (is_root)
    g_assert_cmpint (seteuid (NOBODY), ==, 0);
  assert_not_writable (folder);
  assert_not_writable (inner);
  if (is_root)
    g_assert_cmpint (seteuid (0), ==, 0);
  g_chmod (folder, 0700);
  remove_folder (folder);
}

/* What another program, or a full disk, has left in the file is no reason to fail. */
static void
test_foreign_lock_file (void)
{
  static const char *const texts[] = { "", "\n", "123", "123\n", "123\n\n", "\xff\n\n\n\n" };
  g_autofree char *folder = make_folder ();
  g_autofree char *file = g_build_filename (folder, "lock", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(BipeDataDir) dir = NULL;
      int lock;

      g_assert_true (g_file_set_contents (file, texts[i], -1, NULL));
      g_assert_null (bipe_data_dir_dup_holder_address (folder));
      lock = g_open (file, O_RDWR | O_CLOEXEC, 0600);
      g_assert_cmpint (flock (lock, LOCK_EX), ==, 0);
      dir = bipe_data_dir_open (folder, NULL, &error);
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_LOCKED);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_clear_error (&error);
      close (lock);
      dir = bipe_data_dir_open (folder, NULL, &error);
      g_assert_no_error (error);
    }
  remove_folder (folder);
}

int
main (int argc, char *argv[])
{
  if (argc == 4 && g_str_equal (argv[1], "--hold"))
    return hold (argv[2], argv[3]);

  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data-dir/makes-folder", test_makes_folder);
  g_test_add_func ("/data-dir/second-in-process", test_second_in_process);
  g_test_add_func ("/data-dir/second-process", test_second_process);
  g_test_add_func ("/data-dir/check-held", test_check_held);
  g_test_add_func ("/data-dir/children", test_children);
  g_test_add_func ("/data-dir/not-writable", test_not_writable);
  g_test_add_func ("/data-dir/foreign-lock-file", test_foreign_lock_file);
  return g_test_run ();
}
