#include "config.h"

#include "access/scopes.h"
#include "base/error.h"

static const struct
{
  const char *text;
  guint scopes; /* 0: refused */
  const char *again;
} cases[] = {
  { "scan", BIPE_SCOPE_SCAN, "scan" },
  { "read,scan", BIPE_SCOPE_SCAN | BIPE_SCOPE_READ, "scan,read" },
  { " scan , scan ", BIPE_SCOPE_SCAN, "scan" },
  { "scan,read,collect,speech,void,admin", BIPE_SCOPES_ALL, "scan,read,collect,speech,void,admin" },
  { "", 0, NULL },
  { "scan,", 0, NULL },
  { "Scan", 0, NULL },
  { "none", 0, NULL },
  { "scan read", 0, NULL },
  { "root", 0, NULL },
};

static void
test_parse (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      guint scopes = bipe_scopes_parse (cases[i].text, &error);
      g_autofree char *again = bipe_scopes_format (scopes);

      g_test_message ("%s", cases[i].text);
      g_assert_cmpuint (scopes, ==, cases[i].scopes);
      if (scopes == 0)
        g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
      else
        g_assert_cmpstr (again, ==, cases[i].again);
    }
}

static void
test_names (void)
{
  for (guint scope = 1; scope <= BIPE_SCOPES_ALL; scope <<= 1)
    g_assert_cmpuint (bipe_scope_find (bipe_scope_name ((BipeScope)scope)), ==, scope);
  g_assert_cmpuint (bipe_scope_find ("none"), ==, BIPE_SCOPE_NONE);
  g_assert_cmpstr (bipe_scope_name (BIPE_SCOPE_NONE), ==, "none");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scopes/parse", test_parse);
  g_test_add_func ("/scopes/names", test_names);
  return g_test_run ();
}
