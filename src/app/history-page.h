/* history-page.h: the page of all stored scans: to look through, search, void and restore. */
#pragma once

#include <gtk/gtk.h>

#include "app/history-model.h"

G_BEGIN_DECLS

#define BIPE_TYPE_HISTORY_PAGE (bipe_history_page_get_type ())
G_DECLARE_FINAL_TYPE (BipeHistoryPage, bipe_history_page, BIPE, HISTORY_PAGE, GtkWidget)

/**
 * BipeHistoryPage:history: what is shown
 * BipeHistoryPage:narrow: whether only the most important columns fit
 */

/* Puts the cursor into the search field. */
void bipe_history_page_search (BipeHistoryPage *self);

G_END_DECLS
