#include "config.h"

#include "store/postgres-trouble.h"

#include <errno.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PQconninfoOption, PQconninfoFree)

static const struct
{
  const char *sqlstate;
  BipePostgresTrouble trouble;
} states[] = {
  { "28000", BIPE_POSTGRES_TROUBLE_NOT_LET_IN },  { "28P01", BIPE_POSTGRES_TROUBLE_PASSWORD_WRONG },
  { "3D000", BIPE_POSTGRES_TROUBLE_NO_DATABASE }, { "42501", BIPE_POSTGRES_TROUBLE_NO_RIGHT },
  { "53300", BIPE_POSTGRES_TROUBLE_FULL },        { "57P03", BIPE_POSTGRES_TROUBLE_STARTING },
};

static const struct
{
  int code;
  BipePostgresTrouble trouble;
} faults[] = {
  { ECONNREFUSED, BIPE_POSTGRES_TROUBLE_REFUSED },
  { ENOENT, BIPE_POSTGRES_TROUBLE_REFUSED }, /* the socket's file */
  { EHOSTUNREACH, BIPE_POSTGRES_TROUBLE_UNREACHABLE },
  { ENETUNREACH, BIPE_POSTGRES_TROUBLE_UNREACHABLE },
  { ETIMEDOUT, BIPE_POSTGRES_TROUBLE_SILENT },
};

char *
bipe_postgres_trouble_dup_first_line (const char *message)
{
  return g_strchomp (g_utf8_make_valid (message, (gssize)strcspn (message, "\n")));
}

static BipePostgresTrouble
find_state (const char *sqlstate)
{
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_str_equal (states[i].sqlstate, sqlstate))
      return states[i].trouble;
  return BIPE_POSTGRES_TROUBLE_OTHER;
}

/* libpq tells these by strerror() alone, in the language that is ours, too. */
static BipePostgresTrouble
find_fault (const char *message)
{
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    if (strstr (message, g_strerror (faults[i].code)) != NULL)
      return faults[i].trouble;
  return BIPE_POSTGRES_TROUBLE_OTHER;
}

/* Of sslmode=require and stricter, which libpq sees to itself, in words of its own. */
static BipePostgresTrouble
find_encryption (PGconn *connection, const char *message)
{
  g_autofree char *domain = g_strdup_printf ("libpq5-%d", PQlibVersion () / 10000);
  g_autofree char *no_tls = g_strchomp (
      g_strdup (g_dgettext (domain, "server does not support SSL, but SSL was required\n")));
  g_autoptr(PQconninfoOption) options = PQconninfo (connection);
  const PQconninfoOption *option = options;

  if (strstr (message, no_tls) != NULL
      || strstr (message, g_dgettext (domain, "server does not support SSL, but SSL was required")))
    return BIPE_POSTGRES_TROUBLE_NO_TLS;
  while (option != NULL && option->keyword != NULL && !g_str_equal (option->keyword, "sslmode"))
    option++;
  return option != NULL && option->val != NULL && g_str_has_prefix (option->val, "verify-")
             ? BIPE_POSTGRES_TROUBLE_CERTIFICATE
             : BIPE_POSTGRES_TROUBLE_OTHER;
}

BipePostgresTrouble
bipe_postgres_trouble_find (PGconn *connection, char **why)
{
  const char *message = PQerrorMessage (connection);
  g_autofree char *valid = g_utf8_make_valid (message, -1);
  g_autofree char *line = bipe_postgres_trouble_dup_first_line (message);
  /* "…: FATAL:  28P01: password authentication failed". */
  g_autoptr(GRegex) pattern
             = g_regex_new ("(?<=: )\\s*(?=[A-Z]*[0-9])([0-9A-Z]{5}): ", 0, 0, NULL);
  g_autoptr(GMatchInfo) match = NULL;
  g_autofree char *sqlstate = NULL;
  BipePostgresTrouble trouble;

  *why = g_regex_replace_literal (pattern, line, -1, 0, " ", 0, NULL);
  if (PQconnectionNeedsPassword (connection))
    return BIPE_POSTGRES_TROUBLE_PASSWORD_NEEDED;
  if (g_regex_match (pattern, valid, 0, &match))
    {
      sqlstate = g_match_info_fetch (match, 1);
      return find_state (sqlstate);
    }
  trouble = find_fault (valid);
  return trouble != BIPE_POSTGRES_TROUBLE_OTHER ? trouble : find_encryption (connection, valid);
}

const char *
bipe_postgres_trouble_advice (BipePostgresTrouble self)
{
  switch (self)
    {
    case BIPE_POSTGRES_TROUBLE_PASSWORD_NEEDED:
    case BIPE_POSTGRES_TROUBLE_PASSWORD_WRONG:
      return ". Check the user's name and give the password";
    case BIPE_POSTGRES_TROUBLE_NOT_LET_IN:
      return ". Check the user's name, or let the administrator of the database allow it "
             "(pg_hba.conf)";
    case BIPE_POSTGRES_TROUBLE_NO_DATABASE:
      return ". Name another database, or let the administrator make this one";
    case BIPE_POSTGRES_TROUBLE_FULL:
      return ". Let the administrator of the database raise max_connections";
    case BIPE_POSTGRES_TROUBLE_OTHER:
    case BIPE_POSTGRES_TROUBLE_REFUSED:
    case BIPE_POSTGRES_TROUBLE_UNREACHABLE:
    case BIPE_POSTGRES_TROUBLE_SILENT:
    case BIPE_POSTGRES_TROUBLE_NO_TLS:
    case BIPE_POSTGRES_TROUBLE_CERTIFICATE:
    case BIPE_POSTGRES_TROUBLE_NO_RIGHT:
    case BIPE_POSTGRES_TROUBLE_STARTING:
    default:
      return "";
    }
}
