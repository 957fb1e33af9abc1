/* top-keeper.c: by itself GTK keeps the rows in their place on the screen, which is right only for
 * whoever has scrolled down. */
#include "config.h"

#include "app/top-keeper.h"

static void
items_changed_cb (GListModel *model,
                  guint position,
                  guint n_removed,
                  guint n_added,
                  gpointer user_data)
{
  GtkWidget *list = user_data;
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (list));

  /* The list moves when it is laid out the next time; until then this is where it was. */
  if (position != 0 || n_added == 0 || adjustment == NULL
      || gtk_adjustment_get_value (adjustment) > 0)
    return;
  /* GtkColumnView has the action in the list inside it, its last child. */
  if (GTK_IS_COLUMN_VIEW (list))
    list = gtk_widget_get_last_child (list);
  gtk_widget_activate_action (list, "list.scroll-to-item", "u", 0);
}

void
bipe_top_keeper_attach (GtkWidget *list)
{
  g_autoptr(GListModel) model = NULL;

  g_object_get (list, "model", &model, NULL);
  g_signal_connect_object (model, "items-changed", G_CALLBACK (items_changed_cb), list, 0);
}
