/* settings.c: one table says everything about each setting (settings-table.h); layers write into
 * one array of values, in the order of their rank. */
#include "config.h"

#include "base/settings.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "base/settings-table.h"

typedef struct
{
  char *text; /* normalised */
  gint64 number;
  const char *origin;
} Value;

typedef enum
{
  PRODUCTION,
  DEVELOPMENT,
  TESTING,
} Profile;

static const char *const profile_names[] = { "production", "development", "testing" };

struct _BipeSettings
{
  Profile profile;
  Value *values; /* one for each of the table */
};

static const char *
default_of (BipeSettings *self, const BipeSetting *setting)
{
  const char *role = self->values[bipe_settings_table_find ("role")].text;

  if (self->profile == DEVELOPMENT && setting->development != NULL)
    return setting->development;
  if (self->profile == TESTING && setting->testing != NULL)
    return setting->testing;
  if (setting->gateway != NULL && g_strcmp0 (role, "gateway") == 0)
    return setting->gateway;
  return setting->value;
}

static gboolean
set (BipeSettings *self, guint index, const char *text, const char *origin, GError **error)
{
  const BipeSetting *setting = &bipe_settings_table[index];
  Value *value = &self->values[index];
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  gint64 number = 0;
  g_autofree char *expected = bipe_setting_check (setting, trimmed, &number);

  if (expected != NULL)
    {
      g_autofree char *shown = bipe_setting_show (setting, trimmed);

      g_set_error (error, BIPE_ERROR, BIPE_ERROR_SETTING,
                   /* Translators: "the setting port (command line) takes a number from 0 to 65535,
                      not “x”" */
                   _ ("the setting %s (%s) takes %s, not “%s”"), setting->name, _ (origin),
                   expected, shown);
      return FALSE;
    }
  if (trimmed[0] == '\0' && setting->is_needed && value->text != NULL)
    return TRUE;
  value->number = number;
  g_free (value->text);
  if (setting->kind == BIPE_SETTING_BOOLEAN || setting->kind == BIPE_SETTING_AUTO)
    value->text = g_strdup (number < 0 ? "auto" : number > 0 ? "on" : "off");
  else
    value->text = g_steal_pointer (&trimmed);
  value->origin = g_intern_string (origin);
  if (!g_str_equal (setting->name, "role"))
    return TRUE;
  for (guint i = 0; i < bipe_settings_table_length; i++)
    if (bipe_settings_table[i].gateway != NULL && g_strcmp0 (self->values[i].origin, "default") == 0
        && !set (self, i, default_of (self, &bipe_settings_table[i]), "default", error))
      return FALSE;
  return TRUE;
}

BipeSettings *
bipe_settings_new (const char *profile, GError **error)
{
  static const char *const short_names[] = { "prod", "dev", "test" };
  g_autoptr(BipeSettings) self = g_new0 (BipeSettings, 1);
  gboolean is_known = profile == NULL || profile[0] == '\0';

  self->values = g_new0 (Value, bipe_settings_table_length);
  for (guint i = 0; !is_known && i < G_N_ELEMENTS (profile_names); i++)
    if (g_str_equal (profile, profile_names[i]) || g_str_equal (profile, short_names[i]))
      {
        self->profile = (Profile)i;
        is_known = TRUE;
      }
  if (!is_known)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_SETTING,
                   _ ("BIPE_PROFILE takes production, development or testing, not “%s”"), profile);
      return NULL;
    }

  for (guint i = 0; i < bipe_settings_table_length; i++)
    if (!set (self, i, default_of (self, &bipe_settings_table[i]), "default", error))
      return NULL;
  if (!set (self, bipe_settings_table_find ("station"), g_get_host_name (), "default", error))
    return NULL;
  if (self->profile != TESTING)
    {
      g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "bipe", NULL);

      if (!set (self, bipe_settings_table_find ("data-dir"), folder, "default", error))
        return NULL;
    }
  return g_steal_pointer (&self);
}

BipeSettings *
bipe_settings_copy (BipeSettings *self)
{
  BipeSettings *copy = g_new (BipeSettings, 1);

  copy->profile = self->profile;
  copy->values = g_new (Value, bipe_settings_table_length);
  for (guint i = 0; i < bipe_settings_table_length; i++)
    {
      copy->values[i] = self->values[i];
      copy->values[i].text = g_strdup (self->values[i].text);
    }
  return copy;
}

void
bipe_settings_free (BipeSettings *self)
{
  for (guint i = 0; i < bipe_settings_table_length; i++)
    g_free (self->values[i].text);
  g_free (self->values);
  g_free (self);
}

static gboolean
fail_file (const char *path, const GError *problem, GError **error)
{
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_SETTING, _ ("cannot read the settings in %s: %s"),
               path, problem->message);
  return FALSE;
}

