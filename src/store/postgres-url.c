#include "config.h"

#include "store/postgres-url.h"

#include <libpq-fe.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PQconninfoOption, PQconninfoFree)

gboolean
bipe_postgres_url_is_uri (const char *url)
{
  return g_str_has_prefix (url, "postgresql://") || g_str_has_prefix (url, "postgres://");
}

char *
bipe_postgres_url_normalise (const char *url)
{
  const char *rest = strstr (url, "://");

  if (rest != NULL
      && (g_str_has_prefix (url, "postgresql+") || g_str_has_prefix (url, "postgres+")))
    return g_strconcat ("postgresql", rest, NULL);
  return g_strdup (url);
}

/* "user:password" of "scheme://user:password@host…", without the colon and what is after it. */
static char *
without_user_password (const char *uri)
{
  const char *authority = strstr (uri, "://") + 3;
  const char *at = strchr (authority, '@');
  const char *colon = at != NULL ? memchr (authority, ':', (gsize)(at - authority)) : NULL;
  g_autofree char *head = NULL;

  if (colon == NULL)
    return g_strdup (uri);
  head = g_strndup (uri, (gsize)(colon - uri));
  return g_strconcat (head, at, NULL);
}

/* "?a=1&password=x&b=2" without that parameter, whose name may be escaped, too. */
static char *
without_parameter (const char *uri)
{
  const char *query = strchr (uri, '?');
  g_auto(GStrv) parts = NULL;
  g_autoptr(GString) out = NULL;
  char mark = '?';

  if (query == NULL)
    return g_strdup (uri);
  out = g_string_new_len (uri, query - uri);
  parts = g_strsplit (query + 1, "&", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      g_autofree char *name = g_uri_unescape_segment (parts[i], strchr (parts[i], '='), NULL);

      if (g_strcmp0 (name, "password") == 0)
        continue;
      g_string_append_c (out, mark);
      g_string_append (out, parts[i]);
      mark = '&';
    }
  return g_strdup (out->str);
}

static void
append_quoted (GString *out, const char *keyword, const char *value)
{
  g_string_append_printf (out, "%s%s='", out->len > 0 ? " " : "", keyword);
  for (; *value != '\0'; value++)
    {
      if (*value == '\'' || *value == '\\')
        g_string_append_c (out, '\\');
      g_string_append_c (out, *value);
    }
  g_string_append_c (out, '\'');
}

static char *
print_without_password (const PQconninfoOption *options)
{
  g_autoptr(GString) out = g_string_new (NULL);

  for (; options->keyword != NULL; options++)
    if (options->val != NULL && !g_str_equal (options->keyword, "password"))
      append_quoted (out, options->keyword, options->val);
  return g_strdup (out->str);
}

static gboolean
is_without_password (const char *url)
{
  g_autofree char *normal = bipe_postgres_url_normalise (url);
  g_autoptr(PQconninfoOption) options = PQconninfoParse (normal, NULL);
  const PQconninfoOption *option = options;

  while (option != NULL && option->keyword != NULL
         && (!g_str_equal (option->keyword, "password") || option->val == NULL))
    option++;
  return option != NULL && option->keyword == NULL;
}

char *
bipe_postgres_url_take_password (const char *url, char **password)
{
  g_autofree char *normal = bipe_postgres_url_normalise (url);
  g_autoptr(PQconninfoOption) options = PQconninfoParse (normal, NULL);
  g_autofree char *bare = NULL, *left = NULL;

  *password = NULL;
  for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL;
       option++)
    if (g_str_equal (option->keyword, "password") && option->val != NULL)
      *password = g_strdup (option->val);
  if (*password == NULL)
    return g_strdup (url);
  if (bipe_postgres_url_is_uri (normal))
    {
      bare = without_user_password (url);
      left = without_parameter (bare);
    }
  /* However it was written: what is shown afterwards has none. */
  return left != NULL && is_without_password (left) ? g_steal_pointer (&left)
                                                    : print_without_password (options);
}
