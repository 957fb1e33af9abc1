/* voice-process.h: the process of the program bipe-voice, as a thread has it that may wait for what
 * it says. */
#pragma once

#include <gio/gio.h>

#include "base/helper-process.h"

G_BEGIN_DECLS

/* Returns: (nullable): NULL with BIPE_ERROR_UNAVAILABLE where it can't be started */
BipeHelperProcess *bipe_voice_process_new (GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef enum
{
  BIPE_VOICE_SAYS,   /* a message is there */
  BIPE_VOICE_DEAD,   /* or has said more than it may */
  BIPE_VOICE_SLOW,   /* nothing until the deadline */
  BIPE_VOICE_STOPPED /* the cancellable is cancelled */
} BipeVoiceEvent;

/**
 * bipe_voice_process_receive:
 * @deadline: of the monotonic clock
 * @bytes: room for BIPE_SPEECH_MESSAGE_MAX
 */
BipeVoiceEvent bipe_voice_process_receive (BipeHelperProcess *self,
                                           gint64 deadline,
                                           GCancellable *cancellable,
                                           guint8 *bytes,
                                           gsize *length);

G_END_DECLS
