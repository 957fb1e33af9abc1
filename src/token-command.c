#include "config.h"

#include "token-command.h"

#include <glib/gi18n.h>
#include <stdlib.h>
#include <string.h>

#include "access/registry.h"
#include "access/scopes.h"
#include "base/clock.h"
#include "base/data-dir.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/settings.h"
#include "startup.h"
#include "station-call.h"

#define DEFAULT_SCOPES "scan,read"

/* Zero is a number of days, which is refused. */
#define DAYS_UNSAID G_MININT

typedef enum
{
  VERB_NEW,
  VERB_LIST,
  VERB_REVOKE,
} Verb;

typedef struct
{
  BipeSettings *settings;
  Verb verb;
  const char *argument; /* NAME, or JTI */
  guint scopes;
  gint64 days;
} Command;

/* Each way gives what the API has as `data`. */

/* The station that runs. */

static char *
print_body (const Command *self)
{
  GString *body = g_string_new ("{\"name\":");

  bipe_json_append_string (body, self->argument);
  g_string_append (body, ",\"scopes\":");
  bipe_grant_append_scopes (self->scopes, body);
  g_string_append_printf (body, ",\"days\":%" G_GINT64_FORMAT "}", self->days);
  return g_string_free (body, FALSE);
}

static json_t *
ask_station (const Command *self, const char *data_dir, GError **error)
{
  static const char *const methods[] = { "POST", "GET", "DELETE" };
  g_autofree char *body = self->verb == VERB_NEW ? print_body (self) : NULL;
  g_autofree char *jti = self->verb == VERB_REVOKE
                             ? g_uri_escape_string (self->argument, NULL, FALSE)
                             : g_strdup ("");
  g_autofree char *path
      = g_strconcat ("/v1/tokens", self->verb == VERB_REVOKE ? "/" : "", jti, NULL);
  guint status;

  return bipe_station_call (self->settings, data_dir, methods[self->verb], path, body, &status,
                            error);
}

/* The registry itself, while no station runs. */

static void
result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static void
append_list (GString *out, GPtrArray *grants)
{
  g_string_append_c (out, '[');
  for (guint i = 0; i < grants->len; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      bipe_grant_append_json (grants->pdata[i], out);
    }
  g_string_append_c (out, ']');
}

static gboolean
finish (const Command *self,
        BipeRegistry *registry,
        GAsyncResult *result,
        GString *out,
        GError **error)
{
  g_autoptr(BipeGrant) grant = NULL;
  g_autoptr(GPtrArray) grants = NULL;
  g_autofree char *token = NULL;

  if (self->verb == VERB_LIST)
    grants = bipe_registry_list_finish (registry, result, error);
  else if (self->verb == VERB_REVOKE)
    grant = bipe_registry_revoke_finish (registry, result, error);
  else
    token = bipe_registry_issue_finish (registry, result, &grant, error);

  if (grants != NULL)
    append_list (out, grants);
  if (grant != NULL)
    bipe_grant_append_json (grant, out);
  if (token != NULL)
    {
      g_string_truncate (out, out->len - 1);
      g_string_append_printf (out, ",\"token\":\"%s\"}", token);
    }
  return grants != NULL || grant != NULL;
}

static json_t *
use_registry (const Command *self, BipeRegistry *registry, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GString) out = g_string_new (NULL);

  if (self->verb == VERB_LIST)
    bipe_registry_list_async (registry, result_cb, &result);
  else if (self->verb == VERB_REVOKE)
    bipe_registry_revoke_async (registry, self->argument, result_cb, &result);
  else
    bipe_registry_issue_async (registry, self->argument, self->scopes, self->days, result_cb,
                               &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  if (!finish (self, registry, result, out, error))
    return NULL;
  return bipe_json_parse (out->str, out->len, error);
}

static json_t *
open_registry (const Command *self, const char *data_dir, GError **error)
{
  g_autofree char *path = g_build_filename (data_dir, "access.db", NULL);
  g_autoptr(GBytes) key = NULL;
  g_autoptr(BipeRegistry) registry = NULL;
  json_t *data;

  if (self->verb == VERB_NEW
      && (key = bipe_station_call_load_key (self->settings, data_dir, error)) == NULL)
    return NULL;
  registry = bipe_registry_open (path, key, bipe_clock_system (), error);
  if (registry == NULL)
    return NULL;
  data = use_registry (self, registry, error);
  bipe_registry_close (registry);
  return data;
}

