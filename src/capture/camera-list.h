/* camera-list.h: the cameras that are plugged in, as they come and go. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* More are not told of. */
#define BIPE_CAMERA_LIST_MAX 32

/**
 * BipeCameraList:
 *
 * Signal `changed`: it is ready, or a camera has come or gone. In the context where it was made.
 * GStreamer is loaded, asked and let go on threads of GLib's pool: each can take seconds.
 */
#define BIPE_TYPE_CAMERA_LIST (bipe_camera_list_get_type ())
G_DECLARE_FINAL_TYPE (BipeCameraList, bipe_camera_list, BIPE, CAMERA_LIST, GObject)

/* @remote: of the camera portal: the PipeWire connection whose cameras these are, which is closed
 * with the list; −1: the system's. */
BipeCameraList *bipe_camera_list_new (int remote) G_GNUC_WARN_UNUSED_RESULT;

/* Before that it is empty. */
gboolean bipe_camera_list_is_ready (BipeCameraList *self);

/* Another one would be no better: it has the same connection to PipeWire. */
gboolean bipe_camera_list_is_lasting (BipeCameraList *self);

/* Each name once: of two that are called the same the second has a "(2)". */
GStrv bipe_camera_list_dup_names (BipeCameraList *self);

/* @name: (nullable): %NULL: the first one. NULL: there is no such camera. */
GstDevice *bipe_camera_list_lookup (BipeCameraList *self, const char *name);

/* NULL: it is not plugged in. */
const char *bipe_camera_list_get_name (BipeCameraList *self, GstDevice *device);

/* Any thread, for one of its devices. NULL: it can't be opened. */
GstElement *bipe_camera_list_create_element (BipeCameraList *self,
                                             GstDevice *device) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
