#include "config.h"

#include "speech/helper/synthesizer.h"

#include <espeak-ng/speak_lib.h>
#include <glib/gi18n.h>
#include <string.h>

#include "base/error.h"
#include "speech/speech-protocol.h"

/* Samples come in pieces of so many milliseconds: between two it can be stopped. */
#define PIECE_MS 200

typedef struct
{
  BipeSynthesizerFunc func;
  gpointer user_data;
  glong n_characters;
  guint per_cent;
  gboolean is_stopped;
} Saying;

static gboolean
fail (BipeError code, const char *why, GError **error)
{
  g_set_error_literal (error, BIPE_ERROR, (int)code, why);
  return FALSE;
}

/* espeak-ng tries the sound server out, although the samples come to us: it would start one that is
 * not there, wake the device, or wait for one that hangs. So there is none at the address it gets.
 */
static void
hide_sound_server (void)
{
  g_setenv ("PULSE_SERVER", "unix:/dev/null", TRUE);
  g_unsetenv ("DISPLAY"); /* which it asks for another address */
}

gboolean
bipe_synthesizer_start (GError **error)
{
  int rate;

  hide_sound_server ();
  rate = espeak_Initialize (AUDIO_OUTPUT_SYNCHRONOUS, PIECE_MS, NULL, espeakINITIALIZE_DONT_EXIT);
  return rate == BIPE_SPEECH_RATE
         || fail (BIPE_ERROR_UNAVAILABLE, N_ ("espeak-ng does not find its voices"), error);
}

/* Each of a voice's languages is a byte of rank (the best is the least), and its name; an empty
 * name ends them. 0: it has not @language. */
static int
rank_of (const espeak_VOICE *voice, const char *language)
{
  for (const char *at = voice->languages; at[0] != '\0'; at += 1 + strlen (at + 1) + 1)
    if (g_ascii_strcasecmp (at + 1, language) == 0)
      return at[0];
  return 0;
}

static const espeak_VOICE *
find_language (const char *language)
{
  const espeak_VOICE **voices = espeak_ListVoices (NULL);
  const espeak_VOICE *best = NULL;
  int best_rank = 0;

  for (guint i = 0; voices[i] != NULL; i++)
    {
      int rank = rank_of (voices[i], language);

      if (rank == 0 || g_str_has_prefix (voices[i]->identifier, "mb/"))
        continue;
      if (best == NULL || rank < best_rank)
        {
          best = voices[i];
          best_rank = rank;
        }
    }
  return best;
}

/* "es-MX", which espeak-ng has not, is spoken as "es". */
static const espeak_VOICE *
find_accent (const char *accent)
{
  const espeak_VOICE *voice = find_language (accent);
  g_autofree char *shorter = g_strdup (accent);
  char *hyphen;

  while (voice == NULL && (hyphen = strrchr (shorter, '-')) != NULL)
    {
      *hyphen = '\0';
      voice = find_language (shorter);
    }
  return voice;
}

static gboolean
has_variant (const char *name)
{
  espeak_VOICE wanted = { .languages = "variant" };
  const espeak_VOICE **voices = espeak_ListVoices (&wanted);
  g_autofree char *identifier = g_strconcat ("!v/", name, NULL);

  for (guint i = 0; voices[i] != NULL; i++)
    if (strcmp (voices[i]->identifier, identifier) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
choose_voice (const BipeUtterance *utterance, GError **error)
{
  const espeak_VOICE *voice = find_accent (utterance->accent);
  g_autofree char *name = NULL;

  if (voice == NULL)
    return fail (BIPE_ERROR_INVALID, N_ ("there is no voice for this language"), error);
  name = g_strdup (voice->identifier);
  if (utterance->voice[0] != '\0')
    {
      g_autofree char *plain = g_steal_pointer (&name);

      if (!has_variant (utterance->voice))
        return fail (BIPE_ERROR_INVALID, N_ ("there is no such voice"), error);
      name = g_strconcat (plain, "+", utterance->voice, NULL);
    }
  return espeak_SetVoiceByName (name) == EE_OK
         || fail (BIPE_ERROR_INVALID, N_ ("espeak-ng does not take this voice"), error);
}

/* Of the text; at the end of a clause espeak-ng may go back to its start. */
static guint
get_per_cent (const Saying *saying, const espeak_EVENT *event)
{
  return (guint)CLAMP (event->text_position * 100L / saying->n_characters, 0, 100);
}

/* 0: go on. */
static int
samples_cb (short *samples, int n_samples, espeak_EVENT *events)
{
  Saying *saying = NULL;

  for (const espeak_EVENT *event = events; event->type != espeakEVENT_LIST_TERMINATED; event++)
    {
      saying = event->user_data;
      if ((event->type == espeakEVENT_WORD || event->type == espeakEVENT_SENTENCE)
          && saying->n_characters > 0)
        saying->per_cent = MAX (saying->per_cent, get_per_cent (saying, event));
    }
  if (saying == NULL)
    saying = events->user_data;
  if (!saying->is_stopped)
    saying->is_stopped = !saying->func (samples, samples != NULL ? (gsize)n_samples : 0,
                                        saying->per_cent, saying->user_data);
  return saying->is_stopped;
}

gboolean
bipe_synthesizer_say (const BipeUtterance *utterance,
                      BipeSynthesizerFunc func,
                      gpointer user_data,
                      GError **error)
{
  Saying saying = { .func = func, .user_data = user_data };

  saying.n_characters = g_utf8_strlen (utterance->text, -1);
  if (!choose_voice (utterance, error))
    return FALSE;
  espeak_SetParameter (espeakRATE, utterance->speed, 0);
  espeak_SetParameter (espeakPITCH, utterance->pitch, 0);
  espeak_SetParameter (espeakVOLUME, utterance->volume, 0);
  espeak_SetSynthCallback (samples_cb);
  return espeak_Synth (utterance->text, strlen (utterance->text) + 1, 0, POS_CHARACTER, 0,
                       espeakCHARS_UTF8, NULL, &saying)
             == EE_OK
         || saying.is_stopped || fail (BIPE_ERROR_UNAVAILABLE, N_ ("espeak-ng has failed"), error);
}
