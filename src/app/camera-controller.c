#include "config.h"

#include "app/camera-controller.h"

#include <stdio.h>

#include "base/settings.h"

struct _BipeCameraController
{
  GObject parent_instance;

  GSettings *saved; /* NULL: nothing is saved */
  BipeCameraScanner *scanner;
  char *device;
  char *pipeline;
  char *mirror;
  const char *mode; /* what `active` stands for: "page" or "always" */
  BipeCameraScannerRules rules;
  guint width;
  guint height;
  guint rate;
  gboolean is_active;
  gboolean is_shown;
};

enum
{
  PROP_0,
  PROP_ACTIVE,
  PROP_MODE,
  PROP_DEVICE,
  PROP_SIZE,
  PROP_RATE,
  PROP_REPEAT,
  PROP_MIRROR,
  PROP_MIRRORED,
  PROP_SYMBOLOGIES,
  PROP_SCANNER,
  PROP_CAMERA,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeCameraController, bipe_camera_controller, G_TYPE_OBJECT)

static gboolean
is_wanted (BipeCameraController *self)
{
  return self->is_active && (self->is_shown || g_str_equal (self->mode, "always"));
}

static void
update (BipeCameraController *self)
{
  if (is_wanted (self))
    bipe_camera_start (bipe_camera_controller_get_camera (self));
  else
    bipe_camera_stop (bipe_camera_controller_get_camera (self));
}

static void
choose (BipeCameraController *self)
{
  BipeCameraChoice choice = {
    .device = self->device[0] != '\0' ? self->device : NULL,
    .pipeline = self->pipeline[0] != '\0' ? self->pipeline : NULL,
    .width = self->width,
    .height = self->height,
    .rate = self->rate,
  };

  bipe_camera_choose (bipe_camera_controller_get_camera (self), &choice);
}

static gboolean
is_mirrored (BipeCameraController *self)
{
  gboolean faces_operator;

  if (!g_str_equal (self->mirror, "auto"))
    return g_str_equal (self->mirror, "on");
  g_object_get (bipe_camera_controller_get_camera (self), "faces-operator", &faces_operator, NULL);
  return faces_operator;
}

static void
faces_operator_cb (BipeCameraController *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MIRRORED]);
}

static void
save (BipeCameraController *self, const char *key, const char *value)
{
  if (self->saved != NULL)
    g_settings_set_string (self->saved, key, value);
}

static void
save_number (BipeCameraController *self, const char *key, guint number)
{
  if (self->saved != NULL)
    g_settings_set_int (self->saved, key, (int)number);
}

static const char *
get_mode (BipeCameraController *self)
{
  return self->is_active ? self->mode : "off";
}

/* @mode: what it stands for while it is active */
static void
set_active (BipeCameraController *self, gboolean is_active, const char *mode)
{
  if (self->is_active == is_active && g_str_equal (self->mode, mode))
    return;
  self->is_active = is_active;
  self->mode = mode;
  save (self, "camera", get_mode (self));
  update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ACTIVE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODE]);
}

static void
set_mode (BipeCameraController *self, const char *mode)
{
  if (g_str_equal (mode, "off"))
    set_active (self, FALSE, self->mode);
  else
    set_active (self, TRUE, g_str_equal (mode, "always") ? "always" : "page");
}

static void
set_device (BipeCameraController *self, const char *device)
{
  if (g_str_equal (self->device, device))
    return;
  g_free (self->device);
  self->device = g_strdup (device);
  save (self, "camera-device", device);
  choose (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DEVICE]);
}

/* @size: as the setting, "1280x720"; another one changes nothing */
static void
set_size (BipeCameraController *self, const char *size)
{
  guint width;
  guint height;

  if (sscanf (size, "%ux%u", &width, &height) != 2
      || (width == self->width && height == self->height))
    return;
  self->width = width;
  self->height = height;
  save (self, "camera-size", size);
  choose (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SIZE]);
}

static void
set_rate (BipeCameraController *self, guint rate)
{
  if (self->rate == rate)
    return;
  self->rate = rate;
  save_number (self, "camera-rate", rate);
  choose (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RATE]);
}

static void
set_repeat (BipeCameraController *self, guint seconds)
{
  if (self->rules.absence == seconds)
    return;
  self->rules.absence = seconds;
  save_number (self, "camera-repeat", seconds);
  bipe_camera_scanner_set_rules (self->scanner, &self->rules);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_REPEAT]);
}

