#include "config.h"

#include "app/store-watch.h"

static BipeStoreWatchNews
take_status (BipeStoreWatch *self, const BipeStatus *status)
{
  gboolean was_away = self->is_away;
  gboolean is_idle = status->n_queued <= status->n_held;

  if (status->store_state == BIPE_STORE_OFFLINE)
    {
      *self = (BipeStoreWatch){ .is_away = TRUE, .n_delivered = was_away ? self->n_delivered : 0 };
      return was_away ? BIPE_STORE_WATCH_NOTHING : BIPE_STORE_WATCH_GONE;
    }
  if (status->store_state != BIPE_STORE_ONLINE || !(was_away || self->is_returning))
    return BIPE_STORE_WATCH_NOTHING;
  self->is_away = FALSE;
  self->is_returning = !is_idle;
  if (is_idle)
    return BIPE_STORE_WATCH_RETURNED;
  return was_away ? BIPE_STORE_WATCH_RETURNING : BIPE_STORE_WATCH_NOTHING;
}

BipeStoreWatchNews
bipe_store_watch_take (BipeStoreWatch *self, const BipeEvent *event)
{
  if (event->kind == BIPE_EVENT_STATUS)
    return take_status (self, event->status);
  if (event->kind == BIPE_EVENT_STORED && (self->is_away || self->is_returning)
      && self->n_delivered >= 0)
    self->n_delivered++;
  return BIPE_STORE_WATCH_NOTHING;
}

void
bipe_store_watch_lose (BipeStoreWatch *self)
{
  if (self->is_away || self->is_returning)
    self->n_delivered = -1;
}

gboolean
bipe_store_watch_settle (BipeStoreWatch *self)
{
  gboolean is_returning = self->is_returning;

  self->is_returning = FALSE;
  return is_returning;
}
