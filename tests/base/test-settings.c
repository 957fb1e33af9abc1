#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "base/settings.h"

static const struct
{
  const char *name;
  const char *production;
  const char *development; /* NULL: the same */
  const char *testing;
} defaults[] = {
  { "listen", "127.0.0.1,::1", NULL, NULL },
  { "port", "5000", NULL, "0" },
  { "tls", "auto", NULL, NULL },
  { "tls-cert", "", NULL, NULL },
  { "tls-key", "", NULL, NULL },
  { "database-url", "", NULL, NULL },
  { "queue-mode", "automatic", NULL, NULL },
  { "queue-limit", "1000000", NULL, NULL },
  { "collect-days", "7", NULL, NULL },
  { "event-days", "7", NULL, NULL },
  { "allowed-origins", "", NULL, NULL },
  { "allowed-hosts", "", NULL, NULL },
  { "allow-eio3", "off", "on", NULL },
  { "time-limit", "30", NULL, NULL },
  { "body-limit", "1048576", NULL, NULL },
  { "max-connections", "2000", NULL, NULL },
  { "log-level", "info", "debug", NULL },
  { "search-index", "off", NULL, NULL },
  { "max-connections-per-address", "1500", NULL, NULL },
  { "camera", "off", NULL, NULL },
  { "camera-device", "", NULL, NULL },
  { "camera-pipeline", "", NULL, NULL },
  { "camera-size", "1280x720", NULL, NULL },
  { "camera-rate", "30", NULL, NULL },
  { "camera-mirror", "auto", NULL, NULL },
  { "camera-repeat", "1", NULL, NULL },
  { "symbologies", "default", NULL, NULL },
  { "token-days", "100", NULL, NULL },
  { "secret-key-file", "", NULL, NULL },
  { "speech-url", "", NULL, NULL },
  { "speech-token", "", NULL, NULL },
  { "speech-language", "pt", NULL, NULL },
  { "role", "all", NULL, NULL },
  { "rate-limit-auth", "10", NULL, NULL },
  { "loopback-without-token", "auto", NULL, NULL },
};

static BipeSettings *
new_settings (const char *profile)
{
  g_autoptr(GError) error = NULL;
  BipeSettings *settings = bipe_settings_new (profile, &error);

  g_assert_no_error (error);
  return settings;
}

static void
test_defaults (void)
{
  g_autoptr(BipeSettings) production = new_settings (NULL);
  g_autoptr(BipeSettings) development = new_settings ("development");
  g_autoptr(BipeSettings) testing = new_settings ("testing");
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "bipe", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (defaults); i++)
    {
      const char *value = defaults[i].production;
      const char *name = defaults[i].name;

      g_test_message ("%s", name);
      g_assert_cmpstr (bipe_settings_get_text (production, name), ==, value);
      g_assert_cmpstr (bipe_settings_get_text (development, name), ==,
                       defaults[i].development != NULL ? defaults[i].development : value);
      g_assert_cmpstr (bipe_settings_get_text (testing, name), ==,
                       defaults[i].testing != NULL ? defaults[i].testing : value);
    }
  g_assert_cmpstr (bipe_settings_get_text (production, "data-dir"), ==, folder);
  g_assert_cmpstr (bipe_settings_get_text (development, "data-dir"), ==, folder);
  g_assert_cmpstr (bipe_settings_get_text (testing, "data-dir"), ==, "");
  g_assert_cmpstr (bipe_settings_get_text (production, "station"), ==, g_get_host_name ());
}

