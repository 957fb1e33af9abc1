#include "config.h"

#include "startup.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/error.h"
#include "base/settings.h"
#include "decoder/symbology.h"

/* A connection is a descriptor; the soft limit of 1,024 is for programs that use select(). */
static void
raise_descriptor_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) < 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

/* build/src/bipe has its translations in build/po. */
static char *
find_translations (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = program != NULL ? g_path_get_dirname (program) : NULL;
  g_autofree char *beside = folder != NULL ? g_canonicalize_filename ("../po", folder) : NULL;

  return beside != NULL && g_file_test (beside, G_FILE_TEST_IS_DIR) ? g_steal_pointer (&beside)
                                                                    : g_strdup (BIPE_LOCALE_DIR);
}

void
bipe_startup_prepare (void)
{
  g_autofree char *translations = find_translations ();

  raise_descriptor_limit ();
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, translations);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  /* A full disk or a closed pipe is an error to be told, not the end. */
  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN);
}

static gboolean
load_layers (BipeSettings *settings, GSettings *saved, GError **error)
{
  g_autofree char *path = g_build_filename (g_get_user_config_dir (), "bipe", "bipe.conf", NULL);
  g_auto(GStrv) environment = g_get_environ ();

  if (saved != NULL ? !bipe_settings_load_saved (settings, saved, error)
                    : !bipe_settings_load_file (settings, path, error))
    return FALSE;
  return bipe_settings_load_environment (settings, environment, error);
}

/* The table of settings does not know them. */
static gboolean
check_symbologies (BipeSettings *settings, GError **error)
{
  g_autoptr(GError) problem = NULL;
  g_autofree char *cause = NULL;

  if (bipe_symbologies_parse (bipe_settings_get_text (settings, "symbologies"), &problem) != 0)
    return TRUE;
  cause = bipe_error_translate (problem->message);
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_SETTING, _ ("the setting %s: %s"), "symbologies",
               cause);
  return FALSE;
}

BipeSettings *
bipe_startup_load_settings (int *argc,
                            char ***argv,
                            const GOptionEntry *entries,
                            GSettings *saved,
                            const char *summary,
                            GError **error)
{
  g_autoptr(BipeSettings) settings = NULL;
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);

  bipe_startup_prepare ();
  settings = bipe_settings_new (g_getenv ("BIPE_PROFILE"), error);
  if (settings == NULL || !load_layers (settings, saved, error))
    return NULL;

  if (summary != NULL)
    g_option_context_set_summary (context, _ (summary));
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_set_ignore_unknown_options (context, entries == NULL);
  g_option_context_add_group (context, bipe_settings_create_option_group (settings));
  if (!g_option_context_parse (context, argc, argv, error))
    return NULL;
  if (entries != NULL && *argc > 1)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("unknown argument “%s”; --help lists what there is"), (*argv)[1]);
      return NULL;
    }
  if (!check_symbologies (settings, error))
    return NULL;
  return g_steal_pointer (&settings);
}

static int
status_of (const GError *error)
{
  if (error->domain == G_OPTION_ERROR)
    return 2;
  if (error->domain != BIPE_ERROR)
    return 1;
  switch ((BipeError)error->code)
    {
    case BIPE_ERROR_SETTING:
    case BIPE_ERROR_DATABASE_URL:
      return 2;
    case BIPE_ERROR_IN_USE:
      return 3;
    case BIPE_ERROR_LOCKED:
      return 4;
    case BIPE_ERROR_NOT_WRITABLE:
      return 5;
    case BIPE_ERROR_UNREADABLE:
      return 6;
    case BIPE_ERROR_FAILED:
    case BIPE_ERROR_INVALID:
    case BIPE_ERROR_NOT_FOUND:
    case BIPE_ERROR_CONFLICT:
    case BIPE_ERROR_FULL:
    case BIPE_ERROR_UNAVAILABLE:
    case BIPE_ERROR_REJECTED:
    default:
      return 1;
    }
}

int
bipe_startup_fail (const GError *error)
{
  g_autofree char *text = bipe_error_translate (error->message);

  g_printerr ("%s: %s\n", g_get_prgname (), text);
  return status_of (error);
}
