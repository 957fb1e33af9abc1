#include "config.h"

#include "speech/voice-process.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <poll.h>

#include "speech/speech-protocol.h"

static const BipeHelperProgram program
    = { "bipe-voice", "speech", "BIPE_VOICE", N_ ("cannot start the voice") };

BipeHelperProcess *
bipe_voice_process_new (GError **error)
{
  return bipe_helper_process_new (&program, -1, -1, error);
}

static BipeVoiceEvent
take (BipeHelperProcess *self, guint8 *bytes, gsize *length)
{
  gssize n = bipe_helper_process_receive (self, bytes, BIPE_SPEECH_MESSAGE_MAX);

  if (n <= 0)
    return BIPE_VOICE_DEAD;
  *length = (gsize)n;
  return BIPE_VOICE_SAYS;
}

BipeVoiceEvent
bipe_voice_process_receive (BipeHelperProcess *self,
                            gint64 deadline,
                            GCancellable *cancellable,
                            guint8 *bytes,
                            gsize *length)
{
  GPollFD cancelled = { .fd = -1 };
  gboolean has_cancellable = g_cancellable_make_pollfd (cancellable, &cancelled);
  struct pollfd files[] = {
    { .fd = bipe_helper_process_get_socket (self), .events = POLLIN },
    { .fd = has_cancellable ? cancelled.fd : -1, .events = POLLIN },
  };
  int n;

  do
    {
      gint64 left = MAX (0, deadline - g_get_monotonic_time ());

      n = poll (files, G_N_ELEMENTS (files), (int)(left / 1000 + 1));
    }
  while (n < 0 && errno == EINTR);
  if (has_cancellable)
    g_cancellable_release_fd (cancellable);
  if (n == 0)
    return BIPE_VOICE_SLOW;
  if (files[1].revents != 0)
    return BIPE_VOICE_STOPPED;
  return n < 0 ? BIPE_VOICE_DEAD : take (self, bytes, length);
}
