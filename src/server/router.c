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
  /* What stands behind the variable in its own part of the path is none of it. */
  open -= MIN (open, strcspn (rest, "/"));
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

static gboolean
has_type (BipeExchange *exchange, const char *wanted)
{
  const char *type = bipe_exchange_get_header (exchange, "Content-Type");
  gsize length = type != NULL ? strcspn (type, "; \t") : 0;

  return length == strlen (wanted) && g_ascii_strncasecmp (type, wanted, length) == 0;
}

/* What the body should have been given as; NULL: it is. */
static const char *
check_type (BipeExchange *exchange, const BipeRoute *route)
{
  if (route->method[0] == 'G' || !bipe_exchange_has_body (exchange))
    return NULL;
  switch (route->takes)
    {
    case BIPE_BODY_JSON:
    case BIPE_BODY_SMALL:
      return has_type (exchange, "application/json") ? NULL : "application/json";
    case BIPE_BODY_PICTURE:
      return has_type (exchange, "image/png") || has_type (exchange, "image/jpeg")
                 ? NULL
                 : "image/png or image/jpeg";
    case BIPE_BODY_ANY:
    default:
      return NULL;
    }
}

static void
admit (BipeExchange *exchange, const BipeRoute *route)
{
  guint scopes = bipe_pass_get_scopes (bipe_exchange_get_pass (exchange));
  const char *type = check_type (exchange, route);

  if (route->scope != BIPE_SCOPE_NONE && scopes == BIPE_SCOPE_NONE)
    bipe_exchange_refuse (exchange, BIPE_FAULT_UNAUTHORIZED,
                          "authorization failed: this needs a token, and none was given");
  else if ((scopes & route->scope) != (guint)route->scope)
    bipe_exchange_refuse (exchange, BIPE_FAULT_FORBIDDEN, "this needs the scope %s",
                          bipe_scope_name (route->scope));
  else if (type != NULL)
    bipe_exchange_refuse (exchange, BIPE_FAULT_MEDIA_TYPE, "the body must be given as %s", type);
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

/* @variable: what the pattern leaves open, or NULL. */
static const BipeRoute *
find (BipeExchange *exchange, const char *path, char **variable)
{
  const char *method = bipe_exchange_get_method (exchange);

  for (const BipeRoute *route = bipe_exchange_get_routes (exchange); route->method != NULL; route++)
    if (serves (route, method) && bipe_router_match (route->pattern, path, variable))
      return route;
  return NULL;
}

static char *
dup_decoded_path (BipeExchange *exchange, GError **error)
{
  const char *path = bipe_exchange_get_path (exchange);

  return bipe_percent_decode (path, strlen (path), FALSE, error);
}

const BipeRoute *
bipe_router_find (BipeExchange *exchange)
{
  g_autofree char *path = dup_decoded_path (exchange, NULL);
  g_autofree char *variable = NULL;

  return path != NULL ? find (exchange, path, &variable) : NULL;
}

/* The methods that @path has, with commas; empty: there is no such path. */
static GString *
list_methods (BipeExchange *exchange, const char *path)
{
  GString *allow = g_string_new (NULL);

  for (const BipeRoute *route = bipe_exchange_get_routes (exchange); route->method != NULL; route++)
    {
      g_autofree char *variable = NULL;

      if (bipe_router_match (route->pattern, path, &variable))
        append_method (allow, route->method);
    }
  if (allow->len > 0)
    g_string_append (allow, ", OPTIONS");
  g_string_erase (allow, 0, MIN ((gssize)allow->len, 2));
  return allow;
}

static void
enter (BipeExchange *exchange)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = dup_decoded_path (exchange, &error);
  const BipeRoute *route;
  char *variable;

  if (path == NULL)
    {
      bipe_exchange_fail (exchange, error);
      return;
    }
  route = find (exchange, path, &variable);
  if (route != NULL)
    {
      bipe_exchange_set_route (exchange, route, variable);
      admit (exchange, route);
    }
  else
    {
      g_autoptr(GString) allow = list_methods (exchange, path);

      answer_without_route (exchange, allow);
    }
}

const BipeLayer bipe_layer_router = { .name = "router", .enter = enter };
