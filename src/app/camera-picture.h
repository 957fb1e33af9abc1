/* camera-picture.h: what the camera sees, with the guide box and the outlines of codes just read.
 * Window thread. */
#pragma once

#include <gst/gst.h>
#include <gtk/gtk.h>

#include "decoder/sight.h"

G_BEGIN_DECLS

#define BIPE_TYPE_CAMERA_PICTURE (bipe_camera_picture_get_type ())
G_DECLARE_FINAL_TYPE (BipeCameraPicture, bipe_camera_picture, BIPE, CAMERA_PICTURE, GtkWidget)

/* BipeCameraPicture:mirrored: it is drawn as a mirror would show it. */

/* video/x-raw,format=BGRx, shown without a copy; NULL: nothing. */
void bipe_camera_picture_set_sample (BipeCameraPicture *self, GstSample *sample);

/* Shows for a moment where @reading was in @sight's picture, and whether it was kept. */
void bipe_camera_picture_flash (BipeCameraPicture *self,
                                const BipeReading *reading,
                                const BipeSight *sight,
                                gboolean is_kept);

G_END_DECLS
