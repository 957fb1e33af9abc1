/* about.c: the window that says what this program is. What is new comes from the metainfo, so that
 * it is written once. What is to be sent to somebody who helps stays English, whatever the
 * language: it is read by others. */
#include "config.h"

#include "app/about.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <sys/utsname.h>

#include "app/network.h"
#include "app/parts.h"
#include "base/sandbox.h"
#include "base/settings.h"
#include "base/status.h"
#include "station/station.h"

#define METAINFO_PATH "/io/github/bipe/Bipe/metainfo.xml"

/* The libraries that are linked, or run in a process of ours. */
static const struct
{
  const char *name;
  const char *copyright;
  GtkLicense license_type;
  const char *license; /* where the type is GTK_LICENSE_CUSTOM; markup */
} libraries[] = {
  { "GTK", NULL, GTK_LICENSE_LGPL_2_1, NULL },
  { "libadwaita", NULL, GTK_LICENSE_LGPL_2_1, NULL },
  { "GLib", NULL, GTK_LICENSE_LGPL_2_1, NULL },
  { "GdkPixbuf", NULL, GTK_LICENSE_LGPL_2_1, NULL },
  { "libsoup", NULL, GTK_LICENSE_LGPL_2_1, NULL },
  { "GnuTLS", NULL, GTK_LICENSE_LGPL_2_1, NULL },
  { "libsecret", NULL, GTK_LICENSE_LGPL_2_1, NULL },
  { "libportal", NULL, GTK_LICENSE_LGPL_3_0_ONLY, NULL },
  { "GStreamer", NULL, GTK_LICENSE_LGPL_2_1, NULL },
  { "PostgreSQL",
    "© PostgreSQL Global Development Group; The Regents of the University of California",
    GTK_LICENSE_CUSTOM,
    N_ ("Its client library may be used, copied, modified and distributed under "
        "the PostgreSQL License.") },
  { "SQLite", NULL, GTK_LICENSE_CUSTOM, N_ ("SQLite is in the public domain.") },
  { "Jansson", "© Petri Lehtinen", GTK_LICENSE_MIT_X11, NULL },
  { "LibJWT", "© Ben Collins", GTK_LICENSE_MPL_2_0, NULL },
  { "ZXing-C++", "© ZXing authors", GTK_LICENSE_APACHE_2_0, NULL },
  { "ZBar", "© Jeff Brown", GTK_LICENSE_LGPL_2_1, NULL },
  { "libqrencode", "© Kentaro Fukuchi", GTK_LICENSE_LGPL_2_1, NULL },
  { "libxkbcommon", NULL, GTK_LICENSE_MIT_X11, NULL },
  { "eSpeak NG", "© Jonathan Duddington", GTK_LICENSE_GPL_3_0, NULL },
};

/* The newest release of the metainfo, while it is read: it comes first. */
typedef struct
{
  GString *news;
  GString *text; /* of the paragraph or item that is open, or NULL */
  gboolean is_inside;
  gboolean is_over;
} Reading;

static gboolean
is_block (const char *element)
{
  return g_str_equal (element, "p") || g_str_equal (element, "li");
}

static void
element_started (GMarkupParseContext *context,
                 const char *element,
                 const char **names,
                 const char **values,
                 gpointer user_data,
                 GError **error)
{
  Reading *reading = user_data;

  if (g_str_equal (element, "release"))
    reading->is_inside = !reading->is_over;
  else if (reading->is_inside && g_str_equal (element, "ul"))
    g_string_append (reading->news, "<ul>");
  else if (reading->is_inside && is_block (element))
    reading->text = g_string_new (NULL);
}

static void
text_read (GMarkupParseContext *context,
           const char *text,
           gsize length,
           gpointer user_data,
           GError **error)
{
  Reading *reading = user_data;

  if (reading->text != NULL)
    g_string_append_len (reading->text, text, (gssize)length);
}

