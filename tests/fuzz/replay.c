/* replay.c: runs a target on each file of a folder, without libFuzzer. */
#include "config.h"

#include <glib.h>

#include "target.h"

int
main (int argc, char *argv[])
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GDir) folder = NULL;
  const char *name;
  guint n_files = 0;

  g_assert_cmpint (argc, ==, 2);
  folder = g_dir_open (argv[1], 0, &error);
  g_assert_no_error (error);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (argv[1], name, NULL);
      g_autofree char *contents = NULL;
      g_autofree uint8_t *copy = NULL;
      gsize length;

      g_file_get_contents (path, &contents, &length, &error);
      g_assert_no_error (error);
      /* A copy without a NUL behind it, so that a read past the end is seen. */
      copy = g_memdup2 (contents, length);
      LLVMFuzzerTestOneInput (copy, length);
      n_files++;
    }
  g_print ("%u files\n", n_files);
  return n_files > 0 ? 0 : 1;
}
