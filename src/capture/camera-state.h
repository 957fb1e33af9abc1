/* camera-state.h: how it stands with a camera. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BipeCameraState:
 * @BIPE_CAMERA_OFF: nobody wants it
 * @BIPE_CAMERA_STARTING: it is being opened, or the user is being asked
 * @BIPE_CAMERA_RUNNING: frames come
 * @BIPE_CAMERA_NONE: there is none; it starts when one is plugged in
 * @BIPE_CAMERA_REFUSED: the user, or the system for him, has refused access
 * @BIPE_CAMERA_BUSY: another program has it; tried again every few seconds
 * @BIPE_CAMERA_UNPLUGGED: it was taken away; it starts when it comes back
 * @BIPE_CAMERA_FAILED: see BipeCamera:problem; tried again with backoff
 */
typedef enum
{
  BIPE_CAMERA_OFF,
  BIPE_CAMERA_STARTING,
  BIPE_CAMERA_RUNNING,
  BIPE_CAMERA_NONE,
  BIPE_CAMERA_REFUSED,
  BIPE_CAMERA_BUSY,
  BIPE_CAMERA_UNPLUGGED,
  BIPE_CAMERA_FAILED,
} BipeCameraState;

/* For a log or a test: "running". Static. */
const char *bipe_camera_state_get_name (BipeCameraState state);

G_END_DECLS
