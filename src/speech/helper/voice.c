/* voice.c: bipe-voice, the program that speaks for the station, so that what espeak-ng, GStreamer
 * and the libraries they bring take and do (memory, locale, threads) is this process's, and a text
 * that makes them fail ends no other. It speaks the protocol of speech-protocol.h. */
#include "config.h"

#include <errno.h>
#include <gst/gst.h>
#include <locale.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/confinement.h"
#include "base/error.h"
#include "speech/helper/encoder.h"
#include "speech/helper/synthesizer.h"
#include "speech/speech-protocol.h"

#define FILES_LIMIT 128

/* A synthesiser that turns in circles after the station is gone has nobody else to end it. */
#define SECONDS_LIMIT 300

#define TITLE_MAX 80    /* characters of the text */
#define AUDIO_MAX 16384 /* bytes of a message */

typedef struct
{
  BipeEncoder *encoder; /* NULL: samples as they are */
  guint per_cent;       /* as told */
  gboolean is_stopped;
} Saying;

/* Waits while the station has not read. It may be gone: then the next message is not there, which
 * is soon enough. Any thread. */
static void
tell (BipeSpeechKind kind, const void *bytes, gsize length)
{
  guint8 message[1 + AUDIO_MAX];
  ssize_t n;

  message[0] = (guint8)kind;
  length = MIN (length, AUDIO_MAX);
  memcpy (message + 1, bytes, length);
  do
    n = send (STDIN_FILENO, message, 1 + length, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
}

static void
tell_error (const GError *error)
{
  tell (g_error_matches (error, BIPE_ERROR, BIPE_ERROR_INVALID) ? BIPE_SPEECH_REFUSED
                                                                : BIPE_SPEECH_FAILED,
        error->message, strlen (error->message));
}

static void
tell_audio (const guint8 *bytes, gsize length, gpointer user_data)
{
  for (gsize at = 0; at < length; at += AUDIO_MAX)
    tell (BIPE_SPEECH_AUDIO, bytes + at, MIN (length - at, AUDIO_MAX));
}

/* Whatever the station says while it is spoken to means that it wants no more. */
static gboolean
is_interrupted (void)
{
  struct pollfd station = { .fd = STDIN_FILENO, .events = POLLIN };
  guint8 word;

  if (poll (&station, 1, 0) <= 0)
    return FALSE;
  return recv (STDIN_FILENO, &word, sizeof word, 0) <= 0 || word == BIPE_SPEECH_CANCEL;
}

static gboolean
samples_cb (const gint16 *samples, gsize n_samples, guint per_cent, gpointer user_data)
{
  Saying *saying = user_data;
  guint8 told = (guint8)per_cent;

  if (is_interrupted ())
    saying->is_stopped = TRUE;
  else if (saying->encoder != NULL)
    {
      if (!bipe_encoder_push (saying->encoder, samples, n_samples))
        return FALSE;
    }
  else if (n_samples > 0)
    tell_audio ((const guint8 *)samples, n_samples * sizeof *samples, NULL);
  if (per_cent > saying->per_cent && !saying->is_stopped)
    {
      saying->per_cent = per_cent;
      tell (BIPE_SPEECH_PROGRESS, &told, 1);
    }
  return !saying->is_stopped;
}

/* The beginning of the text, on one line. */
static char *
make_title (const char *text)
{
  g_autofree char *start = g_utf8_substring (text, 0, MIN (g_utf8_strlen (text, -1), TITLE_MAX));

  return g_strstrip (g_strdup (g_strdelimit (start, "\n\t", ' ')));
}

static gboolean
say (Saying *saying, const BipeUtterance *utterance, BipeSpeechForm form, GError **error)
{
  g_autofree char *title = make_title (utterance->text);
  g_autoptr(BipeEncoder) encoder = NULL;

  if (form == BIPE_SPEECH_MP3)
    {
      gst_init (NULL, NULL);
      encoder = bipe_encoder_new (title, tell_audio, NULL, error);
      if (encoder == NULL)
        return FALSE;
    }
  saying->encoder = encoder;
  return bipe_synthesizer_say (utterance, samples_cb, saying, error)
         && (encoder == NULL || saying->is_stopped || bipe_encoder_finish (encoder, error));
}

static void
answer (const BipeUtterance *utterance, BipeSpeechForm form)
{
  Saying saying = { 0 };
  g_autoptr(GError) error = NULL;

  alarm (SECONDS_LIMIT);
  if (!say (&saying, utterance, form, &error))
    tell_error (error);
  else
    tell (saying.is_stopped ? BIPE_SPEECH_STOPPED : BIPE_SPEECH_DONE, "", 0);
  alarm (0);
}

/* FALSE: there will be no other: the station is gone, or speaks another language. */
static gboolean
serve (void)
{
  guint8 message[BIPE_SPEECH_MESSAGE_MAX];
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(BipeUtterance) utterance = NULL;
  BipeSpeechForm form;
  ssize_t n;

  do
    n = recv (STDIN_FILENO, message, sizeof message, 0);
  while (n < 0 && errno == EINTR);
  if (n <= 0)
    return FALSE;
  if (n == 1 && message[0] == BIPE_SPEECH_CANCEL)
    return TRUE;
  bytes = g_bytes_new (message, (gsize)n);
  utterance = bipe_speech_order_read (bytes, &form);
  if (utterance == NULL)
    return FALSE;
  answer (utterance, form);
  return TRUE;
}

int
main (void)
{
  g_autoptr(GError) error = NULL;

  if (!bipe_confinement_is_started_by_the_station ())
    {
      g_printerr ("bipe-voice is a part of bipe and is started by it\n");
      return 2;
    }
  setlocale (LC_ALL, "C.UTF-8");
  bipe_confinement_enter (FILES_LIMIT, 0);
  if (!bipe_synthesizer_start (&error))
    {
      tell_error (error);
      return 1;
    }
  while (serve ())
    ;
  return 0;
}
