#include "config.h"

#include <string.h>

#include "base/migrations.h"

static void
test_order (void)
{
  static const char *const dialects[] = { "access", "journal", "sqlite", "postgres" };

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
          g_assert_true (strstr (migration->sql, "CREATE") || strstr (migration->sql, "ALTER"));
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

/* A program's resources are registered when the first thread asks for one: the others, who ask just
 * then, must not go without. That is once in the life of a process, so it takes many. */
static void
test_threads (void)
{
  for (guint i = 0; i < 100; i++)
    {
      g_test_trap_subprocess ("/migrations/threads/subprocess", 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
    }
}

static int n_at_start;

static gpointer
load (gpointer data)
{
  g_autoptr(GPtrArray) migrations = NULL;

  g_atomic_int_inc (&n_at_start);
  while (g_atomic_int_get (&n_at_start) < GPOINTER_TO_INT (data))
    ;
  migrations = bipe_migrations_load ("postgres");
  g_assert_cmpuint (migrations->len, >, 0);
  return NULL;
}

static void
test_threads_subprocess (void)
{
  GThread *threads[2];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("load", load, GINT_TO_POINTER (G_N_ELEMENTS (threads)));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/migrations/order", test_order);
  g_test_add_func ("/migrations/extra", test_extra);
  g_test_add_func ("/migrations/threads", test_threads);
  g_test_add_func ("/migrations/threads/subprocess", test_threads_subprocess);
  return g_test_run ();
}
