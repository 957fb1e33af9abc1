/* window.c: holds what the pages show, takes codes in from scanner, entry, camera and pictures, and
 * says what became of them. A code is answered (sound, list, entry, outline in the camera's
 * picture) when the station has it on disk. */
#include "config.h"

#include "app/window.h"

#include <glib/gi18n.h>

#include "app/board.h"
#include "app/camera-controller.h"
#include "app/client-verbs.h"
#include "app/clients-page.h"
#include "app/fixed.h"
#include "app/format.h"
#include "app/history-page.h"
#include "app/image-inlet.h"
#include "app/origin-bar.h"
#include "app/reading-draft.h"
#include "app/scan-page.h"
#include "app/scan-verbs.h"
#include "app/wedge-controller.h"
#include "app/window-dialogs.h"
#include "base/error.h"
#include "base/settings.h"

struct _BipeWindow
{
  AdwApplicationWindow parent_instance;

  BipeSettings *settings; /* borrowed */
  GSettings *saved;
  char *phase; /* the page of the outer stack: "starting", "running", "failed" */
  char *problem;
  char *holder_address;

  BipeStation *station;
  BipeFeed *feed;
  BipeBoard *board;
  BipeHistoryModel *history;
  BipeNetwork *network;
  BipeStationSetup *setup;
  BipePairing *pairing;
  BipeClientList *clients;
  BipeAnnouncer *announcer;
  BipeWedgeController *wedge;
  BipeCameraController *camera;
  BipeImageInlet *images;

  AdwToastOverlay *toasts;
  AdwViewStack *pages;
  BipeScanPage *scan_page;
  BipeHistoryPage *history_page;
  BipeOriginBar *origin_bar;
};

enum
{
  PROP_0,
  PROP_PHASE,
  PROP_PROBLEM,
  PROP_HOLDER_ADDRESS,
  PROP_BOARD,
  PROP_HISTORY,
  PROP_CAMERA,
  PROP_CLIENTS,
  PROP_NETWORK,
  PROP_ANNOUNCER,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeWindow, bipe_window, ADW_TYPE_APPLICATION_WINDOW)

static gboolean
is_running (GObject *object, const char *phase)
{
  return g_strcmp0 (phase, "running") == 0;
}

static char *
choose_sound_icon (GObject *object, gboolean is_silent, const char *problem)
{
  if (is_silent)
    return g_strdup ("audio-volume-muted-symbolic");
  return g_strdup (problem != NULL ? "dialog-warning-symbolic" : "audio-volume-high-symbolic");
}

static char *
describe_silence (GObject *object, gboolean is_silent, const char *problem)
{
  if (is_silent)
    return g_strdup (_ ("Silence Is On"));
  return g_strdup (problem != NULL ? problem : _ ("Silence"));
}

static gboolean
is_scan_page (GObject *object, const char *phase, const char *page)
{
  return g_strcmp0 (phase, "running") == 0 && g_strcmp0 (page, "scan") == 0;
}

static void
set_phase (BipeWindow *self, const char *phase)
{
  g_free (self->phase);
  self->phase = g_strdup (phase);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PHASE]);
}

/* What is known of a code until it is answered. */
typedef struct
{
  BipeWindow *window;
  BipeScan *draft;
  BipeReading *reading; /* the camera's; NULL: from elsewhere */
  BipeSight *sight;
} Accept;

static Accept *
accept_new (BipeWindow *self, const BipeScan *draft)
{
  Accept *accept = g_new0 (Accept, 1);

  accept->window = g_object_ref (self);
  accept->draft = bipe_scan_ref (draft);
  return accept;
}

static void
accept_free (Accept *accept)
{
  g_clear_pointer (&accept->sight, bipe_sight_unref);
  g_clear_pointer (&accept->reading, bipe_reading_unref);
  bipe_scan_unref (accept->draft);
  g_object_unref (accept->window);
  g_free (accept);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Accept, accept_free)

