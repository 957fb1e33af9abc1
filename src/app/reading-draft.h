/* reading-draft.h: what a camera or a picture has shown, as a scan for the station. */
#pragma once

#include "base/scan.h"
#include "decoder/sight.h"

G_BEGIN_DECLS

/**
 * bipe_reading_draft_new:
 * @device: (nullable): the camera, or the picture
 * @problem: (out) (nullable): why it can't be kept, in the user's language; then the scan is only
 *   there to be shown
 */
BipeScan *bipe_reading_draft_new (const BipeReading *reading,
                                  const char *device,
                                  char **problem) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
