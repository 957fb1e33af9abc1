/* settings.c: one table says everything about each setting; layers write into one array of values,
 * in the order of their rank. */
#include "config.h"

#include "base/settings.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"

typedef enum
{
  KIND_TEXT,
  KIND_BOOLEAN,
  KIND_INTEGER,
  KIND_SECONDS, /* "30", "30 s", "5 min" */
  KIND_BYTES,   /* "1048576", "1 MiB" */
  KIND_CHOICE,
  KIND_URL,    /* its password is masked */
  KIND_SECRET, /* all of it is masked */
  KIND_SIZE,   /* "1280x720" */
  KIND_AUTO,   /* a boolean, or "auto" */
} Kind;

typedef struct
{
  const char *name;
  Kind kind;
  const char *value; /* production's */
  const char *development;
  const char *testing;
  const char *gateway; /* in that role, but for testing */
  gint64 least, most;
  const char *alias; /* another environment name, of lower rank */
  const char *const *choices;
  gboolean is_needed; /* an empty text stands for what was there before */
  const char *help;
} Setting;

static const char *const tls_modes[] = { "auto", "on", "off", NULL };
static const char *const queue_modes[] = { "automatic", "review", NULL };
static const char *const camera_modes[] = { "off", "page", "always", NULL };
static const char *const camera_mirrors[] = { "auto", "on", "off", NULL };
static const char *const roles[] = { "all", "gateway", "speech", NULL };
static const char *const log_levels[] = { "debug", "info", "warning", "error", NULL };

