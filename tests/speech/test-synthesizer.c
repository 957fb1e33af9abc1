#include "config.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "folder-tools.h"
#include "speech/helper/synthesizer.h"
#include "speech/speech-protocol.h"

typedef struct
{
  gsize n_samples;
  gsize most; /* after which no more are wanted; 0: never */
  guint per_cent;
  guint n_calls;
  guint64 loudness;
} Heard;

static gboolean
heard_cb (const gint16 *samples, gsize n_samples, guint per_cent, gpointer user_data)
{
  Heard *heard = user_data;

  g_assert_cmpuint (per_cent, >=, heard->per_cent);
  g_assert_cmpuint (per_cent, <=, 100);
  heard->per_cent = per_cent;
  heard->n_calls++;
  heard->n_samples += n_samples;
  for (gsize i = 0; i < n_samples; i++)
    heard->loudness += (guint64)ABS ((int)samples[i]);
  return heard->most == 0 || heard->n_samples < heard->most;
}

static Heard
say (const char *text, const BipeManner *manner, int code)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeUtterance) utterance = bipe_utterance_new (text, manner, &error);
  Heard heard = { 0 };

  g_assert_no_error (error);
  g_assert_true (bipe_synthesizer_say (utterance, heard_cb, &heard, &error) == (code < 0));
  if (code < 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, BIPE_ERROR, code);
  return heard;
}

static const struct
{
  const char *language;
  const char *voice;
  int code; /* −1: it is said */
} voices[] = {
  { "pt", NULL, -1 },
  { "pt-PT", NULL, -1 },
  { "en", NULL, -1 },
  { "en-US", NULL, -1 },
  { "zh", NULL, -1 },
  { "zh-TW", NULL, -1 },
  { "yue", NULL, -1 },
  { "es-MX", NULL, -1 },
  { "fr", "f3", -1 },
  { "de", "whisper", -1 },
  { "de-x-y-z", NULL, -1 },
  { "pt", "Mr serious", -1 },
  { "qq", NULL, BIPE_ERROR_INVALID },
  { "qq-pt", NULL, BIPE_ERROR_INVALID },
  { "variant", NULL, BIPE_ERROR_INVALID },
  { "pt", "nobody", BIPE_ERROR_INVALID },
  { "pt", "F3", BIPE_ERROR_INVALID },
};

static void
test_voices (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (voices); i++)
    {
      const BipeManner manner = { .language = voices[i].language,
                                  .voice = voices[i].voice,
                                  .speed = 175,
                                  .pitch = 50,
                                  .volume = 100 };
      Heard heard;

      g_test_message ("%s %s", voices[i].language, voices[i].voice);
      heard = say ("1 2 3", &manner, voices[i].code);
      g_assert_true ((heard.n_samples > BIPE_SPEECH_RATE / 4) == (voices[i].code < 0));
    }
}

/* The same text sounds a little different each time. */
static void
assert_about (guint64 value, guint64 expected)
{
  g_assert_cmpuint (value, >, expected * 9 / 10);
  g_assert_cmpuint (value, <, expected * 11 / 10);
}

/* Each changes what is heard in its own way, and nothing stays for the next text. */
static void
test_manner (void)
{
  const BipeManner plain = BIPE_MANNER_DEFAULT;
  BipeManner slow = plain, quiet = plain;
  Heard of_plain, of_slow, of_quiet, again;

  slow.speed = 100;
  quiet.volume = 20;
  of_plain = say ("um dois três quatro cinco", &plain, -1);
  of_slow = say ("um dois três quatro cinco", &slow, -1);
  of_quiet = say ("um dois três quatro cinco", &quiet, -1);
  again = say ("um dois três quatro cinco", &plain, -1);
  g_assert_cmpuint (of_slow.n_samples, >, of_plain.n_samples * 5 / 4);
  assert_about (of_quiet.n_samples, of_plain.n_samples);
  g_assert_cmpuint (of_quiet.loudness, <, of_plain.loudness / 3);
  assert_about (again.n_samples, of_plain.n_samples);
  assert_about (again.loudness, of_plain.loudness);
}

