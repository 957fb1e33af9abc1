/* camera.h: pictures from a camera: one that is plugged in, the camera portal's inside a sandbox,
 * or a pipeline of the user's. Lives in the main context of the thread that made it; its frames
 * come on GStreamer's threads. */
#pragma once

#include <gst/gst.h>

#include "capture/camera-state.h"
#include "capture/camera-tap.h"

G_BEGIN_DECLS

/* The device that stands for the camera portal's first one. Inside a sandbox all are the portal's;
 * outside this is how to get at it. */
#define BIPE_CAMERA_PORTAL_DEVICE "portal"

/**
 * BipeCameraChoice:
 * @device: (nullable): a camera's name, as BipeCamera:names has it; %NULL: the first there is
 * @pipeline: (nullable): instead of a device: a URI (`file:///…`, which is played again and again,
 *   `rtsp://…`), or a GStreamer description whose last element gives raw or JPEG video
 *   (`videotestsrc is-live=true`). It is run as it stands: never take it from the network
 * @width: and @height, @rate: wanted; the nearest the device has is taken
 */
typedef struct
{
  char *device;
  char *pipeline;
  guint width;
  guint height;
  guint rate;
} BipeCameraChoice;

/**
 * BipeCamera:
 *
 * Properties, notified in its context: `state` (int, #BipeCameraState), `problem` (nullable: says
 * what to do; none while OFF, STARTING and RUNNING), `name` (nullable, of the camera in use, or in
 * use last; of a pipeline the file or the host), `names` (GStrv, of those there are; empty until
 * the first start of a device, inside a sandbox until access is given), `faces-operator` (boolean:
 * its picture is best mirrored).
 *
 * Signal `preview`: bipe_camera_dup_preview() has a new frame, or none any more. At most one is
 * under way, so a slow window skips frames and nothing waits for it.
 */
#define BIPE_TYPE_CAMERA (bipe_camera_get_type ())
G_DECLARE_FINAL_TYPE (BipeCamera, bipe_camera, BIPE, CAMERA, GObject)

/* GStreamer is loaded at the first start. @func: (nullable): gets each frame's brightness, on one
 * of its threads; must return soon. @destroy comes after its last call. */
BipeCamera *bipe_camera_new (BipeCameraFunc func,
                             gpointer user_data,
                             GDestroyNotify destroy) G_GNUC_WARN_UNUSED_RESULT;

/* Copies @choice; a camera that runs is opened anew where it differs. */
void bipe_camera_choose (BipeCamera *self, const BipeCameraChoice *choice);

/* Neither blocks. Stop is OFF at once; a frame that is in the function's hands then is the last. A
 * refused camera is asked for anew by stop and start. */
void bipe_camera_start (BipeCamera *self);
void bipe_camera_stop (BipeCamera *self);

BipeCameraState bipe_camera_get_state (BipeCamera *self);

/* Whether anybody looks (at first: yes). A hidden window spares the making of frames to show. */
void bipe_camera_set_wants_preview (BipeCamera *self, gboolean wants_preview);

/* The newest frame to show, video/x-raw,format=BGRx; %NULL: none. */
GstSample *bipe_camera_dup_preview (BipeCamera *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
