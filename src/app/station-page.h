/* station-page.h: the Preferences' page for the station's name and its queue, and how the window
 * looks. */
#pragma once

#include "app/setup-page.h"

G_BEGIN_DECLS

#define BIPE_TYPE_STATION_PAGE (bipe_station_page_get_type ())
G_DECLARE_FINAL_TYPE (BipeStationPage, bipe_station_page, BIPE, STATION_PAGE, BipeSetupPage)

G_END_DECLS
