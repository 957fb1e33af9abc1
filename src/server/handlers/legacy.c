/* legacy.c: the routes of seed 000, answered as its own clients expect. */
#include "config.h"

#include "base/json.h"
#include "base/query.h"
#include "server/handlers/common.h"
#include "server/handlers/handlers.h"
#include "server/stream.h"

static void
collected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeExchange) exchange = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeScan) scan = bipe_station_collect_finish (BIPE_STATION (source), result, &error);
  GString *text;

  if (error != NULL)
    {
      bipe_exchange_fail (exchange, error);
      return;
    }
  text = g_string_new (scan != NULL ? "A rota recebeu: " : "Nenhuma mensagem recebida...");
  if (scan != NULL)
    g_string_append (text, scan->code);
  /* The code is anybody's text under a type that browsers run: they shall show it, and no more. */
  bipe_exchange_set_answer_header (exchange, "X-Content-Type-Options", "nosniff");
  bipe_exchange_set_answer_header (exchange, "Content-Security-Policy",
                                   "sandbox; default-src 'none'");
  bipe_exchange_reply (exchange, SOUP_STATUS_OK, "text/html; charset=utf-8", text);
}

void
bipe_legacy_collect (BipeExchange *exchange)
{
  bipe_station_collect_async (bipe_exchange_get_station (exchange),
                              bipe_exchange_get_cancellable (exchange), collected_cb,
                              bipe_exchange_ref (exchange));
}

static void
append_row (const BipeScan *scan, GString *out)
{
  g_string_append (out, "{\"id\":");
  bipe_json_append_integer (out, scan->id);
  g_string_append (out, ",\"codigo_barra\":");
  bipe_json_append_string (out, scan->code);
  g_string_append_c (out, '}');
}

void
bipe_legacy_list (BipeExchange *exchange)
{
  static const BipeStreamFormat format = {
    .content_type = "application/json",
    .head = "[",
    .separator = ",",
    .tail = "]",
    .append = append_row,
  };
  BipeQuery *query = bipe_query_new ();

  query->limit = BIPE_STREAM_ALL;
  query->state = BIPE_SCAN_STORED;
  bipe_stream_start (exchange, &format, query);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeExchange) exchange = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeScan) scan = bipe_records_scan_finish (BIPE_RECORDS (source), result, &error);
  GString *row;

  if (scan == NULL)
    {
      bipe_exchange_fail (exchange, error);
      return;
    }
  if (scan->state == BIPE_SCAN_VOIDED)
    {
      bipe_exchange_refuse (exchange, BIPE_FAULT_NOT_FOUND, "this scan is voided");
      return;
    }
  row = g_string_sized_new (64);
  append_row (scan, row);
  bipe_exchange_reply (exchange, SOUP_STATUS_OK, "application/json", row);
}

void
bipe_legacy_find (BipeExchange *exchange)
{
  BipeScanRef ref = { 0 };

  if (!bipe_handlers_parse_id (bipe_exchange_get_variable (exchange), &ref.id))
    bipe_exchange_refuse (exchange, BIPE_FAULT_INVALID, "id must be an integer of 64 bits");
  else if (ref.id == 0)
    bipe_exchange_refuse (exchange, BIPE_FAULT_NOT_FOUND, "there is no scan with the id 0");
  else
    bipe_records_find_async (bipe_exchange_get_records (exchange), &ref,
                             bipe_exchange_get_cancellable (exchange), found_cb,
                             bipe_exchange_ref (exchange));
}
