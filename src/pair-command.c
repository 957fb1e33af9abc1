#include "config.h"

#include "pair-command.h"

#include <glib/gi18n.h>
#include <qrencode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "access/grant.h"
#include "access/pairing.h"
#include "access/registry.h"
#include "access/scopes.h"
#include "base/data-dir.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/settings.h"
#include "startup.h"
#include "station-call.h"

#define DEFAULT_SCOPES "scan,read"

/* Zero is a number of days, which is refused. */
#define DAYS_UNSAID G_MININT

/* Around a QR code, in modules (ISO/IEC 18004). */
#define QUIET_ZONE 4

/* Black on white whatever the terminal's colours are: not every phone reads the reverse. */
#define COLOURS "\033[38;5;16;48;5;231m"
#define COLOURS_END "\033[0m"

typedef struct
{
  BipeSettings *settings;
  const char *data_dir;
  const char *name; /* NULL: as the device calls itself */
  guint scopes;     /* 0: asked for */
  gint64 days;
} Command;

static json_t *
call (const Command *self,
      const char *method,
      const char *path,
      const char *body,
      guint *status,
      GError **error)
{
  return bipe_station_call (self->settings, self->data_dir, method, path, body, status, error);
}

/* Which station: one that runs. */
static gboolean
find_station (Command *self, GError **error)
{
  self->data_dir = bipe_settings_get_text (self->settings, "data-dir");
  if (self->data_dir[0] == '\0')
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_SETTING,
                   _ ("name the station's folder with --data-dir="));
      return FALSE;
    }
  return bipe_data_dir_check_held (self->data_dir, error);
}

/* What is shown. */

static gboolean
is_dark (const QRcode *code, int x, int y)
{
  x -= QUIET_ZONE;
  y -= QUIET_ZONE;
  return x >= 0 && y >= 0 && x < code->width && y < code->width
         && (code->data[y * code->width + x] & 1) != 0;
}

/* Two rows of modules in a line of characters, each of which is about twice as high as wide. */
static void
show_code (const char *link)
{
  static const char *const blocks[] = { " ", "▀", "▄", "█" };
  QRcode *code = QRcode_encodeString8bit (link, 0, QR_ECLEVEL_L);
  gboolean has_colours = isatty (STDOUT_FILENO);
  int width;

  if (code == NULL)
    return;
  width = code->width + 2 * QUIET_ZONE;
  for (int y = 0; y < width; y += 2)
    {
      g_autoptr(GString) line = g_string_new (has_colours ? COLOURS : "");

      for (int x = 0; x < width; x++)
        g_string_append (line, blocks[is_dark (code, x, y) + 2 * is_dark (code, x, y + 1)]);
      g_print ("%s%s\n", line->str, has_colours ? COLOURS_END : "");
    }
  QRcode_free (code);
}

/* Without the characters that a terminal, or who reads it, could be led astray by. */
static char *
make_plain (const char *text)
{
  GString *plain = g_string_new (NULL);

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      g_string_append_unichar (plain, g_unichar_isprint (c) ? c : '?');
    }
  return g_string_free (plain, FALSE);
}

static const char *
get_text (const json_t *object, const char *name)
{
  const char *text = json_string_value (json_object_get (object, name));

  return text != NULL ? text : "";
}

static gboolean
show_offer (const json_t *offer, GError **error)
{
  json_t *links = json_object_get (offer, "links");
  gsize i;
  json_t *link;

  if (json_array_size (links) == 0)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_FAILED,
                   _ ("the station has no address that a device could reach"));
      return FALSE;
    }
  show_code (json_string_value (json_array_get (links, 0)));
  g_print ("%s\n",
           _ ("Scan this with the device, or open one of these there, within two minutes:"));
  json_array_foreach (links, i, link)
  {
    g_print ("  %s\n", json_string_value (link));
  }
  /* Those are the only ones, or they would not be named. */
  if (bipe_pairing_is_local (json_string_value (json_array_get (links, 0))))
    g_print ("%s\n", _ ("Only this computer reaches the station. For other devices, let it listen "
                        "on the network, with --listen=lan."));
  return TRUE;
}

/* What is asked. */

/* A line of standard input, without its end; NULL: there is none. */
static char *
read_line (void)
{
  char line[256];

  fflush (stdout);
  if (fgets (line, sizeof line, stdin) == NULL)
    return NULL;
  return g_strdup (g_strstrip (line));
}

/* In English, or in the operator's language. */
static gboolean
is_yes (const char *answer)
{
  /* Translators: what is typed for yes, in lower case: a letter, as the question shows it, and a
   * word */
  const char *words[] = { "y", "yes", C_ ("answer", "y"), C_ ("answer", "yes") };
  g_autofree char *typed = g_utf8_make_valid (answer, -1);
  g_autofree char *lower = g_utf8_strdown (typed, -1);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (lower, words[i]))
      return TRUE;
  return FALSE;
}

