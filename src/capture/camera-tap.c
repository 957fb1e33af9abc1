#include "config.h"

#include "capture/camera-tap.h"

BipeCameraTap *
bipe_camera_tap_new (BipeCameraFunc func, gpointer user_data, GDestroyNotify destroy)
{
  BipeCameraTap *self = g_atomic_rc_box_new0 (BipeCameraTap);

  self->func = func;
  self->user_data = user_data;
  self->destroy = destroy;
  return self;
}

BipeCameraTap *
bipe_camera_tap_ref (BipeCameraTap *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_tap (gpointer data)
{
  BipeCameraTap *self = data;

  if (self->destroy != NULL)
    self->destroy (self->user_data);
}

void
bipe_camera_tap_unref (BipeCameraTap *self)
{
  g_atomic_rc_box_release_full (self, clear_tap);
}
