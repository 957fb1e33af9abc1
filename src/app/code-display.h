/* code-display.h: a code as large as its place allows, to be read from two metres. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define BIPE_TYPE_CODE_DISPLAY (bipe_code_display_get_type ())
G_DECLARE_FINAL_TYPE (BipeCodeDisplay, bipe_code_display, BIPE, CODE_DISPLAY, GtkWidget)

G_END_DECLS
