#include "config.h"

#include "capture/camera-state.h"

const char *
bipe_camera_state_get_name (BipeCameraState state)
{
  static const char *const names[] = {
    [BIPE_CAMERA_OFF] = "off",
    [BIPE_CAMERA_STARTING] = "starting",
    [BIPE_CAMERA_RUNNING] = "running",
    [BIPE_CAMERA_NONE] = "none",
    [BIPE_CAMERA_REFUSED] = "refused",
    [BIPE_CAMERA_BUSY] = "busy",
    [BIPE_CAMERA_UNPLUGGED] = "unplugged",
    [BIPE_CAMERA_FAILED] = "failed",
  };

  g_return_val_if_fail (state < G_N_ELEMENTS (names), NULL);
  return names[state];
}
