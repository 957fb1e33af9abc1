/* client-verbs.c: each verb asks the registry or those present, says afterwards what it did, and
 * has the list asked anew: the rows change by what there is, not from here. */
#include "config.h"

#include "app/client-verbs.h"

#include <glib/gi18n.h>

#include "app/client-list.h"
#include "app/format.h"
#include "app/prompt-dialog.h"
#include "app/rights-dialog.h"
#include "app/window.h"
#include "base/error.h"

/* What is said afterwards. */
typedef enum
{
  DONE_SILENTLY,
  DONE_REVOKED,
  DONE_RESTORED,
  DONE_RIGHTS,
} Done;

typedef struct
{
  BipeWindow *window;
  char *jti;
  Done done;
  gboolean is_undone; /* whether a restore takes it back */
} Verb;

static Verb *
verb_new (BipeWindow *window, const char *jti, Done done, gboolean is_undone)
{
  Verb *verb = g_new0 (Verb, 1);

  verb->window = g_object_ref (window);
  verb->jti = g_strdup (jti);
  verb->done = done;
  verb->is_undone = is_undone;
  return verb;
}

static void
verb_free (Verb *verb)
{
  g_free (verb->jti);
  g_object_unref (verb->window);
  g_free (verb);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Verb, verb_free)

/* Translators: in all of these %s is the name of a device. */
static char *
describe_done (Done done, const char *name)
{
  switch (done)
    {
    case DONE_REVOKED:
      return g_strdup_printf (_ ("Revoked: %s"), name);
    case DONE_RESTORED:
      return g_strdup_printf (_ ("Let in again: %s"), name);
    case DONE_RIGHTS:
      return g_strdup_printf (_ ("The new rights count from now on: %s"), name);
    case DONE_SILENTLY:
    default:
      g_return_val_if_reached (NULL);
    }
}

/* @grant: (nullable): as it is now; %NULL: @error says why not */
static void
tell (const Verb *verb, const BipeGrant *grant, const GError *error)
{
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  g_autofree char *markup = NULL;
  AdwToast *toast;

  bipe_client_list_refresh (bipe_window_get_clients (verb->window));
  if (grant == NULL)
    {
      text = bipe_error_translate (error->message);
      bipe_window_tell (verb->window, text);
      return;
    }
  if (verb->done == DONE_SILENTLY)
    return;

  name = bipe_format_code (grant->name, BIPE_GRANT_NAME_MAX);
  text = describe_done (verb->done, name);
  markup = g_markup_escape_text (text, -1); /* a toast's title is markup */
  toast = adw_toast_new (markup);
  if (verb->is_undone)
    {
      adw_toast_set_button_label (toast, _ ("_Undo"));
      adw_toast_set_action_name (toast, "client.restore");
      adw_toast_set_action_target (toast, "s", verb->jti);
    }
  bipe_window_add_toast (verb->window, toast);
}

static void
revoked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Verb) verb = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeGrant) grant
             = bipe_registry_revoke_finish (BIPE_REGISTRY (source), result, &error);

  tell (verb, grant, error);
}

static void
restored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Verb) verb = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeGrant) grant
             = bipe_registry_restore_finish (BIPE_REGISTRY (source), result, &error);

  tell (verb, grant, error);
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Verb) verb = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeGrant) grant
             = bipe_registry_change_finish (BIPE_REGISTRY (source), result, &error);

  tell (verb, grant, error);
}

static void
revoke_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeWindow *window = BIPE_WINDOW (widget);
  BipeClientList *clients = bipe_window_get_clients (window);
  const char *jti = g_variant_get_string (parameter, NULL);

  if (clients != NULL)
    bipe_registry_revoke_async (bipe_client_list_get_registry (clients), jti, revoked_cb,
                                verb_new (window, jti, DONE_REVOKED, TRUE));
}

static void
restore_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeWindow *window = BIPE_WINDOW (widget);
  BipeClientList *clients = bipe_window_get_clients (window);
  const char *jti = g_variant_get_string (parameter, NULL);

  if (clients != NULL)
    bipe_registry_restore_async (bipe_client_list_get_registry (clients), jti, restored_cb,
                                 verb_new (window, jti, DONE_RESTORED, FALSE));
}

