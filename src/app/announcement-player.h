/* announcement-player.h: makes announcements heard, one after the other: the earcon of each by the
 * player of sound, then its words by the voice. An earcon is never cut off but by silence; words
 * are, by the next scan. Window thread. */
#pragma once

#include <gio/gio.h>

#include "app/announcement.h"

G_BEGIN_DECLS

#define BIPE_TYPE_ANNOUNCEMENT_PLAYER (bipe_announcement_player_get_type ())
G_DECLARE_FINAL_TYPE (BipeAnnouncementPlayer,
                      bipe_announcement_player,
                      BIPE,
                      ANNOUNCEMENT_PLAYER,
                      GObject)

/**
 * BipeAnnouncementPlayer:problem: (nullable): why the last one was not heard, in words
 */

/* @saved: (nullable): voice and device are as they are by default then */
BipeAnnouncementPlayer *bipe_announcement_player_new (GSettings *saved) G_GNUC_WARN_UNUSED_RESULT;

/* Takes @announcement over; see bipe_announcement_queue_push() for what becomes of it. For a while
 * after the device has failed, nothing is heard. */
void bipe_announcement_player_push (BipeAnnouncementPlayer *self, BipeAnnouncement *announcement);

/* Ends what is heard, and drops what waits. */
void bipe_announcement_player_hush (BipeAnnouncementPlayer *self);

/* A device or a voice that has failed is tried again with the next one. */
void bipe_announcement_player_retry (BipeAnnouncementPlayer *self);

const char *bipe_announcement_player_get_problem (BipeAnnouncementPlayer *self);

G_END_DECLS
