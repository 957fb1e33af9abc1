#include "config.h"

#include "access/scopes.h"

#include <glib/gi18n.h>

#include "base/error.h"

static const struct
{
  BipeScope scope;
  const char *name;
} words[] = {
  { BIPE_SCOPE_SCAN, "scan" },     { BIPE_SCOPE_READ, "read" }, { BIPE_SCOPE_COLLECT, "collect" },
  { BIPE_SCOPE_SPEECH, "speech" }, { BIPE_SCOPE_VOID, "void" }, { BIPE_SCOPE_ADMIN, "admin" },
};

const char *
bipe_scope_name (BipeScope scope)
{
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (words[i].scope == scope)
      return words[i].name;
  return "none";
}

BipeScope
bipe_scope_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (words[i].name, name))
      return words[i].scope;
  return BIPE_SCOPE_NONE;
}

guint
bipe_scopes_parse (const char *text, GError **error)
{
  g_auto(GStrv) names = g_strsplit (text, ",", -1);
  g_autofree char *known = bipe_scopes_format (BIPE_SCOPES_ALL);
  guint scopes = 0;

  for (guint i = 0; names[i] != NULL; i++)
    {
      BipeScope scope = bipe_scope_find (g_strstrip (names[i]));

      if (scope == BIPE_SCOPE_NONE)
        {
          g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "%s: %s (%s)",
                       N_ ("there is no such scope"), names[i], known);
          return 0;
        }
      scopes |= scope;
    }
  if (scopes == 0)
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "%s: %s",
                 N_ ("name a scope, or several with commas"), known);
  return scopes;
}

char *
bipe_scopes_format (guint scopes)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (scopes & words[i].scope)
      g_string_append_printf (text, "%s%s", text->len > 0 ? "," : "", words[i].name);
  return g_string_free (text, FALSE);
}