static void
disconnect_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeClientList *clients = bipe_window_get_clients (BIPE_WINDOW (widget));

  if (clients == NULL)
    return;
  bipe_presence_disconnect (bipe_client_list_get_presence (clients),
                            g_variant_get_uint64 (parameter));
  bipe_client_list_refresh (clients);
}

static void
disconnect_device_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeClientList *clients = bipe_window_get_clients (BIPE_WINDOW (widget));

  if (clients != NULL)
    bipe_client_list_disconnect (clients, g_variant_get_string (parameter, NULL));
}

static void
rename_answered_cb (AdwMessageDialog *dialog, const char *response, gpointer user_data)
{
  Verb *verb = user_data;
  BipeClientList *clients = bipe_window_get_clients (verb->window);

  if (g_str_equal (response, "accept"))
    bipe_registry_change_async (bipe_client_list_get_registry (clients), verb->jti,
                                bipe_prompt_dialog_get_text (BIPE_PROMPT_DIALOG (dialog)), 0,
                                changed_cb,
                                verb_new (verb->window, verb->jti, DONE_SILENTLY, FALSE));
}

static gboolean
is_name (const char *text)
{
  return bipe_grant_check_name (text, NULL);
}

static void
rename_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeWindow *window = BIPE_WINDOW (widget);
  BipeClientList *clients = bipe_window_get_clients (window);
  const char *jti = g_variant_get_string (parameter, NULL);
  BipeGrant *grant = clients != NULL ? bipe_client_list_find_grant (clients, jti) : NULL;
  BipePromptDialog *dialog;

  if (grant == NULL)
    return;
  dialog = bipe_prompt_dialog_new (GTK_WINDOW (window), _ ("Rename Device"),
                                   _ ("Its name in this list and in the log."), _ ("Name"),
                                   _ ("_Rename"), ADW_RESPONSE_SUGGESTED, is_name);
  bipe_prompt_dialog_set_text (dialog, grant->name);
  /* Owned by the signal: as long as the dialog. */
  g_signal_connect_data (dialog, "response", G_CALLBACK (rename_answered_cb),
                         verb_new (window, jti, DONE_SILENTLY, FALSE),
                         (GClosureNotify)(void (*) (void))verb_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
rights_chosen_cb (BipeRightsDialog *dialog, guint scopes, gpointer user_data)
{
  Verb *verb = user_data;
  BipeClientList *clients = bipe_window_get_clients (verb->window);

  bipe_registry_change_async (bipe_client_list_get_registry (clients), verb->jti, NULL, scopes,
                              changed_cb, verb_new (verb->window, verb->jti, DONE_RIGHTS, FALSE));
}

static void
rights_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeWindow *window = BIPE_WINDOW (widget);
  BipeClientList *clients = bipe_window_get_clients (window);
  const char *jti = g_variant_get_string (parameter, NULL);
  BipeGrant *grant = clients != NULL ? bipe_client_list_find_grant (clients, jti) : NULL;
  BipeRightsDialog *dialog;

  if (grant == NULL)
    return;
  dialog = bipe_rights_dialog_new (GTK_WINDOW (window), grant->name, grant->scopes);
  g_signal_connect_data (dialog, "chosen", G_CALLBACK (rights_chosen_cb),
                         verb_new (window, jti, DONE_SILENTLY, FALSE),
                         (GClosureNotify)(void (*) (void))verb_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
bipe_client_verbs_install (GtkWidgetClass *class)
{
  gtk_widget_class_install_action (class, "client.disconnect", "t", disconnect_cb);
  gtk_widget_class_install_action (class, "client.disconnect-device", "s", disconnect_device_cb);
  gtk_widget_class_install_action (class, "client.rename", "s", rename_cb);
  gtk_widget_class_install_action (class, "client.restore", "s", restore_cb);
  gtk_widget_class_install_action (class, "client.revoke", "s", revoke_cb);
  gtk_widget_class_install_action (class, "client.rights", "s", rights_cb);
}
