#include "config.h"

#include "socketio/greeting.h"

#include <string.h>

#include "base/json.h"

static char *
print_welcome (const char *sid)
{
  return g_strdup_printf ("{\"sid\":\"%s\"}", sid);
}

static char *
print_refusal (const char *message, const char *data)
{
  GString *json = g_string_new ("{\"message\":");

  bipe_json_append_string (json, message);
  if (data != NULL)
    g_string_append_printf (json, ",\"data\":%s", data);
  g_string_append_c (json, '}');
  return g_string_free (json, FALSE);
}

static char *
print_no_welcome (const char *sid)
{
  return NULL;
}

static char *
print_refusal_text (const char *message, const char *data)
{
  GString *json = g_string_new (NULL);

  bipe_json_append_string (json, message);
  return g_string_free (json, FALSE);
}

/* A query as a JSON object of texts; of several with one name, the last. NULL: it can't be read. */
static char *
query_to_json (const char *query, gsize length)
{
  g_autoptr(json_t) object = json_object ();
  GUriParamsIter iter;
  g_autoptr(GError) error = NULL;
  guint n = 0;
  char *name, *value;

  g_uri_params_iter_init (&iter, query, (gssize)length, "&", G_URI_PARAMS_WWW_FORM);
  while (g_uri_params_iter_next (&iter, &name, &value, &error))
    {
      json_object_set_new (object, name, json_string (value));
      g_free (name);
      g_free (value);
      if (++n > BIPE_GREETING_PARAMETERS_MAX)
        return NULL;
    }
  return error == NULL ? json_dumps (object, JSON_COMPACT) : NULL;
}

/* The type is followed by the namespace, whose query packet.c leaves out. */
static gboolean
read_query (BipePacket *packet, const char *text, gsize length)
{
  const char *comma = memchr (text, ',', length);
  const char *end = comma != NULL ? comma : text + length;
  const char *query = memchr (text, '?', (gsize)(end - text));

  if (packet->json != NULL)
    return FALSE;
  if (query == NULL)
    return TRUE;
  packet->json = query_to_json (query + 1, (gsize)(end - query - 1));
  return packet->json != NULL;
}

static const BipeGreeting version_5
    = { .print_welcome = print_welcome, .print_refusal = print_refusal };

static const BipeGreeting version_4 = {
  .is_implied = TRUE,
  .read_auth = read_query,
  .print_welcome = print_no_welcome,
  .print_refusal = print_refusal_text,
};

const BipeGreeting *
bipe_greeting_find (guint engine_version)
{
  return engine_version == 3 ? &version_4 : &version_5;
}
