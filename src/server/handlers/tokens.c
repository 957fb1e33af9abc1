/* tokens.c: /v1/tokens: who may come in. A token itself is told once, to whoever has it made. */
#include "config.h"

#include "base/error.h"
#include "base/json.h"
#include "server/handlers/common.h"
#include "server/handlers/handlers.h"

static void
issued_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeExchange) exchange = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeGrant) grant = NULL;
  g_autofree char *token
      = bipe_registry_issue_finish (BIPE_REGISTRY (source), result, &grant, &error);

  if (token == NULL)
    bipe_exchange_fail (exchange, error);
  else
    bipe_handlers_reply_token (exchange, grant, token);
}

/* @days stays as it is where nobody says. FALSE: BIPE_ERROR_INVALID. */
static gboolean
read_body (const json_t *body, const char **name, guint *scopes, gint64 *days, GError **error)
{
  if (!bipe_json_get_string (body, "name", name, error))
    return FALSE;
  if (*name == NULL)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "name is missing");
      return FALSE;
    }
  return bipe_handlers_get_rights (body, scopes, days, error);
}

void
bipe_tokens_post (BipeExchange *exchange)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(json_t) body = bipe_handlers_parse_object (exchange, &error);
  gint64 days = bipe_exchange_get_options (exchange)->token_days;
  const char *name;
  guint scopes;

  if (body == NULL || !read_body (body, &name, &scopes, &days, &error))
    {
      bipe_exchange_fail (exchange, error);
      return;
    }
  bipe_registry_issue_async (bipe_exchange_get_registry (exchange), name, scopes, days, issued_cb,
                             bipe_exchange_ref (exchange));
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeExchange) exchange = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) grants = bipe_registry_list_finish (BIPE_REGISTRY (source), result, &error);
  GString *data;

  if (grants == NULL)
    {
      bipe_exchange_fail (exchange, error);
      return;
    }
  data = bipe_exchange_begin_data ();
  g_string_append_c (data, '[');
  for (guint i = 0; i < grants->len; i++)
    {
      if (i > 0)
        g_string_append_c (data, ',');
      bipe_grant_append_json (grants->pdata[i], data);
    }
  g_string_append_c (data, ']');
  bipe_exchange_reply_data (exchange, SOUP_STATUS_OK, data);
}

void
bipe_tokens_list (BipeExchange *exchange)
{
  bipe_registry_list_async (bipe_exchange_get_registry (exchange), listed_cb,
                            bipe_exchange_ref (exchange));
}

static void
revoked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeExchange) exchange = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeGrant) grant
             = bipe_registry_revoke_finish (BIPE_REGISTRY (source), result, &error);
  GString *data;

  if (grant == NULL)
    {
      bipe_exchange_fail (exchange, error);
      return;
    }
  data = bipe_exchange_begin_data ();
  bipe_grant_append_json (grant, data);
  bipe_exchange_reply_data (exchange, SOUP_STATUS_OK, data);
}

void
bipe_tokens_revoke (BipeExchange *exchange)
{
  bipe_registry_revoke_async (bipe_exchange_get_registry (exchange),
                              bipe_exchange_get_variable (exchange), revoked_cb,
                              bipe_exchange_ref (exchange));
}
