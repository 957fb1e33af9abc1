/* camera-page.h: the Preferences' page for the camera. */
#pragma once

#include <adwaita.h>

#include "app/camera-controller.h"

G_BEGIN_DECLS

#define BIPE_TYPE_CAMERA_PAGE (bipe_camera_page_get_type ())
G_DECLARE_FINAL_TYPE (BipeCameraPage, bipe_camera_page, BIPE, CAMERA_PAGE, AdwPreferencesPage)

/* @settings: outlive it */
void bipe_camera_page_run (BipeCameraPage *self,
                           BipeCameraController *controller,
                           BipeSettings *settings);

G_END_DECLS
