/* camera-page.c: each control counts as soon as it is used. Choices are lists of texts, each with
 * the value that it stands for; a value that is in none of them (from the command line) gets an
 * entry of its own. */
#include "config.h"

#include "app/camera-page.h"

#include <glib/gi18n.h>

#include "app/choice-row.h"
#include "app/fixed.h"

/* Cameras that are named. */
#define NAMES_MAX 32

/* As the template lists them. */
static const char *const modes[] = { "off", "page", "always", NULL };
static const char *const mirrors[] = { "auto", "on", "off", NULL };

static const char *const sizes[] = { "640x480", "1280x720", "1920x1080", "3840x2160", NULL };

/* The rows that a setting has, and its name. */
typedef enum
{
  ROW_MODE,
  ROW_DEVICE,
  ROW_SIZE,
  ROW_RATE,
  ROW_REPEAT,
  ROW_MIRROR,
  ROW_CODES,
  N_ROWS
} Row;

static const struct
{
  const char *child;
  const char *setting;
} rows[] = {
  [ROW_MODE] = { "mode", "camera" },
  [ROW_DEVICE] = { "device", "camera-device" },
  [ROW_SIZE] = { "size", "camera-size" },
  [ROW_RATE] = { "rate_row", "camera-rate" },
  [ROW_REPEAT] = { "repeat_row", "camera-repeat" },
  [ROW_MIRROR] = { "mirror", "camera-mirror" },
  [ROW_CODES] = { "codes_row", "symbologies" },
};

struct _BipeCameraPage
{
  AdwPreferencesPage parent_instance;

  BipeCameraController *controller;
  GPtrArray *devices; /* of char: values behind the texts of the row */
  GPtrArray *sizes;
  gboolean is_loading; /* the controls are being set */

  GtkWidget *rows[N_ROWS];
  GtkSpinButton *rate;
  GtkSpinButton *repeat;
};

G_DEFINE_FINAL_TYPE (BipeCameraPage, bipe_camera_page, ADW_TYPE_PREFERENCES_PAGE)

static guint
get_selected (BipeCameraPage *self, Row row)
{
  return adw_combo_row_get_selected (ADW_COMBO_ROW (self->rows[row]));
}

static void
select_value (BipeCameraPage *self, Row row, const char *const *values, const char *value)
{
  for (guint i = 0; values[i] != NULL; i++)
    if (g_str_equal (values[i], value))
      adw_combo_row_set_selected (ADW_COMBO_ROW (self->rows[row]), i);
}

/* Has the row list @labels, which stand for @values. AdwComboRow makes itself sensitive with them.
 */
static void
offer (BipeCameraPage *self, Row row, GPtrArray **kept, GPtrArray *values, GtkStringList *labels)
{
  gboolean is_sensitive = gtk_widget_get_sensitive (self->rows[row]);

  g_clear_pointer (kept, g_ptr_array_unref);
  *kept = g_ptr_array_ref (values);
  adw_combo_row_set_model (ADW_COMBO_ROW (self->rows[row]), G_LIST_MODEL (labels));
  gtk_widget_set_sensitive (self->rows[row], is_sensitive);
}

static gboolean
has (GPtrArray *values, const char *value)
{
  return g_ptr_array_find_with_equal_func (values, value, g_str_equal, NULL);
}

static void
add (GPtrArray *values, GtkStringList *labels, const char *value, const char *label)
{
  g_ptr_array_add (values, g_strdup (value));
  gtk_string_list_append (labels, label);
}

static void
load_devices (BipeCameraPage *self)
{
  g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GtkStringList) labels = gtk_string_list_new (NULL);
  g_autofree char *device = NULL;
  g_auto(GStrv) names = NULL;
  gboolean was_loading = self->is_loading;
  guint selected = 0;

  g_object_get (self->controller, "device", &device, NULL);
  g_object_get (bipe_camera_controller_get_camera (self->controller), "names", &names, NULL);
  add (values, labels, "", _ ("Any Camera"));
  for (guint i = 0; names != NULL && names[i] != NULL && i < NAMES_MAX; i++)
    add (values, labels, names[i], names[i]);
  if (!has (values, device))
    add (values, labels, device, device);
  g_ptr_array_find_with_equal_func (values, device, g_str_equal, &selected);

  self->is_loading = TRUE;
  offer (self, ROW_DEVICE, &self->devices, values, labels);
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->rows[ROW_DEVICE]), selected);
  self->is_loading = was_loading;
}

static void
load_sizes (BipeCameraPage *self)
{
  g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GtkStringList) labels = gtk_string_list_new (NULL);
  g_autofree char *size = NULL;
  guint selected = 0;

  g_object_get (self->controller, "size", &size, NULL);
  for (guint i = 0; sizes[i] != NULL; i++)
    g_ptr_array_add (values, g_strdup (sizes[i]));
  if (!has (values, size))
    g_ptr_array_add (values, g_strdup (size));
  for (guint i = 0; i < values->len; i++)
    {
      g_auto(GStrv) sides = g_strsplit (values->pdata[i], "x", 2);
      g_autofree char *label = g_strjoinv ("\u00a0×\u00a0", sides);

      gtk_string_list_append (labels, label);
    }
  g_ptr_array_find_with_equal_func (values, size, g_str_equal, &selected);
  offer (self, ROW_SIZE, &self->sizes, values, labels);
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->rows[ROW_SIZE]), selected);
}

