#include "config.h"

#include "base/migrations.h"

#include <gio/gio.h>
#include <stdlib.h>

#include "migrations-resource.h"

static void
free_migration (gpointer data)
{
  BipeMigration *migration = data;

  g_free (migration->sql);
  g_free (migration->name);
  g_free (migration);
}

static int
by_number (gconstpointer a, gconstpointer b)
{
  const BipeMigration *const *left = a, *const *right = b;

  return (*left)->number < (*right)->number ? -1 : 1;
}

/* Asked for by their path, which waits while another thread registers what there is. GLib's
 * generated get_resource() gives NULL meanwhile (2.74). */
static void
register_resource (void)
{
  static gsize is_registered;

  if (g_once_init_enter (&is_registered))
    {
      bipe_migrations_register_resource ();
      g_once_init_leave (&is_registered, 1);
    }
}

char *
bipe_migrations_load_extra (const char *dialect, const char *name)
{
  g_autofree char *path = g_strdup_printf ("/io/github/bipe/migrations/%s/%s", dialect, name);
  g_autoptr(GBytes) bytes = NULL;

  register_resource ();
  bytes = g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_assert (bytes != NULL);
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

GPtrArray *
bipe_migrations_load (const char *dialect)
{
  g_autofree char *folder = g_strdup_printf ("/io/github/bipe/migrations/%s", dialect);
  g_autoptr(GPtrArray) migrations = g_ptr_array_new_with_free_func (free_migration);
  g_auto(GStrv) names = NULL;

  register_resource ();
  names = g_resources_enumerate_children (folder, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  for (guint i = 0; names[i] != NULL; i++)
    {
      BipeMigration *migration;

      if (!g_ascii_isdigit (names[i][0]))
        continue;
      migration = g_new0 (BipeMigration, 1);
      migration->number = (guint)strtoul (names[i], NULL, 10);
      migration->name = g_strdup (names[i]);
      migration->sql = bipe_migrations_load_extra (dialect, names[i]);
      g_ptr_array_add (migrations, migration);
    }
  g_ptr_array_sort (migrations, by_number);
  for (guint i = 0; i < migrations->len; i++)
    g_assert (((BipeMigration *)migrations->pdata[i])->number == i + 1);
  return g_steal_pointer (&migrations);
}
