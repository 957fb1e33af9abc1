#include "config.h"

#include <string.h>

#include "socketio/sid.h"

static void
test_many (void)
{
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean has[128] = { FALSE };

  for (guint i = 0; i < 10000; i++)
    {
      char sid[BIPE_SID_SIZE];

      bipe_sid_make (sid);
      g_assert_cmpuint (strlen (sid), ==, BIPE_SID_SIZE - 1);
      for (const char *c = sid; *c != '\0'; c++)
        {
          g_assert_true (g_ascii_isalnum (*c) || *c == '-' || *c == '_');
          has[(guint)*c] = TRUE;
        }
      g_assert_true (g_hash_table_add (seen, g_strdup (sid)));
    }
  for (const char *c = "AZaz09-_"; *c != '\0'; c++)
    g_assert_true (has[(guint)*c]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sid/many", test_many);
  return g_test_run ();
}
