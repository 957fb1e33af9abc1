/* frame-scanner.h: frames in, from any streaming thread; codes out, in the main context of the
 * thread that made it. In between is a thread of its own ("decoder"), so that neither a slow window
 * nor a slow decoder holds up the other. Knows nothing of cameras. */
#pragma once

#include <glib-object.h>

#include "capture/frame-box.h"
#include "decoder/sight.h"

G_BEGIN_DECLS

/**
 * BipeFrameScanner:
 *
 * Signal `scanned (BipeReading *reading, BipeSight *sight)`: a code that counts, once for as long
 * as it is in view.
 *
 * Signal `flawed (int flaw)`, #BipeFlaw: what is wrong with the pictures has changed.
 */
#define BIPE_TYPE_FRAME_SCANNER (bipe_frame_scanner_get_type ())
G_DECLARE_FINAL_TYPE (BipeFrameScanner, bipe_frame_scanner, BIPE, FRAME_SCANNER, GObject)

/* Codes that may wait for a thread that stalls; past it those that wait are lost. */
#define BIPE_FRAME_SCANNER_CODES_MAX 256

BipeFrameScanner *bipe_frame_scanner_new (void) G_GNUC_WARN_UNUSED_RESULT;

/* Where the frames go. It may outlive the scanner; what is left there then is dropped. */
BipeFrameBox *bipe_frame_scanner_get_box (BipeFrameScanner *self);

/* @absence: microseconds that a code must be out of view before it counts anew. */
void
bipe_frame_scanner_set_rules (BipeFrameScanner *self, BipeSymbologies symbologies, gint64 absence);

/* Frames that came, looks at them with either decoder, deaths of their processes; the last three up
 * to the newest frame. */
typedef struct
{
  guint n_frames;
  guint n_looks;
  guint n_second;
  guint n_deaths;
} BipeFrameFigures;

void bipe_frame_scanner_get_figures (BipeFrameScanner *self, BipeFrameFigures *figures);

G_END_DECLS
