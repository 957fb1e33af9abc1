/* camera-portal.h: asks the desktop for its cameras, as a program in a sandbox has to. */
#pragma once

#include <gio/gio.h>

#include "capture/camera-state.h"

G_BEGIN_DECLS

/**
 * BipeCameraPortal: one question.
 *
 * Signal `answered (int state, int remote, char *problem)`, once, in the context where it was made:
 * #BIPE_CAMERA_STARTING with the PipeWire connection that has the cameras, which is the handler's
 * from then on; else why there is none.
 */
#define BIPE_TYPE_CAMERA_PORTAL (bipe_camera_portal_get_type ())
G_DECLARE_FINAL_TYPE (BipeCameraPortal, bipe_camera_portal, BIPE, CAMERA_PORTAL, GObject)

/* Inside a sandbox there is no other way. */
gboolean bipe_camera_portal_is_needed (void);

/* Asks; the user may be shown a dialog, and take his time. */
BipeCameraPortal *bipe_camera_portal_new (void) G_GNUC_WARN_UNUSED_RESULT;

/* Nobody wants to know any more: no signal comes after this. A dialog that is shown stays. */
void bipe_camera_portal_cancel (BipeCameraPortal *self);

G_END_DECLS