static json_t *
run (const Command *self, GError **error)
{
  const char *path = bipe_settings_get_text (self->settings, "data-dir");
  g_autoptr(GError) problem = NULL;
  g_autoptr(BipeDataDir) data_dir = NULL;

  if (path[0] == '\0')
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_SETTING,
                   _ ("name the station's folder with --data-dir="));
      return NULL;
    }
  data_dir = bipe_data_dir_open (path, NULL, &problem);
  if (data_dir != NULL)
    return open_registry (self, bipe_data_dir_get_path (data_dir), error);
  if (g_error_matches (problem, BIPE_ERROR, BIPE_ERROR_LOCKED))
    return ask_station (self, path, error);
  g_propagate_error (error, g_steal_pointer (&problem));
  return NULL;
}

/* What is told. */

static const char *
get_text (const json_t *object, const char *name)
{
  const char *text = json_string_value (json_object_get (object, name));

  return text != NULL ? text : "-";
}

static char *
describe (const json_t *grant)
{
  json_t *scopes = json_object_get (grant, "scopes");
  g_autofree char *scans = g_strdup_printf ("%" JSON_INTEGER_FORMAT,
                                            json_integer_value (json_object_get (grant, "scans")));
  GString *line = g_string_new (NULL);
  gsize i;
  json_t *scope;

  g_string_append_printf (line, "%s\t%s\t", get_text (grant, "jti"), get_text (grant, "name"));
  json_array_foreach (scopes, i, scope)
  {
    g_string_append_printf (line, "%s%s", i > 0 ? "," : "", json_string_value (scope));
  }
  g_string_append_c (line, '\t');
  /* Translators: times, or “-” for never, and a number of scans; \t stands between columns */
  g_string_append_printf (line, _ ("issued %s\texpires %s\tlast used %s\tscans %s\trevoked %s"),
                          get_text (grant, "issued_at"), get_text (grant, "expires_at"),
                          get_text (grant, "last_used_at"), scans, get_text (grant, "revoked_at"));
  g_string_append_c (line, '\n');
  return g_string_free (line, FALSE);
}

static void
print (const Command *self, const json_t *data)
{
  gsize i;
  json_t *grant;

  json_array_foreach (data, i, grant)
  {
    g_autofree char *line = describe (grant);

    g_print ("%s", line);
  }
  if (self->verb != VERB_LIST)
    {
      g_autofree char *line = describe (data);

      g_printerr ("%s", line);
    }
  if (self->verb == VERB_NEW)
    g_print ("%s\n", get_text (data, "token"));
}

/* The words behind `token`. */
static gboolean
read_words (Command *self, char **words, GError **error)
{
  static const char *const verbs[] = { "new", "list", "revoke" };
  guint n = g_strv_length (words);

  for (guint i = 0; n > 1 && i < G_N_ELEMENTS (verbs); i++)
    if (g_str_equal (words[1], verbs[i]) && n == (i == VERB_LIST ? 2 : 3))
      {
        self->verb = (Verb)i;
        self->argument = words[2];
        return TRUE;
      }
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _ ("say one of: token new NAME [--scopes scan,read] [--days N], token list, token "
                  "revoke JTI"));
  return FALSE;
}

static gboolean
read_command (Command *self, char **words, const char *scopes, int days, GError **error)
{
  if (!read_words (self, words, error))
    return FALSE;
  self->days
      = days != DAYS_UNSAID ? days : bipe_settings_get_integer (self->settings, "token-days");
  self->scopes = bipe_scopes_parse (scopes != NULL ? scopes : DEFAULT_SCOPES, error);
  if (self->scopes == 0)
    g_prefix_error_literal (error, "--scopes: ");
  return self->scopes != 0;
}

int
bipe_token_command (int argc, char **argv)
{
  g_autofree char *scopes = NULL;
  g_auto(GStrv) words = NULL;
  int days = DAYS_UNSAID;
  const GOptionEntry entries[] = {
    { "scopes", 0, 0, G_OPTION_ARG_STRING, &scopes, N_ ("What it is for, with commas"),
      N_ ("SCOPES") },
    { "days", 0, 0, G_OPTION_ARG_INT, &days, N_ ("How long it counts"), N_ ("DAYS") },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &words, NULL, NULL },
    { NULL },
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeSettings) settings
             = bipe_startup_load_settings (&argc, &argv, entries, NULL, NULL, &error);
  Command command = { .settings = settings };
  g_autoptr(json_t) data = NULL;

  if (settings == NULL)
    return bipe_startup_fail (error);
  bipe_log_install ("warning");
  if (read_command (&command, words, scopes, days, &error))
    data = run (&command, &error);
  if (data == NULL)
    return g_error_matches (error, BIPE_ERROR, BIPE_ERROR_INVALID) ? (bipe_startup_fail (error), 2)
                                                                   : bipe_startup_fail (error);
  print (&command, data);
  return EXIT_SUCCESS;
}
