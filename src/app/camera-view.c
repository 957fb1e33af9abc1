#include "config.h"

#include "app/camera-view.h"

#include <glib/gi18n.h>

#include "app/camera-controller.h"
#include "app/camera-picture.h"
#include "app/format.h"
#include "app/template.h"
#include "base/sandbox.h"

/* How long a code's text stands over the picture. */
#define TEXT_MS 2500
#define TEXT_MAX 40

/* Behind all else that idles, above all the station's events: where drawing takes as long as a
 * frame lasts, it is the picture that is slower, and nothing else. */
#define DRAW_PRIORITY (G_PRIORITY_DEFAULT_IDLE + 10)

/* Cameras that the menu names. */
#define NAMES_MAX 32

struct _BipeCameraView
{
  GtkWidget parent_instance;

  BipeCameraController *controller;
  guint text_timeout;
  guint draw_idle;
  GdkSurface *surface; /* the window's, to see it minimized; NULL where there is none yet */

  BipeCameraPicture *picture;
  GtkRevealer *text_revealer;
  GtkWidget *text_box;
  GtkImage *text_icon;
  GtkLabel *text_label;
  GtkLabel *flaw_label;
  GMenu *menu;
};

enum
{
  PROP_0,
  PROP_CONTROLLER,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeCameraView, bipe_camera_view, GTK_TYPE_WIDGET)

static const char *
get_icon (BipeCameraState state)
{
  switch (state)
    {
    case BIPE_CAMERA_NONE:
    case BIPE_CAMERA_OFF:
    case BIPE_CAMERA_REFUSED:
    case BIPE_CAMERA_UNPLUGGED:
      return "camera-disabled-symbolic";
    case BIPE_CAMERA_FAILED:
      return "dialog-error-symbolic";
    case BIPE_CAMERA_BUSY:
    case BIPE_CAMERA_RUNNING:
    case BIPE_CAMERA_STARTING:
    default:
      return "camera-photo-symbolic";
    }
}

static const char *
get_title (BipeCameraState state)
{
  switch (state)
    {
    case BIPE_CAMERA_STARTING:
      return _ ("Starting the Camera…");
    case BIPE_CAMERA_RUNNING:
      return _ ("Waiting for a Picture…");
    case BIPE_CAMERA_NONE:
      return _ ("No Camera Found");
    case BIPE_CAMERA_REFUSED:
      return _ ("No Access to the Camera");
    case BIPE_CAMERA_BUSY:
      return _ ("Another Program Has the Camera");
    case BIPE_CAMERA_UNPLUGGED:
      return _ ("The Camera Is Not Plugged In");
    case BIPE_CAMERA_FAILED:
      return _ ("The Camera Doesn’t Work");
    case BIPE_CAMERA_OFF:
    default:
      return _ ("The Camera Is Off");
    }
}

/* What to do about it; NULL: nothing, or only the problem itself can tell. */
static const char *
get_advice (BipeCameraState state)
{
  switch (state)
    {
    case BIPE_CAMERA_STARTING:
      return _ ("If the system asks, allow the use of the camera.");
    case BIPE_CAMERA_NONE:
      return _ ("Plug one in: it starts by itself. A scanner works in the meantime.");
    case BIPE_CAMERA_REFUSED:
      return bipe_sandbox_is_here ()
                 ? _ ("Allow it in the system’s settings, under Apps or Privacy, or as Permissions "
                      "in the main menu says; then try again.")
                 : _ ("Allow it in the system’s settings, under Privacy and Camera; then try "
                      "again.");
    case BIPE_CAMERA_BUSY:
      return _ ("Close the video call, web page or camera program that uses it: "
                "it starts by itself.");
    case BIPE_CAMERA_UNPLUGGED:
      return _ ("Plug it in again: it goes on by itself. Or choose another one in the menu above.");
    case BIPE_CAMERA_FAILED:
    case BIPE_CAMERA_OFF:
    case BIPE_CAMERA_RUNNING:
    default:
      return NULL;
    }
}

