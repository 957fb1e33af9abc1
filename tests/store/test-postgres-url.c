#include "config.h"

#include <string.h>

#include "store/postgres-target.h"
#include "store/postgres-url.h"

static const struct
{
  const char *url;
  const char *bare;
  const char *password; /* NULL: there is none */
} cases[] = {
  { "postgresql://ana:geheim@db:5432/bench", "postgresql://ana@db:5432/bench", "geheim" },
  { "postgres://ana:geheim@db/bench?sslmode=require", "postgres://ana@db/bench?sslmode=require",
    "geheim" },
  { "postgresql+psycopg2://ana:geheim@db/bench", "postgresql+psycopg2://ana@db/bench", "geheim" },
  { "postgresql://ana:a%40b%3A%2F@db/bench", "postgresql://ana@db/bench", "a@b:/" },
  { "postgresql://ana:a:b@db/bench", "postgresql://ana@db/bench", "a:b" },
  { "postgresql://:geheim@db/bench", "postgresql://@db/bench", "geheim" },
  { "postgresql://ana@[::1]:5433/bench", "postgresql://ana@[::1]:5433/bench", NULL },
  { "postgresql://ana:geheim@[::1]:5433/bench", "postgresql://ana@[::1]:5433/bench", "geheim" },
  { "postgresql://ana@db/bench?password=geheim", "postgresql://ana@db/bench", "geheim" },
  { "postgresql://ana@db/bench?sslmode=require&password=geheim&port=1",
    "postgresql://ana@db/bench?sslmode=require&port=1", "geheim" },
  { "postgresql://ana@db/bench?pass%77ord=geheim", "postgresql://ana@db/bench", "geheim" },
  { "postgresql://ana:first@db/bench?password=second", "postgresql://ana@db/bench", "second" },
  { "postgresql://ana:@db/bench", "postgresql://ana:@db/bench", NULL },
  { "postgresql://db/bench", "postgresql://db/bench", NULL },
  { "host=db user=ana password=geheim dbname=bench", "user='ana' dbname='bench' host='db'",
    "geheim" },
  { "host=db password='it\\'s \\\\ here' user='o\\'neil'", "user='o\\'neil' host='db'",
    "it's \\ here" },
  { "host=db dbname=bench", "host=db dbname=bench", NULL },
};

static void
test_take_password (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *password = NULL;
      g_autofree char *bare = bipe_postgres_url_take_password (cases[i].url, &password);
      g_autofree char *none = NULL;
      g_autofree char *again = bipe_postgres_url_take_password (bare, &none);
      g_autoptr(GError) error = NULL;
      g_autoptr(BipePostgresTarget) with = bipe_postgres_target_parse (cases[i].url, NULL, &error);
      g_autoptr(BipePostgresTarget) without = bipe_postgres_target_parse (bare, password, &error);

      g_test_message ("%s", cases[i].url);
      g_assert_no_error (error);
      g_assert_cmpstr (bare, ==, cases[i].bare);
      g_assert_cmpstr (password, ==, cases[i].password);
      g_assert_cmpstr (again, ==, bare);
      g_assert_null (none);
      g_assert_cmpstr (with->name, ==, without->name);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/postgres-url/take-password", test_take_password);
  return g_test_run ();
}