static void
test_profiles (void)
{
  static const struct
  {
    const char *given;
    const char *profile; /* NULL: refused */
  } cases[] = {
    { NULL, "production" },   { "", "production" },
    { "prod", "production" }, { "production", "production" },
    { "dev", "development" }, { "development", "development" },
    { "test", "testing" },    { "testing", "testing" },
    { "Production", NULL },   { "staging", NULL },
    { "produ", NULL },        { " dev", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(BipeSettings) settings = bipe_settings_new (cases[i].given, &error);

      g_assert_cmpint (settings != NULL, ==, cases[i].profile != NULL);
      if (settings != NULL)
        g_assert_cmpstr (bipe_settings_get_profile (settings), ==, cases[i].profile);
      else
        g_assert_error (error, BIPE_ERROR, BIPE_ERROR_SETTING);
    }
}

/* --- Layers ------------------------------------------------------------------------------------
 */

static gboolean
load_variable (BipeSettings *settings, const char *name, const char *value, GError **error)
{
  g_auto(GStrv) environment = g_environ_setenv (NULL, name, value, TRUE);

  return bipe_settings_load_environment (settings, environment, error);
}

static gboolean
load_option (BipeSettings *settings, const char *option, GError **error)
{
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);
  g_auto(GStrv) arguments = g_new0 (char *, 3);

  arguments[0] = g_strdup ("test");
  arguments[1] = g_strdup (option);
  g_option_context_add_group (context, bipe_settings_create_option_group (settings));
  return g_option_context_parse_strv (context, &arguments, error);
}

static gboolean
load_file (BipeSettings *settings, const char *text, GError **error)
{
  g_autofree char *path = NULL;
  int file = g_file_open_tmp ("bipe-test-XXXXXX.conf", &path, NULL);
  gboolean is_loaded;

  g_assert_cmpint (file, >=, 0);
  g_assert_true (g_close (file, NULL));
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  is_loaded = bipe_settings_load_file (settings, path, error);
  g_unlink (path);
  return is_loaded;
}

static void
test_layers (void)
{
  g_autoptr(BipeSettings) settings = new_settings (NULL);
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (bipe_settings_get_integer (settings, "port"), ==, 5000);
  g_assert_true (load_file (settings, "[bipe]\nport = 5001\nqueue-mode=review\n", &error));
  g_assert_cmpint (bipe_settings_get_integer (settings, "port"), ==, 5001);
  g_assert_true (load_variable (settings, "PORT", "5002", &error));
  g_assert_cmpint (bipe_settings_get_integer (settings, "port"), ==, 5002);
  g_assert_true (load_variable (settings, "BIPE_PORT", "5003", &error));
  g_assert_cmpint (bipe_settings_get_integer (settings, "port"), ==, 5003);
  g_assert_true (load_option (settings, "--port=5004", &error));
  g_assert_cmpint (bipe_settings_get_integer (settings, "port"), ==, 5004);
  g_assert_cmpstr (bipe_settings_get_text (settings, "queue-mode"), ==, "review");
  g_assert_no_error (error);
}

/* Whatever their order in the environment. */
static void
test_alias (void)
{
  static const char *const first[]
      = { "PORT=1", "BIPE_PORT=2", "BIPE_DATABASE_URL=host=a", "DATABASE_URL=host=b", NULL };
  g_autoptr(BipeSettings) settings = new_settings (NULL);
  g_autoptr(BipeSettings) plain = new_settings (NULL);
  g_autoptr(GError) error = NULL;
  g_autofree char *print = NULL;

  g_assert_true (bipe_settings_load_environment (settings, (char **)first, &error));
  g_assert_cmpint (bipe_settings_get_integer (settings, "port"), ==, 2);
  g_assert_cmpstr (bipe_settings_get_text (settings, "database-url"), ==, "host=a");
  g_assert_cmpstr (bipe_settings_get_origin (settings, "port"), ==, "BIPE_PORT");
  g_assert_cmpstr (bipe_settings_get_origin (settings, "queue-limit"), ==, "default");
  print = bipe_settings_print (settings);
  g_assert_nonnull (strstr (print, "port = 2  (BIPE_PORT)\n"));

  g_assert_true (load_variable (plain, "DATABASE_URL", "postgres://h/d", &error));
  g_assert_cmpstr (bipe_settings_get_text (plain, "database-url"), ==, "postgres://h/d");
  g_assert_no_error (error);
}

static void
test_every_setting_by_name (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (defaults); i++)
    {
      g_autoptr(BipeSettings) settings = new_settings (NULL);
      g_autoptr(GError) error = NULL;
      g_autofree char *name = g_strconcat ("BIPE_", defaults[i].name, NULL);
      g_autofree char *upper = g_strdelimit (g_ascii_strup (name, -1), "-", '_');
      g_autofree char *option
          = g_strdup_printf ("--%s=%s", defaults[i].name, defaults[i].production);
      g_autofree char *line
          = g_strdup_printf ("%s = %s  (%s)\n", defaults[i].name, defaults[i].production, upper);
      g_autofree char *print = NULL;

      g_assert_true (load_variable (settings, upper, defaults[i].production, &error));
      print = bipe_settings_print (settings);
      g_test_message ("%s", line);
      g_assert_nonnull (strstr (print, line));
      g_assert_true (load_option (settings, option, &error));
      g_assert_no_error (error);
    }
}

