/* test-choice-row.c: the chosen value of a narrow row, beside the one of libadwaita's own, which is
 * cut. Needs a display. */
#include "app/choice-row.h"

#define WIDTH 340

static const char *const values[] = {
  "Off",
  "For Everybody but This Computer",
  "A Camera by the Name of Donaudampfschifffahrtsgesellschaftskapitänskajüte",
};

static GtkLabel *
find_label (GtkWidget *widget, const char *text)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget)
      && g_strcmp0 (gtk_label_get_text (GTK_LABEL (widget)), text) == 0)
    return GTK_LABEL (widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkLabel *label = find_label (child, text);

      if (label != NULL)
        return label;
    }
  return NULL;
}

/* All of its words are on the screen. */
static gboolean
is_whole (GtkLabel *label)
{
  PangoLayout *layout = gtk_label_get_layout (label);
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  return !pango_layout_is_ellipsized (layout) && width <= gtk_widget_get_width (GTK_WIDGET (label))
         && height <= gtk_widget_get_height (GTK_WIDGET (label));
}

static AdwComboRow *
make_row (GType type)
{
  g_autoptr(GtkStringList) choices = gtk_string_list_new (NULL);
  AdwComboRow *row = g_object_new (
      type, "title", "Encryption", "subtitle",
      "What comes over the network can be read there by others, unless it is encrypted",
      "subtitle-lines", 0, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    gtk_string_list_append (choices, values[i]);
  adw_combo_row_set_model (row, G_LIST_MODEL (choices));
  return row;
}

/* @row: in a window as narrow as a phone */
static gboolean
shows_whole (AdwComboRow *row, guint selected)
{
  GtkLabel *label;

  adw_combo_row_set_selected (row, selected);
  while ((label = find_label (GTK_WIDGET (row), values[selected])) == NULL
         || gtk_widget_get_width (GTK_WIDGET (label)) == 0)
    g_main_context_iteration (NULL, TRUE);
  return is_whole (label);
}

static void
test_narrow (void)
{
  static const struct
  {
    GType (*get_type) (void);
    gboolean is_whole;
  } cases[] = { { adw_combo_row_get_type, FALSE }, { bipe_choice_row_get_type, TRUE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      AdwComboRow *row = make_row (cases[i].get_type ());
      GtkWidget *window = g_object_new (GTK_TYPE_WINDOW, "child", gtk_list_box_new (),
                                        "default-width", WIDTH, NULL);

      gtk_list_box_append (GTK_LIST_BOX (gtk_window_get_child (GTK_WINDOW (window))),
                           GTK_WIDGET (row));
      gtk_window_present (GTK_WINDOW (window));
      for (guint value = 0; value < G_N_ELEMENTS (values); value++)
        {
          g_test_message ("%s: “%s”", G_OBJECT_TYPE_NAME (row), values[value]);
          g_assert_cmpint (shows_whole (row, value), ==, cases[i].is_whole || value == 0);
          g_assert_cmpint (gtk_widget_get_width (window), ==, WIDTH);
        }
      gtk_window_destroy (GTK_WINDOW (window));
    }
}

/* In the list there is room, and a mark at the chosen one. */
static void
test_list (void)
{
  AdwComboRow *row = g_object_ref_sink (make_row (BIPE_TYPE_CHOICE_ROW));
  AdwComboRow *plain = g_object_ref_sink (make_row (ADW_TYPE_COMBO_ROW));

  g_assert_nonnull (adw_combo_row_get_list_factory (row));
  g_assert_true (G_OBJECT_TYPE (adw_combo_row_get_list_factory (row))
                 == G_OBJECT_TYPE (adw_combo_row_get_factory (plain)));
  g_assert_true (adw_combo_row_get_factory (row) != adw_combo_row_get_list_factory (row));
  g_assert_finalize_object (row);
  g_assert_finalize_object (plain);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();

  g_test_add_func ("/choice-row/narrow", test_narrow);
  g_test_add_func ("/choice-row/list", test_list);
  return g_test_run ();
}
