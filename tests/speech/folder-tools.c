#include "config.h"

#include "folder-tools.h"

#include <errno.h>
#include <glib/gstdio.h>

char *
make_folder (void)
{
  g_autoptr(GError) error = NULL;
  char *folder = g_dir_make_tmp ("test-speech-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static void
empty (const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_unlink (path) < 0 && errno == EISDIR)
        empty (path);
    }
  g_rmdir (folder);
}

void
remove_folder (char *folder)
{
  empty (folder);
  g_free (folder);
}

guint
count_files (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}
