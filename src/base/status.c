#include "config.h"

#include "base/status.h"

G_DEFINE_BOXED_TYPE (BipeStatus, bipe_status, bipe_status_ref, bipe_status_unref)

BipeStatus *
bipe_status_new (const BipeStatus *fields)
{
  BipeStatus *self = g_atomic_rc_box_alloc (sizeof *self);

  *self = *fields;
  self->station = g_strdup (fields->station);
  self->store = g_strdup (fields->store);
  self->store_problem = g_strdup (fields->store_problem);
  self->problem = g_strdup (fields->problem);
  return self;
}

BipeStatus *
bipe_status_ref (const BipeStatus *self)
{
  return g_atomic_rc_box_acquire ((BipeStatus *)self);
}

static void
clear (gpointer data)
{
  BipeStatus *self = data;

  g_free ((char *)self->problem);
  g_free ((char *)self->store_problem);
  g_free ((char *)self->store);
  g_free ((char *)self->station);
}

void
bipe_status_unref (BipeStatus *self)
{
  g_atomic_rc_box_release_full (self, clear);
}
