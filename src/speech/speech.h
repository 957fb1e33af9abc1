/* speech.h: text to MP3, kept. Equal requests that are under way at once are one; what was made is
 * found again in a folder, within a bound; and it can be given a name. Nothing is started, and the
 * folder is not looked at, before the first request; and nothing here waits for the disk.
 *
 * To be used in the thread-default context that it is made in. */
#pragma once

#include <gio/gio.h>

#include "base/histogram.h"
#include "speech/archive.h"
#include "speech/recording.h"
#include "speech/utterance.h"

G_BEGIN_DECLS

#define BIPE_TYPE_SPEECH (bipe_speech_get_type ())
G_DECLARE_FINAL_TYPE (BipeSpeech, bipe_speech, BIPE, SPEECH, GObject)

/**
 * BipeSpeechLimits:
 * @archive: of what is kept
 * @say_ms: that one text may take
 * @idle_ms: without a request, after which the process that speaks is ended
 */
typedef struct
{
  BipeArchiveLimits archive;
  guint say_ms;
  guint idle_ms;
} BipeSpeechLimits;

#define BIPE_SPEECH_LIMITS_DEFAULT                                                                 \
  {                                                                                                \
    .archive = { .cached_bytes = 256 * 1024 * 1024,                                                \
                 .cached_files = 10000,                                                            \
                 .named_bytes = 1024 * 1024 * 1024,                                                \
                 .named_files = 10000 },                                                           \
    .say_ms = 20000, .idle_ms = 60000                                                              \
  }

/**
 * BipeSpeechFigures:
 * @n_said: texts that were said
 * @n_spared: requests that needed no saying: the same was kept, or under way
 * @n_failed: texts that could not be said, or not be kept
 * @n_cancelled: texts that were given up: nobody waited for them any more
 * @durations: of those that were said, from the first request on
 */
typedef struct
{
  guint64 n_said;
  guint64 n_spared;
  guint64 n_failed;
  guint64 n_cancelled;
  BipeHistogram durations;
} BipeSpeechFigures;

BipeSpeech *bipe_speech_new (const char *folder,
                             const BipeSpeechLimits *limits) G_GNUC_WARN_UNUSED_RESULT;

/* Ends the process; what is under way fails as cancelled. Nothing may be asked afterwards. */
void bipe_speech_close (BipeSpeech *self);

typedef void (*BipeSpeechProgress) (guint per_cent, gpointer user_data);

/**
 * bipe_speech_make_async:
 * @name: (nullable): to be found by; what had it before is replaced at once
 * @progress: (nullable): called with @user_data, never after the callback
 *
 * BIPE_ERROR_INVALID: the name, the language or the voice, or it takes too long to say;
 * BIPE_ERROR_FULL: it can't be kept, or too many wait; BIPE_ERROR_UNAVAILABLE: there is no voice.
 */
void bipe_speech_make_async (BipeSpeech *self,
                             BipeUtterance *utterance,
                             const char *name,
                             BipeSpeechProgress progress,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
BipeRecording *bipe_speech_make_finish (BipeSpeech *self,
                                        GAsyncResult *result,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What was made with @name: BIPE_ERROR_NOT_FOUND, also where it can be none. */
void bipe_speech_find_async (BipeSpeech *self,
                             const char *name,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
BipeRecording *bipe_speech_find_finish (BipeSpeech *self,
                                        GAsyncResult *result,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Since the start. */
const BipeSpeechFigures *bipe_speech_get_figures (BipeSpeech *self);

G_END_DECLS
