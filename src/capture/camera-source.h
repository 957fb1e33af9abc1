/* camera-source.h: where the pictures come from: a device, or a pipeline of the user's. Immutable,
 * refcounted, free to cross threads. */
#pragma once

#include "capture/camera-list.h"
#include "capture/camera-state.h"

G_BEGIN_DECLS

typedef struct _BipeCameraSource BipeCameraSource;

/**
 * bipe_camera_source_new_device:
 * @device: one of @list, which it keeps
 * @name: of the camera
 * @width: and @height, @rate: wanted
 */
BipeCameraSource *bipe_camera_source_new_device (BipeCameraList *list,
                                                 GstDevice *device,
                                                 const char *name,
                                                 guint width,
                                                 guint height,
                                                 guint rate) G_GNUC_WARN_UNUSED_RESULT;

/* @pipeline: a URI, or a GStreamer description. It is run as it stands, so it is the user's own
 * setting and nobody else's. */
BipeCameraSource *bipe_camera_source_new_pipeline (const char *pipeline) G_GNUC_WARN_UNUSED_RESULT;

BipeCameraSource *bipe_camera_source_ref (BipeCameraSource *self);
void bipe_camera_source_unref (BipeCameraSource *self);

/* The device's name; of a URI the file or the host, never its password. */
const char *bipe_camera_source_get_name (BipeCameraSource *self);

/* NULL: it is no device's. */
GstDevice *bipe_camera_source_get_device (BipeCameraSource *self);

/* Whether its picture is best mirrored. */
gboolean bipe_camera_source_faces_operator (BipeCameraSource *self);

/* Whether it starts again where it ends: a file. */
gboolean bipe_camera_source_is_endless (BipeCameraSource *self);

/* Whether its frames come as fast as they can be read, and have to wait for their time. */
gboolean bipe_camera_source_wants_pace (BipeCameraSource *self);

/* A bin with a pad "src" of raw video. GStreamer is loaded. Any thread; may take its time. Error: a
 * sentence. */
GstElement *bipe_camera_source_create (BipeCameraSource *self,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_camera_source_judge:
 * @error: what one of its elements has said
 * @debug: (nullable): and added for programmers
 * @was_running: frames have come before
 * @problem: (out): a sentence that says what to do
 */
BipeCameraState bipe_camera_source_judge (BipeCameraSource *self,
                                          const GError *error,
                                          const char *debug,
                                          gboolean was_running,
                                          char **problem);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeCameraSource, bipe_camera_source_unref)

G_END_DECLS
