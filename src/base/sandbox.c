#include "config.h"

#include "base/sandbox.h"

#include <string.h>

gboolean
bipe_sandbox_is_here (void)
{
  return g_file_test (BIPE_SANDBOX_FILE, G_FILE_TEST_EXISTS);
}

/* A folder may have its mode behind it ("/srv:ro"). */
static gboolean
is_named (const char *permission, const char *name)
{
  gsize length = strlen (name);

  return g_str_has_prefix (permission, name)
         && (permission[length] == '\0' || permission[length] == ':');
}

gboolean
bipe_sandbox_allows (const char *file, const char *kind, const char *name)
{
  g_autoptr(GKeyFile) info = g_key_file_new ();
  g_auto(GStrv) permissions = NULL;

  if (g_key_file_load_from_file (info, file, G_KEY_FILE_NONE, NULL))
    permissions = g_key_file_get_string_list (info, "Context", kind, NULL, NULL);
  for (guint i = 0; permissions != NULL && permissions[i] != NULL; i++)
    if (is_named (permissions[i], name))
      return TRUE;
  return FALSE;
}
