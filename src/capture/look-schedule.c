#include "config.h"

#include "capture/look-schedule.h"

/* Microseconds. A frame more or less: those that come at 30 a second are looked at in a rhythm of
 * six. */
#define REST 190000

/* Frames that are left in a row, at most, should the clock stand. */
#define LEFT_MAX 60

/* Looks in three of which one is thorough. */
#define CYCLE 3
#define QUICK (BIPE_LOOK_GUIDE | BIPE_LOOK_FAST)

/* The same looks in a row; then the others get their turn. */
#define AGAIN_MAX 4

/* Microseconds that a scene is still before a change is a sudden one. */
#define STILL 300000

/* Microseconds after a change in which the picture may still get better: focus, exposure, a hand
 * that comes to rest. */
#define SETTLE G_USEC_PER_SEC

/* Microseconds from a second look to the next. */
#define SECOND_APART 500000

/* The clock has gone back: what was noted is of another time. */
static void
start_anew (BipeLookSchedule *self)
{
  *self = (BipeLookSchedule){ .n_looks = self->n_looks };
}

BipeLooks
bipe_look_schedule_next (BipeLookSchedule *self, gboolean has_changed, gint64 now)
{
  gboolean is_sudden;
  BipeLooks again;

  if (now < self->looked_at)
    start_anew (self);
  again = self->again;
  self->again = 0; /* a look that its process dies of is not taken again */
  is_sudden = self->looked_at == 0 || (has_changed && now - self->changed_at > STILL);
  if (is_sudden || has_changed)
    self->changed_at = now;
  if (again == 0 && now - self->changed_at >= BIPE_LOOK_SCHEDULE_PATIENCE
      && now - self->looked_at < REST && self->n_left < LEFT_MAX)
    {
      self->n_left++;
      return 0;
    }
  self->looked_at = now;
  self->n_left = 0;
  self->n_looks++;
  if (again != 0)
    return again;
  if (is_sudden)
    return QUICK | BIPE_LOOK_FULL;
  return self->n_looks % CYCLE == 0 ? BIPE_LOOK_FULL : QUICK;
}

gboolean
bipe_look_schedule_take_second (BipeLookSchedule *self, gint64 now)
{
  if (!self->wants_second)
    return FALSE;
  if (now < self->second_due - (self->is_urgent ? SECOND_APART : 0))
    return FALSE;
  self->second_at = now;
  self->second_due = MAX (self->second_due, now) + SECOND_APART;
  self->wants_second = FALSE;
  self->is_urgent = FALSE;
  return TRUE;
}

static gboolean
is_new (const BipeLookSchedule *self, gint64 now)
{
  return self->changed_at > self->second_at || now - self->changed_at < SETTLE;
}

void
bipe_look_schedule_report (BipeLookSchedule *self,
                           BipeLooks looks,
                           const BipeSight *sight,
                           gboolean has_doubt,
                           gint64 now)
{
  gboolean has_found = sight->readings->len > 0;

  if (looks == BIPE_LOOK_SECOND)
    {
      self->is_urgent = has_found && has_doubt;
      self->wants_second = self->wants_second || self->is_urgent;
      return;
    }
  if ((looks & BIPE_LOOK_FULL) != 0)
    self->wants_second = self->is_urgent || (!has_found && (has_doubt || is_new (self, now)));
  self->n_again = has_doubt ? self->n_again : 0;
  if (has_found && has_doubt && self->n_again < AGAIN_MAX)
    {
      self->again = looks;
      self->n_again++;
    }
}
