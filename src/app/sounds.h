/* sounds.h: what the operator hears without looking: a scan is safe, or it is not. No device, a
 * slow or a broken one never delays anybody: they cost the sound, nothing else. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  BIPE_SOUND_KEPT,
  BIPE_SOUND_REFUSED,
} BipeSound;

#define BIPE_TYPE_SOUNDS (bipe_sounds_get_type ())
G_DECLARE_FINAL_TYPE (BipeSounds, bipe_sounds, BIPE, SOUNDS, GObject)

BipeSounds *bipe_sounds_new (void) G_GNUC_WARN_UNUSED_RESULT;

/* Window thread; returns at once. While one is heard at most one more waits, a refusal rather than
 * the other. */
void bipe_sounds_play (BipeSounds *self, BipeSound sound);

G_END_DECLS
