/* database-page.h: the Preferences' page for the database that scans are stored in. */
#pragma once

#include "app/setup-page.h"

G_BEGIN_DECLS

#define BIPE_TYPE_DATABASE_PAGE (bipe_database_page_get_type ())
G_DECLARE_FINAL_TYPE (BipeDatabasePage, bipe_database_page, BIPE, DATABASE_PAGE, BipeSetupPage)

G_END_DECLS
