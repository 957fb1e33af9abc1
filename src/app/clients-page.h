/* clients-page.h: who is connected, and which devices have a token. Window thread. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define BIPE_TYPE_CLIENTS_PAGE (bipe_clients_page_get_type ())
G_DECLARE_FINAL_TYPE (BipeClientsPage, bipe_clients_page, BIPE, CLIENTS_PAGE, GtkWidget)

/**
 * BipeClientsPage:clients: (nullable): the #BipeClientList
 * BipeClientsPage:network: (nullable): the #BipeNetwork
 * BipeClientsPage:narrow: whether there is little width
 */

G_END_DECLS
