/* quality.h: what is wrong with a frame in which nothing was found, and how much it differs from
 * the one before. Cheap: well under a millisecond for 1280×720. */
#pragma once

#include "decoder/sight.h"

G_BEGIN_DECLS

/* Cells of a frame, whose means are compared. */
#define BIPE_QUALITY_COLUMNS 32
#define BIPE_QUALITY_ROWS 18

/* The frame before; zeroed: none. */
typedef struct
{
  guint width;
  guint height;
  guint8 means[BIPE_QUALITY_ROWS][BIPE_QUALITY_COLUMNS];
} BipeQuality;

/* The largest difference of a cell's mean brightness; 255 where there is nothing to compare with.
 * Keeps @picture's for the next call. */
guint8 bipe_quality_compare (BipeQuality *self, const BipePicture *picture);

/**
 * bipe_quality_find_flaw:
 * @guide: where a code is expected; a width of 0: anywhere
 *
 * Says something only where it is likely: an empty table has no flaw, whatever its grain.
 */
BipeFlaw bipe_quality_find_flaw (const BipePicture *picture, const BipeArea *guide);

G_END_DECLS
