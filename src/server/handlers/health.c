/* health.c: whether scans are accepted, and whether the store takes them. */
#include "config.h"

#include "base/json.h"
#include "base/status.h"
#include "base/timestamp.h"
#include "server/handlers/handlers.h"

static const char *
store_state_name (BipeStoreState state)
{
  switch (state)
    {
    case BIPE_STORE_CONNECTING:
      return "connecting";
    case BIPE_STORE_ONLINE:
      return "online";
    case BIPE_STORE_OFFLINE:
    default:
      return "offline";
    }
}

static void
append_store (const BipeStatus *status, GString *out)
{
  char since[BIPE_TIMESTAMP_SIZE];

  bipe_timestamp_format (status->store_since, since);
  g_string_append (out, "{\"name\":");
  bipe_json_append_string (out, status->store);
  g_string_append (out, ",\"state\":");
  bipe_json_append_string (out, store_state_name (status->store_state));
  g_string_append (out, ",\"since\":");
  bipe_json_append_string (out, status->store_since != 0 ? since : NULL);
  g_string_append_c (out, '}');
}

void
bipe_health_get (BipeExchange *exchange)
{
  g_autoptr(BipeStatus) status = bipe_station_dup_status (bipe_exchange_get_station (exchange));
  GString *data;

  if (status->problem != NULL)
    {
      bipe_exchange_refuse (exchange, BIPE_FAULT_NOT_KEPT, "no scan can be accepted: %s",
                            status->problem);
      return;
    }
  data = bipe_exchange_begin_data ();
  g_string_append (data, "{\"status\":");
  bipe_json_append_string (data, status->store_state == BIPE_STORE_OFFLINE ? "degraded" : "ok");
  g_string_append (data, ",\"store\":");
  append_store (status, data);
  g_string_append (data, ",\"queued\":");
  bipe_json_append_integer (data, status->n_queued);
  g_string_append (data, ",\"rejected\":");
  bipe_json_append_integer (data, status->n_rejected);
  g_string_append (data, ",\"version\":");
  bipe_json_append_string (data, BIPE_VERSION);
  g_string_append_c (data, '}');
  bipe_exchange_reply_data (exchange, SOUP_STATUS_OK, data);
}
