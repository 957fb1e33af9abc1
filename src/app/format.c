/* format.c: each closure gets the object it is evaluated for (a template's instance, or a
 * GtkListItem), then its parameters, any of which may be NULL. Pure but for the time zone. */
#include "config.h"

#include "app/format.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/error.h"

/* A row never shows more than this; nobody reads on, and Pango need not lay it out. */
#define ROW_CODE_MAX 200
#define DISPLAY_CODE_MAX 600

static const char *const source_names[] = {
  [BIPE_SOURCE_WEDGE] = N_ ("Keyboard scanner"), [BIPE_SOURCE_EVDEV] = N_ ("Scanner"),
  [BIPE_SOURCE_HID_POS] = N_ ("POS scanner"),    [BIPE_SOURCE_SERIAL] = N_ ("Serial scanner"),
  [BIPE_SOURCE_CAMERA] = N_ ("Camera"),          [BIPE_SOURCE_MANUAL] = N_ ("Typed"),
  [BIPE_SOURCE_REMOTE] = N_ ("Network"),         [BIPE_SOURCE_IMPORT] = N_ ("Import"),
};

static const char *const error_texts[] = {
  [BIPE_ERROR_FULL] = N_ ("The scan can’t be kept"),
  [BIPE_ERROR_INVALID] = N_ ("This is not a usable code"),
  [BIPE_ERROR_NOT_FOUND] = N_ ("The scan is no longer there"),
  [BIPE_ERROR_CONFLICT] = N_ ("The scan has changed in the meantime"),
  [BIPE_ERROR_UNAVAILABLE] = N_ ("The database can’t be reached"),
  [BIPE_ERROR_REJECTED] = N_ ("The database refuses the scan"),
  [BIPE_ERROR_SETTING] = N_ ("A setting can’t be used"),
  [BIPE_ERROR_DATABASE_URL] = N_ ("A setting can’t be used"),
  [BIPE_ERROR_IN_USE] = N_ ("The port is in use"),
  [BIPE_ERROR_LOCKED] = N_ ("Another station has this data folder"),
  [BIPE_ERROR_NOT_WRITABLE] = N_ ("The data folder can’t be written"),
  [BIPE_ERROR_UNREADABLE] = N_ ("The journal can’t be opened"),
};

/* The control characters' names in ASCII; their pictures (U+2400 …) are in few fonts. */
static const char control_names[][4]
    = { "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS",  "HT",  "LF",
        "VT",  "FF",  "CR",  "SO",  "SI",  "DLE", "DC1", "DC2", "DC3", "DC4", "NAK",
        "SYN", "ETB", "CAN", "EM",  "SUB", "ESC", "FS",  "GS",  "RS",  "US" };

/* Marks that would change the order or the place of their neighbours without being seen. */
static gboolean
is_hidden_mark (gunichar c)
{
  return (c >= 0x80 && c <= 0x9f) || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e)
         || (c >= 0x2060 && c <= 0x2069) || c == 0xfeff;
}

char *
bipe_format_code (const char *code, glong limit)
{
  GString *out = g_string_new (NULL);

  for (const char *p = code; p != NULL && *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (limit-- == 0)
        {
          g_string_append (out, "…");
          break;
        }
      if (c < 0x20)
        g_string_append_printf (out, "<%s>", control_names[c]);
      else if (c == 0x7f)
        g_string_append (out, "<DEL>");
      else if (is_hidden_mark (c))
        g_string_append_printf (out, "<U+%04X>", c);
      else
        g_string_append_unichar (out, c);
    }
  return g_string_free (out, FALSE);
}

char *
bipe_format_store_problem (const char *problem)
{
  static const char said[] = "cannot connect to the database: ";

  return bipe_error_translate (g_str_has_prefix (problem, said) ? problem + strlen (said)
                                                                : problem);
}

