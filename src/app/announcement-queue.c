#include "config.h"

#include "app/announcement-queue.h"

struct _BipeAnnouncementQueue
{
  BipeAnnouncement *current;
  BipeAnnouncement *waiting;
};

BipeAnnouncementQueue *
bipe_announcement_queue_new (void)
{
  return g_new0 (BipeAnnouncementQueue, 1);
}

void
bipe_announcement_queue_free (BipeAnnouncementQueue *self)
{
  g_clear_pointer (&self->waiting, bipe_announcement_free);
  g_clear_pointer (&self->current, bipe_announcement_free);
  g_free (self);
}

BipeAnnounce
bipe_announcement_queue_push (BipeAnnouncementQueue *self, BipeAnnouncement *announcement)
{
  if (self->current == NULL)
    {
      self->current = announcement;
      return BIPE_ANNOUNCE_NOW;
    }
  if (self->waiting != NULL && self->waiting->is_important && !announcement->is_important)
    {
      bipe_announcement_free (announcement);
      return BIPE_ANNOUNCE_LATER;
    }
  g_clear_pointer (&self->waiting, bipe_announcement_free);
  self->waiting = announcement;
  return self->current->is_important ? BIPE_ANNOUNCE_LATER : BIPE_ANNOUNCE_CUT;
}

const BipeAnnouncement *
bipe_announcement_queue_get_current (BipeAnnouncementQueue *self)
{
  return self->current;
}

gboolean
bipe_announcement_queue_is_current_stale (BipeAnnouncementQueue *self)
{
  return self->current != NULL && !self->current->is_important && self->waiting != NULL;
}

void
bipe_announcement_queue_advance (BipeAnnouncementQueue *self)
{
  g_clear_pointer (&self->current, bipe_announcement_free);
  self->current = g_steal_pointer (&self->waiting);
}

void
bipe_announcement_queue_drop_waiting (BipeAnnouncementQueue *self)
{
  g_clear_pointer (&self->waiting, bipe_announcement_free);
}
