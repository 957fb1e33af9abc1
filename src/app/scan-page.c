#include "config.h"

#include "app/scan-page.h"

#include <glib/gi18n.h>

#include "app/camera-controller.h"
#include "app/camera-view.h"
#include "app/code-display.h"
#include "app/format.h"
#include "app/scan-row.h"
#include "app/split.h"
#include "app/template.h"
#include "app/top-keeper.h"

struct _BipeScanPage
{
  GtkWidget parent_instance;

  BipeBoard *board;
  BipeCameraController *camera;
  gboolean is_narrow;
  char *entry_problem;
  gboolean is_waiting; /* for what becomes of the typed code */

  GtkEditable *entry;
  GtkWidget *list;
  BipeCameraView *camera_view;
};

enum
{
  PROP_0,
  PROP_BOARD,
  PROP_CAMERA,
  PROP_NARROW,
  PROP_ENTRY_PROBLEM,
  N_PROPS
};

enum
{
  TYPED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BipeScanPage, bipe_scan_page, GTK_TYPE_WIDGET)

static char *
choose_last_page (GObject *object, BipeScanItem *last)
{
  return g_strdup (last != NULL ? "scan" : "empty");
}

/* The page for no scan is measured, too, while it is not shown: the icon's height would be missing
 * where a narrow window has two bars. */
static gboolean
shows_icon (GObject *object, gboolean has_camera, BipeScanItem *last)
{
  return !has_camera && last == NULL;
}

/* With the camera's picture a narrow window has no room for it; the queue shows it, too. */
static gboolean
has_detail (GObject *object, gboolean has_camera, gboolean is_narrow)
{
  return !has_camera || !is_narrow;
}

/* Two rows below the camera; −1: as GTK likes. */
static int
choose_queue_height (GObject *object, gboolean has_camera)
{
  return has_camera ? 96 : -1;
}

/* Beside a camera an empty queue would be a hole. */
static gboolean
is_bare (GObject *object, gboolean has_camera, guint n_scans)
{
  return has_camera && n_scans == 0;
}

static gboolean
is_separated (GObject *object, gboolean has_camera, guint n_scans)
{
  return has_camera || n_scans > 0;
}

static char *
format_invitation (GObject *object, gboolean has_camera)
{
  return g_strdup (
      has_camera
          ? _ ("Hold a code before the camera, or use any scanner that types like a keyboard.")
          : _ ("Any scanner that types like a keyboard works anywhere in this window."));
}

static void
set_entry_problem (BipeScanPage *self, const char *problem)
{
  if (g_strcmp0 (self->entry_problem, problem) == 0)
    return;
  g_free (self->entry_problem);
  self->entry_problem = g_strdup (problem);
  if (problem != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->entry), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->entry), "error");
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ENTRY_PROBLEM]);
}

static void
entry_changed_cb (BipeScanPage *self)
{
  set_entry_problem (self, NULL);
}

static void
add_cb (BipeScanPage *self)
{
  const char *text = gtk_editable_get_text (self->entry);
  g_autoptr(GError) error = NULL;

  if (self->is_waiting)
    return;
  if (!bipe_scan_check_code (text, &error))
    {
      g_autofree char *problem
          = text[0] == '\0' ? g_strdup (_ ("Type a code first")) : bipe_format_error (error);

      set_entry_problem (self, problem);
      return;
    }
  self->is_waiting = TRUE;
  g_signal_emit (self, signals[TYPED], 0, text);
}

static void
add_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  add_cb (BIPE_SCAN_PAGE (widget));
}

static void
leave_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gtk_root_set_focus (gtk_widget_get_root (widget), NULL);
}

static void
copy_address_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_autoptr(BipeNetwork) network = NULL;
  g_autofree char *address = NULL;

  g_object_get (BIPE_SCAN_PAGE (widget)->board, "network", &network, NULL);
  g_object_get (network, "address", &address, NULL);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), address);
}

