/* prometheus.c: /metrics: the station in numbers, in Prometheus' text format 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). */
#include "config.h"

#include "base/status.h"
#include "server/handlers/handlers.h"
#include "server/metrics.h"
#include "server/peer.h"

#define CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

static void
append_head (GString *out, const char *name, const char *type, const char *help)
{
  g_string_append_printf (out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
append_counter (GString *out, const char *name, const char *help, guint64 value)
{
  append_head (out, name, "counter", help);
  g_string_append_printf (out, "%s %" G_GUINT64_FORMAT "\n", name, value);
}

static void
append_gauge (GString *out, const char *name, const char *help, gint64 value)
{
  append_head (out, name, "gauge", help);
  g_string_append_printf (out, "%s %" G_GINT64_FORMAT "\n", name, value);
}

static void
append_histogram (GString *out, const char *name, const char *help, const BipeHistogram *histogram)
{
  append_head (out, name, "histogram", help);
  bipe_histogram_append (histogram, out, name, "");
}

static void
append_station (GString *out, BipeStation *station)
{
  g_autoptr(BipeStatus) status = bipe_station_dup_status (station);
  const BipeFigures *figures = bipe_station_get_figures (station);

  append_counter (out, "bipe_scans_accepted_total", "Scans that were accepted, and are durable.",
                  figures->n_accepted);
  append_counter (out, "bipe_scans_stored_total", "Scans that the store took.", figures->n_stored);
  append_counter (out, "bipe_scans_rejected_total", "Scans that were set aside.",
                  figures->n_rejected);
  append_counter (out, "bipe_scans_refused_total",
                  "Scans that could not be kept: the disk or the queue is full.",
                  figures->n_refused);
  append_gauge (out, "bipe_backlog_scans", "Scans that wait to be stored, held ones too.",
                status->n_queued);
  append_gauge (out, "bipe_held_scans", "Scans that wait for a release.", status->n_held);
  append_gauge (out, "bipe_rejected_scans", "Scans that lie set aside.", status->n_rejected);
  append_gauge (out, "bipe_store_up", "1: the store can be reached.",
                status->store_state == BIPE_STORE_ONLINE);
  append_histogram (out, "bipe_commit_duration_seconds",
                    "What the journal took to bring a commit to the disk.", &figures->commits);
  append_histogram (out, "bipe_store_duration_seconds",
                    "From a scan's coming in until the store had it.", &figures->stores);
}

static void
append_speech (GString *out, BipeSpeech *speech)
{
  const BipeSpeechFigures *figures = bipe_speech_get_figures (speech);

  append_counter (out, "bipe_speech_said_total", "Texts that were said.", figures->n_said);
  append_counter (out, "bipe_speech_spared_total",
                  "Requests for what was kept, or being said, already.", figures->n_spared);
  append_counter (out, "bipe_speech_failed_total", "Texts that could not be said, or not be kept.",
                  figures->n_failed);
  append_counter (out, "bipe_speech_cancelled_total",
                  "Texts that were given up, since nobody waited for them any more.",
                  figures->n_cancelled);
  append_histogram (out, "bipe_speech_duration_seconds",
                    "From the first request for a text until it was said.", &figures->durations);
}

static void
append_server (GString *out, BipeExchange *exchange)
{
  BipePeers *peers = bipe_exchange_get_peer (exchange)->peers;
  BipeSockets *sockets = bipe_hub_get_sockets (bipe_exchange_get_hub (exchange));

  append_gauge (out, "bipe_connections", "Connections to the server.",
                bipe_peers_get_count (peers));
  append_counter (out, "bipe_connections_refused_total", "Connections over a limit.",
                  bipe_peers_get_n_refused (peers));
  append_gauge (out, "bipe_socketio_sessions", "Sessions of Socket.IO clients.",
                bipe_engine_get_count (bipe_sockets_get_engine (sockets)));
  bipe_metrics_append (bipe_exchange_get_metrics (exchange), out);
}

void
bipe_metrics_get (BipeExchange *exchange)
{
  GString *out = g_string_sized_new (16384);

  append_station (out, bipe_exchange_get_station (exchange));
  append_speech (out, bipe_exchange_get_options (exchange)->speech);
  append_server (out, exchange);
  bipe_exchange_set_answer_header (exchange, "Cache-Control", "no-store");
  bipe_exchange_reply (exchange, SOUP_STATUS_OK, CONTENT_TYPE, out);
}
