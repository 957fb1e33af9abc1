/* decode.c: the codes in a picture that a client sends. They are told, and none becomes a scan:
 * that is what POST /v1/scans is for. */
#include "config.h"

#include "base/error.h"
#include "base/json.h"
#include "decoder/decoder.h"
#include "server/handlers/handlers.h"

static void
append_reading (GString *out, const BipeReading *reading)
{
  g_string_append (out, "{\"code\":");
  bipe_json_append_text (out, reading->text, reading->length);
  g_string_append (out, ",\"aim\":");
  bipe_json_append_string (out, reading->aim[0] != '\0' ? reading->aim : NULL);
  g_string_append (out, ",\"symbology\":");
  bipe_json_append_string (out, bipe_reading_get_symbology_name (reading));
  g_string_append (out, ",\"position\":[");
  for (guint i = 0; i < G_N_ELEMENTS (reading->corners); i++)
    g_string_append_printf (out, "%s{\"x\":%d,\"y\":%d}", i > 0 ? "," : "", reading->corners[i].x,
                            reading->corners[i].y);
  g_string_append (out, "]}");
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeExchange) exchange = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeSight) sight = bipe_decoder_read_finish (BIPE_DECODER (source), result, &error);
  GString *data;

  if (g_error_matches (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE))
    bipe_exchange_refuse (exchange, BIPE_FAULT_BUSY, "%s", error->message);
  else if (sight == NULL)
    bipe_exchange_fail (exchange, error);
  if (sight == NULL)
    return;
  data = bipe_exchange_begin_data ();
  g_string_append_printf (data, "{\"width\":%u,\"height\":%u,\"codes\":[", sight->width,
                          sight->height);
  for (guint i = 0; i < sight->readings->len; i++)
    {
      if (i > 0)
        g_string_append_c (data, ',');
      append_reading (data, sight->readings->pdata[i]);
    }
  g_string_append (data, "]}");
  bipe_exchange_reply_data (exchange, SOUP_STATUS_OK, data);
}

/* The parameter `symbologies`, or the setting; 0 on failure. */
static BipeSymbologies
parse_symbologies (BipeExchange *exchange, GError **error)
{
  g_autoptr(GPtrArray) parameters = bipe_exchange_parse_query (exchange, error);
  BipeSymbologies symbologies = bipe_exchange_get_options (exchange)->symbologies;

  if (parameters == NULL)
    return 0;
  for (guint i = 0; i + 1 < parameters->len && symbologies != 0; i += 2)
    if (g_str_equal (parameters->pdata[i], "symbologies"))
      symbologies = bipe_symbologies_parse (parameters->pdata[i + 1], error);
  return symbologies;
}

void
bipe_decode_post (BipeExchange *exchange)
{
  g_autoptr(GBytes) file = bipe_exchange_dup_bytes (exchange);
  g_autoptr(GError) error = NULL;
  BipeSymbologies symbologies = parse_symbologies (exchange, &error);

  if (symbologies == 0)
    bipe_exchange_fail (exchange, error);
  else if (g_bytes_get_size (file) == 0)
    bipe_exchange_refuse (exchange, BIPE_FAULT_INVALID, "the body must be a picture");
  else
    bipe_decoder_read_async (bipe_exchange_get_decoder (exchange), file, symbologies,
                             bipe_exchange_get_cancellable (exchange), read_cb,
                             bipe_exchange_ref (exchange));
}
