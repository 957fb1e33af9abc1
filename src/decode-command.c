#include "config.h"

#include "decode-command.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "decoder/decoder.h"
#include "startup.h"

typedef struct
{
  GMainLoop *loop;
  BipeDecoder *decoder;
  BipeSymbologies symbologies;
  const char *path; /* the one that is read */
  int status;
} Command;

static void
print_reading (const char *path, const BipeReading *reading)
{
  g_autoptr(GString) line = g_string_new (path);

  g_string_append_printf (line, "\t%s\t", bipe_reading_get_symbology_name (reading));
  for (gsize i = 0; i < reading->length; i++)
    if (reading->text[i] == '%' || g_ascii_iscntrl (reading->text[i]))
      g_string_append_printf (line, "%%%02X", (guchar)reading->text[i]);
    else
      g_string_append_c (line, reading->text[i]);
  g_string_append_c (line, '\n');
  /* A failure stays noted in the stream. */
  fwrite (line->str, 1, line->len, stdout);
  fflush (stdout);
}

/* Maps: a file that is far too large is refused by its size and never read. */
static GBytes *
load (const char *path, GError **error)
{
  g_autoptr(GMappedFile) file = g_mapped_file_new (path, FALSE, error);

  if (file == NULL)
    return NULL;
  if (g_mapped_file_get_length (file) > 0)
    return g_mapped_file_get_bytes (file);
  g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_INVALID, N_ ("the file is empty"));
  return NULL;
}

static void
fail (Command *command, const GError *error)
{
  g_autofree char *text = bipe_error_translate (error->message);

  g_printerr ("%s: %s\n", command->path, text);
  command->status = EXIT_FAILURE;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Command *command = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeSight) sight = bipe_decoder_read_finish (BIPE_DECODER (source), result, &error);

  if (sight == NULL)
    fail (command, error);
  for (guint i = 0; sight != NULL && i < sight->readings->len; i++)
    print_reading (command->path, sight->readings->pdata[i]);
  g_main_loop_quit (command->loop);
}

static void
read_file (Command *command, const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) file = load (path, &error);

  command->path = path;
  if (file == NULL)
    {
      fail (command, error);
      return;
    }
  bipe_decoder_read_async (command->decoder, file, command->symbologies, NULL, read_cb, command);
  g_main_loop_run (command->loop);
}

int
bipe_decode_command (int argc, char **argv)
{
  g_autofree char *names = NULL;
  g_auto(GStrv) paths = NULL;
  const GOptionEntry entries[] = {
    { "symbologies", 0, 0, G_OPTION_ARG_STRING, &names,
      N_ ("What to look for, with commas; default, or all"), N_ ("NAMES") },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &paths, NULL, N_ ("IMAGE…") },
    { NULL },
  };
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(BipeDecoder) decoder = bipe_decoder_new ();
  g_autoptr(GError) error = NULL;
  Command command = { .loop = loop, .decoder = decoder };

  bipe_startup_prepare ();
  g_option_context_set_summary (context, _ ("Reads the codes in pictures (PNG or JPEG)."));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (g_option_context_parse (context, &argc, &argv, &error))
    command.symbologies = bipe_symbologies_parse (names != NULL ? names : "default", &error);
  if (error == NULL && paths == NULL)
    g_set_error_literal (&error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                         _ ("name a picture to read"));
  if (error != NULL)
    {
      g_autofree char *text = bipe_error_translate (error->message);

      g_printerr ("%s: %s\n", g_get_prgname (), text);
      return 2;
    }
  for (gsize i = 0; paths[i] != NULL; i++)
    read_file (&command, paths[i]);
  if (ferror (stdout))
    {
      g_printerr ("%s: %s\n", g_get_prgname (), _ ("the codes could not be written"));
      command.status = EXIT_FAILURE;
    }
  return command.status;
}
