#include "config.h"

#include "base/settings-table.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const char *const tls_modes[] = { "auto", "on", "off", NULL };
static const char *const queue_modes[] = { "automatic", "review", NULL };
static const char *const camera_modes[] = { "off", "page", "always", NULL };
static const char *const camera_mirrors[] = { "auto", "on", "off", NULL };
static const char *const roles[] = { "all", "gateway", "speech", NULL };
static const char *const log_levels[] = { "debug", "info", "warning", "error", NULL };

const BipeSetting bipe_settings_table[] = {
  { .name = "listen",
    .value = "127.0.0.1,::1",
    .help = N_ ("Addresses to listen on with commas, lan (all there are), or none") },
  { .name = "tls",
    .kind = BIPE_SETTING_CHOICE,
    .value = "auto",
    .choices = tls_modes,
    .help = N_ ("Encrypt: auto (where other machines are served), on or off") },
  { .name = "tls-cert",
    .value = "",
    .help
    = N_ ("File of the certificate (PEM, with its chain); empty: the station makes its own") },
  { .name = "tls-key", .value = "", .help = N_ ("File of the certificate's key (PEM)") },
  { .name = "port",
    .kind = BIPE_SETTING_INTEGER,
    .value = "5000",
    .testing = "0",
    .gateway = "3001",
    .most = 65535,
    .alias = "PORT",
    .help = N_ ("Port of the server; 0 takes any free one") },
  { .name = "database-url",
    .kind = BIPE_SETTING_URL,
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
    .kind = BIPE_SETTING_CHOICE,
    .value = "automatic",
    .choices = queue_modes,
    .help = N_ ("automatic: scans are stored at once; review: once they are released") },
  { .name = "queue-limit",
    .kind = BIPE_SETTING_INTEGER,
    .value = "1000000",
    .least = 1,
    .most = 1000000000,
    .help = N_ ("Scans that may wait; more are refused") },
  { .name = "collect-days",
    .kind = BIPE_SETTING_INTEGER,
    .value = "7",
    .least = 1,
    .most = 3650,
    .help = N_ ("How long a scan can be collected") },
  { .name = "event-days",
    .kind = BIPE_SETTING_INTEGER,
    .value = "7",
    .least = 1,
    .most = 3650,
    .help = N_ ("How long events are kept") },
  { .name = "token-days",
    .kind = BIPE_SETTING_INTEGER,
    .value = "100",
    .least = 1,
    .most = 3650,
    .help = N_ ("How long a token counts where nothing else is said") },
  { .name = "secret-key-file",
    .value = "",
    .help = N_ ("File of the 32 bytes that sign tokens; empty: the keyring, or the data folder") },
  { .name = "rate-limit-auth",
    .kind = BIPE_SETTING_INTEGER,
    .value = "10",
    .least = 1,
    .most = 1000000,
    .help = N_ ("Wrong tokens a minute from one address that are told one by one") },
  { .name = "loopback-without-token",
    .kind = BIPE_SETTING_AUTO,
    .value = "auto",
    .help = N_ ("Serve this machine without a token: auto while it alone is served, on, or off") },
  { .name = "allowed-origins",
    .value = "",
    .help = N_ ("Further web origins whose pages may use the server, or *") },
  { .name = "allowed-hosts", .value = "", .help = N_ ("Further names the server answers to") },
  { .name = "allow-eio3",
    .kind = BIPE_SETTING_BOOLEAN,
    .value = "off",
    .development = "on",
    .help = N_ ("Serve clients of Socket.IO 2, too") },
  { .name = "time-limit",
    .kind = BIPE_SETTING_SECONDS,
    .value = "30",
    .least = 1,
    .most = 3600,
    .help = N_ ("For receiving a request, and for its answer's first byte") },
  { .name = "body-limit",
    .kind = BIPE_SETTING_BYTES,
    .value = "1048576",
    .least = 1024,
    .most = 1073741824,
    .help = N_ ("Largest body of a request") },
  { .name = "max-connections",
    .kind = BIPE_SETTING_INTEGER,
    .value = "2000",
    .least = 1,
    .most = 100000,
    .help = N_ ("Connections at once") },
  { .name = "max-connections-per-address",
    .kind = BIPE_SETTING_INTEGER,
    .value = "1500",
    .least = 1,
    .most = 100000,
    .help = N_ ("Of these, from one address") },
  { .name = "camera",
    .kind = BIPE_SETTING_CHOICE,
    .value = "off",
    .choices = camera_modes,
    .help = N_ ("When the window's camera is on: off, page (with the Scan page) or always") },
  { .name = "camera-device",
    .value = "",
    .help = N_ ("The camera by its name; empty: the first there is") },
  { .name = "camera-pipeline",
    .kind = BIPE_SETTING_URL,
    .value = "",
    .help = N_ ("Instead of a camera: a URI (file, rtsp) or a GStreamer description") },
  { .name = "camera-size",
    .kind = BIPE_SETTING_SIZE,
    .value = "1280x720",
    .least = 16,
    .most = 8192,
    .help = N_ ("Wanted size of the camera's picture") },
  { .name = "camera-rate",
    .kind = BIPE_SETTING_INTEGER,
    .value = "30",
    .least = 1,
    .most = 240,
    .help = N_ ("Wanted pictures a second") },
  { .name = "camera-mirror",
    .kind = BIPE_SETTING_CHOICE,
    .value = "auto",
    .choices = camera_mirrors,
    .help = N_ ("Show the camera's picture mirrored: auto, on or off") },
  { .name = "camera-repeat",
    .kind = BIPE_SETTING_SECONDS,
    .value = "1",
    .least = 1,
    .most = 3600,
    .help = N_ ("How long a code must be out of view before it counts again") },
  { .name = "symbologies",
    .value = "default",
    .help = N_ ("What cameras and pictures are searched for, with commas; default, or all") },
  { .name = "speech-url",
    .kind = BIPE_SETTING_URL,
    .value = "",
    .help = N_ ("Service that POST /input passes on to; empty: this process") },
  { .name = "speech-token",
    .kind = BIPE_SETTING_SECRET,
    .value = "",
    .help = N_ ("Token that is shown to that service") },
  { .name = "speech-language",
    .value = "pt",
    .is_needed = TRUE,
    .help = N_ ("Language of what is spoken where nobody says") },
  { .name = "role",
    .kind = BIPE_SETTING_CHOICE,
    .value = "all",
    .choices = roles,
    .help = N_ ("all, or one of two services that are apart: gateway or speech") },
  { .name = "log-level",
    .kind = BIPE_SETTING_CHOICE,
    .value = "info",
    .development = "debug",
    .choices = log_levels,
    .help = N_ ("debug, info, warning or error") },
  { .name = "search-index",
    .kind = BIPE_SETTING_BOOLEAN,
    .value = "off",
    .help = N_ ("Keep an index for search inside codes (PostgreSQL)") },
};

