/* scan-verbs.c: each verb asks the station, and says afterwards what it did, with a way back where
 * there is one. The rows change by the station's events, not from here. */
#include "config.h"

#include "app/scan-verbs.h"

#include <glib/gi18n.h>

#include "app/format.h"
#include "app/prompt-dialog.h"
#include "app/window.h"
#include "base/error.h"
#include "station/station.h"

/* Characters of a code in a toast. */
#define TOAST_CODE_MAX 24

/* And in a dialog's text. */
#define DIALOG_CODE_MAX 100

/* What is said afterwards. */
typedef enum
{
  DONE_SILENTLY,
  DONE_REMOVED,
  DONE_RESTORED,
  DONE_VOIDED,
} Done;

typedef struct
{
  BipeWindow *window;
  BipeUuid uuid;
  Done done;
  gboolean is_undone; /* whether a restore takes it back */
} Verb;

static Verb *
verb_new (BipeWindow *window, const BipeUuid *uuid, Done done, gboolean is_undone)
{
  Verb *verb = g_new0 (Verb, 1);

  verb->window = g_object_ref (window);
  if (uuid != NULL)
    verb->uuid = *uuid;
  verb->done = done;
  verb->is_undone = is_undone;
  return verb;
}

static void
verb_free (Verb *verb)
{
  g_object_unref (verb->window);
  g_free (verb);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Verb, verb_free)

/* A toast's title is markup. */
static AdwToast *
create_toast (const char *text)
{
  g_autofree char *markup = g_markup_escape_text (text, -1);

  return adw_toast_new (markup);
}

static void
tell_error (BipeWindow *window, const GError *error)
{
  g_autofree char *text = bipe_format_error (error);

  bipe_window_add_toast (window, create_toast (text));
}

/* Translators: in all of these %s is a code. */
static char *
describe_done (Done done, const char *code)
{
  switch (done)
    {
    case DONE_REMOVED:
      return g_strdup_printf (_ ("Removed from the queue: %s"), code);
    case DONE_RESTORED:
      return g_strdup_printf (_ ("Restored: %s"), code);
    case DONE_VOIDED:
      return g_strdup_printf (_ ("Voided: %s"), code);
    case DONE_SILENTLY:
    default:
      g_return_val_if_reached (NULL);
    }
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Verb) verb = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeScan) scan = bipe_records_scan_finish (BIPE_RECORDS (source), result, &error);
  g_autofree char *code = NULL;
  g_autofree char *text = NULL;
  AdwToast *toast;

  if (scan == NULL)
    {
      tell_error (verb->window, error);
      return;
    }
  if (verb->done == DONE_SILENTLY)
    return;

  code = bipe_format_code (scan->code, TOAST_CODE_MAX);
  text = describe_done (verb->done, code);
  toast = create_toast (text);
  if (verb->is_undone)
    {
      char uuid[BIPE_UUID_STRING_SIZE];

      bipe_uuid_format (&verb->uuid, uuid);
      adw_toast_set_button_label (toast, _ ("_Undo"));
      adw_toast_set_action_name (toast, "scan.restore");
      adw_toast_set_action_target (toast, "s", uuid);
    }
  bipe_window_add_toast (verb->window, toast);
}

/* NULL: there is no station just now. */
static BipeRecords *
get_records (BipeWindow *window)
{
  BipeStation *station = bipe_window_get_station (window);

  return station != NULL ? bipe_station_get_records (station) : NULL;
}

/* Of the scan that @parameter names; NULL where that, or the station, is missing. */
static BipeRecords *
find_records (GtkWidget *widget, GVariant *parameter, BipeUuid *uuid)
{
  if (!bipe_uuid_parse (g_variant_get_string (parameter, NULL), uuid))
    return NULL;
  return get_records (BIPE_WINDOW (widget));
}

static void
release_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeUuid uuid;
  BipeRecords *records = find_records (widget, parameter, &uuid);

  if (records != NULL)
    bipe_records_release_async (records, &uuid, done_cb,
                                verb_new (BIPE_WINDOW (widget), &uuid, DONE_SILENTLY, FALSE));
}

static void
remove_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeUuid uuid;
  BipeRecords *records = find_records (widget, parameter, &uuid);

  if (records != NULL)
    bipe_records_remove_async (records, &uuid, NULL, done_cb,
                               verb_new (BIPE_WINDOW (widget), &uuid, DONE_REMOVED, TRUE));
}

static void
restore_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeScanRef ref = { 0 };
  BipeRecords *records = find_records (widget, parameter, &ref.uuid);

  if (records != NULL)
    bipe_records_restore_async (records, &ref, done_cb,
                                verb_new (BIPE_WINDOW (widget), &ref.uuid, DONE_RESTORED, FALSE));
}

static void
void_answered_cb (AdwMessageDialog *dialog, const char *response, gpointer user_data)
{
  Verb *verb = user_data;
  const char *reason = bipe_prompt_dialog_get_text (BIPE_PROMPT_DIALOG (dialog));
  BipeScanRef ref = { .uuid = verb->uuid };

  if (g_str_equal (response, "accept"))
    bipe_records_void_async (get_records (verb->window), &ref, reason[0] != '\0' ? reason : NULL,
                             done_cb, verb_new (verb->window, &verb->uuid, DONE_VOIDED, TRUE));
}