static const Setting table[] = {
  { .name = "listen",
    .value = "127.0.0.1,::1",
    .help = N_ ("Addresses to listen on with commas, lan (all there are), or none") },
  { .name = "tls",
    .kind = KIND_CHOICE,
    .value = "auto",
    .choices = tls_modes,
    .help = N_ ("Encrypt: auto (where other machines are served), on or off") },
  { .name = "tls-cert",
    .value = "",
    .help
    = N_ ("File of the certificate (PEM, with its chain); empty: the station makes its own") },
  { .name = "tls-key", .value = "", .help = N_ ("File of the certificate's key (PEM)") },
  { .name = "port",
    .kind = KIND_INTEGER,
    .value = "5000",
    .testing = "0",
    .gateway = "3001",
    .most = 65535,
    .alias = "PORT",
    .help = N_ ("Port of the server; 0 takes any free one") },
  { .name = "database-url",
    .kind = KIND_URL,
    .value = "",
    .alias = "DATABASE_URL",
    .help = N_ ("PostgreSQL to store scans in; empty: a file on this computer") },
  { .name = "data-dir",
    .value = "",
    .is_needed = TRUE,
    .help = N_ ("Folder of the queue and of the embedded store") },
  { .name = "station",
    .value = "",
    .is_needed = TRUE,
    .help = N_ ("This station's name; empty: the host's") },
  { .name = "queue-mode",
    .kind = KIND_CHOICE,
    .value = "automatic",
    .choices = queue_modes,
    .help = N_ ("automatic: scans are stored at once; review: once they are released") },
  { .name = "queue-limit",
    .kind = KIND_INTEGER,
    .value = "1000000",
    .least = 1,
    .most = 1000000000,
    .help = N_ ("Scans that may wait; more are refused") },
  { .name = "collect-days",
    .kind = KIND_INTEGER,
    .value = "7",
    .least = 1,
    .most = 3650,
    .help = N_ ("How long a scan can be collected") },
  { .name = "event-days",
    .kind = KIND_INTEGER,
    .value = "7",
    .least = 1,
    .most = 3650,
    .help = N_ ("How long events are kept") },
  { .name = "token-days",
    .kind = KIND_INTEGER,
    .value = "100",
    .least = 1,
    .most = 3650,
    .help = N_ ("How long a token counts where nothing else is said") },
  { .name = "secret-key-file",
    .value = "",
    .help = N_ ("File of the 32 bytes that sign tokens; empty: the keyring, or the data folder") },
  { .name = "rate-limit-auth",
    .kind = KIND_INTEGER,
    .value = "10",
    .least = 1,
    .most = 1000000,
    .help = N_ ("Wrong tokens a minute from one address that are told one by one") },
  { .name = "loopback-without-token",
    .kind = KIND_AUTO,
    .value = "auto",
    .help = N_ ("Serve this machine without a token: auto while it alone is served, on, or off") },
  { .name = "allowed-origins",
    .value = "",
    .help = N_ ("Further web origins whose pages may use the server, or *") },
  { .name = "allowed-hosts", .value = "", .help = N_ ("Further names the server answers to") },
  { .name = "allow-eio3",
    .kind = KIND_BOOLEAN,
    .value = "off",
    .development = "on",
    .help = N_ ("Serve clients of Socket.IO 2, too") },
  { .name = "time-limit",
    .kind = KIND_SECONDS,
    .value = "30",
    .least = 1,
    .most = 3600,
    .help = N_ ("For receiving a request, and for its answer's first byte") },
  { .name = "body-limit",
    .kind = KIND_BYTES,
    .value = "1048576",
    .least = 1024,
    .most = 1073741824,
    .help = N_ ("Largest body of a request") },
  { .name = "max-connections",
    .kind = KIND_INTEGER,
    .value = "2000",
    .least = 1,
    .most = 100000,
    .help = N_ ("Connections at once") },
  { .name = "max-connections-per-address",
    .kind = KIND_INTEGER,
    .value = "1500",
    .least = 1,
    .most = 100000,
    .help = N_ ("Of these, from one address") },
  { .name = "camera",
    .kind = KIND_CHOICE,
    .value = "off",
    .choices = camera_modes,
    .help = N_ ("When the window's camera is on: off, page (with the Scan page) or always") },
  { .name = "camera-device",
    .value = "",
    .help = N_ ("The camera by its name; empty: the first there is") },
  { .name = "camera-pipeline",
    .kind = KIND_URL,
    .value = "",
    .help = N_ ("Instead of a camera: a URI (file, rtsp) or a GStreamer description") },
  { .name = "camera-size",
    .kind = KIND_SIZE,
    .value = "1280x720",
    .least = 16,
    .most = 8192,
    .help = N_ ("Wanted size of the camera's picture") },
  { .name = "camera-rate",
    .kind = KIND_INTEGER,
    .value = "30",
    .least = 1,
    .most = 240,
    .help = N_ ("Wanted pictures a second") },
  { .name = "camera-mirror",
    .kind = KIND_CHOICE,
    .value = "auto",
    .choices = camera_mirrors,
    .help = N_ ("Show the camera's picture mirrored: auto, on or off") },
  { .name = "camera-repeat",
    .kind = KIND_SECONDS,
    .value = "1",
    .least = 1,
    .most = 3600,
    .help = N_ ("How long a code must be out of view before it counts again") },
  { .name = "symbologies",
    .value = "default",
    .help = N_ ("What cameras and pictures are searched for, with commas; default, or all") },
  { .name = "speech-url",
    .kind = KIND_URL,
    .value = "",
    .help = N_ ("Service that POST /input passes on to; empty: this process") },
  { .name = "speech-token",
    .kind = KIND_SECRET,
    .value = "",
    .help = N_ ("Token that is shown to that service") },
  { .name = "speech-language",
    .value = "pt",
    .is_needed = TRUE,
    .help = N_ ("Language of what is spoken where nobody says") },
  { .name = "role",
    .kind = KIND_CHOICE,
    .value = "all",
    .choices = roles,
    .help = N_ ("all, or one of two services that are apart: gateway or speech") },
  { .name = "log-level",
    .kind = KIND_CHOICE,
    .value = "info",
    .development = "debug",
    .choices = log_levels,
    .help = N_ ("debug, info, warning or error") },
  { .name = "search-index",
    .kind = KIND_BOOLEAN,
    .value = "off",
    .help = N_ ("Keep an index for search inside codes (PostgreSQL)") },
};

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
  Value values[G_N_ELEMENTS (table)];
};

static guint
index_of (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_str_equal (table[i].name, name))
      return i;
  g_error ("no setting is called %s", name);
}

/* A number with one of @units behind it, or none. */
static gboolean
parse_amount (const char *text, const char *const *units, const guint64 *factors, gint64 *amount)
{
  char *end;
  guint64 number, product;

  if (!g_ascii_isdigit (text[0]))
    return FALSE;
  number = g_ascii_strtoull (text, &end, 10);
  while (*end == ' ')
    end++;
  for (guint i = 0; units[i] != NULL; i++)
    if (g_ascii_strcasecmp (end, units[i]) == 0)
      {
        if (!g_uint64_checked_mul (&product, number, factors[i]) || product > G_MAXINT64)
          return FALSE;
        *amount = (gint64)product;
        return TRUE;
      }
  return FALSE;
}

