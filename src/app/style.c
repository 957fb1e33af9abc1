#include "config.h"

#include "app/style.h"

#include <adwaita.h>

static const struct
{
  const char *name;
  AdwColorScheme scheme;
} styles[] = {
  { "system", ADW_COLOR_SCHEME_DEFAULT },
  { "light", ADW_COLOR_SCHEME_FORCE_LIGHT },
  { "dark", ADW_COLOR_SCHEME_FORCE_DARK },
};

static gboolean
get_scheme (GValue *value, GVariant *variant, gpointer user_data)
{
  for (guint i = 0; i < G_N_ELEMENTS (styles); i++)
    if (g_str_equal (g_variant_get_string (variant, NULL), styles[i].name))
      g_value_set_enum (value, styles[i].scheme);
  return TRUE;
}

static GVariant *
get_name (const GValue *value, const GVariantType *expected, gpointer user_data)
{
  for (guint i = 0; i < G_N_ELEMENTS (styles); i++)
    if (g_value_get_enum (value) == (int)styles[i].scheme)
      return g_variant_new_string (styles[i].name);
  return NULL;
}

void
bipe_style_bind (GSettings *saved)
{
  g_settings_bind_with_mapping (saved, "style", adw_style_manager_get_default (), "color-scheme",
                                G_SETTINGS_BIND_DEFAULT, get_scheme, get_name, NULL, NULL);
}