/* @kept: (nullable): as the station has it. @problem: (nullable): why it has not */
static void
answer (const Accept *accept, const BipeAppend *kept, const char *problem)
{
  BipeWindow *self = accept->window;

  if (kept != NULL)
    bipe_announcer_tell_kept (self->announcer, kept->scans->pdata[0], kept->n_new == 0);
  else
    bipe_announcer_tell_refused (self->announcer);
  if (accept->draft->source == BIPE_SOURCE_MANUAL)
    bipe_scan_page_settle_typed (self->scan_page, problem);
  else if (problem != NULL)
    bipe_board_add_refused (self->board, accept->draft, problem);
  if (accept->reading != NULL)
    bipe_scan_page_tell_read (self->scan_page, accept->reading, accept->sight, problem == NULL);
}

static void
accepted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Accept) accept = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeAppend) append
             = bipe_station_accept_finish (BIPE_STATION (source), result, &error);
  g_autofree char *problem = append == NULL ? bipe_format_error (error) : NULL;

  answer (accept, append, problem);
}

/* The one way in for whatever this window takes. */
static void
accept (Accept *accept)
{
  g_autoptr(GPtrArray) drafts = bipe_scan_array_new ();

  g_ptr_array_add (drafts, bipe_scan_ref (accept->draft));
  bipe_station_accept_async (accept->window->station, drafts, accepted_cb, accept);
}

static void
accept_code (BipeWindow *self, const char *code, BipeScanSource source)
{
  const BipeScan fields = { .code = code, .source = source };
  g_autoptr(BipeScan) draft = bipe_scan_new (&fields);

  accept (accept_new (self, draft));
}

/* @sight: (nullable): where the camera has seen it */
static void
accept_reading (BipeWindow *self, BipeReading *reading, BipeSight *sight, const char *device)
{
  g_autofree char *problem = NULL;
  g_autoptr(BipeScan) draft = bipe_reading_draft_new (reading, device, &problem);
  g_autoptr(Accept) data = accept_new (self, draft);

  if (sight != NULL)
    {
      data->reading = bipe_reading_ref (reading);
      data->sight = bipe_sight_ref (sight);
    }
  if (problem != NULL)
    answer (data, NULL, problem);
  else
    accept (g_steal_pointer (&data));
}

static void
typed_cb (BipeWindow *self, const char *code)
{
  accept_code (self, code, BIPE_SOURCE_MANUAL);
}

static void
scanned_cb (BipeWedgeController *wedge, const char *code, gpointer user_data)
{
  accept_code (user_data, code, BIPE_SOURCE_WEDGE);
}

static void
seen_cb (BipeWindow *self, BipeReading *reading, BipeSight *sight, BipeCameraScanner *scanner)
{
  g_autofree char *name = NULL;

  g_object_get (bipe_camera_scanner_get_camera (scanner), "name", &name, NULL);
  accept_reading (self, reading, sight, name);
}

/* The device of a code from a picture tells which picture; as all that goes out, in English. */
static void
image_read_cb (BipeWindow *self, const char *name, BipeSight *sight)
{
  g_autofree char *device = name != NULL ? g_strdup_printf ("Image: %s", name) : g_strdup ("Image");

  for (guint i = 0; i < sight->readings->len; i++)
    accept_reading (self, sight->readings->pdata[i], NULL, device);
}

static void
unread_cb (BipeWedgeController *wedge, const char *text, const char *trace, gpointer user_data)
{
  BipeWindow *self = user_data;
  AdwToast *toast = adw_toast_new (_ ("A scan was not understood"));

  bipe_board_add_unread (self->board, text, trace);
  bipe_announcer_tell_refused (self->announcer);
  adw_toast_set_button_label (toast, _ ("_Details"));
  adw_toast_set_action_name (toast, "unread.show");
  adw_toast_overlay_add_toast (self->toasts, toast);
}

/* Keys that nobody asked for must not go into a field. */
static void
page_changed_cb (BipeWindow *self)
{
  gtk_window_set_focus (GTK_WINDOW (self), NULL);
}

static void
show_page_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  adw_view_stack_set_visible_child_name (BIPE_WINDOW (widget)->pages,
                                         g_variant_get_string (parameter, NULL));
}

