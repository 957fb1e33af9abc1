#include "config.h"

#include "speech/speech-protocol.h"

static void
test_order (void)
{
  const BipeManner manner
      = { .language = "pt-PT", .voice = "f3", .speed = 90, .pitch = 7, .volume = 150 };
  g_autoptr(BipeUtterance) utterance = bipe_utterance_new ("Olá\n語", &manner, NULL);
  g_autoptr(GBytes) message = bipe_speech_order_write (utterance, BIPE_SPEECH_PCM);
  BipeSpeechForm form = BIPE_SPEECH_MP3;
  g_autoptr(BipeUtterance) read = bipe_speech_order_read (message, &form);

  g_assert_nonnull (read);
  g_assert_cmpint (form, ==, BIPE_SPEECH_PCM);
  g_assert_cmpstr (read->key, ==, utterance->key);
}

/* The longest text fits into one message. */
static void
test_longest (void)
{
  const BipeManner manner = BIPE_MANNER_DEFAULT;
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(BipeUtterance) utterance = NULL;
  g_autoptr(GBytes) message = NULL;

  for (guint i = 0; i < BIPE_UTTERANCE_TEXT_MAX; i++)
    g_string_append (text, "𝄞");
  utterance = bipe_utterance_new (text->str, &manner, NULL);
  message = bipe_speech_order_write (utterance, BIPE_SPEECH_MP3);
  g_assert_cmpuint (g_bytes_get_size (message), <, BIPE_SPEECH_MESSAGE_MAX);
}

/* Every byte changed, and every end cut off: read as an order by its rules, or not at all. */
static void
test_nonsense (void)
{
  const BipeManner manner = BIPE_MANNER_DEFAULT;
  g_autoptr(BipeUtterance) utterance = bipe_utterance_new ("text", &manner, NULL);
  g_autoptr(GBytes) message = bipe_speech_order_write (utterance, BIPE_SPEECH_MP3);
  gsize size = g_bytes_get_size (message);

  for (gsize cut = 0; cut < size; cut++)
    {
      g_autoptr(GBytes) part = g_bytes_new (g_bytes_get_data (message, NULL), cut);
      BipeSpeechForm form;
      g_autoptr(BipeUtterance) read = bipe_speech_order_read (part, &form);

      g_assert_null (read);
    }
  for (gsize at = 0; at < size; at++)
    for (guint value = 0; value < 256; value++)
      {
        g_autofree guint8 *bytes = g_memdup2 (g_bytes_get_data (message, NULL), size);
        g_autoptr(GBytes) other = NULL;
        BipeSpeechForm form;
        g_autoptr(BipeUtterance) read = NULL;

        bytes[at] = (guint8)value;
        other = g_bytes_new (bytes, size);
        read = bipe_speech_order_read (other, &form);
        g_assert_true (read == NULL || form == BIPE_SPEECH_MP3 || form == BIPE_SPEECH_PCM);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/speech-protocol/order", test_order);
  g_test_add_func ("/speech-protocol/longest", test_longest);
  g_test_add_func ("/speech-protocol/nonsense", test_nonsense);
  return g_test_run ();
}
