#include "config.h"

#include "server/handlers/common.h"

#include <errno.h>

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
  g_autoptr(BipeScan) scan = bipe_station_scan_finish (BIPE_STATION (source), result, &error);
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
  g_autoptr(GPtrArray) scans = bipe_station_scans_finish (BIPE_STATION (source), result, &error);
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