/* --- Values ------------------------------------------------------------------------------------
 */

static const struct
{
  const char *name;
  const char *text;
  gint64 number;
} good[] = {
  { "port", "0", 0 },
  { "port", " 65535 ", 65535 },
  { "queue-limit", "1", 1 },
  { "time-limit", "30", 30 },
  { "time-limit", "30s", 30 },
  { "time-limit", "30 s", 30 },
  { "time-limit", "5 min", 300 },
  { "time-limit", "60MIN", 3600 },
  { "body-limit", "2048", 2048 },
  { "body-limit", "2048 B", 2048 },
  { "body-limit", "2 KiB", 2048 },
  { "body-limit", "1MiB", 1048576 },
  { "body-limit", "1 GiB", 1073741824 },
  { "search-index", "on", 1 },
  { "search-index", "OFF", 0 },
  { "search-index", "true", 1 },
  { "search-index", "False", 0 },
  { "search-index", "yes", 1 },
  { "search-index", "no", 0 },
  { "search-index", "1", 1 },
  { "search-index", "0", 0 },
  { "camera-rate", "240", 240 },
  { "camera-repeat", "2 min", 120 },
  { "token-days", "3650", 3650 },
  { "rate-limit-auth", "1000000", 1000000 },
  { "loopback-without-token", "Auto", -1 },
  { "loopback-without-token", "yes", 1 },
  { "loopback-without-token", "off", 0 },
};

static const struct
{
  const char *name;
  const char *text;
} bad[] = {
  { "port", "65536" },
  { "port", "-1" },
  { "port", "+80" },
  { "port", "" },
  { "port", "http" },
  { "port", "0x50" },
  { "port", "50 00" },
  { "port", "5000.0" },
  { "port", "80 s" },
  { "port", "99999999999999999999" },
  { "port", "18446744073709551617" },
  { "queue-limit", "0" },
  { "queue-limit", "1000000001" },
  { "collect-days", "0" },
  { "collect-days", "3651" },
  { "event-days", "seven" },
  { "max-connections", "0" },
  { "max-connections-per-address", "0" },
  { "max-connections-per-address", "100001" },
  { "time-limit", "0" },
  { "time-limit", "3601" },
  { "time-limit", "61 min" },
  { "time-limit", "30 ms" },
  { "time-limit", "1 h" },
  { "time-limit", "307445734561825861 min" },
  { "body-limit", "1023" },
  { "body-limit", "1 MB" },
  { "body-limit", "1.5 MiB" },
  { "body-limit", "2 GiB" },
  { "body-limit", "17179869185 GiB" },
  { "queue-mode", "manual" },
  { "tls", "maybe" },
  { "tls", "" },
  { "queue-mode", "Review" },
  { "queue-mode", "" },
  { "log-level", "verbose" },
  { "search-index", "" },
  { "search-index", "maybe" },
  { "search-index", "2" },
  { "search-index", "of" },
  { "camera", "on" },
  { "camera-rate", "0" },
  { "camera-rate", "241" },
  { "camera-mirror", "yes" },
  { "camera-repeat", "0" },
  { "camera-repeat", "3601" },
  { "camera-size", "" },
  { "camera-size", "1280" },
  { "camera-size", "1280x" },
  { "camera-size", "1280 720" },
  { "camera-size", "1280x720x3" },
  { "camera-size", "1280x-720" },
  { "camera-size", "15x720" },
  { "camera-size", "1280x8193" },
  { "camera-size", "4294968576x720" },
  { "token-days", "0" },
  { "token-days", "3651" },
  { "rate-limit-auth", "0" },
  { "rate-limit-auth", "1000001" },
  { "loopback-without-token", "" },
  { "loopback-without-token", "automatic" },
};

