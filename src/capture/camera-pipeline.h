/* camera-pipeline.h: one go at a source: opened once, closed once. It lives in the main context of
 * the thread that made it; all that can take time is done on threads of GLib's pool. */
#pragma once

#include "capture/camera-source.h"
#include "capture/camera-tap.h"

G_BEGIN_DECLS

/* A larger frame ends it. */
#define BIPE_CAMERA_PIXELS_MAX (16 * 1024 * 1024)

/**
 * BipeCameraPipeline:
 *
 * Signals, in its context: `started`: the first frame has come. `previewed (GstSample *sample)`: a
 * frame to show, video/x-raw,format=BGRx; the next one is made when the handlers have returned.
 * `ended (int state, char *problem)`: it gives nothing any more, and wants to be closed; once.
 * `closed`: all it had is released; a device can be opened again. After close only this one comes.
 */
#define BIPE_TYPE_CAMERA_PIPELINE (bipe_camera_pipeline_get_type ())
G_DECLARE_FINAL_TYPE (BipeCameraPipeline, bipe_camera_pipeline, BIPE, CAMERA_PIPELINE, GObject)

/* Opens it. */
BipeCameraPipeline *bipe_camera_pipeline_new (BipeCameraSource *source,
                                              BipeCameraTap *tap) G_GNUC_WARN_UNUSED_RESULT;

/* Has to be called before the last reference goes. */
void bipe_camera_pipeline_close (BipeCameraPipeline *self);

BipeCameraSource *bipe_camera_pipeline_get_source (BipeCameraPipeline *self);

/* Frames to show are made only where they are wanted. */
void bipe_camera_pipeline_set_wants_preview (BipeCameraPipeline *self, gboolean wants_preview);

/* That have come so far; wraps. */
guint bipe_camera_pipeline_get_n_frames (BipeCameraPipeline *self);

G_END_DECLS
