#include "config.h"

#include "server/metrics.h"

#include "base/histogram.h"

#define REQUESTS "bipe_http_requests_total"
#define DURATION "bipe_http_request_duration_seconds"

/* By a status's first digit. */
static const char *const classes[] = { "none", "1xx", "2xx", "3xx", "4xx", "5xx" };

typedef struct
{
  BipeHistogram durations[G_N_ELEMENTS (classes)];
} Requests;

struct _BipeMetrics
{
  const BipeRoute *routes;
  guint n_routes;
  Requests *requests; /* one more than there are routes: for those that came to none */
};

BipeMetrics *
bipe_metrics_new (const BipeRoute *routes)
{
  BipeMetrics *self = g_new0 (BipeMetrics, 1);

  self->routes = routes;
  while (routes[self->n_routes].method != NULL)
    self->n_routes++;
  self->requests = g_new0 (Requests, self->n_routes + 1);
  return self;
}

void
bipe_metrics_free (BipeMetrics *self)
{
  g_free (self->requests);
  g_free (self);
}

void
bipe_metrics_note_request (BipeMetrics *self,
                           const BipeRoute *route,
                           guint status,
                           gint64 microseconds)
{
  gsize index = route != NULL ? (gsize)(route - self->routes) : self->n_routes;
  guint class = status / 100;

  g_return_if_fail (index <= self->n_routes);

  bipe_histogram_add (&self->requests[index].durations[class < G_N_ELEMENTS (classes) ? class : 0],
                      microseconds);
}

static void
append_line (GString *out, const char *labels, const BipeHistogram *durations)
{
  g_string_append_printf (out, REQUESTS "{%s} %" G_GUINT64_FORMAT "\n", labels,
                          bipe_histogram_get_count (durations));
}

static void
append_durations (GString *out, const char *labels, const BipeHistogram *durations)
{
  bipe_histogram_append (durations, out, DURATION, labels);
}

static void
append_each (const BipeMetrics *self,
             GString *out,
             void (*append) (GString *out, const char *labels, const BipeHistogram *durations))
{
  for (guint i = 0; i <= self->n_routes; i++)
    for (guint k = 0; k < G_N_ELEMENTS (classes); k++)
      {
        const BipeHistogram *durations = &self->requests[i].durations[k];
        gboolean is_route = i < self->n_routes;
        g_autofree char *labels = NULL;

        if (bipe_histogram_get_count (durations) == 0)
          continue;
        /* Nothing in a pattern needs an escape. */
        labels = g_strdup_printf ("method=\"%s\",route=\"%s\",status=\"%s\"",
                                  is_route ? self->routes[i].method : "none",
                                  is_route ? self->routes[i].pattern : "none", classes[k]);
        append (out, labels, durations);
      }
}

void
bipe_metrics_append (const BipeMetrics *self, GString *out)
{
  g_string_append (out, "# HELP " REQUESTS " Requests, by route and class of status.\n"
                        "# TYPE " REQUESTS " counter\n");
  append_each (self, out, append_line);
  g_string_append (out, "# HELP " DURATION " From a request's headers to its answer's end.\n"
                        "# TYPE " DURATION " histogram\n");
  append_each (self, out, append_durations);
}