static const char *
get_hint (BipeFlaw flaw)
{
  switch (flaw)
    {
    case BIPE_FLAW_DARK:
      return _ ("Too dark – more light, please");
    case BIPE_FLAW_BLURRED:
      return _ ("Blurred – hold it still, or wipe the lens");
    case BIPE_FLAW_SMALL:
      return _ ("Too small – come closer");
    case BIPE_FLAW_TILTED:
      return _ ("Tilted – turn the code upright");
    case BIPE_FLAW_NONE:
    default:
      return NULL;
    }
}

static gboolean
is_running (GObject *object, int state)
{
  return state == BIPE_CAMERA_RUNNING;
}

static gboolean
is_starting (GObject *object, int state)
{
  return state == BIPE_CAMERA_STARTING;
}

static gboolean
can_retry (GObject *object, int state)
{
  return state == BIPE_CAMERA_REFUSED || state == BIPE_CAMERA_FAILED;
}

static char *
format_icon (GObject *object, int state)
{
  return g_strdup (get_icon ((BipeCameraState)state));
}

static char *
format_title (GObject *object, int state)
{
  return g_strdup (get_title ((BipeCameraState)state));
}

/* An error's message is no sentence of its own; here it stands alone. */
static char *
capitalize (const char *message)
{
  GString *sentence = g_string_new (NULL);

  if (message[0] != '\0')
    {
      g_string_append_unichar (sentence, g_unichar_toupper (g_utf8_get_char (message)));
      g_string_append (sentence, g_utf8_next_char (message));
    }
  return g_string_free (sentence, FALSE);
}

static char *
format_advice (GObject *object, int state, const char *problem)
{
  const char *advice = get_advice ((BipeCameraState)state);

  if (advice != NULL)
    return g_strdup (advice);
  return state == BIPE_CAMERA_FAILED && problem != NULL ? capitalize (problem) : NULL;
}

static gboolean
has_advice (GObject *object, int state, const char *problem)
{
  g_autofree char *advice = format_advice (object, state, problem);

  return advice != NULL;
}

/* The hint keeps its words while it goes away. */
static void
flaw_cb (BipeCameraView *self, GParamSpec *pspec, BipeCameraScanner *scanner)
{
  int flaw;

  g_object_get (scanner, "flaw", &flaw, NULL);
  if (flaw != BIPE_FLAW_NONE)
    gtk_label_set_label (self->flaw_label, get_hint ((BipeFlaw)flaw));
}

static gboolean
has_flaw (GObject *object, int flaw)
{
  return flaw != BIPE_FLAW_NONE;
}

/* --- The picture --------------------------------------------------------------------------- */

static gboolean
draw_cb (gpointer user_data)
{
  BipeCameraView *self = user_data;
  g_autoptr(GstSample) sample
             = bipe_camera_dup_preview (bipe_camera_controller_get_camera (self->controller));

  self->draw_idle = 0;
  bipe_camera_picture_set_sample (self->picture, sample);
  return G_SOURCE_REMOVE;
}

static void
preview_cb (BipeCameraView *self)
{
  if (self->draw_idle == 0)
    self->draw_idle = g_idle_add_full (DRAW_PRIORITY, draw_cb, self, NULL);
}

static gboolean
text_over_cb (gpointer user_data)
{
  BipeCameraView *self = user_data;

  self->text_timeout = 0;
  gtk_revealer_set_reveal_child (self->text_revealer, FALSE);
  return G_SOURCE_REMOVE;
}

void
bipe_camera_view_tell (BipeCameraView *self,
                       const BipeReading *reading,
                       const BipeSight *sight,
                       gboolean is_kept)
{
  g_autofree char *text = bipe_format_code (reading->text, TEXT_MAX);

  bipe_camera_picture_flash (self->picture, reading, sight, is_kept);
  gtk_label_set_label (self->text_label, text);
  gtk_image_set_from_icon_name (self->text_icon,
                                is_kept ? "object-select-symbolic" : "dialog-error-symbolic");
  if (is_kept)
    gtk_widget_remove_css_class (self->text_box, "refused");
  else
    gtk_widget_add_css_class (self->text_box, "refused");
  gtk_revealer_set_reveal_child (self->text_revealer, TRUE);
  g_clear_handle_id (&self->text_timeout, g_source_remove);
  self->text_timeout = g_timeout_add (TEXT_MS, text_over_cb, self);
}

