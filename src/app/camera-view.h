/* camera-view.h: the camera as the operator sees it: its picture, or why there is none and what to
 * do about it; how to hold a code that can't be read; what has just been read. Window thread. */
#pragma once

#include <gtk/gtk.h>

#include "decoder/sight.h"

G_BEGIN_DECLS

/* BipeCameraView:controller: the BipeCameraController, which it tells whether it is shown. */
#define BIPE_TYPE_CAMERA_VIEW (bipe_camera_view_get_type ())
G_DECLARE_FINAL_TYPE (BipeCameraView, bipe_camera_view, BIPE, CAMERA_VIEW, GtkWidget)

/* What became of a code: it is kept, or not. */
void bipe_camera_view_tell (BipeCameraView *self,
                            const BipeReading *reading,
                            const BipeSight *sight,
                            gboolean is_kept);

G_END_DECLS