static void
element_ended (GMarkupParseContext *context,
               const char *element,
               gpointer user_data,
               GError **error)
{
  Reading *reading = user_data;

  if (g_str_equal (element, "release"))
    {
      reading->is_inside = FALSE;
      reading->is_over = TRUE;
    }
  else if (reading->is_inside && g_str_equal (element, "ul"))
    g_string_append (reading->news, "</ul>");
  else if (reading->text != NULL && is_block (element))
    {
      g_autofree char *text = g_string_free (g_steal_pointer (&reading->text), FALSE);
      /* The translation of the empty text is the file's header. */
      g_autofree char *markup = g_markup_escape_text (text[0] != '\0' ? _ (text) : text, -1);

      g_string_append_printf (reading->news, "<%s>%s</%s>", element, markup, element);
    }
}

char *
bipe_about_read_news (const char *metainfo, gssize length)
{
  static const GMarkupParser parser
      = { .start_element = element_started, .end_element = element_ended, .text = text_read };
  g_autoptr(GString) news = g_string_new (NULL);
  Reading reading = { .news = news };
  g_autoptr(GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, &reading, NULL);
  gboolean is_whole = g_markup_parse_context_parse (context, metainfo, length, NULL)
                      && g_markup_parse_context_end_parse (context, NULL);

  if (reading.text != NULL)
    g_string_free (reading.text, TRUE);
  return is_whole && news->len > 0 ? g_string_free (g_steal_pointer (&news), FALSE) : NULL;
}

static void
describe_system (GString *out)
{
  g_autofree char *name = g_get_os_info (G_OS_INFO_KEY_PRETTY_NAME);
  struct utsname kernel;

  g_string_append_printf (out, "System: %s", name != NULL ? name : "unknown");
  if (uname (&kernel) == 0)
    g_string_append_printf (out, ", %s %s %s", kernel.sysname, kernel.release, kernel.machine);
  g_string_append_printf (out, "\nSandbox: %s\n", bipe_sandbox_is_here () ? "Flatpak" : "none");
  g_string_append_printf (out, "Locale: %s, language %s\n", setlocale (LC_CTYPE, NULL),
                          g_get_language_names ()[0]);
}

static void
describe_display (GString *out)
{
  GdkDisplay *display = gdk_display_get_default ();

  if (display == NULL)
    return;
  g_string_append_printf (
      out, "Display: %s, %s style%s\n", G_OBJECT_TYPE_NAME (display),
      adw_style_manager_get_dark (adw_style_manager_get_default ()) ? "dark" : "light",
      adw_style_manager_get_high_contrast (adw_style_manager_get_default ()) ? ", high contrast"
                                                                             : "");
}

static void
describe_station (GString *out, BipeStation *station)
{
  static const char *const states[] = { "connecting", "online", "offline" };
  g_autoptr(BipeStatus) status = station != NULL ? bipe_station_dup_status (station) : NULL;
  g_autoptr(GDateTime) since = NULL;
  g_autofree char *time = NULL;

  if (status == NULL)
    {
      g_string_append (out, "Station: does not run\n");
      return;
    }
  since = g_date_time_new_from_unix_utc (status->store_since / G_USEC_PER_SEC);
  time = g_date_time_format_iso8601 (since);
  g_string_append_printf (out, "Store: %s, %s since %s\n", status->store,
                          states[status->store_state], time);
  if (status->store_problem != NULL)
    g_string_append_printf (out, "Its problem: %s\n", status->store_problem);
  g_string_append_printf (out,
                          "Queue: %s, %" G_GINT64_FORMAT " waiting, %" G_GINT64_FORMAT
                          " of them held, %" G_GINT64_FORMAT " rejected, %" G_GINT64_FORMAT
                          " taken today\n",
                          status->is_review ? "review" : "automatic", status->n_queued,
                          status->n_held, status->n_rejected, status->n_today);
  if (status->problem != NULL)
    g_string_append_printf (out, "Keeps no scan: %s\n", status->problem);
}

static void
describe_reach (GString *out, const BipeReach *reach)
{
  g_autofree char *addresses = reach != NULL ? g_strjoinv (", ", reach->addresses) : NULL;

  if (reach == NULL)
    return;
  g_string_append_printf (out, "Server: %s%s\n", addresses[0] != '\0' ? addresses : "none",
                          reach->is_open ? ", open to the network" : "");
  if (reach->problem != NULL)
    g_string_append_printf (out, "Its problem: %s\n", reach->problem);
}

