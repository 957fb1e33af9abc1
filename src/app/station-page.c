/* station-page.c: each control counts as soon as it is used; where that fails, it goes back to what
 * there is. A name that is still being typed stays, whatever else changes. */
#include "config.h"

#include "app/station-page.h"

#include <glib/gi18n.h>

#include "app/choice-row.h"
#include "app/format.h"

struct _BipeStationPage
{
  BipeSetupPage parent_instance;

  BipeStationSetup *setup; /* borrowed */
  gboolean is_loading;     /* the controls are being set */
  gboolean is_naming;      /* the name is being applied */
  char *loaded;            /* the name that was put into its field last */

  GtkEditable *name;
  GtkCheckButton *automatic;
  GtkCheckButton *review;
  AdwComboRow *style;
};

G_DEFINE_FINAL_TYPE (BipeStationPage, bipe_station_page, BIPE_TYPE_SETUP_PAGE)

/* As the template lists them. */
static const AdwColorScheme styles[]
    = { ADW_COLOR_SCHEME_DEFAULT, ADW_COLOR_SCHEME_FORCE_LIGHT, ADW_COLOR_SCHEME_FORCE_DARK };

static char *
describe_name (GObject *object, const char *fixed)
{
  if (fixed != NULL)
    return g_strdup (fixed);
  /* Translators: %s is the name of the computer */
  return g_strdup_printf (_ ("Stands with each scan that is taken here from now on. Empty: the "
                             "name of this computer, %s."),
                          g_get_host_name ());
}

static char *
format_held (GObject *object, const BipeStatus *status)
{
  g_autofree char *number = bipe_format_number (status->n_held);

  return g_strdup_printf (ngettext ("%s scan is held", "%s scans are held", (gulong)status->n_held),
                          number);
}

/* The controls as what there is. */
static void
load (BipeStationPage *self)
{
  const BipeStationWish *wish = bipe_station_setup_get_wish (self->setup);

  self->is_loading = TRUE;
  if (self->is_naming || g_strcmp0 (self->loaded, wish->name) != 0)
    {
      gtk_editable_set_text (self->name, wish->name);
      g_free (self->loaded);
      self->loaded = g_strdup (wish->name);
    }
  self->is_naming = FALSE;
  gtk_check_button_set_active (wish->is_review ? self->review : self->automatic, TRUE);
  self->is_loading = FALSE;
}

static void
apply (BipeStationPage *self, const char *name, gboolean is_review)
{
  g_autoptr(BipeStationWish) wish
             = bipe_station_wish_copy (bipe_station_setup_get_wish (self->setup));

  g_free (wish->name);
  wish->name = g_strdup (name);
  wish->is_review = is_review;
  bipe_station_setup_apply (self->setup, wish);
}

static void
name_cb (BipeStationPage *self)
{
  const BipeStationWish *now = bipe_station_setup_get_wish (self->setup);
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (self->name)));

  if (g_str_equal (now->name, name))
    return;
  self->is_naming = TRUE;
  apply (self, name, now->is_review);
}

static void
queue_cb (BipeStationPage *self)
{
  const BipeStationWish *now;
  gboolean is_review;

  if (self->is_loading || self->setup == NULL)
    return;
  now = bipe_station_setup_get_wish (self->setup);
  is_review = gtk_check_button_get_active (self->review);
  if (now->is_review != is_review)
    apply (self, now->name, is_review);
}

static void
style_cb (BipeStationPage *self)
{
  guint selected = adw_combo_row_get_selected (self->style);

  if (!self->is_loading && selected < G_N_ELEMENTS (styles))
    adw_style_manager_set_color_scheme (adw_style_manager_get_default (), styles[selected]);
}

static void
load_style (BipeStationPage *self)
{
  AdwColorScheme scheme = adw_style_manager_get_color_scheme (adw_style_manager_get_default ());

  for (guint i = 0; i < G_N_ELEMENTS (styles); i++)
    if (styles[i] == scheme)
      adw_combo_row_set_selected (self->style, i);
}

static void
bipe_station_page_attach (BipeSetupPage *page, BipeStationSetup *setup)
{
  BipeStationPage *self = BIPE_STATION_PAGE (page);

  self->setup = setup;
  g_signal_connect_object (setup, "changed", G_CALLBACK (load), self, G_CONNECT_SWAPPED);
  load (self);
}

static void
bipe_station_page_dispose (GObject *object)
{
  BipeStationPage *self = BIPE_STATION_PAGE (object);

  self->is_loading = TRUE;
  gtk_widget_dispose_template (GTK_WIDGET (self), BIPE_TYPE_STATION_PAGE);
  self->setup = NULL;
  G_OBJECT_CLASS (bipe_station_page_parent_class)->dispose (object);
}

static void
bipe_station_page_finalize (GObject *object)
{
  g_free (BIPE_STATION_PAGE (object)->loaded);
  G_OBJECT_CLASS (bipe_station_page_parent_class)->finalize (object);
}

static void
bipe_station_page_class_init (BipeStationPageClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = bipe_station_page_dispose;
  object_class->finalize = bipe_station_page_finalize;
  BIPE_SETUP_PAGE_CLASS (class)->attach = bipe_station_page_attach;

  g_type_ensure (BIPE_TYPE_CHOICE_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/bipe/Bipe/station-page.ui");
  gtk_widget_class_bind_template_child (widget_class, BipeStationPage, name);
  gtk_widget_class_bind_template_child (widget_class, BipeStationPage, automatic);
  gtk_widget_class_bind_template_child (widget_class, BipeStationPage, review);
  gtk_widget_class_bind_template_child (widget_class, BipeStationPage, style);
  gtk_widget_class_bind_template_callback (widget_class, describe_name);
  gtk_widget_class_bind_template_callback (widget_class, format_held);
  gtk_widget_class_bind_template_callback (widget_class, name_cb);
  gtk_widget_class_bind_template_callback (widget_class, queue_cb);
  gtk_widget_class_bind_template_callback (widget_class, style_cb);
  bipe_format_bind (widget_class);
  bipe_setup_page_bind (widget_class);
}

static void
bipe_station_page_init (BipeStationPage *self)
{
  self->is_loading = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  load_style (self);
  self->is_loading = FALSE;
}