/* Behind the last page and before the first there is none. */
static void
step_page (BipeWindow *self, gboolean is_forward)
{
  g_autoptr(GtkSelectionModel) pages = adw_view_stack_get_pages (self->pages);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (pages));
  guint shown = 0;

  while (shown < n && !gtk_selection_model_is_selected (pages, shown))
    shown++;
  if (is_forward ? shown + 1 < n : shown > 0)
    gtk_selection_model_select_item (pages, is_forward ? shown + 1 : shown - 1, TRUE);
}

static void
previous_page_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  step_page (BIPE_WINDOW (widget), FALSE);
}

static void
next_page_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  step_page (BIPE_WINDOW (widget), TRUE);
}

static void
search_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeWindow *self = BIPE_WINDOW (widget);

  adw_view_stack_set_visible_child_name (self->pages, "history");
  bipe_history_page_search (self->history_page);
}

static void
read_images_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  bipe_image_inlet_choose (BIPE_WINDOW (widget)->images);
}

static void
paste_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  bipe_image_inlet_paste (BIPE_WINDOW (widget)->images);
}

static void
show_holder_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gtk_show_uri (GTK_WINDOW (widget), BIPE_WINDOW (widget)->holder_address, GDK_CURRENT_TIME);
}

static void
bipe_window_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipeWindow *self = BIPE_WINDOW (object);

  switch (id)
    {
    case PROP_PHASE:
      g_value_set_string (value, self->phase);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    case PROP_HOLDER_ADDRESS:
      g_value_set_string (value, self->holder_address);
      break;
    case PROP_BOARD:
      g_value_set_object (value, self->board);
      break;
    case PROP_HISTORY:
      g_value_set_object (value, self->history);
      break;
    case PROP_CAMERA:
      g_value_set_object (value, self->camera);
      break;
    case PROP_CLIENTS:
      g_value_set_object (value, self->clients);
      break;
    case PROP_NETWORK:
      g_value_set_object (value, self->network);
      break;
    case PROP_ANNOUNCER:
      g_value_set_object (value, self->announcer);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_window_dispose (GObject *object)
{
  BipeWindow *self = BIPE_WINDOW (object);

  if (self->images != NULL)
    bipe_image_inlet_close (self->images);
  g_clear_object (&self->images);
  gtk_widget_dispose_template (GTK_WIDGET (self), BIPE_TYPE_WINDOW);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "camera", NULL);
  g_clear_object (&self->camera);
  g_clear_object (&self->wedge);
  g_clear_object (&self->announcer);
  g_clear_object (&self->clients);
  g_clear_object (&self->pairing);
  g_clear_object (&self->setup);
  g_clear_object (&self->network);
  g_clear_object (&self->history);
  g_clear_object (&self->board);
  g_clear_object (&self->feed);
  g_clear_object (&self->station);
  g_clear_pointer (&self->holder_address, g_free);
  g_clear_pointer (&self->problem, g_free);
  g_clear_pointer (&self->phase, g_free);
  g_clear_object (&self->saved);
  G_OBJECT_CLASS (bipe_window_parent_class)->dispose (object);
}

