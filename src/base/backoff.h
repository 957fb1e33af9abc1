/* backoff.h: how long to wait before the next try: doubling, bounded, and scattered, so that many
 * stations do not come back to one database in step. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint first_ms;
  guint most_ms;
  guint n_failures;
} BipeBackoff;

/* Counts one more failure; returns milliseconds, between half and the whole of the step. */
guint bipe_backoff_next (BipeBackoff *self);

/* It worked: the next failure starts anew. */
void bipe_backoff_reset (BipeBackoff *self);

G_END_DECLS
