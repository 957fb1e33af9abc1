/* test-metrics.c: /metrics, read by the rules of Prometheus' text format, version 0.0.4. */
#include "config.h"

#include <string.h>

#include "live.h"
#include "server/metrics.h"

/* What has been read: the value of each series, as it is named, and the type of each metric. */
typedef struct
{
  GHashTable *values;
  GHashTable *types;
  GHashTable *done; /* metrics whose lines are over: all of one stand together */
  char *now;
  char *buckets; /* the labels of the histogram under way, without `le` */
  double last_bound, last_count;
} Page;

static void
page_free (Page *self)
{
  g_hash_table_unref (self->values);
  g_hash_table_unref (self->types);
  g_hash_table_unref (self->done);
  g_free (self->now);
  g_free (self->buckets);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Page, page_free)

static void
enter_metric (Page *self, const char *name)
{
  if (g_strcmp0 (self->now, name) == 0)
    return;
  if (self->now != NULL)
    g_hash_table_add (self->done, g_strdup (self->now));
  g_assert_false (g_hash_table_contains (self->done, name));
  g_free (self->now);
  self->now = g_strdup (name);
  g_clear_pointer (&self->buckets, g_free);
}

static void
read_comment (Page *self, const char *line)
{
  g_auto(GStrv) words = g_strsplit (line, " ", 4);

  g_assert_cmpuint (g_strv_length (words), ==, 4);
  g_assert_true (g_regex_match_simple ("^bipe_[a-z_]+$", words[2], 0, 0));
  enter_metric (self, words[2]);
  if (g_str_equal (words[1], "HELP"))
    {
      g_assert_false (g_hash_table_contains (self->types, words[2]));
      return;
    }
  g_assert_cmpstr (words[1], ==, "TYPE");
  g_assert_true (g_str_equal (words[3], "counter") || g_str_equal (words[3], "gauge")
                 || g_str_equal (words[3], "histogram"));
  g_assert_cmpint (g_str_has_suffix (words[2], "_total"), ==, g_str_equal (words[3], "counter"));
  g_assert_true (g_hash_table_insert (self->types, g_strdup (words[2]), g_strdup (words[3])));
}

/* The bounds rise, and so do the counts; the last is of all, and the count again. */
static void
read_bucket (Page *self, const char *labels, double value)
{
  const char *le = strstr (labels, "le=\"");
  g_autofree char *others = g_strndup (labels, (gsize)(le - labels));
  double bound = g_str_has_prefix (le, "le=\"+Inf\"") ? G_MAXDOUBLE : g_ascii_strtod (le + 4, NULL);

  if (g_strcmp0 (self->buckets, others) != 0)
    {
      g_free (self->buckets);
      self->buckets = g_steal_pointer (&others);
      self->last_bound = self->last_count = -1;
    }
  g_assert_cmpfloat (bound, >, self->last_bound);
  g_assert_cmpfloat (value, >=, self->last_count);
  self->last_bound = bound;
  self->last_count = value;
}

static void
read_sample (Page *self, GMatchInfo *match, const char *line)
{
  g_autofree char *name = g_match_info_fetch (match, 1);
  g_autofree char *labels = g_match_info_fetch (match, 2);
  g_autofree char *text = g_match_info_fetch (match, 3);
  g_autofree char *metric = g_strdup (name);
  g_autofree char *series = g_strconcat (name, labels, NULL);
  double *value = g_new (double, 1);

  *value = g_ascii_strtod (text, NULL);
  if (!g_hash_table_contains (self->types, metric))
    {
      *strrchr (metric, '_') = '\0';
      g_assert_cmpstr (g_hash_table_lookup (self->types, metric), ==, "histogram");
    }
  enter_metric (self, metric);
  if (g_str_has_suffix (name, "_bucket"))
    read_bucket (self, labels, *value);
  else if (g_str_has_suffix (name, "_count"))
    {
      g_assert_cmpfloat (self->last_bound, ==, G_MAXDOUBLE);
      g_assert_cmpfloat (*value, ==, self->last_count);
    }
  g_assert_true (g_hash_table_insert (self->values, g_steal_pointer (&series), value));
}

