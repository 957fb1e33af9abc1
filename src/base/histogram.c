#include "config.h"

#include "base/histogram.h"

/* The upper ends, which belong to their steps, and as Prometheus reads them. */
static const struct
{
  gint64 microseconds;
  const char *seconds;
} steps[BIPE_HISTOGRAM_N_STEPS] = {
  { 100, "0.0001" },  { 250, "0.00025" }, { 500, "0.0005" },  { 1000, "0.001" },
  { 2500, "0.0025" }, { 5000, "0.005" },  { 10000, "0.01" },  { 25000, "0.025" },
  { 50000, "0.05" },  { 100000, "0.1" },  { 250000, "0.25" }, { 500000, "0.5" },
  { 1000000, "1" },   { 2500000, "2.5" }, { 5000000, "5" },   { 10000000, "10" },
  { 30000000, "30" },
};

void
bipe_histogram_add (BipeHistogram *self, gint64 microseconds)
{
  guint i = 0;

  while (i < BIPE_HISTOGRAM_N_STEPS && microseconds > steps[i].microseconds)
    i++;
  self->counts[i]++;
  self->sum += MAX (microseconds, 0);
}

guint64
bipe_histogram_get_count (const BipeHistogram *self)
{
  guint64 count = 0;

  for (guint i = 0; i < G_N_ELEMENTS (self->counts); i++)
    count += self->counts[i];
  return count;
}

void
bipe_histogram_append (const BipeHistogram *self,
                       GString *out,
                       const char *name,
                       const char *labels)
{
  gboolean has_labels = labels[0] != '\0';
  g_autofree char *braced = has_labels ? g_strdup_printf ("{%s}", labels) : g_strdup ("");
  guint64 count = 0;

  for (guint i = 0; i < G_N_ELEMENTS (self->counts); i++)
    {
      count += self->counts[i];
      g_string_append_printf (out, "%s_bucket{%s%sle=\"%s\"} %" G_GUINT64_FORMAT "\n", name, labels,
                              has_labels ? "," : "",
                              i < BIPE_HISTOGRAM_N_STEPS ? steps[i].seconds : "+Inf", count);
    }
  g_string_append_printf (
      out, "%s_sum%s %" G_GINT64_FORMAT ".%06d\n%s_count%s %" G_GUINT64_FORMAT "\n", name, braced,
      self->sum / G_USEC_PER_SEC, (int)(self->sum % G_USEC_PER_SEC), name, braced, count);
}