static gboolean
parse_boolean (const char *text, gint64 *value)
{
  static const char *const words[] = { "off", "on", "false", "true", "no", "yes", "0", "1" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_ascii_strcasecmp (text, words[i]) == 0)
      {
        *value = i % 2;
        return TRUE;
      }
  return FALSE;
}

/* −1 for "auto". */
static gboolean
parse_auto (const char *text, gint64 *value)
{
  if (g_ascii_strcasecmp (text, "auto") != 0)
    return parse_boolean (text, value);
  *value = -1;
  return TRUE;
}

static gboolean
parse_number (const Setting *setting, const char *text, gint64 *number)
{
  static const char *const plain[] = { "", NULL };
  static const char *const seconds[] = { "", "s", "min", NULL };
  static const char *const bytes[] = { "", "B", "KiB", "MiB", "GiB", NULL };
  static const guint64 second_factors[] = { 1, 1, 60 };
  static const guint64 byte_factors[] = { 1, 1, 1 << 10, 1 << 20, 1 << 30 };
  gboolean is_number;

  if (setting->kind == KIND_SECONDS)
    is_number = parse_amount (text, seconds, second_factors, number);
  else if (setting->kind == KIND_BYTES)
    is_number = parse_amount (text, bytes, byte_factors, number);
  else
    is_number = parse_amount (text, plain, second_factors, number);
  return is_number && *number >= setting->least && *number <= setting->most;
}

/* Packed: the width above the height. */
static gboolean
parse_size (const Setting *setting, const char *text, gint64 *number)
{
  g_auto(GStrv) parts = g_strsplit (text, "x", 3);
  gint64 width, height;

  if (g_strv_length (parts) != 2 || !parse_number (setting, parts[0], &width)
      || !parse_number (setting, parts[1], &height))
    return FALSE;
  *number = width << 32 | height;
  return TRUE;
}

static char *
describe_range (const Setting *setting)
{
  g_autofree char *least = g_strdup_printf ("%" G_GINT64_FORMAT, setting->least);
  g_autofree char *most = g_strdup_printf ("%" G_GINT64_FORMAT, setting->most);

  return setting->kind == KIND_SIZE
             ? g_strdup_printf (_ ("two numbers from %s to %s with an x between them"), least, most)
             : g_strdup_printf (_ ("a number from %s to %s"), least, most);
}

/* What @setting takes, in words, where @text is not one of it; NULL where it is. */
static char *
check (const Setting *setting, const char *text, gint64 *number)
{
  switch (setting->kind)
    {
    case KIND_BOOLEAN:
      return parse_boolean (text, number) ? NULL : g_strdup (_ ("on or off"));
    case KIND_AUTO:
      return parse_auto (text, number) ? NULL : g_strdup (_ ("auto, on or off"));
    case KIND_CHOICE:
      return g_strv_contains (setting->choices, text)
                 ? NULL
                 : g_strjoinv (", ", (char **)setting->choices);
    case KIND_INTEGER:
    case KIND_SECONDS:
    case KIND_BYTES:
      return parse_number (setting, text, number) ? NULL : describe_range (setting);
    case KIND_SIZE:
      return parse_size (setting, text, number) ? NULL : describe_range (setting);
    case KIND_TEXT:
    case KIND_URL:
    case KIND_SECRET:
    default:
      return g_utf8_validate (text, -1, NULL) ? NULL : g_strdup (_ ("UTF-8 text"));
    }
}

/* A PostgreSQL URL or key=value text without its passwords. What looks like neither is masked as
 * far as a password could reach: too much rather than too little. */
static char *
mask (const char *text)
{
  gboolean is_url = strstr (text, "://") != NULL;
  g_autoptr(GRegex) user = g_regex_new ("^([^:]*://)?([^:]*):(?!//).*@", G_REGEX_DOTALL, 0, NULL);
  /* In a URL names may be escaped, too: "pass%77ord". */
  g_autoptr(GRegex) parameter = g_regex_new (
      is_url ? "([?&][^=&]*(?:password|%)[^=&]*=)[^&]*"
             : "(password\\s*=\\s*)(?:'(?:\\\\.|[^'\\\\])*(?:'|$)|(?:\\\\.|[^\\s\\\\])*)",
      G_REGEX_CASELESS | G_REGEX_DOTALL, 0, NULL);
  g_autofree char *masked = g_regex_replace (user, text, -1, 0, "\\1\\2:***@", 0, NULL);

  return g_regex_replace (parameter, masked, -1, 0, "\\1***", 0, NULL);
}