static void
test_good_values (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr(BipeSettings) settings = new_settings (NULL);
      g_autofree char *option = g_strdup_printf ("--%s=%s", good[i].name, good[i].text);
      g_autoptr(GError) error = NULL;

      g_test_message ("%s", option);
      g_assert_true (load_option (settings, option, &error));
      g_assert_no_error (error);
      g_assert_cmpint (bipe_settings_get_integer (settings, good[i].name), ==, good[i].number);
      g_assert_cmpint (bipe_settings_get_boolean (settings, good[i].name), ==, good[i].number != 0);
    }
}

static void
test_size (void)
{
  g_autoptr(BipeSettings) settings = new_settings (NULL);
  g_autoptr(GError) error = NULL;
  guint width, height;

  bipe_settings_get_size (settings, "camera-size", &width, &height);
  g_assert_cmpuint (width, ==, 1280);
  g_assert_cmpuint (height, ==, 720);
  g_assert_true (load_option (settings, "--camera-size=16x8192", &error));
  g_assert_no_error (error);
  bipe_settings_get_size (settings, "camera-size", &width, &height);
  g_assert_cmpuint (width, ==, 16);
  g_assert_cmpuint (height, ==, 8192);
}

/* The message names the setting, the place and the value; what was there before stays. */
static void
test_bad_values (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr(BipeSettings) settings = new_settings (NULL);
      g_autofree char *before = g_strdup (bipe_settings_get_text (settings, bad[i].name));
      gint64 number = bipe_settings_get_integer (settings, bad[i].name);
      g_autofree char *option = g_strdup_printf ("--%s=%s", bad[i].name, bad[i].text);
      g_autoptr(GError) error = NULL;

      g_test_message ("%s", option);
      g_assert_false (load_option (settings, option, &error));
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_SETTING);
      g_assert_nonnull (strstr (error->message, bad[i].name));
      g_assert_nonnull (strstr (error->message, "command line"));
      g_assert_nonnull (strstr (error->message, bad[i].text));
      g_assert_cmpstr (bipe_settings_get_text (settings, bad[i].name), ==, before);
      g_assert_cmpint (bipe_settings_get_integer (settings, bad[i].name), ==, number);
    }
}

/* Text must be UTF-8, the message too, and no secret in it. */
static void
test_bad_text (void)
{
  g_autoptr(BipeSettings) settings = new_settings (NULL);
  g_autoptr(GError) text = NULL, url = NULL;

  g_assert_false (load_variable (settings, "BIPE_STATION", "caf\xe9", &text));
  g_assert_error (text, BIPE_ERROR, BIPE_ERROR_SETTING);
  g_assert_true (g_utf8_validate (text->message, -1, NULL));
  g_assert_false (load_variable (settings, "DATABASE_URL", "postgres://u:secret\xe9@h/d", &url));
  g_assert_error (url, BIPE_ERROR, BIPE_ERROR_SETTING);
  g_assert_true (g_utf8_validate (url->message, -1, NULL));
  g_assert_null (strstr (url->message, "secret"));
}

/* Empty, as a form or a container's environment leaves it: as if it were not set. */
static void
test_empty (void)
{
  g_autoptr(BipeSettings) settings = new_settings (NULL);
  g_autofree char *folder = g_strdup (bipe_settings_get_text (settings, "data-dir"));
  g_autoptr(GError) error = NULL;

  g_assert_true (load_variable (settings, "BIPE_STATION", " ", &error));
  g_assert_cmpstr (bipe_settings_get_text (settings, "station"), ==, g_get_host_name ());
  g_assert_true (load_option (settings, "--data-dir=", &error));
  g_assert_cmpstr (bipe_settings_get_text (settings, "data-dir"), ==, folder);
  g_assert_no_error (error);
}

static void
test_file (void)
{
  static const struct
  {
    const char *text;
    gboolean is_good;
  } files[] = {
    { "", TRUE },
    { "[bipe]\n", TRUE },
    { "# a comment\n[bipe]\nport=1\n[other]\nport=x\n", TRUE },
    { "[bipe]\nlater-setting=1\n", TRUE },
    { "[bipe]\nport=x\n", FALSE },
    { "port=1\n", FALSE },
    { "[bipe\n", FALSE },
    { "[bipe]\nstation=a\\qb\n", FALSE },
    { "[bipe]\nstation=\xff\n", FALSE },
  };
  g_autoptr(BipeSettings) settings = new_settings (NULL);
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_test_message ("file %u", i);
      g_assert_cmpint (load_file (settings, files[i].text, &error), ==, files[i].is_good);
      if (files[i].is_good)
        g_assert_no_error (error);
      else
        g_assert_error (error, BIPE_ERROR, BIPE_ERROR_SETTING);
      g_clear_error (&error);
    }
  g_assert_true (bipe_settings_load_file (settings, "/nonexistent/bipe.conf", &error));
  g_assert_no_error (error);
  g_assert_false (bipe_settings_load_file (settings, "/", &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_SETTING);
}