static void
bipe_window_class_init (BipeWindowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = bipe_window_get_property;
  object_class->dispose = bipe_window_dispose;

  properties[PROP_PHASE] = g_param_spec_string ("phase", NULL, NULL, NULL, flags);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  properties[PROP_HOLDER_ADDRESS] = g_param_spec_string ("holder-address", NULL, NULL, NULL, flags);
  properties[PROP_BOARD] = g_param_spec_object ("board", NULL, NULL, BIPE_TYPE_BOARD, flags);
  properties[PROP_HISTORY]
      = g_param_spec_object ("history", NULL, NULL, BIPE_TYPE_HISTORY_MODEL, flags);
  properties[PROP_CAMERA]
      = g_param_spec_object ("camera", NULL, NULL, BIPE_TYPE_CAMERA_CONTROLLER, flags);
  properties[PROP_CLIENTS]
      = g_param_spec_object ("clients", NULL, NULL, BIPE_TYPE_CLIENT_LIST, flags);
  properties[PROP_NETWORK] = g_param_spec_object ("network", NULL, NULL, BIPE_TYPE_NETWORK, flags);
  properties[PROP_ANNOUNCER]
      = g_param_spec_object ("announcer", NULL, NULL, BIPE_TYPE_ANNOUNCER, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (BIPE_TYPE_CLIENTS_PAGE);
  g_type_ensure (BIPE_TYPE_HISTORY_PAGE);
  g_type_ensure (BIPE_TYPE_ORIGIN_BAR);
  g_type_ensure (BIPE_TYPE_SCAN_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/bipe/Bipe/window.ui");
  gtk_widget_class_bind_template_child (widget_class, BipeWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, BipeWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, BipeWindow, scan_page);
  gtk_widget_class_bind_template_child (widget_class, BipeWindow, history_page);
  gtk_widget_class_bind_template_child (widget_class, BipeWindow, origin_bar);
  gtk_widget_class_bind_template_callback (widget_class, choose_sound_icon);
  gtk_widget_class_bind_template_callback (widget_class, describe_silence);
  gtk_widget_class_bind_template_callback (widget_class, is_running);
  gtk_widget_class_bind_template_callback (widget_class, is_scan_page);
  gtk_widget_class_bind_template_callback (widget_class, page_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, typed_cb);
  bipe_format_bind (widget_class);

  gtk_widget_class_install_action (widget_class, "win.page", "s", show_page_cb);
  gtk_widget_class_install_action (widget_class, "win.previous-page", NULL, previous_page_cb);
  gtk_widget_class_install_action (widget_class, "win.next-page", NULL, next_page_cb);
  gtk_widget_class_install_action (widget_class, "win.search", NULL, search_cb);
  gtk_widget_class_install_action (widget_class, "win.read-images", NULL, read_images_cb);
  gtk_widget_class_install_action (widget_class, "win.paste", NULL, paste_cb);
  gtk_widget_class_install_action (widget_class, "win.show-holder", NULL, show_holder_cb);
  bipe_client_verbs_install (widget_class);
  bipe_scan_verbs_install (widget_class);
  bipe_window_dialogs_install (widget_class);

  /* A field that has the focus takes its own paste before. */
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_v, GDK_CONTROL_MASK, "win.paste",
                                       NULL);
}

/* Those that need the station. */
static void
enable_actions (BipeWindow *self, gboolean are_enabled)
{
  static const char *const names[]
      = { "win.network",     "win.pair",   "win.paste",      "win.preferences",
          "win.read-images", "win.search", "win.symbologies" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), names[i], are_enabled);
}

static void
bipe_window_init (BipeWindow *self)
{
  self->phase = g_strdup ("starting");
  gtk_widget_init_template (GTK_WIDGET (self));
  enable_actions (self, FALSE);
}

BipeWindow *
bipe_window_new (BipeApplication *application, BipeSettings *settings, GSettings *saved)
{
  BipeWindow *self = g_object_new (BIPE_TYPE_WINDOW, "application", application, NULL);

  self->settings = settings;
  self->announcer = g_object_ref (bipe_application_get_announcer (application));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ANNOUNCER]);
  if (saved == NULL)
    return self;
  self->saved = g_object_ref (saved);
  g_settings_bind (saved, "window-width", self, "default-width", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (saved, "window-height", self, "default-height", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (saved, "window-maximized", self, "maximized", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (saved, "window-page", self->pages, "visible-child-name",
                   G_SETTINGS_BIND_DEFAULT);
  return self;
}

static void
run_camera (BipeWindow *self)
{
  g_autoptr(GSimpleActionGroup) actions = NULL;

  self->camera = bipe_camera_controller_new (self->settings, self->saved);
  g_signal_connect_object (bipe_camera_controller_get_scanner (self->camera), "scanned",
                           G_CALLBACK (seen_cb), self, G_CONNECT_SWAPPED);
  actions = bipe_camera_controller_create_actions (self->camera);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "camera", G_ACTION_GROUP (actions));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CAMERA]);
}

static void
symbologies_cb (BipeWindow *self)
{
  bipe_image_inlet_set_symbologies (self->images,
                                    bipe_camera_controller_get_symbologies (self->camera));
}