static gboolean
confirm (const json_t *request)
{
  g_autofree char *name = make_plain (get_text (request, "name"));
  g_autofree char *answer = NULL;
  const char *digits = get_text (request, "digits");

  g_print ("\n");
  /* Translators: a device's name, its address, and six digits in two parts */
  g_print (_ ("“%s” at %s asks to be let in. It must show these digits: %.3s %s\n"), name,
           get_text (request, "address"), digits, digits + MIN (strlen (digits), 3));
  /* Translators: whether the device shows these digits; Enter alone says no */
  g_print ("%s ", _ ("Does it? [y/N]"));
  answer = read_line ();
  return answer != NULL && is_yes (answer);
}

/* 0: nobody says. */
static guint
ask_for_scopes (void)
{
  guint scopes = 0;

  while (scopes == 0)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *line = NULL;

      g_print (_ ("What may it do? [%s] "), DEFAULT_SCOPES);
      line = read_line ();
      if (line == NULL)
        return 0;
      scopes = bipe_scopes_parse (line[0] != '\0' ? line : DEFAULT_SCOPES, &error);
      if (scopes == 0)
        {
          g_autofree char *text = bipe_error_translate (error->message);

          g_print ("%s\n", text);
        }
    }
  return scopes;
}

/* Who asks; NULL: nobody in time, or too many. */
static json_t *
wait_for_device (const Command *self, GError **error)
{
  guint status = 202;
  json_t *request = NULL;

  while (status == 202)
    {
      g_clear_pointer (&request, json_decref);
      request = call (self, "GET", "/v1/pairing", NULL, &status, error);
      if (request == NULL)
        return NULL;
    }
  return request;
}

static json_t *
approve (const Command *self, const json_t *request, guint scopes, GError **error)
{
  g_autoptr(GString) body = g_string_new ("{\"digits\":");
  guint status;

  bipe_json_append_string (body, get_text (request, "digits"));
  g_string_append (body, ",\"name\":");
  bipe_json_append_string (body, self->name);
  g_string_append (body, ",\"scopes\":");
  bipe_grant_append_scopes (scopes, body);
  g_string_append_printf (body, ",\"days\":%" G_GINT64_FORMAT "}", self->days);
  return call (self, "POST", "/v1/pairing/approve", body->str, &status, error);
}

static void
refuse (const Command *self)
{
  guint status;

  json_decref (call (self, "DELETE", "/v1/pairing", NULL, &status, NULL));
}

/* FALSE without an error: it was refused. */
static gboolean
pair (Command *self, GError **error)
{
  g_autoptr(json_t) offer = NULL, request = NULL, grant = NULL;
  g_autofree char *name = NULL;
  guint status, scopes = self->scopes;

  if (!find_station (self, error)
      || (offer = call (self, "POST", "/v1/pairing", NULL, &status, error)) == NULL
      || !show_offer (offer, error) || (request = wait_for_device (self, error)) == NULL)
    return FALSE;
  if (!confirm (request) || (scopes == 0 && (scopes = ask_for_scopes ()) == 0))
    {
      refuse (self);
      g_print ("%s\n", _ ("Refused."));
      return FALSE;
    }
  grant = approve (self, request, scopes, error);
  if (grant == NULL)
    {
      refuse (self);
      return FALSE;
    }
  name = make_plain (get_text (grant, "name"));
  g_print (_ ("“%s” is let in until %s. To put it out: bipe-server token revoke %s\n"), name,
           get_text (grant, "expires_at"), get_text (grant, "jti"));
  return TRUE;
}

static gboolean
read_options (Command *self, const char *scopes, int days, char **words, GError **error)
{
  if (g_strv_length (words) != 1)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("say: pair [--name NAME] [--scopes scan,read] [--days N]"));
      return FALSE;
    }
  self->days
      = days != DAYS_UNSAID ? days : bipe_settings_get_integer (self->settings, "token-days");
  if (!bipe_registry_check_days (self->days, error))
    return FALSE;
  if (scopes == NULL)
    return TRUE;
  self->scopes = bipe_scopes_parse (scopes, error);
  if (self->scopes == 0)
    g_prefix_error_literal (error, "--scopes: ");
  return self->scopes != 0;
}

int
bipe_pair_command (int argc, char **argv)
{
  g_autofree char *name = NULL, *scopes = NULL;
  g_auto(GStrv) words = NULL;
  int days = DAYS_UNSAID;
  const GOptionEntry entries[] = {
    { "name", 0, 0, G_OPTION_ARG_STRING, &name, N_ ("What the device is called"), N_ ("NAME") },
    { "scopes", 0, 0, G_OPTION_ARG_STRING, &scopes, N_ ("What it may do, with commas"),
      N_ ("SCOPES") },
    { "days", 0, 0, G_OPTION_ARG_INT, &days, N_ ("For how long"), N_ ("DAYS") },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &words, NULL, NULL },
    { NULL },
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeSettings) settings
             = bipe_startup_load_settings (&argc, &argv, entries, NULL, NULL, &error);
  Command command = { .settings = settings };

  if (settings == NULL)
    return bipe_startup_fail (error);
  command.name = name;
  bipe_log_install ("warning");
  if (!read_options (&command, scopes, days, words, &error))
    return g_error_matches (error, BIPE_ERROR, BIPE_ERROR_INVALID) ? (bipe_startup_fail (error), 2)
                                                                   : bipe_startup_fail (error);
  if (pair (&command, &error))
    return EXIT_SUCCESS;
  return error != NULL ? bipe_startup_fail (error) : EXIT_FAILURE;
}