static gboolean
is_reason (const char *text)
{
  return g_utf8_strlen (text, -1) <= 1000;
}

/* Owned by the dialog's signal: @verb lives as long as the dialog. */
static void
ask (BipePromptDialog *dialog, GCallback answered, Verb *verb)
{
  g_signal_connect_data (dialog, "response", answered, verb,
                         (GClosureNotify)(void (*) (void))verb_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* Which scan is asked about, and what the answer does. */
static char *
describe_question (const BipeScan *scan, const char *consequence)
{
  g_autofree char *code = bipe_format_code (scan->code, DIALOG_CODE_MAX);
  g_autofree char *time = bipe_format_moment (scan->scanned_at);

  return g_strdup_printf ("%s\n%s\n\n%s", code, time, consequence);
}

static void
found_for_void_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Verb) verb = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeScan) scan = bipe_records_scan_finish (BIPE_RECORDS (source), result, &error);
  g_autofree char *question = NULL;
  BipePromptDialog *dialog;

  if (scan == NULL)
    {
      tell_error (verb->window, error);
      return;
    }
  question = describe_question (
      scan, _ ("It stays in the history, marked as voided, and can be restored."));
  dialog = bipe_prompt_dialog_new (GTK_WINDOW (verb->window), _ ("Void This Scan?"), question,
                                   _ ("Reason (optional)"), _ ("_Void"), ADW_RESPONSE_DESTRUCTIVE,
                                   is_reason);
  ask (dialog, G_CALLBACK (void_answered_cb), g_steal_pointer (&verb));
}

static void
void_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeScanRef ref = { 0 };
  BipeRecords *records = find_records (widget, parameter, &ref.uuid);

  if (records != NULL)
    bipe_records_find_async (records, &ref, NULL, found_for_void_cb,
                             verb_new (BIPE_WINDOW (widget), &ref.uuid, DONE_SILENTLY, FALSE));
}

static void
edit_answered_cb (AdwMessageDialog *dialog, const char *response, gpointer user_data)
{
  Verb *verb = user_data;

  if (g_str_equal (response, "accept"))
    bipe_records_edit_async (get_records (verb->window), &verb->uuid,
                             bipe_prompt_dialog_get_text (BIPE_PROMPT_DIALOG (dialog)), done_cb,
                             verb_new (verb->window, &verb->uuid, DONE_SILENTLY, FALSE));
}

static gboolean
is_code (const char *text)
{
  return bipe_scan_check_code (text, NULL);
}

static void
found_for_edit_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Verb) verb = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeScan) scan = bipe_records_scan_finish (BIPE_RECORDS (source), result, &error);
  g_autofree char *question = NULL;
  BipePromptDialog *dialog;

  if (scan == NULL)
    {
      tell_error (verb->window, error);
      return;
    }
  question = describe_question (scan, _ ("What was read is kept beside it."));
  dialog
      = bipe_prompt_dialog_new (GTK_WINDOW (verb->window), _ ("Edit Code"), question,
                                _ ("Corrected code"), _ ("_Save"), ADW_RESPONSE_SUGGESTED, is_code);
  bipe_prompt_dialog_set_text (dialog, scan->code);
  ask (dialog, G_CALLBACK (edit_answered_cb), g_steal_pointer (&verb));
}

static void
edit_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeScanRef ref = { 0 };
  BipeRecords *records = find_records (widget, parameter, &ref.uuid);

  if (records != NULL)
    bipe_records_find_async (records, &ref, NULL, found_for_edit_cb,
                             verb_new (BIPE_WINDOW (widget), &ref.uuid, DONE_SILENTLY, FALSE));
}

static void
released_all_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeWindow) window = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *number = NULL, *text = NULL;
  gint64 n_released = bipe_records_release_all_finish (BIPE_RECORDS (source), result, &error);

  if (n_released < 0)
    {
      tell_error (window, error);
      return;
    }
  number = bipe_format_number (n_released);
  text = g_strdup_printf (ngettext ("%s scan released", "%s scans released", (gulong)n_released),
                          number);
  bipe_window_add_toast (window, create_toast (text));
}

static void
release_all_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeRecords *records = get_records (BIPE_WINDOW (widget));

  if (records != NULL)
    bipe_records_release_all_async (records, released_all_cb, g_object_ref (widget));
}

void
bipe_scan_verbs_install (GtkWidgetClass *class)
{
  gtk_widget_class_install_action (class, "scan.edit", "s", edit_cb);
  gtk_widget_class_install_action (class, "scan.release", "s", release_cb);
  gtk_widget_class_install_action (class, "scan.release-all", NULL, release_all_cb);
  gtk_widget_class_install_action (class, "scan.remove", "s", remove_cb);
  gtk_widget_class_install_action (class, "scan.restore", "s", restore_cb);
  gtk_widget_class_install_action (class, "scan.void", "s", void_cb);
}
