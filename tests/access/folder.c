#include "config.h"

#include "folder.h"

#include <glib/gstdio.h>

void
folder_set_up (Folder *self, gconstpointer data)
{
  self->path = g_dir_make_tmp ("test-access-XXXXXX", NULL);
  g_assert_nonnull (self->path);
}

char *
folder_join (const Folder *self, const char *name)
{
  return g_build_filename (self->path, name, NULL);
}

guint
folder_count (const Folder *self)
{
  g_autoptr(GDir) dir = g_dir_open (self->path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

void
folder_tear_down (Folder *self, gconstpointer data)
{
  g_autoptr(GDir) dir = g_dir_open (self->path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = folder_join (self, name);

      g_remove (path);
    }
  g_rmdir (self->path);
  g_free (self->path);
}
