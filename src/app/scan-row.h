/* scan-row.h: a scan in the live list, with its state and, while it is held for review, its verbs.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define BIPE_TYPE_SCAN_ROW (bipe_scan_row_get_type ())
G_DECLARE_FINAL_TYPE (BipeScanRow, bipe_scan_row, BIPE, SCAN_ROW, GtkWidget)

G_END_DECLS
