#include "config.h"

#include "server/handlers/common.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"

#define REASON_MAX 1000

void
bipe_handlers_append_list (GString *out, GPtrArray *scans)
{
  g_string_append_c (out, '[');
  for (guint i = 0; i < scans->len; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      bipe_scan_append_json (scans->pdata[i], out);
    }
  g_string_append_c (out, ']');
}

void
bipe_handlers_scan_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeExchange) exchange = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeScan) scan = bipe_records_scan_finish (BIPE_RECORDS (source), result, &error);
  GString *data;

  if (scan == NULL)
    {
      bipe_exchange_fail (exchange, error);
      return;
    }
  data = bipe_exchange_begin_data ();
  bipe_scan_append_json (scan, data);
  bipe_exchange_reply_data (exchange, SOUP_STATUS_OK, data);
}

void
bipe_handlers_scans_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeExchange) exchange = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) scans = bipe_records_scans_finish (BIPE_RECORDS (source), result, &error);
  GString *data;

  if (scans == NULL)
    {
      bipe_exchange_fail (exchange, error);
      return;
    }
  data = bipe_exchange_begin_data ();
  bipe_handlers_append_list (data, scans);
  bipe_exchange_reply_data (exchange, SOUP_STATUS_OK, data);
}

void
bipe_handlers_reply_token (BipeExchange *exchange, const BipeGrant *grant, const char *token)
{
  GString *data = bipe_exchange_begin_data ();

  bipe_exchange_set_answer_header (exchange, "Cache-Control", "no-store");
  bipe_grant_append_json (grant, data);
  g_string_truncate (data, data->len - 1);
  g_string_append (data, ",\"token\":");
  bipe_json_append_string (data, token);
  g_string_append_c (data, '}');
  bipe_exchange_reply_data (exchange, SOUP_STATUS_CREATED, data);
}

gboolean
bipe_handlers_parse_id (const char *text, gint64 *id)
{
  char *end;

  if (!g_ascii_isdigit (text[text[0] == '-']))
    return FALSE;
  errno = 0;
  *id = g_ascii_strtoll (text, &end, 10);
  return *end == '\0' && errno == 0;
}

gboolean
bipe_handlers_get_reason (const json_t *object, const char **reason, GError **error)
{
  if (!bipe_json_get_string (object, "reason", reason, error))
    return FALSE;
  if (*reason == NULL || ((*reason)[0] != '\0' && g_utf8_strlen (*reason, -1) <= REASON_MAX))
    return TRUE;
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "reason must have 1 to %d characters",
               REASON_MAX);
  return FALSE;
}

gboolean
bipe_handlers_get_rights (const json_t *object, guint *scopes, gint64 *days, GError **error)
{
  const json_t *member = json_object_get (object, "days");

  if (member != NULL && !json_is_null (member)
      && !bipe_json_get_integer (object, "days", days, error))
    return FALSE;
  *scopes = bipe_grant_read_scopes (json_object_get (object, "scopes"), error);
  return *scopes != 0;
}

json_t *
bipe_handlers_parse_object (BipeExchange *exchange, GError **error)
{
  g_autoptr(json_t) body = NULL;

  if (!bipe_exchange_has_body (exchange))
    return json_object ();
  if (!bipe_exchange_get_body (exchange, &body, error))
    return NULL;
  if (!json_is_object (body))
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "the body must be a JSON object");
      return NULL;
    }
  return g_steal_pointer (&body);
}

/* If-None-Match is a list of tags, or "*": what stands in quotes is in no other tag. */
gboolean
bipe_handlers_is_known (BipeExchange *exchange, const char *tag)
{
  const char *known = bipe_exchange_get_header (exchange, "If-None-Match");

  return known != NULL && (strcmp (known, "*") == 0 || strstr (known, tag) != NULL);
}

void
bipe_handlers_reply_with_tag (BipeExchange *exchange,
                              const char *tag,
                              const char *content_type,
                              GString *body)
{
  bipe_exchange_set_answer_header (exchange, "ETag", tag);
  bipe_exchange_set_answer_header (exchange, "Cache-Control", "no-cache");
  bipe_exchange_set_answer_header (exchange, "X-Content-Type-Options", "nosniff");
  if (bipe_handlers_is_known (exchange, tag))
    {
      g_string_free (body, TRUE);
      bipe_exchange_reply (exchange, SOUP_STATUS_NOT_MODIFIED, NULL, NULL);
    }
  else
    bipe_exchange_reply (exchange, SOUP_STATUS_OK, content_type, body);
}

void
bipe_handlers_reply_tagged (BipeExchange *exchange, const char *content_type, GString *body)
{
  g_autofree char *digest
      = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *)body->str, body->len);
  g_autofree char *tag = g_strdup_printf ("\"%.32s\"", digest);

  bipe_handlers_reply_with_tag (exchange, tag, content_type, body);
}
