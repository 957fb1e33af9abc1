#define _GNU_SOURCE /* explicit_bzero */
#include "config.h"

#include "store/postgres-target.h"

#include <libpq-fe.h>
#include <string.h>

#include "base/error.h"
#include "store/postgres-url.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PQconninfoOption, PQconninfoFree)

/* A dead link is noticed within some ten seconds, idle or not. What the setting says comes after
 * these and wins. */
static const char *const defaults[][2] = {
  { "fallback_application_name", "bipe" },
  { "keepalives", "1" },
  { "keepalives_idle", "10" },
  { "keepalives_interval", "5" },
  { "keepalives_count", "2" },
  { "tcp_user_timeout", "10000" },
};

static gboolean
fail (GError **error, const char *why)
{
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_DATABASE_URL, "database-url can't be used: %s", why);
  return FALSE;
}

/* A password with a raw '@' or '/' is cut there by libpq, and its rest would be taken for a host
 * or a database, and shown. */
static gboolean
check_special_characters (const char *uri, GError **error)
{
  const char *authority = strstr (uri, "://") + 3;
  const char *at = strchr (authority, '@');

  if (at == NULL
      || (strchr (at + 1, '@') == NULL && memchr (authority, '/', at - authority) == NULL))
    return TRUE;
  return fail (error,
               "special characters in it must be percent-encoded, in user name and password too: "
               "@ as %40, / as %2F");
}

/* libpq's reasons quote the text they are about; so it is asked again about one without secrets. */
static gboolean
fail_parse (const char *url, GError **error)
{
  g_autoptr(GRegex) secrets
             = g_regex_new ("(//[^:@/]*:)[^@/]*(?=@)|(password=)[^&]*", G_REGEX_OPTIMIZE, 0, NULL);
  g_autofree char *masked = g_regex_replace (secrets, url, -1, 0, "\\1\\2x", 0, NULL);
  g_autoptr(PQconninfoOption) options = NULL;
  g_autofree char *why = NULL;
  char *message = NULL;

  if (!bipe_postgres_url_is_uri (url) || masked == NULL)
    return fail (error, "it must look like postgresql://user:password@host:5432/database, or like "
                        "host=NAME dbname=NAME, with single quotes around values that have blanks");

  options = PQconninfoParse (masked, &message);
  why = g_strdup (message != NULL ? g_strchomp (message)
                                  : "the password is not well percent-encoded");
  PQfreemem (message);
  return fail (error, why);
}

static const char *
get_option (const PQconninfoOption *options, const char *keyword)
{
  for (; options->keyword != NULL; options++)
    if (g_str_equal (options->keyword, keyword))
      return options->val;
  return NULL;
}

static char *
make_name (const PQconninfoOption *options)
{
  const char *database = get_option (options, "dbname");
  const char *host = get_option (options, "host");
  const char *port = get_option (options, "port");
  g_autoptr(GString) name = g_string_new ("PostgreSQL");

  if (database == NULL)
    database = get_option (options, "user");
  if (host == NULL)
    host = get_option (options, "hostaddr");
  if (database != NULL)
    g_string_append_printf (name, " %s", database);
  if (host != NULL && host[0] == '/')
    g_string_append_printf (name, " (%s)", host);
  else if (host != NULL && host[0] != '\0')
    g_string_append_printf (name, strchr (host, ':') != NULL ? " ([%s]:%s)" : " (%s:%s)", host,
                            port != NULL ? port : "5432");
  return g_strdup (name->str);
}

/* One of them may be the password. */
static void
wipe_and_free (gpointer value)
{
  if (value != NULL)
    explicit_bzero (value, strlen (value));
  g_free (value);
}

static void
add (BipePostgresTarget *self, const char *keyword, const char *value)
{
  g_ptr_array_add (self->keywords, g_strdup (keyword));
  g_ptr_array_add (self->values, g_strdup (value));
}

BipePostgresTarget *
bipe_postgres_target_parse (const char *url, const char *password, GError **error)
{
  g_autofree char *normal = bipe_postgres_url_normalise (url);
  g_autoptr(PQconninfoOption) options = NULL;
  BipePostgresTarget *self;
  const char *port;

  if (bipe_postgres_url_is_uri (normal) && !check_special_characters (normal, error))
    return NULL;
  options = PQconninfoParse (normal, NULL);
  if (options == NULL)
    {
      fail_parse (normal, error);
      return NULL;
    }
  port = get_option (options, "port");
  if (port != NULL && strspn (port, "0123456789,") != strlen (port))
    {
      fail (error, "the port must be a number");
      return NULL;
    }

  self = g_atomic_rc_box_new0 (BipePostgresTarget);
  self->name = make_name (options);
  self->keywords = g_ptr_array_new_with_free_func (g_free);
  self->values = g_ptr_array_new_with_free_func (wipe_and_free);
  for (guint i = 0; i < G_N_ELEMENTS (defaults); i++)
    add (self, defaults[i][0], defaults[i][1]);
  for (const PQconninfoOption *option = options; option->keyword != NULL; option++)
    if (option->val != NULL)
      add (self, option->keyword, option->val);
  if (password != NULL && get_option (options, "password") == NULL)
    add (self, "password", password);
  add (self, "client_encoding", "UTF8");
  add (self, NULL, NULL);
  return self;
}

BipePostgresTarget *
bipe_postgres_target_ref (BipePostgresTarget *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  BipePostgresTarget *self = data;

  g_ptr_array_unref (self->values);
  g_ptr_array_unref (self->keywords);
  g_free (self->name);
}

void
bipe_postgres_target_unref (BipePostgresTarget *self)
{
  g_atomic_rc_box_release_full (self, clear);
}
