#include "config.h"

#include "base/backoff.h"

guint
bipe_backoff_next (BipeBackoff *self)
{
  guint64 step = (guint64)self->first_ms << MIN (self->n_failures, 20);

  self->n_failures++;
  step = MIN (step, self->most_ms);
  return (guint)g_random_int_range ((gint32)(step / 2), (gint32)step + 1);
}

void
bipe_backoff_reset (BipeBackoff *self)
{
  self->n_failures = 0;
}