static char *
describe_symbologies (BipeSymbologies symbologies)
{
  guint n = 0;

  for (guint bit = 1; bit <= BIPE_SYMBOLOGIES_ALL; bit <<= 1)
    n += (symbologies & bit) != 0;
  return g_strdup_printf (ngettext ("%u kind is looked for", "%u kinds are looked for", n), n);
}

static void
tell_symbologies (BipeCameraPage *self)
{
  BipeSymbologies symbologies = bipe_camera_controller_get_symbologies (self->controller);
  g_autofree char *text = describe_symbologies (symbologies);

  if (gtk_widget_get_sensitive (self->rows[ROW_CODES]))
    adw_action_row_set_subtitle (ADW_ACTION_ROW (self->rows[ROW_CODES]), text);
}

/* The controls as what there is. */
static void
load (BipeCameraPage *self)
{
  g_autofree char *mode = NULL;
  g_autofree char *mirror = NULL;
  guint rate;
  guint repeat;

  if (self->is_loading)
    return;
  g_object_get (self->controller, "mode", &mode, "mirror", &mirror, "rate", &rate, "repeat",
                &repeat, NULL);
  self->is_loading = TRUE;
  select_value (self, ROW_MODE, modes, mode);
  select_value (self, ROW_MIRROR, mirrors, mirror);
  gtk_spin_button_set_value (self->rate, rate);
  gtk_spin_button_set_value (self->repeat, repeat);
  load_devices (self);
  load_sizes (self);
  self->is_loading = FALSE;
}

static void
chosen_cb (BipeCameraPage *self)
{
  guint device;
  guint size;

  if (self->is_loading)
    return;
  device = get_selected (self, ROW_DEVICE);
  size = get_selected (self, ROW_SIZE);
  self->is_loading = TRUE;
  /* A list that is just being exchanged has nothing selected. */
  if (device < self->devices->len)
    g_object_set (self->controller, "device", self->devices->pdata[device], NULL);
  if (size < self->sizes->len)
    g_object_set (self->controller, "size", self->sizes->pdata[size], NULL);
  g_object_set (self->controller, "mode", modes[get_selected (self, ROW_MODE)], "mirror",
                mirrors[get_selected (self, ROW_MIRROR)], "rate",
                (guint)gtk_spin_button_get_value_as_int (self->rate), "repeat",
                (guint)gtk_spin_button_get_value_as_int (self->repeat), NULL);
  self->is_loading = FALSE;
}

static void
bipe_camera_page_dispose (GObject *object)
{
  BipeCameraPage *self = BIPE_CAMERA_PAGE (object);

  self->is_loading = TRUE;
  gtk_widget_dispose_template (GTK_WIDGET (self), BIPE_TYPE_CAMERA_PAGE);
  g_clear_pointer (&self->sizes, g_ptr_array_unref);
  g_clear_pointer (&self->devices, g_ptr_array_unref);
  g_clear_object (&self->controller);
  G_OBJECT_CLASS (bipe_camera_page_parent_class)->dispose (object);
}

static void
bipe_camera_page_class_init (BipeCameraPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = bipe_camera_page_dispose;

  g_type_ensure (BIPE_TYPE_CHOICE_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/bipe/Bipe/camera-page.ui");
  for (guint i = 0; i < N_ROWS; i++)
    gtk_widget_class_bind_template_child_full (
        widget_class, rows[i].child, FALSE,
        (gssize)(G_STRUCT_OFFSET (BipeCameraPage, rows) + i * sizeof (GtkWidget *)));
  gtk_widget_class_bind_template_child (widget_class, BipeCameraPage, rate);
  gtk_widget_class_bind_template_child (widget_class, BipeCameraPage, repeat);
  gtk_widget_class_bind_template_callback (widget_class, chosen_cb);
}

static void
bipe_camera_page_init (BipeCameraPage *self)
{
  self->is_loading = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* What is fixed is shown, and from where. */
static void
show_fixed (BipeCameraPage *self, BipeSettings *settings)
{
  for (guint i = 0; i < N_ROWS; i++)
    {
      const char *fixed = bipe_fixed_get (settings, rows[i].setting);
      g_autofree char *words = bipe_fixed_describe (fixed);

      gtk_widget_set_sensitive (self->rows[i], fixed == NULL);
      if (words != NULL)
        adw_action_row_set_subtitle (ADW_ACTION_ROW (self->rows[i]), words);
    }
}

void
bipe_camera_page_run (BipeCameraPage *self,
                      BipeCameraController *controller,
                      BipeSettings *settings)
{
  self->controller = g_object_ref (controller);
  g_signal_connect_object (controller, "notify", G_CALLBACK (load), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (bipe_camera_controller_get_camera (controller), "notify::names",
                           G_CALLBACK (load_devices), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (controller, "notify::symbologies", G_CALLBACK (tell_symbologies), self,
                           G_CONNECT_SWAPPED);
  self->is_loading = FALSE;
  load (self);
  tell_symbologies (self);
  show_fixed (self, settings);
}
