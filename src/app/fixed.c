#include "config.h"

#include "app/fixed.h"

#include <glib/gi18n.h>

#include "base/settings.h"

const char *
bipe_fixed_get (BipeSettings *settings, const char *setting)
{
  const char *origin = bipe_settings_get_origin (settings, setting);

  return g_str_equal (origin, "default") || g_str_equal (origin, "saved") ? NULL : origin;
}

char *
bipe_fixed_describe (const char *fixed)
{
  if (fixed == NULL)
    return NULL;
  if (g_str_equal (fixed, "command line"))
    return g_strdup (_ ("Fixed on the command line"));
  return g_strdup_printf (_ ("Fixed by the variable %s"), fixed);
}
