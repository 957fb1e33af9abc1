#include "config.h"

#include "access/reach.h"

BipeReach *
bipe_reach_copy (const BipeReach *self)
{
  BipeReach *copy = g_memdup2 (self, sizeof *self);

  copy->addresses = g_strdupv (self->addresses);
  copy->fingerprint = g_strdup (self->fingerprint);
  copy->problem = g_strdup (self->problem);
  return copy;
}

void
bipe_reach_free (BipeReach *self)
{
  g_strfreev (self->addresses);
  g_free (self->fingerprint);
  g_free (self->problem);
  g_free (self);
}
