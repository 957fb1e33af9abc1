/* router.c: the last layer: 404, 405, scope, 415, in this order, before a body is read. */
#include "config.h"

#include "server/router.h"

#include <string.h>

#include "server/chain.h"
#include "server/percent.h"

gboolean
bipe_router_match (const char *pattern, const char *path, char **variable)
{
  gsize before = strcspn (pattern, "{");
  const char *rest;
  gsize open;

  *variable = NULL;
  if (pattern[before] == '\0')
    return strcmp (pattern, path) == 0;
  if (strncmp (pattern, path, before) != 0)
    return FALSE;

  rest = strchr (pattern + before, '}') + 1;
  open = strcspn (path + before, "/");
  if (open == 0 || strcmp (rest, path + before + open) != 0)
    return FALSE;
  *variable = g_strndup (path + before, open);
  return TRUE;
}

/* HEAD is answered as GET, without the body. */
static gboolean
serves (const BipeRoute *route, const char *method)
{
  return strcmp (route->method, method) == 0
         || (strcmp (method, "HEAD") == 0 && strcmp (route->method, "GET") == 0);
}

static const char *
scope_name (BipeScope scope)
{
  switch (scope)
    {
    case BIPE_SCOPE_SCAN:
      return "scan";
    case BIPE_SCOPE_READ:
      return "read";
    case BIPE_SCOPE_COLLECT:
      return "collect";
    case BIPE_SCOPE_SPEECH:
      return "speech";
    case BIPE_SCOPE_VOID:
      return "void";
    case BIPE_SCOPE_NONE:
    default:
      return "none";
    }
}

static gboolean
has_json_type (BipeExchange *exchange)
{
  const char *type = bipe_exchange_get_header (exchange, "Content-Type");
  gsize length = type != NULL ? strcspn (type, "; \t") : 0;

  return length == strlen ("application/json")
         && g_ascii_strncasecmp (type, "application/json", length) == 0;
}

static void
admit (BipeExchange *exchange, const BipeRoute *route)
{
  guint scopes = bipe_exchange_get_scopes (exchange);

  if (route->scope != BIPE_SCOPE_NONE && scopes == BIPE_SCOPE_NONE)
    bipe_exchange_refuse (exchange, BIPE_FAULT_UNAUTHORIZED,
                          "a forwarded request needs a token, and none was given");
  else if ((scopes & route->scope) != (guint)route->scope)
    bipe_exchange_refuse (exchange, BIPE_FAULT_FORBIDDEN, "this needs the scope %s",
                          scope_name (route->scope));
  else if (!route->takes_any_type && route->method[0] != 'G' && bipe_exchange_has_body (exchange)
           && !has_json_type (exchange))
    bipe_exchange_refuse (exchange, BIPE_FAULT_MEDIA_TYPE,
                          "the body must be given as application/json");
}

static void
append_method (GString *allow, const char *method)
{
  g_string_append_printf (allow, ", %s", method);
  if (strcmp (method, "GET") == 0)
    g_string_append (allow, ", HEAD");
}

/* No route has the method; @allow lists those that the path has. */
static void
answer_without_route (BipeExchange *exchange, const GString *allow)
{
  const char *method = bipe_exchange_get_method (exchange);

  if (allow->len == 0)
    {
      bipe_exchange_refuse (exchange, BIPE_FAULT_NOT_FOUND, "there is no such route");
      return;
    }
  bipe_exchange_set_answer_header (exchange, "Allow", allow->str);
  if (strcmp (method, "OPTIONS") == 0)
    bipe_exchange_reply (exchange, SOUP_STATUS_NO_CONTENT, NULL, NULL);
  else
    bipe_exchange_refuse (exchange, BIPE_FAULT_METHOD, "this route takes %s", allow->str);
}

static void
route (BipeExchange *exchange, const char *path)
{
  const BipeRoute *routes = bipe_exchange_get_routes (exchange);
  const char *method = bipe_exchange_get_method (exchange);
  g_autoptr(GString) allow = NULL;

  for (const BipeRoute *candidate = routes; candidate->method != NULL; candidate++)
    {
      char *variable;

      if (!serves (candidate, method) || !bipe_router_match (candidate->pattern, path, &variable))
        continue;
      bipe_exchange_set_route (exchange, candidate, variable);
      admit (exchange, candidate);
      return;
    }

  allow = g_string_new (NULL);
  for (const BipeRoute *candidate = routes; candidate->method != NULL; candidate++)
    {
      g_autofree char *variable = NULL;

      if (bipe_router_match (candidate->pattern, path, &variable))
        append_method (allow, candidate->method);
    }
  if (allow->len > 0)
    g_string_append (allow, ", OPTIONS");
  g_string_erase (allow, 0, MIN ((gssize)allow->len, 2));
  answer_without_route (exchange, allow);
}

static void
enter (BipeExchange *exchange)
{
  const char *path = bipe_exchange_get_path (exchange);
  g_autofree char *decoded = NULL;
  g_autoptr(GError) error = NULL;

  decoded = bipe_percent_decode (path, strlen (path), FALSE, &error);
  if (decoded == NULL)
    bipe_exchange_fail (exchange, error);
  else
    route (exchange, decoded);
}

const BipeLayer bipe_layer_router = { .name = "router", .enter = enter };
