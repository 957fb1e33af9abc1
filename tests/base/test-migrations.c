#include "config.h"

#include <string.h>

#include "base/migrations.h"

static void
test_order (void)
{
  static const char *const dialects[] = { "journal", "sqlite", "postgres" };

  for (guint i = 0; i < G_N_ELEMENTS (dialects); i++)
    {
      g_autoptr(GPtrArray) migrations = bipe_migrations_load (dialects[i]);

      g_assert_cmpuint (migrations->len, >, 0);
      for (guint k = 0; k < migrations->len; k++)
        {
          const BipeMigration *migration = migrations->pdata[k];
          g_autofree char *prefix = g_strdup_printf ("%04u-", k + 1);

          g_assert_cmpuint (migration->number, ==, k + 1);
          g_assert_true (g_str_has_prefix (migration->name, prefix));
          g_assert_true (g_str_has_suffix (migration->name, ".sql"));
          g_assert_nonnull (strstr (migration->sql, "CREATE"));
        }
    }
}

static void
test_extra (void)
{
  g_autofree char *sql = bipe_migrations_load_extra ("postgres", "search-index.sql");

  g_assert_nonnull (strstr (sql, "gin_trgm_ops"));
  g_assert_true (g_str_has_suffix (sql, "\n"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/migrations/order", test_order);
  g_test_add_func ("/migrations/extra", test_extra);
  return g_test_run ();
}
