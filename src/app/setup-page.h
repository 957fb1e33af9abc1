/* setup-page.h: a page of the Preferences that shows how the station is set up, and changes it. */
#pragma once

#include <adwaita.h>

#include "app/station-setup.h"

G_BEGIN_DECLS

#define BIPE_TYPE_SETUP_PAGE (bipe_setup_page_get_type ())
G_DECLARE_DERIVABLE_TYPE (BipeSetupPage, bipe_setup_page, BIPE, SETUP_PAGE, AdwPreferencesPage)

/**
 * BipeSetupPage:setup: the BipeStationSetup, set once
 * BipeSetupPage:board: the BipeBoard, whose status tells of queue and database
 */

/**
 * BipeSetupPageClass:
 * @attach: @setup is there: the page borrows it until it is disposed of
 */
struct _BipeSetupPageClass
{
  AdwPreferencesPageClass parent_class;

  void (*attach) (BipeSetupPage *self, BipeStationSetup *setup);
};

/* For a template, after it is set; @setting is one of the settings' table:
 * describe_fixed (setup, setting): in words, why it can't be changed here; NULL where it can
 * can_change (setup, setting, is-applying) */
void bipe_setup_page_bind (GtkWidgetClass *widget_class);

G_END_DECLS
