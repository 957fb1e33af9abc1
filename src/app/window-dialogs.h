/* window-dialogs.h: the window's verbs that open a dialog, and the ways out of a failed start. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* @class: of a BipeWindow */
void bipe_window_dialogs_install (GtkWidgetClass *class);

G_END_DECLS
