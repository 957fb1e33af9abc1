#include "config.h"

#include "base/clock.h"

struct _BipeClock
{
  gboolean is_manual;
  GMutex lock; /* a manual clock is moved by a test while threads read it */
  gint64 real;
  gint64 monotonic;
};

static BipeClock system_clock;

BipeClock *
bipe_clock_system (void)
{
  return &system_clock;
}

BipeClock *
bipe_clock_new_manual (gint64 real)
{
  BipeClock *self = g_new0 (BipeClock, 1);

  g_mutex_init (&self->lock);
  self->is_manual = TRUE;
  self->real = real;
  return self;
}

void
bipe_clock_free (BipeClock *self)
{
  g_return_if_fail (self->is_manual);

  g_mutex_clear (&self->lock);
  g_free (self);
}

void
bipe_clock_advance (BipeClock *self, gint64 microseconds)
{
  g_return_if_fail (self->is_manual && microseconds >= 0);

  g_mutex_lock (&self->lock);
  self->real += microseconds;
  self->monotonic += microseconds;
  g_mutex_unlock (&self->lock);
}

void
bipe_clock_step (BipeClock *self, gint64 real)
{
  g_return_if_fail (self->is_manual);

  g_mutex_lock (&self->lock);
  self->real = real;
  g_mutex_unlock (&self->lock);
}

static gint64
read_manual (BipeClock *self, const gint64 *value)
{
  gint64 result;

  g_mutex_lock (&self->lock);
  result = *value;
  g_mutex_unlock (&self->lock);
  return result;
}

gint64
bipe_clock_real (BipeClock *self)
{
  return self->is_manual ? read_manual (self, &self->real) : g_get_real_time ();
}

gint64
bipe_clock_monotonic (BipeClock *self)
{
  return self->is_manual ? read_manual (self, &self->monotonic) : g_get_monotonic_time ();
}
