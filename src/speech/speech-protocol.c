#include "config.h"

#include "speech/speech-protocol.h"

/* kind, form, text, accent, voice, speed, pitch, volume */
#define ORDER "(yysssiii)"

GBytes *
bipe_speech_order_write (const BipeUtterance *utterance, BipeSpeechForm form)
{
  g_autoptr(GVariant) order = g_variant_ref_sink (
      g_variant_new (ORDER, BIPE_SPEECH_SAY, (guchar)form, utterance->text, utterance->accent,
                     utterance->voice, utterance->speed, utterance->pitch, utterance->volume));

  return g_variant_get_data_as_bytes (order);
}

BipeUtterance *
bipe_speech_order_read (GBytes *message, BipeSpeechForm *form)
{
  g_autoptr(GVariant) order = g_variant_ref_sink (
      g_variant_new_from_bytes (G_VARIANT_TYPE (ORDER), message, FALSE));
  BipeManner manner = { 0 };
  const char *text;
  guchar kind, wanted;

  if (!g_variant_is_normal_form (order))
    return NULL;
  g_variant_get (order, "(yy&s&s&siii)", &kind, &wanted, &text, &manner.language, &manner.voice,
                 &manner.speed, &manner.pitch, &manner.volume);
  if (kind != BIPE_SPEECH_SAY || wanted > BIPE_SPEECH_PCM)
    return NULL;
  if (manner.voice[0] == '\0')
    manner.voice = NULL;
  *form = wanted;
  return bipe_utterance_new (text, &manner, NULL);
}