static void
test_list (void)
{
  g_autoptr(BipeSettings) settings = new_settings (NULL);
  g_auto(GStrv) none = bipe_settings_dup_list (settings, "allowed-hosts");
  g_auto(GStrv) list = NULL;

  g_assert_cmpuint (g_strv_length (none), ==, 0);
  g_assert_true (load_variable (settings, "BIPE_ALLOWED_HOSTS", " a , ,b,, c d ,", NULL));
  list = bipe_settings_dup_list (settings, "allowed-hosts");
  g_assert_cmpuint (g_strv_length (list), ==, 3);
  g_assert_cmpstr (list[0], ==, "a");
  g_assert_cmpstr (list[1], ==, "b");
  g_assert_cmpstr (list[2], ==, "c d");
}

/* --- Secrets -----------------------------------------------------------------------------------
 */

/* NULL: not printed whole; in any case "SeCr" must not be there. */
static const struct
{
  const char *url;
  const char *shown;
} urls[] = {
  { "postgresql://u:SeCr@h/d", "postgresql://u:***@h/d" },
  { "postgres://u:SeCr@h:5432/d?sslmode=require", "postgres://u:***@h:5432/d?sslmode=require" },
  { "postgresql+psycopg2://u:SeCr@h/d", "postgresql+psycopg2://u:***@h/d" },
  { "postgresql://:SeCr@h/d", "postgresql://:***@h/d" },
  { "postgresql://u:p:SeCr@h/d", NULL },
  { "postgresql://u:p/SeCr@h/d", NULL },
  { "postgresql://u:p@SeCr@h/d", NULL },
  { "postgresql://u:p?SeCr@h/d", NULL },
  { "postgresql://u@x:SeCr@h/d", NULL },
  { "postgresql://u/x:SeCr@h/d", NULL },
  { "u:SeCr@h/d", NULL },
  { "postgresql://u:a\nSeCr@h/d", NULL },
  { "postgresql://h/d?user=u&password=SeCr&sslmode=require",
    "postgresql://h/d?user=u&password=***&sslmode=require" },
  { "postgresql://h/d?password=SeCr", "postgresql://h/d?password=***" },
  { "postgresql://h/d?PASSWORD=SeCr", NULL },
  { "postgresql://h/d?password=a SeCr", NULL },
  { "postgresql://h/d?pass%77ord=SeCr", NULL },
  { "postgresql://h/d?sslpassword=SeCr", NULL },
  { "host=h password=SeCr dbname=d", "host=h password=*** dbname=d" },
  { "host=h password = SeCr dbname=d", "host=h password = *** dbname=d" },
  { "host=h password='a SeCr' dbname=d", "host=h password=*** dbname=d" },
  { "password='a\\' SeCr' host=h", "password=*** host=h" },
  { "password='a SeCr", NULL },
  { "password=a&SeCr host=h", "password=*** host=h" },
  { "password=a\\ SeCr host=h", "password=*** host=h" },
  { "password=a:SeCr@b:SeCr host=h", NULL },
  { "password=a'SeCr host=h", NULL },
  { "postgresql://h/d", "postgresql://h/d" },
  { "postgresql://u@h:5432/d", "postgresql://u@h:5432/d" },
  { "host=h user=u", "host=h user=u" },
};

static void
test_secrets (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autoptr(BipeSettings) settings = new_settings (NULL);
      g_autofree char *print = NULL, *line = NULL;

      g_assert_true (load_variable (settings, "DATABASE_URL", urls[i].url, NULL));
      g_assert_cmpstr (bipe_settings_get_text (settings, "database-url"), ==, urls[i].url);
      print = bipe_settings_print (settings);
      g_test_message ("%s", urls[i].url);
      g_assert_null (strstr (print, "SeCr"));
      if (urls[i].shown == NULL)
        continue;
      line = g_strdup_printf ("database-url = %s  (DATABASE_URL)\n", urls[i].shown);
      g_assert_nonnull (strstr (print, line));
    }
}