static Page *
read_page (const char *text)
{
  g_autoptr(GRegex) sample = g_regex_new (
      "^([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{[a-z_]+=\"(?:[^\"\\\\\n]|\\\\[\\\\\"n])*\""
      "(?:,[a-z_]+=\"(?:[^\"\\\\\n]|\\\\[\\\\\"n])*\")*\\})? (-?[0-9]+(?:\\.[0-9]+)?)$",
      0, 0, NULL);
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);
  guint n_lines = g_strv_length (lines);
  Page *self = g_new0 (Page, 1);

  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->types = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->done = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  /* The last line ends, too. */
  g_assert_cmpstr (lines[n_lines - 1], ==, "");
  for (guint i = 0; i + 1 < n_lines; i++)
    {
      g_autoptr(GMatchInfo) match = NULL;

      g_test_message ("%s", lines[i]);
      if (lines[i][0] == '#')
        {
          read_comment (self, lines[i]);
          continue;
        }
      g_assert_true (g_regex_match (sample, lines[i], 0, &match));
      read_sample (self, match, lines[i]);
    }
  return self;
}

/* −1: there is no such series. */
static double
get (Page *self, const char *series)
{
  const double *value = g_hash_table_lookup (self->values, series);

  return value != NULL ? *value : -1;
}

static Page *
fetch (Live *live)
{
  g_autoptr(Answer) answer = live_ask (live, "GET", "/metrics", NULL, NULL);

  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_true (
      answer_has_header (answer, "Content-Type: text/plain; version=0.0.4; charset=utf-8"));
  return read_page (answer->body);
}

static void
test_fresh (void)
{
  static const char *const series[] = {
    "bipe_scans_accepted_total",
    "bipe_scans_stored_total",
    "bipe_scans_rejected_total",
    "bipe_scans_refused_total",
    "bipe_backlog_scans",
    "bipe_held_scans",
    "bipe_rejected_scans",
    "bipe_connections_refused_total",
    "bipe_socketio_sessions",
    "bipe_commit_duration_seconds_count",
    "bipe_commit_duration_seconds_sum",
    "bipe_commit_duration_seconds_bucket{le=\"0.05\"}",
    "bipe_commit_duration_seconds_bucket{le=\"+Inf\"}",
    "bipe_store_duration_seconds_count",
  };
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(Page) page = fetch (live);

  for (guint i = 0; i < G_N_ELEMENTS (series); i++)
    {
      g_test_message ("%s", series[i]);
      g_assert_cmpfloat (get (page, series[i]), ==, 0);
    }
  g_assert_cmpfloat (get (page, "bipe_store_up"), ==, 1);
  g_assert_cmpfloat (get (page, "bipe_connections"), ==, 1);
  live_stop (live);
}

static void
test_scans (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(Page) page = NULL;

  live_fill (live, "a", 1500);
  page = fetch (live);
  g_assert_cmpfloat (get (page, "bipe_scans_accepted_total"), ==, 1500);
  g_assert_cmpfloat (get (page, "bipe_scans_stored_total"), ==, 1500);
  g_assert_cmpfloat (get (page, "bipe_store_duration_seconds_count"), ==, 1500);
  g_assert_cmpfloat (get (page, "bipe_commit_duration_seconds_count"), >=, 2);
  g_assert_cmpfloat (get (page, "bipe_commit_duration_seconds_sum"), >, 0);
  g_assert_cmpfloat (get (page, "bipe_backlog_scans"), ==, 0);
  live_stop (live);

  /* Held, they are no work of the store's. */
  live = live_start (&options, TRUE);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(Answer) answer = live_ask (live, "POST", "/v1/scans", NULL, "{\"code\":\"1\"}");

      g_assert_cmpuint (answer->status, ==, 201);
    }
  g_clear_pointer (&page, page_free);
  page = fetch (live);
  g_assert_cmpfloat (get (page, "bipe_backlog_scans"), ==, 3);
  g_assert_cmpfloat (get (page, "bipe_held_scans"), ==, 3);
  g_assert_cmpfloat (get (page, "bipe_scans_stored_total"), ==, 0);
  live_stop (live);
}

