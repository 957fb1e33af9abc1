/* fake-voice.c: stands for bipe-voice where a test wants a bad one. What it does is the first word
 * of the text. */
#include "config.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "speech/speech-protocol.h"

static void
tell (const char *bytes, gsize length)
{
  if (send (STDIN_FILENO, bytes, length, MSG_NOSIGNAL) < 0)
    _exit (1);
}

static void
answer (const char *text)
{
  g_autofree char *much = g_malloc0 (BIPE_SPEECH_MESSAGE_MAX + 1);

  if (g_str_has_prefix (text, "die"))
    _exit (1);
  else if (g_str_has_prefix (text, "half"))
    {
      tell ("Axxx", 4);
      _exit (1);
    }
  else if (g_str_has_prefix (text, "sleep"))
    sleep (60);
  else if (g_str_has_prefix (text, "hold"))
    {
      char word;

      tell ("P\1", 2);
      /* until it is cancelled */
      if (recv (STDIN_FILENO, &word, 1, 0) > 0)
        tell ("Fheld", 5);
    }
  else if (g_str_has_prefix (text, "nonsense"))
    tell ("?", 1);
  else if (g_str_has_prefix (text, "long"))
    tell (much, BIPE_SPEECH_MESSAGE_MAX + 1);
  else if (g_str_has_prefix (text, "endless"))
    for (much[0] = 'A';;)
      tell (much, BIPE_SPEECH_MESSAGE_MAX);
  else if (g_str_has_prefix (text, "number"))
    {
      g_autofree char *number = g_strdup_printf ("A%d\n", (int)getpid ());

      tell (number, strlen (number));
      tell ("D", 1);
    }
  else if (g_str_has_prefix (text, "last"))
    {
      tell ("Ax", 2);
      tell ("D", 1);
      _exit (0);
    }
  else
    {
      tell ("P\377", 2); /* more than all */
      tell ("P", 1);
      tell ("F\xff", 2);
    }
}

int
main (void)
{
  guint8 message[BIPE_SPEECH_MESSAGE_MAX];
  ssize_t n;

  while ((n = recv (STDIN_FILENO, message, sizeof message, 0)) > 0)
    {
      g_autoptr(GBytes) bytes = g_bytes_new (message, (gsize)n);
      BipeSpeechForm form;
      g_autoptr(BipeUtterance) utterance = bipe_speech_order_read (bytes, &form);

      if (utterance != NULL)
        answer (utterance->text);
    }
  return 0;
}