char *
bipe_format_error (const GError *error)
{
  gboolean is_away = g_error_matches (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_autofree char *cause = is_away ? bipe_format_store_problem (error->message)
                                   : bipe_error_translate (error->message);

  if (error->domain != BIPE_ERROR || error->code == BIPE_ERROR_FAILED
      || error->code >= (int)G_N_ELEMENTS (error_texts))
    return g_steal_pointer (&cause);
  /* Translators: what has happened, and its cause */
  return g_strdup_printf (_ ("%s: %s"), _ (error_texts[error->code]), cause);
}

/* The last sentence, whichever way the language ends the one before. */
static void
cut_advice (char *text)
{
  const char *advice = g_strrstr (text, "--data-dir=");
  char *stop = advice != NULL ? g_strrstr_len (text, advice - text, ". ") : NULL;
  char *wide_stop = advice != NULL ? g_strrstr_len (text, advice - text, "。") : NULL;

  if (stop == NULL || (wide_stop != NULL && wide_stop > stop))
    stop = wide_stop;
  if (stop != NULL)
    *stop = '\0';
}

char *
bipe_format_failure (const GError *error, gboolean has_chooser)
{
  g_autofree char *text = bipe_error_translate (error->message);
  char first[7] = "";

  if (has_chooser)
    cut_advice (text);
  g_unichar_to_utf8 (g_unichar_toupper (g_utf8_get_char (text)), first);
  return g_strconcat (first, text[0] != '\0' ? g_utf8_next_char (text) : NULL, NULL);
}

char *
bipe_format_number (gint64 number)
{
  return g_strdup_printf ("%'" G_GINT64_FORMAT, number);
}

static char *
format_time (gint64 timestamp, const char *format)
{
  g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc (timestamp / G_USEC_PER_SEC);
  g_autoptr(GDateTime) local = g_date_time_to_local (utc);

  return g_date_time_format (local, format);
}

char *
bipe_format_moment (gint64 timestamp)
{
  g_autoptr(GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *today = g_date_time_format (now, "%F");
  g_autofree char *day = format_time (timestamp, "%F");

  return format_time (timestamp, g_str_equal (today, day) ? "%X" : "%x %X");
}

char *
bipe_format_day (gint64 timestamp)
{
  return format_time (timestamp, "%x");
}

static char *
format_row_code (GObject *object, const BipeScan *scan)
{
  if (scan == NULL)
    return g_strdup ("…");
  if (scan->code == NULL || scan->code[0] == '\0')
    return g_strdup (_ ("(no code)"));
  return bipe_format_code (scan->code, ROW_CODE_MAX);
}

static char *
format_display_code (GObject *object, const BipeScan *scan)
{
  return scan != NULL ? bipe_format_code (scan->code, DISPLAY_CODE_MAX) : NULL;
}

static char *
format_id (GObject *object, const BipeScan *scan)
{
  return scan != NULL ? g_strdup_printf ("%" G_GINT64_FORMAT, scan->id) : NULL;
}

static char *
format_scanned (GObject *object, const BipeScan *scan)
{
  return scan != NULL ? bipe_format_moment (scan->scanned_at) : NULL;
}

static char *
format_symbology (GObject *object, const BipeScan *scan)
{
  return scan != NULL ? g_strdup (scan->symbology) : NULL;
}

static char *
format_source (GObject *object, const BipeScan *scan)
{
  return scan != NULL ? g_strdup (_ (source_names[scan->source])) : NULL;
}

static char *
format_device (GObject *object, const BipeScan *scan)
{
  return scan != NULL ? g_strdup (scan->device) : NULL;
}

static char *
format_station (GObject *object, const BipeScan *scan)
{
  return scan != NULL ? g_strdup (scan->station) : NULL;
}

static char *
format_detail (GObject *object, const BipeScan *scan)
{
  g_autoptr(GPtrArray) parts = g_ptr_array_new ();
  g_autofree char *time = NULL;

  if (scan == NULL)
    return NULL;
  time = bipe_format_moment (scan->scanned_at);
  g_ptr_array_add (parts, time);
  if (scan->symbology != NULL)
    g_ptr_array_add (parts, (gpointer)scan->symbology);
  g_ptr_array_add (parts, (gpointer)_ (source_names[scan->source]));
  if (scan->device != NULL)
    g_ptr_array_add (parts, (gpointer)scan->device);
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (" · ", (char **)parts->pdata);
}

static char *
format_reason (GObject *object, const BipeScan *scan)
{
  return scan != NULL ? bipe_format_code (scan->reason, ROW_CODE_MAX) : NULL;
}

static gboolean
has_reason (GObject *object, const BipeScan *scan)
{
  return scan != NULL && scan->reason != NULL;
}

/* The four states, a fifth for scans held for review, and a sixth for what was never kept. */
static const struct
{
  const char *text;
  const char *icon;
  const char *style;
} looks[] = {
  [BIPE_SCAN_QUEUED] = { N_ ("Waiting"), "bipe-waiting-symbolic", "waiting" },
  [BIPE_SCAN_STORED] = { N_ ("Stored"), "object-select-symbolic", "stored" },
  [BIPE_SCAN_REJECTED] = { N_ ("Rejected"), "dialog-error-symbolic", "rejected" },
  [BIPE_SCAN_VOIDED] = { N_ ("Voided"), "process-stop-symbolic", "voided" },
  { N_ ("Held for review"), "media-playback-pause-symbolic", "held" },
  { N_ ("Not kept"), "dialog-error-symbolic", "rejected" },
};

static guint
look_of (const BipeScan *scan, gboolean is_held)
{
  if (scan->state == BIPE_SCAN_REJECTED && scan->station == NULL)
    return BIPE_SCAN_VOIDED + 2;
  return is_held ? BIPE_SCAN_VOIDED + 1 : scan->state;
}

static char *
format_state (GObject *object, const BipeScan *scan, gboolean is_held)
{
  return scan != NULL ? g_strdup (_ (looks[look_of (scan, is_held)].text)) : NULL;
}

static char *
format_state_icon (GObject *object, const BipeScan *scan, gboolean is_held)
{
  return scan != NULL ? g_strdup (looks[look_of (scan, is_held)].icon) : NULL;
}

static char **
format_state_classes (GObject *object, const char *base, const BipeScan *scan, gboolean is_held)
{
  GStrvBuilder *classes = g_strv_builder_new ();
  g_auto(GStrv) bases = g_strsplit (base, " ", -1);
  char **strv;

  g_strv_builder_addv (classes, (const char **)bases);
  if (scan != NULL)
    g_strv_builder_add (classes, looks[look_of (scan, is_held)].style);
  strv = g_strv_builder_end (classes);
  g_strv_builder_unref (classes);
  return strv;
}

static gboolean
can_void (GObject *object, const BipeScan *scan)
{
  return scan != NULL && scan->state == BIPE_SCAN_STORED;
}

static gboolean
can_restore (GObject *object, const BipeScan *scan)
{
  return scan != NULL && scan->state == BIPE_SCAN_VOIDED;
}

static char *
format_waiting (GObject *object, const BipeStatus *status)
{
  return bipe_format_number (status->n_queued);
}

static char *
format_today (GObject *object, const BipeStatus *status)
{
  return bipe_format_number (status->n_today);
}

static char *
format_rejected (GObject *object, const BipeStatus *status)
{
  return bipe_format_number (status->n_rejected);
}

static gboolean
has_rejected (GObject *object, const BipeStatus *status)
{
  return status->n_rejected > 0;
}

static gboolean
has_held (GObject *object, const BipeStatus *status)
{
  return status->n_held > 0;
}

static char *
format_release_all (GObject *object, const BipeStatus *status)
{
  g_autofree char *number = bipe_format_number (status->n_held);

  /* Translators: a button; in the parentheses is how many scans it releases */
  return g_strdup_printf (_ ("Release All (%s)"), number);
}

/* A store that is away is told of first: it is often the reason. */
static gboolean
is_closed (const BipeStatus *status)
{
  return status->problem != NULL && status->store_state != BIPE_STORE_OFFLINE;
}

static char *
format_store (GObject *object, const BipeStatus *status)
{
  g_autofree char *since = bipe_format_moment (status->store_since);
  gboolean is_here = g_str_equal (status->store, "this computer");
  const char *store = is_here ? _ ("this computer") : status->store;

  /* Whatever the store is like: what is scanned now does not get there. */
  if (is_closed (status))
    return g_strdup (_ ("No scan can be kept now"));
  switch (status->store_state)
    {
    case BIPE_STORE_CONNECTING:
      /* Translators: %s is a database: “PostgreSQL”, or a file’s name */
      return g_strdup_printf (_ ("Connecting to %s…"), store);
    case BIPE_STORE_ONLINE:
      return is_here ? g_strdup (_ ("Stored on this computer"))
                     : g_strdup_printf (_ ("Stored on %s"), store);
    case BIPE_STORE_OFFLINE:
      /* Translators: a database, and a time */
      return g_strdup_printf (_ ("%s offline since %s"), store, since);
    default:
      g_return_val_if_reached (NULL);
    }
}

static char *
format_store_problem (GObject *object, const BipeStatus *status)
{
  return status->store_problem != NULL ? bipe_format_store_problem (status->store_problem) : NULL;
}

static char **
format_store_classes (GObject *object, const BipeStatus *status)
{
  static const char *const styles[] = { "waiting", "stored", "rejected" };

  return g_strsplit (is_closed (status) ? "rejected" : styles[status->store_state], " ", -1);
}

static gboolean
is_offline (GObject *object, const BipeStatus *status)
{
  return status->store_state == BIPE_STORE_OFFLINE;
}

static char *
format_offline (GObject *object, const BipeStatus *status)
{
  g_autofree char *since = bipe_format_moment (status->store_since);
  g_autofree char *number = bipe_format_number (status->n_queued);
  g_autofree char *safe = status->n_queued == 0
                              ? g_strdup (_ ("No scan waits"))
                              : g_strdup_printf (ngettext ("%s scan is safe in the queue",
                                                           "%s scans are safe in the queue",
                                                           (gulong)status->n_queued),
                                                 number);

  /* Translators: the second part is "No scan waits" or "12 scans are safe in the queue". */
  if (status->problem != NULL)
    return g_strdup_printf (_ ("Database offline since %s. %s."), since, safe);
  return g_strdup_printf (_ ("Database offline since %s. %s, and scanning goes on."), since, safe);
}

static gboolean
has_problem (GObject *object, const BipeStatus *status)
{
  return status->problem != NULL;
}

static char *
format_problem (GObject *object, const BipeStatus *status)
{
  g_autofree char *cause = NULL;

  if (status->problem == NULL)
    return NULL;
  cause = bipe_error_translate (status->problem);
  return g_strdup_printf (_ ("No scan can be kept now: %s"), cause);
}

static char *
format_address (GObject *object, const char *address, const char *problem)
{
  g_autofree char *cause = NULL;

  if (address != NULL)
    return g_strdup (address);
  if (problem == NULL)
    return g_strdup (_ ("No server"));
  cause = bipe_error_translate (problem);
  return g_strdup_printf (_ ("No server: %s"), cause);
}

static gboolean
is_set (GObject *object, const char *text)
{
  return text != NULL && text[0] != '\0';
}

static gboolean
is_not (GObject *object, gboolean value)
{
  return !value;
}

static gboolean
is_positive (GObject *object, guint number)
{
  return number > 0;
}

static char *
format_unread (GObject *object, guint number)
{
  g_autofree char *text = bipe_format_number (number);

  return g_strdup_printf (ngettext ("%s scan not understood", "%s scans not understood", number),
                          text);
}

static GtkOrientation
choose_orientation (GObject *object, gboolean is_narrow)
{
  return is_narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL;
}

static char *
choose_rows_page (GObject *object, guint number)
{
  return g_strdup (number > 0 ? "rows" : "empty");
}

void
bipe_format_bind (GtkWidgetClass *class)
{
  static const struct
  {
    const char *name;
    GCallback callback;
  } callbacks[] = {
    { "can_restore", G_CALLBACK (can_restore) },
    { "can_void", G_CALLBACK (can_void) },
    { "choose_orientation", G_CALLBACK (choose_orientation) },
    { "choose_rows_page", G_CALLBACK (choose_rows_page) },
    { "format_address", G_CALLBACK (format_address) },
    { "format_detail", G_CALLBACK (format_detail) },
    { "format_device", G_CALLBACK (format_device) },
    { "format_display_code", G_CALLBACK (format_display_code) },
    { "format_id", G_CALLBACK (format_id) },
    { "format_offline", G_CALLBACK (format_offline) },
    { "format_problem", G_CALLBACK (format_problem) },
    { "format_reason", G_CALLBACK (format_reason) },
    { "format_rejected", G_CALLBACK (format_rejected) },
    { "format_release_all", G_CALLBACK (format_release_all) },
    { "format_row_code", G_CALLBACK (format_row_code) },
    { "format_scanned", G_CALLBACK (format_scanned) },
    { "format_source", G_CALLBACK (format_source) },
    { "format_state", G_CALLBACK (format_state) },
    { "format_state_classes", G_CALLBACK (format_state_classes) },
    { "format_state_icon", G_CALLBACK (format_state_icon) },
    { "format_station", G_CALLBACK (format_station) },
    { "format_store", G_CALLBACK (format_store) },
    { "format_store_classes", G_CALLBACK (format_store_classes) },
    { "format_store_problem", G_CALLBACK (format_store_problem) },
    { "format_symbology", G_CALLBACK (format_symbology) },
    { "format_today", G_CALLBACK (format_today) },
    { "format_unread", G_CALLBACK (format_unread) },
    { "format_waiting", G_CALLBACK (format_waiting) },
    { "has_held", G_CALLBACK (has_held) },
    { "has_problem", G_CALLBACK (has_problem) },
    { "has_reason", G_CALLBACK (has_reason) },
    { "has_rejected", G_CALLBACK (has_rejected) },
    { "is_not", G_CALLBACK (is_not) },
    { "is_offline", G_CALLBACK (is_offline) },
    { "is_positive", G_CALLBACK (is_positive) },
    { "is_set", G_CALLBACK (is_set) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (callbacks); i++)
    gtk_widget_class_bind_template_callback_full (class, callbacks[i].name, callbacks[i].callback);
}