/* Those that are not what they are without anybody's doing. */
static void
describe_settings (GString *out, BipeSettings *settings)
{
  g_autofree char *text = bipe_settings_print (settings);
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '\0' && !g_str_has_suffix (lines[i], "(default)"))
      g_string_append_printf (out, "%s\n", lines[i]);
}

char *
bipe_about_describe (const BipeAboutFacts *facts)
{
  GString *out = g_string_new ("Bipe " BIPE_VERSION "\n");

  describe_system (out);
  describe_display (out);
  g_string_append_printf (out, "\nGTK %u.%u.%u\nlibadwaita %u.%u.%u\nGLib %u.%u.%u\n",
                          gtk_get_major_version (), gtk_get_minor_version (),
                          gtk_get_micro_version (), adw_get_major_version (),
                          adw_get_minor_version (), adw_get_micro_version (), glib_major_version,
                          glib_minor_version, glib_micro_version);
  g_string_append_printf (out, "%s\n", facts->versions);
  describe_station (out, facts->station);
  describe_reach (out, facts->reach);
  g_string_append (out, "\nSettings that are not the default:\n");
  describe_settings (out, facts->settings);
  return g_string_free (out, FALSE);
}

static void
add_news (AdwAboutWindow *about)
{
  g_autoptr(GBytes) metainfo = g_resources_lookup_data (METAINFO_PATH, 0, NULL);
  g_autofree char *news = bipe_about_read_news (g_bytes_get_data (metainfo, NULL),
                                                (gssize)g_bytes_get_size (metainfo));

  adw_about_window_set_release_notes_version (about, BIPE_VERSION);
  adw_about_window_set_release_notes (about, news != NULL ? news : "");
}

static void
add_facts (AdwAboutWindow *about, BipeWindow *window, BipeSettings *settings, const char *versions)
{
  g_autoptr(BipeNetwork) network = NULL;
  g_autoptr(BipeSettings) now = bipe_settings_copy (settings);
  BipeAboutFacts facts = { .versions = versions, .settings = now };
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;
  BipeParts parts;

  /* What is changed while the program runs counts at once, and is saved. */
  bipe_window_get_parts (window, &parts);
  if (parts.saved != NULL && !bipe_settings_load_saved (now, parts.saved, &error))
    g_warning ("cannot read the settings anew: %s", error->message);
  g_object_get (window, "network", &network, NULL);
  facts.station = bipe_window_get_station (window);
  facts.reach = network != NULL ? bipe_network_get_reach (network) : NULL;
  text = bipe_about_describe (&facts);
  adw_about_window_set_debug_info (about, text);
  adw_about_window_set_debug_info_filename (about, "bipe-" BIPE_VERSION ".txt");
}

void
bipe_about_present (BipeWindow *window, BipeSettings *settings, const char *versions)
{
  const char *developers[] = { _ ("The Bipe authors"), NULL };
  GtkWidget *about = adw_about_window_new ();

  g_object_set (
      about, "transient-for", window, "application-name", _ ("Bipe"), "application-icon",
      BIPE_APP_ID, "developer-name", developers[0], "version", BIPE_VERSION, "comments",
      _ ("Scan codes, keep them, and pass them on."), "developers", developers, "copyright",
      /* Translators: © may stay as it is */
      _ ("© 2026 The Bipe authors"), "license-type", GTK_LICENSE_GPL_3_0,
      /* Translators: your names, one a line; who reads of Bipe in your language sees them */
      "translator-credits", _ ("translator-credits"), NULL);
  for (guint i = 0; i < G_N_ELEMENTS (libraries); i++)
    adw_about_window_add_legal_section (
        ADW_ABOUT_WINDOW (about), libraries[i].name, libraries[i].copyright,
        libraries[i].license_type, libraries[i].license != NULL ? _ (libraries[i].license) : NULL);
  add_news (ADW_ABOUT_WINDOW (about));
  add_facts (ADW_ABOUT_WINDOW (about), window, settings, versions);
  gtk_window_present (GTK_WINDOW (about));
}
