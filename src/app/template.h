/* template.h: what GTK 4.8 leaves to its user when a widget with a template goes. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* gtk_widget_dispose_template() for a widget that is a direct child of GtkWidget's class: its
 * children go, too, also those that the template gives no name. */
void bipe_template_dispose (GtkWidget *widget, GType type);

G_END_DECLS
