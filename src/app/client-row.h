/* client-row.h: a row of the Clients page. Its verbs are the window's actions (client.…). */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define BIPE_TYPE_CLIENT_ROW (bipe_client_row_get_type ())
G_DECLARE_FINAL_TYPE (BipeClientRow, bipe_client_row, BIPE, CLIENT_ROW, GtkWidget)

/**
 * BipeClientRow:item: (nullable): the #BipeClientItem
 */

G_END_DECLS
