/* announcement-queue.h: what sounds, and what sounds next. One is heard and at most one waits: who
 * scans quickly wants to hear of his last scan, not of all one after the other. Pure. */
#pragma once

#include "app/announcement.h"

G_BEGIN_DECLS

typedef struct _BipeAnnouncementQueue BipeAnnouncementQueue;

BipeAnnouncementQueue *bipe_announcement_queue_new (void) G_GNUC_WARN_UNUSED_RESULT;
void bipe_announcement_queue_free (BipeAnnouncementQueue *self);

typedef enum
{
  BIPE_ANNOUNCE_LATER, /* it waits, or is dropped */
  BIPE_ANNOUNCE_NOW,   /* it is the current one: let it be heard */
  BIPE_ANNOUNCE_CUT,   /* it waits; the words of the current one are to end */
} BipeAnnounce;

/* Takes @announcement over. It takes the place of what waits, but for that of an important one
 * where it is not important itself. */
BipeAnnounce bipe_announcement_queue_push (BipeAnnouncementQueue *self,
                                           BipeAnnouncement *announcement);

/* What is heard; NULL: nothing. */
const BipeAnnouncement *bipe_announcement_queue_get_current (BipeAnnouncementQueue *self);

/* Whether the words of the current one, when its earcon is over, are worth to be heard. */
gboolean bipe_announcement_queue_is_current_stale (BipeAnnouncementQueue *self);

/* The current one is over; the one that waited, if any, takes its place. */
void bipe_announcement_queue_advance (BipeAnnouncementQueue *self);

/* Nothing waits any more. */
void bipe_announcement_queue_drop_waiting (BipeAnnouncementQueue *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeAnnouncementQueue, bipe_announcement_queue_free)

G_END_DECLS