/* --- The menu ------------------------------------------------------------------------------ */

static void
append_choice (GMenu *section, const char *label, const char *action, const char *target)
{
  g_auto(GStrv) parts = g_strsplit (label, "_", -1);
  g_autofree char *literal = g_strjoinv ("__", parts);
  g_autoptr(GMenuItem) item = g_menu_item_new (literal, NULL);

  g_menu_item_set_action_and_target (item, action, "s", target);
  g_menu_append_item (section, item);
}

static GMenu *
create_cameras (char **names)
{
  GMenu *section = g_menu_new ();

  append_choice (section, _ ("Any Camera"), "camera.device", "");
  for (guint i = 0; names[i] != NULL && i < NAMES_MAX; i++)
    append_choice (section, names[i], "camera.device", names[i]);
  return section;
}

static void
names_cb (BipeCameraView *self, GParamSpec *pspec, BipeCamera *camera)
{
  g_autoptr(GMenu) cameras = NULL;
  g_autoptr(GMenu) mirror = g_menu_new ();
  g_autoptr(GMenu) codes = g_menu_new ();
  g_auto(GStrv) names = NULL;

  g_object_get (camera, "names", &names, NULL);
  g_menu_remove_all (self->menu);
  if (names != NULL && names[0] != NULL)
    {
      cameras = create_cameras (names);
      g_menu_append_section (self->menu, _ ("Camera"), G_MENU_MODEL (cameras));
    }
  append_choice (mirror, _ ("When It Faces Me"), "camera.mirror", "auto");
  append_choice (mirror, _ ("Always"), "camera.mirror", "on");
  append_choice (mirror, _ ("Never"), "camera.mirror", "off");
  g_menu_append_section (self->menu, _ ("Show Mirrored"), G_MENU_MODEL (mirror));
  g_menu_append (codes, _ ("_Codes to Read…"), "win.symbologies");
  g_menu_append_section (self->menu, NULL, G_MENU_MODEL (codes));
}

/* --- Whether it is shown ------------------------------------------------------------------- */

static void
tell_shown (BipeCameraView *self)
{
  gboolean is_shown = gtk_widget_get_mapped (GTK_WIDGET (self));

  if (self->surface != NULL
      && (gdk_toplevel_get_state (GDK_TOPLEVEL (self->surface)) & GDK_TOPLEVEL_STATE_MINIMIZED))
    is_shown = FALSE;
  if (self->controller == NULL)
    return;
  bipe_camera_set_wants_preview (bipe_camera_controller_get_camera (self->controller), is_shown);
  bipe_camera_controller_set_shown (self->controller, is_shown);
}

static void
bipe_camera_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (bipe_camera_view_parent_class)->map (widget);
  tell_shown (BIPE_CAMERA_VIEW (widget));
}

static void
bipe_camera_view_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (bipe_camera_view_parent_class)->unmap (widget);
  tell_shown (BIPE_CAMERA_VIEW (widget));
}

static void
bipe_camera_view_realize (GtkWidget *widget)
{
  BipeCameraView *self = BIPE_CAMERA_VIEW (widget);

  GTK_WIDGET_CLASS (bipe_camera_view_parent_class)->realize (widget);
  self->surface = g_object_ref (gtk_native_get_surface (gtk_widget_get_native (widget)));
  g_signal_connect_object (self->surface, "notify::state", G_CALLBACK (tell_shown), self,
                           G_CONNECT_SWAPPED);
}

