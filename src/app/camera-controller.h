/* camera-controller.h: when the window's camera is on, and which. Window thread. */
#pragma once

#include <gio/gio.h>

#include "base/types.h"
#include "capture/camera-scanner.h"

G_BEGIN_DECLS

/**
 * BipeCameraController:
 *
 * The camera is on while it is wanted (`active`) and the picture is shown, or always, by the
 * setting `camera`. Properties: `active`, `mode` (`active`, and when: "off", "page", "always"),
 * `device` (the camera's name; empty: the first there is), `size` ("1280x720"), `rate`, `repeat`
 * (seconds) and `mirror` ("auto", "on", "off"), which the operator sets and which are saved;
 * `mirrored` (whether the picture is to be shown so now); `symbologies` (what is looked for);
 * `scanner` and its `camera`.
 */
#define BIPE_TYPE_CAMERA_CONTROLLER (bipe_camera_controller_get_type ())
G_DECLARE_FINAL_TYPE (BipeCameraController,
                      bipe_camera_controller,
                      BIPE,
                      CAMERA_CONTROLLER,
                      GObject)

/* @saved: (nullable) */
BipeCameraController *bipe_camera_controller_new (BipeSettings *settings,
                                                  GSettings *saved) G_GNUC_WARN_UNUSED_RESULT;

BipeCameraScanner *bipe_camera_controller_get_scanner (BipeCameraController *self);
BipeCamera *bipe_camera_controller_get_camera (BipeCameraController *self);

/* What is looked for. Saved, too. */
BipeSymbologies bipe_camera_controller_get_symbologies (BipeCameraController *self);
void bipe_camera_controller_set_symbologies (BipeCameraController *self,
                                             BipeSymbologies symbologies);

/* Whether there is somebody to see the picture. */
void bipe_camera_controller_set_shown (BipeCameraController *self, gboolean is_shown);

/* The properties that the operator sets, as actions; and "retry". They hold no reference: they go
 * before the controller. */
GSimpleActionGroup *
bipe_camera_controller_create_actions (BipeCameraController *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