static void
run_images (BipeWindow *self)
{
  self->images = bipe_image_inlet_new (GTK_WIDGET (self->toasts));
  g_signal_connect_object (self->images, "read", G_CALLBACK (image_read_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->images, "told", G_CALLBACK (bipe_window_tell), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->camera, "notify::symbologies", G_CALLBACK (symbologies_cb), self,
                           G_CONNECT_SWAPPED);
  symbologies_cb (self);
}

void
bipe_window_run (BipeWindow *self, const BipeServices *services, const BipeEngineDoor *door)
{
  self->station = g_object_ref (services->station);
  self->feed = g_object_ref (services->feed);
  bipe_announcer_watch (self->announcer, self->feed);
  self->network = bipe_network_new (door, self->settings, self->saved, services->reach);
  self->setup = bipe_station_setup_new (door, self->settings, self->saved);
  self->pairing = g_object_ref (services->pairing);
  self->clients = bipe_client_list_new (services->registry, services->presence);
  self->board = bipe_board_new (self->station, self->feed, self->network);
  self->history = bipe_history_model_new (self->station, self->feed);
  bipe_feed_start (self->feed);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BOARD]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HISTORY]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NETWORK]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CLIENTS]);

  self->wedge = bipe_wedge_controller_new ();
  g_signal_connect_object (self->wedge, "scanned", G_CALLBACK (scanned_cb), self, 0);
  g_signal_connect_object (self->wedge, "unread", G_CALLBACK (unread_cb), self, 0);
  bipe_wedge_controller_watch (self->wedge, GTK_NATIVE (self));

  run_camera (self);
  run_images (self);
  bipe_origin_bar_run (self->origin_bar, services->origins, self->saved,
                       bipe_network_get_fixed_by (self->network, "allowed-origins"));
  enable_actions (self, TRUE);
  set_phase (self, "running");
  page_changed_cb (self);
}

void
bipe_window_begin (BipeWindow *self)
{
  set_phase (self, "starting");
}

/* Whether another value of @setting could be saved. */
static gboolean
can_save (BipeWindow *self, const char *setting)
{
  return self->saved != NULL && bipe_fixed_get (self->settings, setting) == NULL;
}

void
bipe_window_fail (BipeWindow *self, const GError *error, const char *holder_address)
{
  gboolean is_database = g_error_matches (error, BIPE_ERROR, BIPE_ERROR_DATABASE_URL);
  gboolean can_choose = !g_error_matches (error, BIPE_ERROR, BIPE_ERROR_SETTING) && !is_database
                        && can_save (self, "data-dir");
  g_autofree char *problem = bipe_format_failure (error, can_choose);

  g_free (self->problem);
  self->problem = g_markup_escape_text (problem, -1);
  g_free (self->holder_address);
  self->holder_address = g_strdup (holder_address);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HOLDER_ADDRESS]);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "failure.choose-folder", can_choose);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "failure.store-here",
                                 is_database && can_save (self, "database-url"));
  set_phase (self, "failed");
}

BipeStation *
bipe_window_get_station (BipeWindow *self)
{
  return self->station;
}

BipeClientList *
bipe_window_get_clients (BipeWindow *self)
{
  return self->clients;
}

void
bipe_window_get_parts (BipeWindow *self, BipeParts *parts)
{
  *parts = (BipeParts){
    .settings = self->settings,
    .saved = self->saved,
    .setup = self->setup,
    .board = self->board,
    .network = self->network,
    .pairing = self->pairing,
    .camera = self->camera,
    .announcer = self->announcer,
  };
}

void
bipe_window_read_images (BipeWindow *self, GPtrArray *files)
{
  bipe_image_inlet_open (self->images, files);
}

void
bipe_window_tell (BipeWindow *self, const char *text)
{
  /* A toast's title is markup. */
  g_autofree char *markup = g_markup_escape_text (text, -1);

  bipe_window_add_toast (self, adw_toast_new (markup));
}

void
bipe_window_add_toast (BipeWindow *self, AdwToast *toast)
{
  adw_toast_overlay_add_toast (self->toasts, toast);
}