static void
bipe_camera_view_unrealize (GtkWidget *widget)
{
  BipeCameraView *self = BIPE_CAMERA_VIEW (widget);

  g_signal_handlers_disconnect_by_func (self->surface, tell_shown, self);
  g_clear_object (&self->surface);
  GTK_WIDGET_CLASS (bipe_camera_view_parent_class)->unrealize (widget);
}

/* --- Class --------------------------------------------------------------------------------- */

static void
set_controller (BipeCameraView *self, BipeCameraController *controller)
{
  BipeCameraScanner *scanner;
  BipeCamera *camera;

  if (!g_set_object (&self->controller, controller))
    return;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONTROLLER]);
  if (controller == NULL)
    return;
  scanner = bipe_camera_controller_get_scanner (controller);
  camera = bipe_camera_controller_get_camera (controller);
  g_signal_connect_object (scanner, "notify::flaw", G_CALLBACK (flaw_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (camera, "preview", G_CALLBACK (preview_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (camera, "notify::names", G_CALLBACK (names_cb), self, G_CONNECT_SWAPPED);
  names_cb (self, NULL, camera);
  tell_shown (self);
}

static void
bipe_camera_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_CONTROLLER:
      g_value_set_object (value, BIPE_CAMERA_VIEW (object)->controller);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_camera_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_CONTROLLER:
      set_controller (BIPE_CAMERA_VIEW (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_camera_view_dispose (GObject *object)
{
  BipeCameraView *self = BIPE_CAMERA_VIEW (object);

  g_clear_handle_id (&self->text_timeout, g_source_remove);
  g_clear_handle_id (&self->draw_idle, g_source_remove);
  bipe_template_dispose (GTK_WIDGET (self), BIPE_TYPE_CAMERA_VIEW);
  g_clear_object (&self->controller);
  G_OBJECT_CLASS (bipe_camera_view_parent_class)->dispose (object);
}

static void
bipe_camera_view_class_init (BipeCameraViewClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = bipe_camera_view_get_property;
  object_class->set_property = bipe_camera_view_set_property;
  object_class->dispose = bipe_camera_view_dispose;

  widget_class->map = bipe_camera_view_map;
  widget_class->unmap = bipe_camera_view_unmap;
  widget_class->realize = bipe_camera_view_realize;
  widget_class->unrealize = bipe_camera_view_unrealize;

  properties[PROP_CONTROLLER]
      = g_param_spec_object ("controller", NULL, NULL, BIPE_TYPE_CAMERA_CONTROLLER,
                             G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (BIPE_TYPE_CAMERA_PICTURE);
  g_type_ensure (BIPE_TYPE_CAMERA_SCANNER);
  g_type_ensure (BIPE_TYPE_CAMERA);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/bipe/Bipe/camera-view.ui");
  gtk_widget_class_bind_template_child (widget_class, BipeCameraView, picture);
  gtk_widget_class_bind_template_child (widget_class, BipeCameraView, text_revealer);
  gtk_widget_class_bind_template_child (widget_class, BipeCameraView, text_box);
  gtk_widget_class_bind_template_child (widget_class, BipeCameraView, text_icon);
  gtk_widget_class_bind_template_child (widget_class, BipeCameraView, text_label);
  gtk_widget_class_bind_template_child (widget_class, BipeCameraView, flaw_label);
  gtk_widget_class_bind_template_child (widget_class, BipeCameraView, menu);
  gtk_widget_class_bind_template_callback (widget_class, can_retry);
  gtk_widget_class_bind_template_callback (widget_class, format_advice);
  gtk_widget_class_bind_template_callback (widget_class, format_icon);
  gtk_widget_class_bind_template_callback (widget_class, format_title);
  gtk_widget_class_bind_template_callback (widget_class, has_advice);
  gtk_widget_class_bind_template_callback (widget_class, has_flaw);
  gtk_widget_class_bind_template_callback (widget_class, is_running);
  gtk_widget_class_bind_template_callback (widget_class, is_starting);
  bipe_format_bind (widget_class);

  gtk_widget_class_set_css_name (widget_class, "cameraview");
}

static void
bipe_camera_view_init (BipeCameraView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