static void
set_mirror (BipeCameraController *self, const char *mirror)
{
  if (g_str_equal (self->mirror, mirror))
    return;
  g_free (self->mirror);
  self->mirror = g_strdup (mirror);
  save (self, "camera-mirror", mirror);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MIRROR]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MIRRORED]);
}

static void
bipe_camera_controller_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipeCameraController *self = BIPE_CAMERA_CONTROLLER (object);

  switch (id)
    {
    case PROP_ACTIVE:
      g_value_set_boolean (value, self->is_active);
      break;
    case PROP_MODE:
      g_value_set_string (value, get_mode (self));
      break;
    case PROP_SIZE:
      g_value_take_string (value, g_strdup_printf ("%ux%u", self->width, self->height));
      break;
    case PROP_RATE:
      g_value_set_uint (value, self->rate);
      break;
    case PROP_REPEAT:
      g_value_set_uint (value, (guint)self->rules.absence);
      break;
    case PROP_DEVICE:
      g_value_set_string (value, self->device);
      break;
    case PROP_MIRROR:
      g_value_set_string (value, self->mirror);
      break;
    case PROP_MIRRORED:
      g_value_set_boolean (value, is_mirrored (self));
      break;
    case PROP_SYMBOLOGIES:
      g_value_set_uint (value, self->rules.symbologies);
      break;
    case PROP_SCANNER:
      g_value_set_object (value, self->scanner);
      break;
    case PROP_CAMERA:
      g_value_set_object (value, bipe_camera_controller_get_camera (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_camera_controller_set_property (GObject *object,
                                     guint id,
                                     const GValue *value,
                                     GParamSpec *pspec)
{
  BipeCameraController *self = BIPE_CAMERA_CONTROLLER (object);

  switch (id)
    {
    case PROP_ACTIVE:
      set_active (self, g_value_get_boolean (value), self->mode);
      break;
    case PROP_MODE:
      set_mode (self, g_value_get_string (value));
      break;
    case PROP_SIZE:
      set_size (self, g_value_get_string (value));
      break;
    case PROP_RATE:
      set_rate (self, g_value_get_uint (value));
      break;
    case PROP_REPEAT:
      set_repeat (self, g_value_get_uint (value));
      break;
    case PROP_DEVICE:
      set_device (self, g_value_get_string (value));
      break;
    case PROP_MIRROR:
      set_mirror (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_camera_controller_dispose (GObject *object)
{
  BipeCameraController *self = BIPE_CAMERA_CONTROLLER (object);

  if (self->scanner != NULL)
    bipe_camera_stop (bipe_camera_controller_get_camera (self));
  g_clear_object (&self->scanner);
  g_clear_object (&self->saved);
  G_OBJECT_CLASS (bipe_camera_controller_parent_class)->dispose (object);
}

static void
bipe_camera_controller_finalize (GObject *object)
{
  BipeCameraController *self = BIPE_CAMERA_CONTROLLER (object);

  g_free (self->mirror);
  g_free (self->pipeline);
  g_free (self->device);
  G_OBJECT_CLASS (bipe_camera_controller_parent_class)->finalize (object);
}

static void
bipe_camera_controller_class_init (BipeCameraControllerClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  GParamFlags shown = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = bipe_camera_controller_get_property;
  object_class->set_property = bipe_camera_controller_set_property;
  object_class->dispose = bipe_camera_controller_dispose;
  object_class->finalize = bipe_camera_controller_finalize;

  properties[PROP_ACTIVE] = g_param_spec_boolean ("active", NULL, NULL, FALSE, flags);
  properties[PROP_MODE] = g_param_spec_string ("mode", NULL, NULL, "off", flags);
  properties[PROP_SIZE] = g_param_spec_string ("size", NULL, NULL, NULL, flags);
  properties[PROP_RATE] = g_param_spec_uint ("rate", NULL, NULL, 1, 240, 30, flags);
  properties[PROP_REPEAT] = g_param_spec_uint ("repeat", NULL, NULL, 1, 3600, 1, flags);
  properties[PROP_DEVICE] = g_param_spec_string ("device", NULL, NULL, "", flags);
  properties[PROP_MIRROR] = g_param_spec_string ("mirror", NULL, NULL, "auto", flags);
  properties[PROP_MIRRORED] = g_param_spec_boolean ("mirrored", NULL, NULL, FALSE, shown);
  properties[PROP_SYMBOLOGIES]
      = g_param_spec_uint ("symbologies", NULL, NULL, 0, BIPE_SYMBOLOGIES_ALL, 0, shown);
  properties[PROP_SCANNER]
      = g_param_spec_object ("scanner", NULL, NULL, BIPE_TYPE_CAMERA_SCANNER, shown);
  properties[PROP_CAMERA] = g_param_spec_object ("camera", NULL, NULL, BIPE_TYPE_CAMERA, shown);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
bipe_camera_controller_init (BipeCameraController *self)
{
}

BipeCameraController *
bipe_camera_controller_new (BipeSettings *settings, GSettings *saved)
{
  BipeCameraController *self = g_object_new (BIPE_TYPE_CAMERA_CONTROLLER, NULL);
  const char *mode = bipe_settings_get_text (settings, "camera");
  const char *symbologies = bipe_settings_get_text (settings, "symbologies");

  self->saved = saved != NULL ? g_object_ref (saved) : NULL;
  self->is_active = !g_str_equal (mode, "off");
  self->mode = g_str_equal (mode, "always") ? "always" : "page";
  self->device = g_strdup (bipe_settings_get_text (settings, "camera-device"));
  self->pipeline = g_strdup (bipe_settings_get_text (settings, "camera-pipeline"));
  self->mirror = g_strdup (bipe_settings_get_text (settings, "camera-mirror"));
  self->rules.symbologies = bipe_symbologies_parse (symbologies, NULL);
  self->rules.absence = (double)bipe_settings_get_integer (settings, "camera-repeat");
  self->rate = (guint)bipe_settings_get_integer (settings, "camera-rate");
  bipe_settings_get_size (settings, "camera-size", &self->width, &self->height);

  self->scanner = bipe_camera_scanner_new ();
  bipe_camera_scanner_set_rules (self->scanner, &self->rules);
  g_signal_connect_object (bipe_camera_controller_get_camera (self), "notify::faces-operator",
                           G_CALLBACK (faces_operator_cb), self, G_CONNECT_SWAPPED);
  choose (self);
  update (self);
  return self;
}

BipeCamera *
bipe_camera_controller_get_camera (BipeCameraController *self)
{
  return bipe_camera_scanner_get_camera (self->scanner);
}

BipeCameraScanner *
bipe_camera_controller_get_scanner (BipeCameraController *self)
{
  return self->scanner;
}

BipeSymbologies
bipe_camera_controller_get_symbologies (BipeCameraController *self)
{
  return self->rules.symbologies;
}

static char *
list_symbologies (BipeSymbologies symbologies)
{
  const char *name = bipe_symbology_get_name (symbologies);
  GString *list;

  /* One, or a set that has a name: the default may grow later. */
  if (name != NULL)
    return g_strdup (name);
  list = g_string_new (NULL);
  for (guint bit = 1; bit <= BIPE_SYMBOLOGIES_ALL; bit <<= 1)
    if (symbologies & bit)
      g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "",
                              bipe_symbology_get_name ((BipeSymbologies)bit));
  return g_string_free (list, FALSE);
}

void
bipe_camera_controller_set_symbologies (BipeCameraController *self, BipeSymbologies symbologies)
{
  g_autofree char *list = list_symbologies (symbologies);

  if (self->rules.symbologies == symbologies)
    return;
  self->rules.symbologies = symbologies;
  save (self, "symbologies", list);
  bipe_camera_scanner_set_rules (self->scanner, &self->rules);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SYMBOLOGIES]);
}

void
bipe_camera_controller_set_shown (BipeCameraController *self, gboolean is_shown)
{
  self->is_shown = is_shown;
  update (self);
}

/* Opens it anew, or asks anew where access was refused. */
static void
retry_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  BipeCameraController *self = user_data;

  bipe_camera_stop (bipe_camera_controller_get_camera (self));
  update (self);
}

GSimpleActionGroup *
bipe_camera_controller_create_actions (BipeCameraController *self)
{
  static const char *const names[] = { "active", "device", "mirror" };
  static const GActionEntry verbs[] = { { "retry", retry_cb } };
  GSimpleActionGroup *actions = g_simple_action_group_new ();

  g_action_map_add_action_entries (G_ACTION_MAP (actions), verbs, G_N_ELEMENTS (verbs), self);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(GPropertyAction) action = g_property_action_new (names[i], self, names[i]);

      g_action_map_add_action (G_ACTION_MAP (actions), G_ACTION (action));
    }
  return actions;
}
