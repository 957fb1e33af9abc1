/* speech-link.h: the speech service that is elsewhere: another Bipe, or seed 001's own. Used in the
 * thread-default context that it is made in; nothing is started before the first request. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define BIPE_TYPE_SPEECH_LINK (bipe_speech_link_get_type ())
G_DECLARE_FINAL_TYPE (BipeSpeechLink, bipe_speech_link, BIPE, SPEECH_LINK, GObject)

/* Of an answer, which says again what was asked. */
#define BIPE_SPEECH_LINK_ANSWER_MAX (1024 * 1024)

/**
 * bipe_speech_link_new:
 * @url: http or https, as far as before "/output"; "#fp=" and 64 hexadecimal digits at its end: the
 * SHA-256 of the one certificate that is trusted, instead of the system's
 * @token: (nullable): shown to the service
 * @limit_ms: for the whole of an answer
 *
 * Returns: (nullable): %NULL with BIPE_ERROR_SETTING
 */
BipeSpeechLink *bipe_speech_link_new (const char *url,
                                      const char *token,
                                      guint limit_ms,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Posts @body, which is JSON. Finishes with the service's own, as it came; BIPE_ERROR_UNAVAILABLE
 * says what was wrong with the service; G_IO_ERROR_CANCELLED. */
void bipe_speech_link_post_async (BipeSpeechLink *self,
                                  GBytes *body,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
GBytes *bipe_speech_link_post_finish (BipeSpeechLink *self,
                                      GAsyncResult *result,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
