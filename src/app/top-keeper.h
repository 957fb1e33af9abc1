/* top-keeper.h: a list that shows its top goes on showing it when rows are added there. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* @list: a GtkListView or GtkColumnView with its model; at most once for each. */
void bipe_top_keeper_attach (GtkWidget *list);

G_END_DECLS