gboolean
bipe_settings_load_file (BipeSettings *self, const char *path, GError **error)
{
  g_autoptr(GKeyFile) file = g_key_file_new ();
  g_autoptr(GError) problem = NULL;

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, &problem))
    {
      if (g_error_matches (problem, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return TRUE;
      return fail_file (path, problem, error);
    }
  for (guint i = 0; i < bipe_settings_table_length; i++)
    {
      g_autofree char *text = NULL;

      if (!g_key_file_has_key (file, "bipe", bipe_settings_table[i].name, NULL))
        continue;
      text = g_key_file_get_string (file, "bipe", bipe_settings_table[i].name, &problem);
      if (problem != NULL)
        return fail_file (path, problem, error);
      if (!set (self, i, text, path, error))
        return FALSE;
    }
  return TRUE;
}

static char *
print_variant (GVariant *value)
{
  return g_variant_is_of_type (value, G_VARIANT_TYPE_STRING) ? g_variant_dup_string (value, NULL)
                                                             : g_variant_print (value, FALSE);
}

/* Where they are loaded anew. */
static gboolean
outranks_saved (BipeSettings *self, guint index)
{
  const char *origin = self->values[index].origin;

  return !g_str_equal (origin, "default") && !g_str_equal (origin, "saved");
}

gboolean
bipe_settings_load_saved (BipeSettings *self, GSettings *saved, GError **error)
{
  g_autoptr(GSettingsSchema) schema = NULL;

  g_object_get (saved, "settings-schema", &schema, NULL);
  for (guint i = 0; i < bipe_settings_table_length; i++)
    {
      g_autoptr(GVariant) value = NULL;
      g_autofree char *text = NULL;

      if (!g_settings_schema_has_key (schema, bipe_settings_table[i].name)
          || outranks_saved (self, i))
        continue;
      value = g_settings_get_user_value (saved, bipe_settings_table[i].name);
      if (value == NULL)
        continue;
      text = print_variant (value);
      if (!set (self, i, text, N_ ("saved"), error))
        return FALSE;
    }
  return TRUE;
}

static char *
environment_name (const char *name)
{
  g_autofree char *upper = g_ascii_strup (name, -1);

  return g_strconcat ("BIPE_", g_strdelimit (upper, "-", '_'), NULL);
}

gboolean
bipe_settings_load_environment (BipeSettings *self, char **environment, GError **error)
{
  for (guint i = 0; i < bipe_settings_table_length; i++)
    {
      g_autofree char *own_name = environment_name (bipe_settings_table[i].name);
      const char *names[] = { bipe_settings_table[i].alias, own_name };

      for (guint k = 0; k < G_N_ELEMENTS (names); k++)
        {
          const char *text = names[k] != NULL ? g_environ_getenv (environment, names[k]) : NULL;

          if (text != NULL && !set (self, i, text, names[k], error))
            return FALSE;
        }
    }
  return TRUE;
}

static gboolean
option_cb (const char *option, const char *text, gpointer data, GError **error)
{
  return set (data, bipe_settings_table_find (option + strlen ("--")), text, N_ ("command line"),
              error);
}

GOptionGroup *
bipe_settings_create_option_group (BipeSettings *self)
{
  GOptionGroup *group
      = g_option_group_new ("settings", N_ ("Settings:"), N_ ("Show all settings"), self, NULL);
  g_autofree GOptionEntry *entries = g_new0 (GOptionEntry, bipe_settings_table_length + 1);

  for (guint i = 0; i < bipe_settings_table_length; i++)
    entries[i] = (GOptionEntry){ .long_name = bipe_settings_table[i].name,
                                 .arg = G_OPTION_ARG_CALLBACK,
                                 .arg_data = (gpointer)option_cb,
                                 .description = bipe_settings_table[i].help,
                                 .arg_description = N_ ("VALUE") };
  g_option_group_add_entries (group, entries);
  g_option_group_set_translation_domain (group, GETTEXT_PACKAGE);
  return group;
}

const char *
bipe_settings_get_text (BipeSettings *self, const char *name)
{
  return self->values[bipe_settings_table_find (name)].text;
}

gint64
bipe_settings_get_integer (BipeSettings *self, const char *name)
{
  return self->values[bipe_settings_table_find (name)].number;
}

gboolean
bipe_settings_get_boolean (BipeSettings *self, const char *name)
{
  return self->values[bipe_settings_table_find (name)].number != 0;
}

void
bipe_settings_get_size (BipeSettings *self, const char *name, guint *width, guint *height)
{
  gint64 number = self->values[bipe_settings_table_find (name)].number;

  *width = (guint)(number >> 32);
  *height = (guint)(number & G_MAXUINT32);
}

GStrv
bipe_settings_dup_list (BipeSettings *self, const char *name)
{
  g_auto(GStrv) parts = g_strsplit (bipe_settings_get_text (self, name), ",", -1);
  g_autoptr(GStrvBuilder) list = g_strv_builder_new ();

  for (guint i = 0; parts[i] != NULL; i++)
    if (g_strstrip (parts[i])[0] != '\0')
      g_strv_builder_add (list, parts[i]);
  return g_strv_builder_end (list);
}

const char *
bipe_settings_get_origin (BipeSettings *self, const char *name)
{
  return self->values[bipe_settings_table_find (name)].origin;
}

const char *
bipe_settings_get_profile (BipeSettings *self)
{
  return profile_names[self->profile];
}

char *
bipe_settings_print (BipeSettings *self)
{
  GString *out = g_string_new (NULL);

  g_string_append_printf (out, "profile = %s\n", profile_names[self->profile]);
  for (guint i = 0; i < bipe_settings_table_length; i++)
    {
      const Value *value = &self->values[i];
      g_autofree char *shown = bipe_setting_show (&bipe_settings_table[i], value->text);

      g_string_append_printf (out, "%s = %s  (%s)\n", bipe_settings_table[i].name, shown,
                              value->origin);
    }
  return g_string_free (out, FALSE);
}