static void
test_progress (void)
{
  const BipeManner manner = BIPE_MANNER_DEFAULT;
  Heard heard = say ("Uma frase. Outra frase. Mais uma. E a última de todas.", &manner, -1);

  g_assert_cmpuint (heard.n_calls, >, 8);
  g_assert_cmpuint (heard.per_cent, >, 60);
}

static void
test_stopped (void)
{
  const BipeManner manner = BIPE_MANNER_DEFAULT;
  g_autofree char *text = g_strnfill (BIPE_UTTERANCE_TEXT_MAX, '7');
  g_autoptr(BipeUtterance) utterance = bipe_utterance_new (text, &manner, NULL);
  g_autoptr(GError) error = NULL;
  Heard heard = { .most = BIPE_SPEECH_RATE };

  g_assert_true (bipe_synthesizer_say (utterance, heard_cb, &heard, &error));
  g_assert_cmpuint (heard.n_samples, <, 2 * BIPE_SPEECH_RATE);
  g_assert_cmpuint (say ("um", &manner, -1).n_samples, >, 0);
}

/* Marks are no markup, and a command is no command. */
static void
test_plain_text (void)
{
  const BipeManner manner = BIPE_MANNER_DEFAULT;
  Heard pause = say ("<break time=\"1000s\"/>", &manner, -1);
  Heard command = say ("\001450s um dois três", &manner, -1);
  Heard plain = say (" 450s um dois três", &manner, -1);

  g_assert_cmpuint (pause.n_samples, <, 10 * BIPE_SPEECH_RATE);
  g_assert_cmpuint (pause.loudness, >, 0);
  assert_about (command.n_samples, plain.n_samples);
}

/* A sound server in this folder, where PulseAudio's clients look for it. */
static GSocket *
listen_as_sound_server (const char *runtime)
{
  g_autofree char *folder = g_build_filename (runtime, "pulse", NULL);
  g_autofree char *path = g_build_filename (folder, "native", NULL);
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr(GError) error = NULL;
  GSocket *server = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM,
                                  G_SOCKET_PROTOCOL_DEFAULT, &error);

  g_assert_no_error (error);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_socket_bind (server, address, FALSE, &error);
  g_assert_no_error (error);
  g_socket_listen (server, &error);
  g_assert_no_error (error);
  return server;
}

/* What is said comes to us alone: the sound server is not even asked. */
static void
test_quiet (gconstpointer data)
{
  const BipeManner manner = BIPE_MANNER_DEFAULT;
  GSocket *server = *(GSocket *const *)data;

  g_assert_cmpuint (say ("um", &manner, -1).n_samples, >, 0);
  g_assert_cmpint (g_socket_condition_check (server, G_IO_IN), ==, 0);
}

int
main (int argc, char **argv)
{
  g_autoptr(GSocket) server = NULL;
  g_autoptr(GError) error = NULL;
  char *folder = make_folder ();
  int status;

  g_test_init (&argc, &argv, NULL);
  g_setenv ("XDG_RUNTIME_DIR", folder, TRUE);
  server = listen_as_sound_server (folder);
  bipe_synthesizer_start (&error);
  g_assert_no_error (error);
  g_test_add_data_func ("/synthesizer/quiet", &server, test_quiet);
  g_test_add_func ("/synthesizer/voices", test_voices);
  g_test_add_func ("/synthesizer/manner", test_manner);
  g_test_add_func ("/synthesizer/progress", test_progress);
  g_test_add_func ("/synthesizer/stopped", test_stopped);
  g_test_add_func ("/synthesizer/plain-text", test_plain_text);
  status = g_test_run ();
  remove_folder (folder);
  return status;
}
