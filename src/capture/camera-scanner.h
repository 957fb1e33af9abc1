/* camera-scanner.h: a camera as a scanner: a camera and a frame scanner, joined. Lives in the main
 * context of the thread that made it. */
#pragma once

#include "capture/camera.h"
#include "capture/frame-scanner.h"
#include "decoder/sight.h"

G_BEGIN_DECLS

/**
 * BipeCameraScanner:
 *
 * Property `camera`: its #BipeCamera, to choose, start, stop and show. Property `flaw` (int,
 * #BipeFlaw): what the operator can do something about; it has to last for a moment to be told,
 * and is none while the camera is not running.
 *
 * Signal `scanned (BipeReading *reading, BipeSight *sight)`: a code that counts, once for as long
 * as it is in view. @sight tells the size of the picture that its corners are in.
 */
#define BIPE_TYPE_CAMERA_SCANNER (bipe_camera_scanner_get_type ())
G_DECLARE_FINAL_TYPE (BipeCameraScanner, bipe_camera_scanner, BIPE, CAMERA_SCANNER, GObject)

/* What the operator may set. @absence: seconds that a code must be out of view before it counts
 * anew. */
typedef struct
{
  BipeSymbologies symbologies;
  double absence;
} BipeCameraScannerRules;

BipeCameraScanner *bipe_camera_scanner_new (void) G_GNUC_WARN_UNUSED_RESULT;

BipeCamera *bipe_camera_scanner_get_camera (BipeCameraScanner *self);

void bipe_camera_scanner_set_rules (BipeCameraScanner *self, const BipeCameraScannerRules *rules);

/* The guide box of a picture: the middle, 60 % of its width and height. */
void bipe_camera_scanner_get_guide (guint width, guint height, BipeArea *guide);

void bipe_camera_scanner_get_figures (BipeCameraScanner *self, BipeFrameFigures *figures);

G_END_DECLS