const guint bipe_settings_table_length = G_N_ELEMENTS (bipe_settings_table);

guint
bipe_settings_table_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (bipe_settings_table); i++)
    if (g_str_equal (bipe_settings_table[i].name, name))
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
parse_number (const BipeSetting *setting, const char *text, gint64 *number)
{
  static const char *const plain[] = { "", NULL };
  static const char *const seconds[] = { "", "s", "min", NULL };
  static const char *const bytes[] = { "", "B", "KiB", "MiB", "GiB", NULL };
  static const guint64 second_factors[] = { 1, 1, 60 };
  static const guint64 byte_factors[] = { 1, 1, 1 << 10, 1 << 20, 1 << 30 };
  gboolean is_number;

  if (setting->kind == BIPE_SETTING_SECONDS)
    is_number = parse_amount (text, seconds, second_factors, number);
  else if (setting->kind == BIPE_SETTING_BYTES)
    is_number = parse_amount (text, bytes, byte_factors, number);
  else
    is_number = parse_amount (text, plain, second_factors, number);
  return is_number && *number >= setting->least && *number <= setting->most;
}

/* Packed: the width above the height. */
static gboolean
parse_size (const BipeSetting *setting, const char *text, gint64 *number)
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
describe_range (const BipeSetting *setting)
{
  g_autofree char *least = g_strdup_printf ("%" G_GINT64_FORMAT, setting->least);
  g_autofree char *most = g_strdup_printf ("%" G_GINT64_FORMAT, setting->most);

  return setting->kind == BIPE_SETTING_SIZE
             ? g_strdup_printf (_ ("two numbers from %s to %s with an x between them"), least, most)
             : g_strdup_printf (_ ("a number from %s to %s"), least, most);
}

char *
bipe_setting_check (const BipeSetting *setting, const char *text, gint64 *number)
{
  switch (setting->kind)
    {
    case BIPE_SETTING_BOOLEAN:
      return parse_boolean (text, number) ? NULL : g_strdup (_ ("on or off"));
    case BIPE_SETTING_AUTO:
      return parse_auto (text, number) ? NULL : g_strdup (_ ("auto, on or off"));
    case BIPE_SETTING_CHOICE:
      return g_strv_contains (setting->choices, text)
                 ? NULL
                 : g_strjoinv (", ", (char **)setting->choices);
    case BIPE_SETTING_INTEGER:
    case BIPE_SETTING_SECONDS:
    case BIPE_SETTING_BYTES:
      return parse_number (setting, text, number) ? NULL : describe_range (setting);
    case BIPE_SETTING_SIZE:
      return parse_size (setting, text, number) ? NULL : describe_range (setting);
    case BIPE_SETTING_TEXT:
    case BIPE_SETTING_URL:
    case BIPE_SETTING_SECRET:
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

char *
bipe_setting_show (const BipeSetting *setting, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  if (setting->kind == BIPE_SETTING_SECRET && valid[0] != '\0')
    return g_strdup ("***");
  return setting->kind == BIPE_SETTING_URL ? mask (valid) : g_steal_pointer (&valid);
}
