/* announcer.h: what the operator hears without looking: that a scan is safe, which one, that it is
 * not, that the database has gone or is back. By short sounds, and by words where that is wanted.
 * No device, a slow or a broken one never delays anybody: it costs the sound, nothing else. Window
 * thread. */
#pragma once

#include <gio/gio.h>

#include "app/feed.h"
#include "base/scan.h"

G_BEGIN_DECLS

#define BIPE_TYPE_ANNOUNCER (bipe_announcer_get_type ())
G_DECLARE_FINAL_TYPE (BipeAnnouncer, bipe_announcer, BIPE, ANNOUNCER, GObject)

/**
 * BipeAnnouncer:silent: nothing is heard; setting it ends what is heard now. Saved as `silence`
 * BipeAnnouncer:audible: sounds or words are wanted at all
 * BipeAnnouncer:problem: (nullable): why the last one was not heard, in words
 */

/* @saved: (nullable): everything is as it is by default then */
BipeAnnouncer *bipe_announcer_new (GSettings *saved) G_GNUC_WARN_UNUSED_RESULT;

/* Tells what the station tells: what its database refuses, when that goes and comes back; and scans
 * of other devices, where that is wanted. */
void bipe_announcer_watch (BipeAnnouncer *self, BipeFeed *feed);

/* A scan of this window's operator is on disk. @is_known: it was already */
void bipe_announcer_tell_kept (BipeAnnouncer *self, const BipeScan *scan, gboolean is_known);

/* A code that is none, or can't be kept. */
void bipe_announcer_tell_refused (BipeAnnouncer *self);

/* An example, with everything as it is set; a device that did not answer is tried again. */
void bipe_announcer_try (BipeAnnouncer *self);

G_END_DECLS
