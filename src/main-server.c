/* main-server.c: bipe-server, the engine on the main thread, for servers and containers. */
#include "config.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <stdlib.h>
#include <string.h>

#include "assembly.h"
#include "base/error.h"
#include "base/log.h"
#include "base/settings-table.h"
#include "base/settings.h"
#include "decode-command.h"
#include "health-command.h"
#include "pair-command.h"
#include "startup.h"
#include "token-command.h"

/* For --help. */
#define COMMANDS                                                                                   \
  N_ ("Commands; without one, the station runs:\n"                                                 \
      "  token    Gives out, lists and revokes the tokens of programs\n"                           \
      "  pair     Lets a device in that scans a QR code\n"                                         \
      "  health   Says whether the station that runs is well\n"                                    \
      "  decode   Reads the codes in pictures (PNG or JPEG)\n"                                     \
      "Each has options of its own: bipe-server token --help")

typedef struct
{
  GMainLoop *loop;
  BipeAssembly *assembly;
  gboolean is_stopping;
} Program;

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Program *program = user_data;

  bipe_assembly_stop_finish (BIPE_ASSEMBLY (source), result);
  g_main_loop_quit (program->loop);
}

/* The first signal stops in order, the second at once: what was acknowledged is on disk either way.
 */
static gboolean
signal_cb (gpointer data)
{
  Program *program = data;

  if (program->is_stopping)
    {
      g_main_loop_quit (program->loop);
      return G_SOURCE_CONTINUE;
    }
  g_message ("Stopping");
  program->is_stopping = TRUE;
  bipe_assembly_stop_async (program->assembly, stopped_cb, program);
  return G_SOURCE_CONTINUE;
}

static gboolean
listen_as_set (BipeAssembly *assembly, GError **error)
{
  g_autoptr(BipeReach) reach = bipe_assembly_listen (assembly, NULL);

  if (reach->problem != NULL)
    {
      g_set_error_literal (error, BIPE_ERROR, reach->code, reach->problem);
      return FALSE;
    }
  for (guint i = 0; reach->addresses[i] != NULL; i++)
    g_message ("Listening on %s", reach->addresses[i]);
  if (reach->fingerprint != NULL)
    g_message ("The certificate's fingerprint (SHA-256) is %s", reach->fingerprint);
  else if (reach->is_open)
    g_message ("Without TLS: anybody on the network can read along");
  return TRUE;
}

static int
run (BipeSettings *settings)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeAssembly) assembly = bipe_assembly_new (settings, FALSE, &error);
  Program program = { .loop = loop, .assembly = assembly };
  guint terminate, interrupt;

  if (assembly == NULL || !listen_as_set (assembly, &error))
    return bipe_startup_fail (error);

  terminate = g_unix_signal_add (SIGTERM, signal_cb, &program);
  interrupt = g_unix_signal_add (SIGINT, signal_cb, &program);
  g_main_loop_run (loop);
  g_source_remove (interrupt);
  g_source_remove (terminate);
  bipe_assembly_close (assembly);
  return EXIT_SUCCESS;
}

/* Each setting takes a value, here the next word. */
static gboolean
is_setting (const char *word)
{
  for (guint i = 0; g_str_has_prefix (word, "--") && i < bipe_settings_table_length; i++)
    if (g_str_equal (word + strlen ("--"), bipe_settings_table[i].name))
      return TRUE;
  return FALSE;
}

/* Settings may stand before the command: "--data-dir /srv/bipe token list" becomes
 * "token --data-dir /srv/bipe list". */
static void
move_command_first (int argc, char **argv)
{
  int at = 1;

  while (at < argc && argv[at][0] == '-')
    at += is_setting (argv[at]) ? 2 : 1;
  if (at < argc)
    {
      char *command = argv[at];

      memmove (&argv[2], &argv[1], (gsize)(at - 1) * sizeof *argv);
      argv[1] = command;
    }
}

int
main (int argc, char **argv)
{
  g_autoptr(BipeSettings) settings = NULL;
  g_autoptr(GError) error = NULL;
  gboolean prints_config = FALSE, prints_version = FALSE;
  GOptionEntry entries[] = {
    { "print-config", 0, 0, G_OPTION_ARG_NONE, &prints_config, N_ ("Show all settings"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &prints_version, N_ ("Show the version"), NULL },
    { NULL },
  };

  move_command_first (argc, argv);
  if (argc > 1 && g_str_equal (argv[1], "decode"))
    return bipe_decode_command (argc - 1, argv + 1);
  if (argc > 1 && g_str_equal (argv[1], "health"))
    return bipe_health_command (argc, argv);
  if (argc > 1 && g_str_equal (argv[1], "pair"))
    return bipe_pair_command (argc, argv);
  if (argc > 1 && g_str_equal (argv[1], "token"))
    return bipe_token_command (argc, argv);

  settings = bipe_startup_load_settings (&argc, &argv, entries, NULL, COMMANDS, &error);
  if (settings == NULL)
    return bipe_startup_fail (error);

  if (prints_version)
    g_print ("bipe-server %s\n", BIPE_VERSION);
  else if (prints_config)
    {
      g_autofree char *text = bipe_settings_print (settings);

      g_print ("%s", text);
    }
  else
    {
      bipe_log_install (bipe_settings_get_text (settings, "log-level"));
      return run (settings);
    }
  return EXIT_SUCCESS;
}