static void
bipe_scan_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipeScanPage *self = BIPE_SCAN_PAGE (object);

  switch (id)
    {
    case PROP_BOARD:
      g_value_set_object (value, self->board);
      break;
    case PROP_CAMERA:
      g_value_set_object (value, self->camera);
      break;
    case PROP_NARROW:
      g_value_set_boolean (value, self->is_narrow);
      break;
    case PROP_ENTRY_PROBLEM:
      g_value_set_string (value, self->entry_problem);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_scan_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  BipeScanPage *self = BIPE_SCAN_PAGE (object);

  switch (id)
    {
    case PROP_BOARD:
      if (g_set_object (&self->board, g_value_get_object (value)))
        g_object_notify_by_pspec (object, pspec);
      break;
    case PROP_CAMERA:
      if (g_set_object (&self->camera, g_value_get_object (value)))
        g_object_notify_by_pspec (object, pspec);
      break;
    case PROP_NARROW:
      if (self->is_narrow == g_value_get_boolean (value))
        break;
      self->is_narrow = g_value_get_boolean (value);
      g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_scan_page_dispose (GObject *object)
{
  BipeScanPage *self = BIPE_SCAN_PAGE (object);

  bipe_template_dispose (GTK_WIDGET (self), BIPE_TYPE_SCAN_PAGE);
  g_clear_pointer (&self->entry_problem, g_free);
  g_clear_object (&self->camera);
  g_clear_object (&self->board);
  G_OBJECT_CLASS (bipe_scan_page_parent_class)->dispose (object);
}

static void
bipe_scan_page_class_init (BipeScanPageClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = bipe_scan_page_get_property;
  object_class->set_property = bipe_scan_page_set_property;
  object_class->dispose = bipe_scan_page_dispose;

  properties[PROP_BOARD] = g_param_spec_object ("board", NULL, NULL, BIPE_TYPE_BOARD, flags);
  properties[PROP_CAMERA]
      = g_param_spec_object ("camera", NULL, NULL, BIPE_TYPE_CAMERA_CONTROLLER, flags);
  properties[PROP_NARROW] = g_param_spec_boolean ("narrow", NULL, NULL, FALSE, flags);
  properties[PROP_ENTRY_PROBLEM] = g_param_spec_string ("entry-problem", NULL, NULL, NULL,
                                                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[TYPED] = g_signal_new ("typed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  g_type_ensure (BIPE_TYPE_CAMERA_VIEW);
  g_type_ensure (BIPE_TYPE_CODE_DISPLAY);
  g_type_ensure (BIPE_TYPE_SCAN_ROW);
  g_type_ensure (BIPE_TYPE_SPLIT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/bipe/Bipe/scan-page.ui");
  gtk_widget_class_bind_template_child (widget_class, BipeScanPage, entry);
  gtk_widget_class_bind_template_child (widget_class, BipeScanPage, list);
  gtk_widget_class_bind_template_child (widget_class, BipeScanPage, camera_view);
  gtk_widget_class_bind_template_callback (widget_class, add_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_last_page);
  gtk_widget_class_bind_template_callback (widget_class, choose_queue_height);
  gtk_widget_class_bind_template_callback (widget_class, entry_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, format_invitation);
  gtk_widget_class_bind_template_callback (widget_class, has_detail);
  gtk_widget_class_bind_template_callback (widget_class, is_bare);
  gtk_widget_class_bind_template_callback (widget_class, is_separated);
  gtk_widget_class_bind_template_callback (widget_class, shows_icon);
  bipe_format_bind (widget_class);

  gtk_widget_class_install_action (widget_class, "manual.add", NULL, add_action_cb);
  gtk_widget_class_install_action (widget_class, "manual.leave", NULL, leave_action_cb);
  gtk_widget_class_install_action (widget_class, "server.copy-address", NULL,
                                   copy_address_action_cb);
}

static void
bipe_scan_page_init (BipeScanPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  bipe_top_keeper_attach (self->list);
}

void
bipe_scan_page_settle_typed (BipeScanPage *self, const char *problem)
{
  self->is_waiting = FALSE;
  if (problem == NULL)
    gtk_editable_set_text (self->entry, "");
  set_entry_problem (self, problem);
}

void
bipe_scan_page_tell_read (BipeScanPage *self,
                          const BipeReading *reading,
                          const BipeSight *sight,
                          gboolean is_kept)
{
  bipe_camera_view_tell (self->camera_view, reading, sight, is_kept);
}
