/* choice-row.c: AdwComboRow cuts its value to a single letter where the subtitle beside it is long;
 * here it is broken into lines. The list to choose from stays libadwaita's, with its check mark. */
#include "config.h"

#include "app/choice-row.h"

/* Letters. A longer word is broken, too, so that no camera's name widens the window. */
#define WIDTH_MAX 14

struct _BipeChoiceRow
{
  AdwComboRow parent_instance;
};

G_DEFINE_FINAL_TYPE (BipeChoiceRow, bipe_choice_row, ADW_TYPE_COMBO_ROW)

static gboolean
has_long_word (const char *text)
{
  g_auto(GStrv) words = g_strsplit (text, " ", -1);

  for (guint i = 0; words[i] != NULL; i++)
    if (g_utf8_strlen (words[i], -1) > WIDTH_MAX)
      return TRUE;
  return FALSE;
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_RIGHT);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), WIDTH_MAX);
  gtk_widget_set_valign (label, GTK_ALIGN_CENTER);
  gtk_list_item_set_child (item, label);
}

/* The list view that the row has for its value asks for the height of its natural width: less must
 * not be given. */
static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_list_item_get_child (item);
  const char *text = gtk_string_object_get_string (gtk_list_item_get_item (item));
  int width;

  gtk_label_set_wrap_mode (GTK_LABEL (label),
                           has_long_word (text) ? PANGO_WRAP_WORD_CHAR : PANGO_WRAP_WORD);
  gtk_label_set_label (GTK_LABEL (label), text);
  gtk_widget_set_size_request (label, -1, -1);
  gtk_widget_measure (label, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &width, NULL, NULL);
  gtk_widget_set_size_request (label, width, -1);
}

static void
bipe_choice_row_class_init (BipeChoiceRowClass *class)
{
}

static void
bipe_choice_row_init (BipeChoiceRow *self)
{
  AdwComboRow *row = ADW_COMBO_ROW (self);
  g_autoptr(GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  adw_combo_row_set_list_factory (row, adw_combo_row_get_factory (row));
  adw_combo_row_set_factory (row, factory);
}
