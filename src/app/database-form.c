#include "config.h"

#include "app/database-form.h"

#include <string.h>

/* NULL: nothing needs to be said of it. */
static const char *const tls_modes[] = {
  [BIPE_DATABASE_TLS_OFFERED] = NULL,
  [BIPE_DATABASE_TLS_ALWAYS] = "require",
  [BIPE_DATABASE_TLS_TRUSTED] = "verify-full",
  [BIPE_DATABASE_TLS_NEVER] = "disable",
};

/* NULL where its escapes are none. */
static char *
unescape (const char *text)
{
  return g_uri_unescape_string (text != NULL ? text : "", NULL);
}

static gboolean
parse_tls (const char *query, BipeDatabaseTls *tls)
{
  *tls = BIPE_DATABASE_TLS_OFFERED;
  if (query == NULL || query[0] == '\0' || g_str_equal (query, "sslmode=prefer"))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (tls_modes); i++)
    if (tls_modes[i] != NULL && g_str_has_prefix (query, "sslmode=")
        && g_str_equal (query + strlen ("sslmode="), tls_modes[i]))
      {
        *tls = (BipeDatabaseTls)i;
        return TRUE;
      }
  return FALSE;
}

BipeDatabaseForm *
bipe_database_form_parse (const char *url)
{
  g_autoptr(BipeDatabaseForm) self = g_new0 (BipeDatabaseForm, 1);
  g_autoptr(GUri) uri = g_uri_parse (url, G_URI_FLAGS_ENCODED | G_URI_FLAGS_NON_DNS, NULL);
  const char *path = uri != NULL ? g_uri_get_path (uri) : NULL;

  if (uri == NULL || !g_str_has_prefix (g_uri_get_scheme (uri), "postgres")
      || g_uri_get_fragment (uri) != NULL || !parse_tls (g_uri_get_query (uri), &self->tls))
    return NULL;
  self->host = unescape (g_uri_get_host (uri));
  self->port = g_uri_get_port (uri) > 0 ? (guint16)g_uri_get_port (uri) : BIPE_DATABASE_PORT;
  self->user = unescape (g_uri_get_userinfo (uri));
  self->database = unescape (path[0] == '/' ? path + 1 : path);
  if (self->host == NULL || self->user == NULL || self->database == NULL
      || strchr (self->host, ',') != NULL || strchr (self->user, ':') != NULL)
    return NULL;
  return g_steal_pointer (&self);
}

static void
append (GString *url, const char *before, const char *part, const char *behind)
{
  g_autofree char *escaped = g_uri_escape_string (part, NULL, TRUE);

  if (part[0] != '\0')
    g_string_append_printf (url, "%s%s%s", before, escaped, behind);
}

char *
bipe_database_form_print (const BipeDatabaseForm *self)
{
  GString *url = g_string_new ("postgresql://");

  append (url, "", self->user, "@");
  if (strchr (self->host, ':') != NULL)
    g_string_append_printf (url, "[%s]", self->host);
  else
    append (url, "", self->host, "");
  /* libpq takes a port without a host for none. */
  if (self->host[0] != '\0' && self->port != BIPE_DATABASE_PORT)
    g_string_append_printf (url, ":%u", self->port);
  append (url, "/", self->database, "");
  if (tls_modes[self->tls] != NULL)
    g_string_append_printf (url, "?sslmode=%s", tls_modes[self->tls]);
  return g_string_free (url, FALSE);
}

void
bipe_database_form_free (BipeDatabaseForm *self)
{
  g_free (self->user);
  g_free (self->database);
  g_free (self->host);
  g_free (self);
}

/* As in a key=value text: with quotes around it, or with backslashes. */
static char *
unquote (const char *value)
{
  gsize length = strlen (value);
  gboolean is_quoted = length >= 2 && value[0] == '\'' && value[length - 1] == '\'';
  g_autofree char *inner = is_quoted ? g_strndup (value + 1, length - 2) : g_strdup (value);
  GString *out = g_string_new (NULL);

  for (const char *p = inner; *p != '\0'; p++)
    {
      if (*p == '\\' && p[1] != '\0')
        p++;
      g_string_append_c (out, *p);
    }
  return g_string_free (out, FALSE);
}

char *
bipe_database_form_take_password (const char *url, char **password)
{
  /* What stays before it, the password, what stays behind it. One with a raw @ or / in it is taken
   * whole. */
  static const char *const patterns[] = {
    "^([^:/@]*://[^:/@]*):(.*)(@.*)$",
    "^(.*://.*[?&])password=([^&]*)&?(.*)$",
    "^(.*?(?<!\\S))password\\s*=\\s*('(?:\\\\.|[^'\\\\])*'|(?:\\\\.|[^\\s\\\\])*)\\s*(.*)$",
  };
  gboolean is_url = strstr (url, "://") != NULL;

  *password = NULL;
  for (guint i = is_url ? 0 : 2; i < (is_url ? 2 : G_N_ELEMENTS (patterns)); i++)
    {
      g_autoptr(GRegex) regex = g_regex_new (patterns[i], G_REGEX_DOTALL, 0, NULL);
      g_autoptr(GMatchInfo) match = NULL;
      g_autofree char *before = NULL;
      g_autofree char *secret = NULL;
      g_autofree char *behind = NULL;
      char *rest;

      if (!g_regex_match (regex, url, 0, &match))
        continue;
      before = g_match_info_fetch (match, 1);
      secret = g_match_info_fetch (match, 2);
      behind = g_match_info_fetch (match, 3);
      *password = is_url ? g_uri_unescape_string (secret, NULL) : unquote (secret);
      if (*password == NULL)
        *password = g_strdup (secret);
      rest = g_strconcat (before, behind, NULL);
      if (behind[0] == '\0' && (g_str_has_suffix (rest, "?") || g_str_has_suffix (rest, "&")))
        rest[strlen (rest) - 1] = '\0';
      return g_strchomp (rest);
    }
  return g_strdup (url);
}
