/* speaker.h: says utterances, one after the other: a thread of its own (speech), which feeds the
 * process bipe-voice. The process is there from the first utterance, is replaced where it dies or
 * takes too long, and is let go where nobody speaks. */
#pragma once

#include <gio/gio.h>

#include "speech/speech-protocol.h"

G_BEGIN_DECLS

typedef struct _BipeSpeaker BipeSpeaker;

/* Utterances that may wait. */
#define BIPE_SPEAKER_QUEUE_MAX 64

/* On the speaker's thread. */
typedef void (*BipeSpeakerProgress) (guint per_cent, gpointer user_data);

/**
 * bipe_speaker_new:
 * @limit_ms: that one utterance may take
 */
BipeSpeaker *bipe_speaker_new (guint limit_ms) G_GNUC_WARN_UNUSED_RESULT;

/* Says nothing more: what is under way and what waits fails as cancelled. */
void bipe_speaker_free (BipeSpeaker *self);

/**
 * BipeSpeakerOrder:
 * @sink: a file or a pipe that gets the bytes, and is closed; BIPE_RECORDING_BYTES_MAX of them at
 * most
 * @progress: (nullable)
 */
typedef struct
{
  BipeUtterance *utterance;
  BipeSpeechForm form;
  int sink;
  BipeSpeakerProgress progress;
  gpointer user_data;
} BipeSpeakerOrder;

/* Finishes in the caller's context, with the bytes on disk where the sink is a file.
 * BIPE_ERROR_INVALID: no such language or voice, or it takes too long to say; BIPE_ERROR_FULL: too
 * many wait, or the sink takes nothing; BIPE_ERROR_UNAVAILABLE: there is no voice. */
void bipe_speaker_say_async (BipeSpeaker *self,
                             const BipeSpeakerOrder *order,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean bipe_speaker_say_finish (BipeSpeaker *self, GAsyncResult *result, GError **error);

/* Lets go of the process until it is needed again. */
void bipe_speaker_rest (BipeSpeaker *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeSpeaker, bipe_speaker_free)

G_END_DECLS
