/* saved.c: g_settings_new() would end the process where the schema is missing, so it is looked up
 * first. The usual backend (dconf) takes back every change where there is no session bus; a file of
 * our own stands in for it then. */
#define G_SETTINGS_ENABLE_BACKEND
#include "config.h"

#include "app/saved.h"

#include <gio/gsettingsbackend.h>

/* build/src/bipe has its schema in build/data. */
static GSettingsSchemaSource *
open_source_beside_program (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = program != NULL ? g_path_get_dirname (program) : NULL;
  g_autofree char *data
      = folder != NULL ? g_build_filename (folder, "..", "data", NULL) : g_strdup (BIPE_SCHEMA_DIR);

  return g_settings_schema_source_new_from_directory (data, g_settings_schema_source_get_default (),
                                                      FALSE, NULL);
}

/* NULL: the usual one. */
static GSettingsBackend *
choose_backend (void)
{
  g_autoptr(GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_autofree char *path = g_build_filename (g_get_user_config_dir (), "bipe", "window.conf", NULL);

  if (bus != NULL || g_getenv ("GSETTINGS_BACKEND") != NULL)
    return NULL;
  return g_keyfile_settings_backend_new (path, "/", NULL);
}

GSettings *
bipe_saved_open (void)
{
  g_autoptr(GSettingsSchemaSource) beside = open_source_beside_program ();
  GSettingsSchemaSource *source = beside != NULL ? beside : g_settings_schema_source_get_default ();
  g_autoptr(GSettingsSchema) schema
             = source != NULL ? g_settings_schema_source_lookup (source, BIPE_APP_ID, TRUE) : NULL;

  g_autoptr(GSettingsBackend) backend = NULL;

  if (schema == NULL)
    {
      g_message ("no settings schema is installed: settings are not saved");
      return NULL;
    }
  backend = choose_backend ();
  return g_settings_new_full (schema, backend, NULL);
}

gboolean
bipe_saved_get_switch (GSettings *saved, const char *key, gboolean otherwise)
{
  return saved != NULL ? g_settings_get_boolean (saved, key) : otherwise;
}

int
bipe_saved_get_number (GSettings *saved, const char *key, int otherwise)
{
  return saved != NULL ? g_settings_get_int (saved, key) : otherwise;
}

char *
bipe_saved_get_text (GSettings *saved, const char *key)
{
  return saved != NULL ? g_settings_get_string (saved, key) : g_strdup ("");
}