static void
test_print (void)
{
  g_autoptr(BipeSettings) settings = new_settings ("dev");
  g_autofree char *print = bipe_settings_print (settings);
  g_auto(GStrv) lines = g_strsplit (print, "\n", -1);

  g_assert_cmpstr (lines[0], ==, "profile = development");
  g_assert_nonnull (strstr (print, "\nport = 5000  (default)\n"));
  /* The profile, the table above, data-dir, station, and what is behind the last line break. */
  g_assert_cmpuint (g_strv_length (lines), ==, 1 + G_N_ELEMENTS (defaults) + 2 + 1);
}

/* What nobody has set follows the role, whichever comes first and however often it changes. */
static void
test_role (void)
{
  static const struct
  {
    const char *profile;
    const char *words[3];
    const char *port;
  } cases[] = {
    { NULL, { NULL }, "5000" },
    { NULL, { "BIPE_ROLE=gateway" }, "3001" },
    { NULL, { "BIPE_ROLE=speech" }, "5000" },
    { NULL, { "BIPE_ROLE=gateway", "PORT=4000" }, "4000" },
    { NULL, { "PORT=5000", "BIPE_ROLE=gateway" }, "5000" },
    { "development", { "BIPE_ROLE=gateway" }, "3001" },
    { "testing", { "BIPE_ROLE=gateway" }, "0" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(BipeSettings) settings = new_settings (cases[i].profile);
      g_autoptr(GError) error = NULL;
      char *back[] = { (char *)"BIPE_ROLE=all", NULL };

      g_test_message ("%u", i);
      g_assert_true (bipe_settings_load_environment (settings, (char **)cases[i].words, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (bipe_settings_get_text (settings, "port"), ==, cases[i].port);
      g_assert_true (bipe_settings_load_environment (settings, back, &error));
      if (g_str_equal (cases[i].port, "3001"))
        g_assert_cmpstr (bipe_settings_get_text (settings, "port"), ==, "5000");
    }
}

static void
test_secret (void)
{
  g_autoptr(BipeSettings) settings = new_settings (NULL);
  char *words[] = { (char *)"BIPE_SPEECH_TOKEN=geheim", NULL };
  char *wrong[] = { (char *)"BIPE_SPEECH_TOKEN=geheim\377", NULL };
  g_autoptr(GError) error = NULL;
  g_autofree char *unset = bipe_settings_print (settings);
  g_autofree char *print = NULL;

  g_assert_nonnull (strstr (unset, "speech-token =   (default)"));
  g_assert_true (bipe_settings_load_environment (settings, words, &error));
  print = bipe_settings_print (settings);
  g_assert_nonnull (strstr (print, "speech-token = ***  (BIPE_SPEECH_TOKEN)"));
  g_assert_null (strstr (print, "geheim"));
  g_assert_false (bipe_settings_load_environment (settings, wrong, &error));
  g_assert_null (strstr (error->message, "geheim"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/settings/defaults", test_defaults);
  g_test_add_func ("/settings/profiles", test_profiles);
  g_test_add_func ("/settings/layers", test_layers);
  g_test_add_func ("/settings/alias", test_alias);
  g_test_add_func ("/settings/every-setting-by-name", test_every_setting_by_name);
  g_test_add_func ("/settings/good-values", test_good_values);
  g_test_add_func ("/settings/size", test_size);
  g_test_add_func ("/settings/bad-values", test_bad_values);
  g_test_add_func ("/settings/bad-text", test_bad_text);
  g_test_add_func ("/settings/empty", test_empty);
  g_test_add_func ("/settings/file", test_file);
  g_test_add_func ("/settings/list", test_list);
  g_test_add_func ("/settings/secrets", test_secrets);
  g_test_add_func ("/settings/print", test_print);
  g_test_add_func ("/settings/role", test_role);
  g_test_add_func ("/settings/secret", test_secret);
  return g_test_run ();
}