/* A value that may be shown to anybody; always UTF-8. */
static char *
show (const Setting *setting, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  if (setting->kind == KIND_SECRET && valid[0] != '\0')
    return g_strdup ("***");
  return setting->kind == KIND_URL ? mask (valid) : g_steal_pointer (&valid);
}

static const char *
default_of (BipeSettings *self, const Setting *setting)
{
  const char *role = self->values[index_of ("role")].text;

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
  const Setting *setting = &table[index];
  Value *value = &self->values[index];
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  gint64 number = 0;
  g_autofree char *expected = check (setting, trimmed, &number);

  if (expected != NULL)
    {
      g_autofree char *shown = show (setting, trimmed);

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
  if (setting->kind == KIND_BOOLEAN || setting->kind == KIND_AUTO)
    value->text = g_strdup (number < 0 ? "auto" : number > 0 ? "on" : "off");
  else
    value->text = g_steal_pointer (&trimmed);
  value->origin = g_intern_string (origin);
  if (!g_str_equal (setting->name, "role"))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i].gateway != NULL && g_strcmp0 (self->values[i].origin, "default") == 0
        && !set (self, i, default_of (self, &table[i]), "default", error))
      return FALSE;
  return TRUE;
}

BipeSettings *
bipe_settings_new (const char *profile, GError **error)
{
  static const char *const short_names[] = { "prod", "dev", "test" };
  g_autoptr(BipeSettings) self = g_new0 (BipeSettings, 1);
  gboolean is_known = profile == NULL || profile[0] == '\0';

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

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (!set (self, i, default_of (self, &table[i]), "default", error))
      return NULL;
  if (!set (self, index_of ("station"), g_get_host_name (), "default", error))
    return NULL;
  if (self->profile != TESTING)
    {
      g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "bipe", NULL);

      if (!set (self, index_of ("data-dir"), folder, "default", error))
        return NULL;
    }
  return g_steal_pointer (&self);
}

void
bipe_settings_free (BipeSettings *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    g_free (self->values[i].text);
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
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *text = NULL;

      if (!g_key_file_has_key (file, "bipe", table[i].name, NULL))
        continue;
      text = g_key_file_get_string (file, "bipe", table[i].name, &problem);
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

gboolean
bipe_settings_load_saved (BipeSettings *self, GSettings *saved, GError **error)
{
  g_autoptr(GSettingsSchema) schema = NULL;

  g_object_get (saved, "settings-schema", &schema, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr(GVariant) value = NULL;
      g_autofree char *text = NULL;

      if (!g_settings_schema_has_key (schema, table[i].name))
        continue;
      value = g_settings_get_user_value (saved, table[i].name);
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
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *own_name = environment_name (table[i].name);
      const char *names[] = { table[i].alias, own_name };

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
  return set (data, index_of (option + strlen ("--")), text, N_ ("command line"), error);
}

GOptionGroup *
bipe_settings_create_option_group (BipeSettings *self)
{
  GOptionGroup *group
      = g_option_group_new ("settings", N_ ("Settings:"), N_ ("Show all settings"), self, NULL);
  GOptionEntry entries[G_N_ELEMENTS (table) + 1] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    entries[i] = (GOptionEntry){ .long_name = table[i].name,
                                 .arg = G_OPTION_ARG_CALLBACK,
                                 .arg_data = (gpointer)option_cb,
                                 .description = table[i].help,
                                 .arg_description = N_ ("VALUE") };
  g_option_group_add_entries (group, entries);
  g_option_group_set_translation_domain (group, GETTEXT_PACKAGE);
  return group;
}

const char *
bipe_settings_get_text (BipeSettings *self, const char *name)
{
  return self->values[index_of (name)].text;
}

gint64
bipe_settings_get_integer (BipeSettings *self, const char *name)
{
  return self->values[index_of (name)].number;
}

gboolean
bipe_settings_get_boolean (BipeSettings *self, const char *name)
{
  return self->values[index_of (name)].number != 0;
}

void
bipe_settings_get_size (BipeSettings *self, const char *name, guint *width, guint *height)
{
  gint64 number = self->values[index_of (name)].number;

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
  return self->values[index_of (name)].origin;
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
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const Value *value = &self->values[i];
      g_autofree char *shown = show (&table[i], value->text);

      g_string_append_printf (out, "%s = %s  (%s)\n", table[i].name, shown, value->origin);
    }
  return g_string_free (out, FALSE);
}
