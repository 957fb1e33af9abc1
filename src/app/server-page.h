/* server-page.h: the Preferences' page on the server: who reaches the station, and the ways to
 * change that (the Network dialog) and to let a device in. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define BIPE_TYPE_SERVER_PAGE (bipe_server_page_get_type ())
G_DECLARE_FINAL_TYPE (BipeServerPage, bipe_server_page, BIPE, SERVER_PAGE, AdwPreferencesPage)

/**
 * BipeServerPage:network: the BipeNetwork
 */

G_END_DECLS
