/* histogram.h: how long things take, counted in fixed steps from 100 µs to 30 s: no allocation, and
 * one addition for each thing. A plain struct, all zero when empty; not to cross threads unlocked.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define BIPE_HISTOGRAM_N_STEPS 17

/**
 * BipeHistogram:
 * @counts: of each step, those of lower steps not counted in; the last: longer than all of them
 * @sum: microseconds, of all together
 */
typedef struct
{
  guint64 counts[BIPE_HISTOGRAM_N_STEPS + 1];
  gint64 sum;
} BipeHistogram;

/* A negative time, as of a clock that was set back, counts as none. */
void bipe_histogram_add (BipeHistogram *self, gint64 microseconds);

guint64 bipe_histogram_get_count (const BipeHistogram *self);

/**
 * bipe_histogram_append:
 * @name: "bipe_commit_duration_seconds"
 * @labels: "method=\"GET\"", or empty
 *
 * Appends its lines in Prometheus' text format: the buckets, the sum and the count. The lines HELP
 * and TYPE, one for all that share a name, are the caller's.
 */
void bipe_histogram_append (const BipeHistogram *self,
                            GString *out,
                            const char *name,
                            const char *labels);

G_END_DECLS
