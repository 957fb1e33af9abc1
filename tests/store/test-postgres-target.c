/* test-postgres-target.c: what may stand in database-url, and that no password gets out of it. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "store/postgres-target.h"

/* In each case that has a password, it contains this. */
#define SECRET "Geheim"

static const struct
{
  const char *url;
  const char *name;     /* NULL: refused */
  const char *password; /* as it reaches libpq */
} cases[] = {
  { "postgresql://127.0.0.1:5432/bench", "PostgreSQL bench (127.0.0.1:5432)", NULL },
  { "postgresql://ana:Geheim@db.example.org/bench", "PostgreSQL bench (db.example.org:5432)",
    "Geheim" },
  { "postgres://ana:Geheim@h:6543/bench", "PostgreSQL bench (h:6543)", "Geheim" },
  { "postgresql+psycopg2://ana:Geheim@h/bench", "PostgreSQL bench (h:5432)", "Geheim" },
  { "postgres+psycopg2://ana:Geheim%40%2F@h/bench", "PostgreSQL bench (h:5432)", "Geheim@/" },
  { "postgresql://ana:Geheim:x?y#z@h/bench", "PostgreSQL bench (h:5432)", "Geheim:x?y#z" },
  { "postgresql://ana@h", "PostgreSQL ana (h:5432)", NULL },
  { "postgresql://[::1]:5433/bench", "PostgreSQL bench ([::1]:5433)", NULL },
  { "postgresql:///bench?host=/run/postgresql", "PostgreSQL bench (/run/postgresql)", NULL },
  { "postgresql:///bench?host=h&password=Geheim", "PostgreSQL bench (h:5432)", "Geheim" },
  { "postgresql:///bench", "PostgreSQL bench", NULL },
  { "host=h port=6543 dbname=bench password='Geheim @/'", "PostgreSQL bench (h:6543)",
    "Geheim @/" },
  { "host=h dbname=bench connect_timeout=3", "PostgreSQL bench (h:5432)", NULL },

  { "mysql://ana:Geheim@h/bench", NULL, NULL },
  { "sqlite:///Geheim.db", NULL, NULL },
  { "bench", NULL, NULL },
  { "host=h password=mein Geheim", NULL, NULL },
  { "host=h password='Geheim", NULL, NULL },
  { "host=h Geheim=1", NULL, NULL },
  { "postgresql://ana:Gehe@imGeheim@h/bench", NULL, NULL },
  { "postgresql://ana:1/Geheim@h/bench", NULL, NULL },
  { "postgresql://ana:Geheim%zz@h/bench", NULL, NULL },
  { "postgresql://ana:Geheim%00@h/bench", NULL, NULL },
  { "postgresql:///bench?password=Geheim%zz", NULL, NULL },
  { "postgresql://ana:Geheim@h/bench?charset=utf8", NULL, NULL },
  { "postgresql://ana:Geheim@[::1/bench", NULL, NULL },
  { "postgresql://ana:Geheim@h:port/bench", NULL, NULL },
  { "postgresql://ana:Geheim", NULL, NULL },
};

static const char *
get_value (const BipePostgresTarget *target, const char *keyword)
{
  const char *value = NULL;

  /* As libpq does, the last one counts. */
  for (guint i = 0; target->keywords->pdata[i] != NULL; i++)
    if (g_str_equal (target->keywords->pdata[i], keyword))
      value = target->values->pdata[i];
  return value;
}

static void
test_parse (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(BipePostgresTarget) target
                 = bipe_postgres_target_parse (cases[i].url, NULL, &error);

      g_test_message ("%s: %s", cases[i].url, error != NULL ? error->message : target->name);
      if (cases[i].name == NULL)
        {
          g_assert_error (error, BIPE_ERROR, BIPE_ERROR_DATABASE_URL);
          g_assert_null (strstr (error->message, SECRET));
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpstr (target->name, ==, cases[i].name);
      g_assert_cmpstr (get_value (target, "password"), ==, cases[i].password);
      g_assert_cmpstr (get_value (target, "client_encoding"), ==, "UTF8");
    }
}

static void
test_what_is_set_wins (void)
{
  g_autoptr(BipePostgresTarget) target = bipe_postgres_target_parse (
      "postgresql://h/bench?keepalives_idle=60&application_name=dock&client_encoding=LATIN1", NULL,
      NULL);

  g_assert_cmpstr (get_value (target, "keepalives_idle"), ==, "60");
  g_assert_cmpstr (get_value (target, "keepalives_interval"), ==, "5");
  g_assert_cmpstr (get_value (target, "application_name"), ==, "dock");
  g_assert_cmpstr (get_value (target, "client_encoding"), ==, "UTF8");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/postgres-target/parse", test_parse);
  g_test_add_func ("/postgres-target/what-is-set-wins", test_what_is_set_wins);
  return g_test_run ();
}