/* A path is its pattern, and what came to no route is one, too: clients make no series. */
static const struct
{
  const char *method;
  const char *target;
  const char *body;
  const char *labels;
} requests[] = {
  { "GET", "/v1/scans/1", NULL, "method=\"GET\",route=\"/v1/scans/{ref}\",status=\"4xx\"" },
  { "GET", "/v1/scans/2", NULL, "method=\"GET\",route=\"/v1/scans/{ref}\",status=\"4xx\"" },
  { "HEAD", "/v1/health", NULL, "method=\"GET\",route=\"/v1/health\",status=\"2xx\"" },
  { "GET", "/v1/scans?q=x", NULL, "method=\"GET\",route=\"/v1/scans\",status=\"2xx\"" },
  { "POST", "/v1/scans", "{\"code\":\"1\"}", "method=\"POST\",route=\"/v1/scans\",status=\"2xx\"" },
  { "POST", "/v1/scans", "{", "method=\"POST\",route=\"/v1/scans\",status=\"4xx\"" },
  { "GET", "/nowhere", NULL, "method=\"none\",route=\"none\",status=\"4xx\"" },
  { "GET", "/nowhere/\"}\\n", NULL, "method=\"none\",route=\"none\",status=\"4xx\"" },
  { "BREW", "/v1/scans", NULL, "method=\"none\",route=\"none\",status=\"4xx\"" },
};

static double
get_requests (Page *self, const char *labels)
{
  g_autofree char *requests_series = g_strdup_printf ("bipe_http_requests_total{%s}", labels);
  g_autofree char *count_series
      = g_strdup_printf ("bipe_http_request_duration_seconds_count{%s}", labels);

  g_assert_cmpfloat (get (self, requests_series), ==, get (self, count_series));
  return get (self, requests_series);
}

static void
test_requests (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      g_autoptr(Page) before = fetch (live), after = NULL;
      g_autoptr(Answer) answer
                 = live_ask (live, requests[i].method, requests[i].target, NULL, requests[i].body);

      after = fetch (live);
      g_test_message ("%s %s: %u", requests[i].method, requests[i].target, answer->status);
      g_assert_cmpfloat (get_requests (after, requests[i].labels), ==,
                         MAX (get_requests (before, requests[i].labels), 0) + 1);
    }
  live_stop (live);
}

/* A client that leaves is none of the server's failures, and one that asks nothing no request. */
static void
test_left (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(Page) page = NULL;

  for (guint i = 0; i < 10; i++)
    g_object_unref (live_connect (live));
  for (double left = 0; left < 1;)
    {
      g_autoptr(GSocket) socket = live_connect (live);

      live_send (socket,
                 "POST /v1/scans HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                 "Content-Length: 16\r\n\r\n{",
                 -1);
      g_usleep (20 * 1000);
      g_clear_object (&socket);
      g_clear_pointer (&page, page_free);
      page = fetch (live);
      left = get_requests (page, "method=\"POST\",route=\"/v1/scans\",status=\"none\"");
    }
  g_assert_cmpfloat (get_requests (page, "method=\"none\",route=\"none\",status=\"none\""), ==, -1);
  live_stop (live);
}

static void
test_scope (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(Answer) answer = live_ask (live, "GET", "/metrics", "Via: 1.1 proxy\r\n", NULL);

  assert_failure (answer, 401, 1003);
  live_stop (live);
}

/* Whatever the numbers, there is a place for them. */
static void
test_bounds (void)
{
  static const BipeRoute routes[] = { { .method = "GET", .pattern = "/a" }, { NULL } };
  g_autoptr(BipeMetrics) metrics = bipe_metrics_new (routes);
  g_autoptr(GString) out = g_string_new (NULL);
  g_autoptr(Page) page = NULL;

  bipe_metrics_note_request (metrics, &routes[0], 99, 0);
  bipe_metrics_note_request (metrics, &routes[0], 599, 0);
  bipe_metrics_note_request (metrics, &routes[0], 600, 0);
  bipe_metrics_note_request (metrics, &routes[0], G_MAXUINT, 0);
  bipe_metrics_note_request (metrics, NULL, 101, 0);
  bipe_metrics_append (metrics, out);
  page = read_page (out->str);
  g_assert_cmpfloat (get_requests (page, "method=\"GET\",route=\"/a\",status=\"none\""), ==, 3);
  g_assert_cmpfloat (get_requests (page, "method=\"GET\",route=\"/a\",status=\"5xx\""), ==, 1);
  g_assert_cmpfloat (get_requests (page, "method=\"none\",route=\"none\",status=\"1xx\""), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/metrics/fresh", test_fresh);
  g_test_add_func ("/metrics/scans", test_scans);
  g_test_add_func ("/metrics/requests", test_requests);
  g_test_add_func ("/metrics/left", test_left);
  g_test_add_func ("/metrics/scope", test_scope);
  g_test_add_func ("/metrics/bounds", test_bounds);
  return g_test_run ();
}
