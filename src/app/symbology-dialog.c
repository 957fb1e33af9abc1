/* symbology-dialog.c: a row with a switch for each symbology. What is read by default has little to
 * say for itself; of the others each row says what it costs, or what may go wrong. */
#include "config.h"

#include "app/symbology-dialog.h"

#include <glib/gi18n.h>

struct _BipeSymbologyDialog
{
  AdwWindow parent_instance;

  BipeCameraController *controller;

  AdwPreferencesGroup *usual;
  AdwPreferencesGroup *others;
};

G_DEFINE_FINAL_TYPE (BipeSymbologyDialog, bipe_symbology_dialog, ADW_TYPE_WINDOW)

static const char *
get_note (BipeSymbologies symbology)
{
  switch ((int)symbology)
    {
    case BIPE_SYMBOLOGY_EAN_13:
    case BIPE_SYMBOLOGY_EAN_8:
      return _ ("Goods, books and newspapers");
    case BIPE_SYMBOLOGY_UPC_A:
      return _ ("Goods from North America");
    case BIPE_SYMBOLOGY_CODE_128:
      return _ ("Parcels and logistics, GS1-128 too");
    case BIPE_SYMBOLOGY_CODE_39:
      return _ ("Industry; has no check digit: a damaged one may be read wrong");
    case BIPE_SYMBOLOGY_ITF:
      return _ ("Cartons; a part of one looks like a shorter one: hold all of it in view");
    case BIPE_SYMBOLOGY_QR_CODE:
    case BIPE_SYMBOLOGY_DATA_MATRIX:
      return _ ("Corrects its own damage");
    case BIPE_SYMBOLOGY_UPC_E:
      return _ ("So short that other patterns can be taken for it");
    case BIPE_SYMBOLOGY_CODE_93:
      return _ ("Industry and post; seldom used today");
    case BIPE_SYMBOLOGY_CODABAR:
      return _ ("Libraries, blood banks; has no check digit: may be read wrong");
    case BIPE_SYMBOLOGY_DATABAR:
    case BIPE_SYMBOLOGY_DATABAR_EXPANDED:
      return _ ("Fresh food and coupons; not every installed decoder reads it");
    case BIPE_SYMBOLOGY_MICRO_QR_CODE:
      return _ ("Small parts; corrects its own damage");
    case BIPE_SYMBOLOGY_AZTEC:
      return _ ("Train tickets; corrects its own damage");
    case BIPE_SYMBOLOGY_PDF417:
      return _ ("Identity cards, boarding passes; corrects its own damage");
    case BIPE_SYMBOLOGY_MAXICODE:
      return _ ("Parcels of one carrier; read only upright and sharp");
    default:
      return NULL;
    }
}

static BipeSymbologies
get_symbologies (BipeSymbologyDialog *self)
{
  return bipe_camera_controller_get_symbologies (self->controller);
}

/* One must stay: an empty set would look as if the camera were broken. */
static gboolean
state_cb (GtkSwitch *toggle, gboolean is_on, BipeSymbologyDialog *self)
{
  BipeSymbologies symbology = 0;
  BipeSymbologies chosen = get_symbologies (self);

  for (guint bit = 0; bit < 32 && symbology == 0; bit++)
    if (g_strcmp0 (bipe_symbology_get_name ((BipeSymbologies)(1U << bit)),
                   gtk_widget_get_name (GTK_WIDGET (toggle)))
        == 0)
      symbology = (BipeSymbologies)(1U << bit);
  chosen = is_on ? chosen | symbology : chosen & ~symbology;
  if (chosen == 0)
    {
      gtk_switch_set_active (toggle, TRUE);
      return TRUE;
    }
  bipe_camera_controller_set_symbologies (self->controller, chosen);
  return FALSE;
}

static void
add_row (BipeSymbologyDialog *self, BipeSymbologies symbology)
{
  const char *name = bipe_symbology_get_name (symbology);
  gboolean is_usual = (symbology & BIPE_SYMBOLOGIES_DEFAULT) != 0;
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *toggle = gtk_switch_new ();

  gtk_widget_set_valign (toggle, GTK_ALIGN_CENTER);
  gtk_widget_set_name (toggle, name);
  gtk_switch_set_active (GTK_SWITCH (toggle), (get_symbologies (self) & symbology) != 0);
  g_signal_connect_object (toggle, "state-set", G_CALLBACK (state_cb), self, 0);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), get_note (symbology));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), toggle);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), toggle);
  adw_preferences_group_add (is_usual ? self->usual : self->others, row);
}

static void
bipe_symbology_dialog_dispose (GObject *object)
{
  BipeSymbologyDialog *self = BIPE_SYMBOLOGY_DIALOG (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), BIPE_TYPE_SYMBOLOGY_DIALOG);
  g_clear_object (&self->controller);
  G_OBJECT_CLASS (bipe_symbology_dialog_parent_class)->dispose (object);
}

static void
bipe_symbology_dialog_class_init (BipeSymbologyDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = bipe_symbology_dialog_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/bipe/Bipe/symbology-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, BipeSymbologyDialog, usual);
  gtk_widget_class_bind_template_child (widget_class, BipeSymbologyDialog, others);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
}

static void
bipe_symbology_dialog_init (BipeSymbologyDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

BipeSymbologyDialog *
bipe_symbology_dialog_new (GtkWindow *parent, BipeCameraController *controller)
{
  BipeSymbologyDialog *self
      = g_object_new (BIPE_TYPE_SYMBOLOGY_DIALOG, "transient-for", parent, NULL);

  self->controller = g_object_ref (controller);
  for (guint symbology = 1; symbology <= BIPE_SYMBOLOGIES_ALL; symbology <<= 1)
    add_row (self, (BipeSymbologies)symbology);
  return self;
}
