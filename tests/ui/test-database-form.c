/* test-database-form.c: PostgreSQL URLs as fields, and without their passwords. */
#include "app/database-form.h"

typedef struct
{
  const char *url;
  const char *printed; /* NULL: as @url */
  const char *host;    /* NULL: it can't be shown as fields */
  guint16 port;
  const char *database;
  const char *user;
  BipeDatabaseTls tls;
} Form;

static const Form forms[] = {
  { .url = "postgresql://bench@db.example:5433/scans",
    .host = "db.example",
    .port = 5433,
    .database = "scans",
    .user = "bench" },
  { .url = "postgres://bench@db.example:5432/scans",
    .printed = "postgresql://bench@db.example/scans",
    .host = "db.example",
    .port = 5432,
    .database = "scans",
    .user = "bench" },
  { .url = "postgresql+psycopg2://db.example",
    .printed = "postgresql://db.example",
    .host = "db.example",
    .port = 5432,
    .database = "",
    .user = "" },
  { .url = "postgresql://", .host = "", .port = 5432, .database = "", .user = "" },
  { .url = "postgresql://bench@[fd00::1]/scans",
    .host = "fd00::1",
    .port = 5432,
    .database = "scans",
    .user = "bench" },
  { .url = "postgresql://an%40a@db/caf%C3%A9%2Fbar",
    .printed = "postgresql://an%40a@db/café%2Fbar",
    .host = "db",
    .port = 5432,
    .database = "café/bar",
    .user = "an@a" },
  { .url = "postgresql://%2Frun%2Fpostgresql/scans",
    .host = "/run/postgresql",
    .port = 5432,
    .database = "scans",
    .user = "" },
  { .url = "postgresql://db/scans?sslmode=require",
    .host = "db",
    .port = 5432,
    .database = "scans",
    .user = "",
    .tls = BIPE_DATABASE_TLS_ALWAYS },
  { .url = "postgresql://db/scans?sslmode=verify-full",
    .host = "db",
    .port = 5432,
    .database = "scans",
    .user = "",
    .tls = BIPE_DATABASE_TLS_TRUSTED },
  { .url = "postgresql://db/scans?sslmode=disable",
    .host = "db",
    .port = 5432,
    .database = "scans",
    .user = "",
    .tls = BIPE_DATABASE_TLS_NEVER },
  { .url = "postgresql://db/scans?sslmode=prefer",
    .printed = "postgresql://db/scans",
    .host = "db",
    .port = 5432,
    .database = "scans",
    .user = "" },

  /* Not for fields. */
  { .url = "" },
  { .url = "host=db dbname=scans" },
  { .url = "mysql://db/scans" },
  { .url = "postgresql://one,two/scans" },
  { .url = "postgresql://one:1,two:2/scans" },
  { .url = "postgresql://db/scans?sslmode=verify-ca" },
  { .url = "postgresql://db/scans?sslmode=require&connect_timeout=3" },
  { .url = "postgresql://db/scans?host=%2Ftmp" },
  { .url = "postgresql://db/scans#here" },
  { .url = "postgresql://us%er@db/scans" },
};

static void
test_form (gconstpointer data)
{
  const Form *row = data;
  g_autoptr(BipeDatabaseForm) form = bipe_database_form_parse (row->url);
  g_autofree char *printed = NULL;

  if (row->host == NULL)
    {
      g_assert_null (form);
      return;
    }
  g_assert_nonnull (form);
  g_assert_cmpstr (form->host, ==, row->host);
  g_assert_cmpuint (form->port, ==, row->port);
  g_assert_cmpstr (form->database, ==, row->database);
  g_assert_cmpstr (form->user, ==, row->user);
  g_assert_cmpint (form->tls, ==, row->tls);
  printed = bipe_database_form_print (form);
  g_assert_cmpstr (printed, ==, row->printed != NULL ? row->printed : row->url);
}

typedef struct
{
  const char *url;
  const char *rest;
  const char *password;
} Secret;

static const Secret secrets[] = {
  { "", "", NULL },
  { "postgresql://bench@db/scans", "postgresql://bench@db/scans", NULL },
  { "postgresql://[::1]:5432/scans", "postgresql://[::1]:5432/scans", NULL },
  { "postgresql://bench@[::1]:5432/scans", "postgresql://bench@[::1]:5432/scans", NULL },
  { "postgresql://bench:secret@db/scans", "postgresql://bench@db/scans", "secret" },
  { "postgresql://bench:@db/scans", "postgresql://bench@db/scans", "" },
  { "postgresql://bench:s%40cr%2Ft@db/scans", "postgresql://bench@db/scans", "s@cr/t" },
  { "postgresql://bench:s@cr/t@db/scans", "postgresql://bench@db/scans", "s@cr/t" },
  { "postgresql://bench:100%@db/scans", "postgresql://bench@db/scans", "100%" },
  { "postgresql://db/scans?password=secret", "postgresql://db/scans", "secret" },
  { "postgresql://db/s?password=a%26b&user=me", "postgresql://db/s?user=me", "a&b" },
  { "postgresql://db/s?user=me&password=secret", "postgresql://db/s?user=me", "secret" },
  { "host=db dbname=scans", "host=db dbname=scans", NULL },
  { "host=db password=secret dbname=s", "host=db dbname=s", "secret" },
  { "host=db password = 'a \\'b\\\\ c'", "host=db", "a 'b\\ c" },
  { "password=se\\ cret host=db", "host=db", "se cret" },
  { "host=db sslpassword=other", "host=db sslpassword=other", NULL },
};

static void
test_secret (gconstpointer data)
{
  const Secret *row = data;
  g_autofree char *password = NULL;
  g_autofree char *rest = bipe_database_form_take_password (row->url, &password);

  g_assert_cmpstr (rest, ==, row->rest);
  g_assert_cmpstr (password, ==, row->password);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autofree char *path = g_strdup_printf ("/database-form/fields/%u", i);

      g_test_add_data_func (path, &forms[i], test_form);
    }
  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    {
      g_autofree char *path = g_strdup_printf ("/database-form/password/%u", i);

      g_test_add_data_func (path, &secrets[i], test_secret);
    }
  return g_test_run ();
}
