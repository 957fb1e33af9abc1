#include "config.h"

#include "socketio/engine-dialect.h"

/* Which version a query asks for; 0: none that is spoken. */
static const struct
{
  const char *eio;
  const char *b64;
  gboolean allow_eio3;
  guint version;
  gboolean has_bytes; /* binary goes as it is */
} cases[] = {
  { "4", NULL, FALSE, 4, FALSE },  { "4", NULL, TRUE, 4, FALSE },  { "4", "1", TRUE, 4, FALSE },
  { "3", NULL, TRUE, 3, TRUE },    { "3", "1", TRUE, 3, FALSE },   { "3", "", TRUE, 3, FALSE },
  { NULL, NULL, TRUE, 3, TRUE },   { NULL, "1", TRUE, 3, FALSE },  { "3", NULL, FALSE, 0, FALSE },
  { NULL, NULL, FALSE, 0, FALSE }, { "", NULL, TRUE, 0, FALSE },   { "2", NULL, TRUE, 0, FALSE },
  { "5", NULL, TRUE, 0, FALSE },   { "03", NULL, TRUE, 0, FALSE }, { "3a", NULL, TRUE, 0, FALSE },
  { "abc", NULL, TRUE, 0, FALSE },
};

static void
test_find (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const BipeEngineDialect *dialect
          = bipe_engine_dialect_find (cases[i].eio, cases[i].b64, cases[i].allow_eio3);

      g_test_message ("EIO=%s b64=%s %d", cases[i].eio, cases[i].b64, cases[i].allow_eio3);
      g_assert_cmpuint (dialect != NULL ? dialect->version : 0, ==, cases[i].version);
      if (dialect == NULL)
        continue;
      g_assert_cmpint (dialect->is_server_pinging, ==, dialect->version == 4);
      g_assert_cmpint (dialect->bytes != NULL, ==, cases[i].has_bytes);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine-dialect/find", test_find);
  return g_test_run ();
}
