/* player.h: makes samples heard, by a thread of its own (sound) that nobody waits for, at the end
 * of the process neither: a sound server that hangs must not hang us. Window thread. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define BIPE_TYPE_PLAYER (bipe_player_get_type ())
G_DECLARE_FINAL_TYPE (BipePlayer, bipe_player, BIPE, PLAYER, GObject)

#define BIPE_PLAYER_RATE 22050

BipePlayer *bipe_player_new (void) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_player_play_async:
 * @samples: 16 bits, signed, of this machine's order, one channel, BIPE_PLAYER_RATE
 * @output: what of GStreamer plays them: the description of an element or of several; "": where the
 *   sound server wants it
 *
 * One at a time. It finishes soon after @samples have their length (the first time of all up to a
 * minute later, while GStreamer starts), whatever the device does: with
 * BIPE_ERROR_UNAVAILABLE where it has not played them, and at once where it still does not answer
 * for those before.
 */
void bipe_player_play_async (BipePlayer *self,
                             GBytes *samples,
                             const char *output,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean bipe_player_play_finish (BipePlayer *self, GAsyncResult *result, GError **error);

G_END_DECLS
