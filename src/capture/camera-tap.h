/* camera-tap.h: who gets the frames' brightness. Refcounted, since a frame may be on its way when
 * the camera ends. */
#pragma once

#include "decoder/picture.h"

G_BEGIN_DECLS

/* @picture: borrowed; @taken_at: microseconds, monotonic, later than that of the frame before it.
 * On GStreamer's thread. */
typedef void (*BipeCameraFunc) (const BipePicture *picture, gint64 taken_at, gpointer user_data);

typedef struct
{
  BipeCameraFunc func; /* NULL: nobody */
  gpointer user_data;
  GDestroyNotify destroy;
  gint64 taken_at; /* of the newest frame; of the thread that has it */
} BipeCameraTap;

BipeCameraTap *bipe_camera_tap_new (BipeCameraFunc func,
                                    gpointer user_data,
                                    GDestroyNotify destroy) G_GNUC_WARN_UNUSED_RESULT;
BipeCameraTap *bipe_camera_tap_ref (BipeCameraTap *self);
void bipe_camera_tap_unref (BipeCameraTap *self);

G_END_DECLS
