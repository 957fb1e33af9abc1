#include "config.h"

#include "health-command.h"

#include <glib/gi18n.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/log.h"
#include "base/settings.h"
#include "startup.h"
#include "station-call.h"

/* In a word; that of a station that takes no scans is a failure. */
static char *
ask (BipeSettings *settings, GError **error)
{
  const char *path = bipe_settings_get_text (settings, "data-dir");

  if (path[0] != '\0')
    return bipe_station_call_dup_health (settings, path, error);
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_SETTING,
               _ ("name the station's folder with --data-dir="));
  return NULL;
}

int
bipe_health_command (int argc, char **argv)
{
  g_auto(GStrv) words = NULL;
  const GOptionEntry entries[] = {
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &words, NULL, NULL },
    { NULL },
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeSettings) settings
             = bipe_startup_load_settings (&argc, &argv, entries, NULL, NULL, &error);
  g_autofree char *health = NULL;

  if (settings == NULL)
    return bipe_startup_fail (error);
  bipe_log_install ("warning");
  health = ask (settings, &error);
  if (health == NULL)
    {
      bipe_startup_fail (error);
      return EXIT_FAILURE;
    }
  g_print ("%s\n", health);
  return EXIT_SUCCESS;
}
