/* codes.h: pictures of codes, made by the test itself. Each function that returns pixels (transfer
 * full) sets @picture to them. */
#pragma once

#include "decoder/picture.h"
#include "decoder/symbology.h"

G_BEGIN_DECLS

/* With its quiet zone; @module: pixels. FNC1 in a Code 128 is U+00F1. */
guint8 *codes_draw (BipeSymbologies symbology, const char *text, guint module, BipePicture *picture)
    G_GNUC_WARN_UNUSED_RESULT;

/* Of rows of "#" and "." with a NULL after the last. */
guint8 *codes_draw_modules (const char *const *rows,
                            guint module,
                            BipePicture *picture) G_GNUC_WARN_UNUSED_RESULT;

guint8 *codes_make_paper (guint width, guint height, guint8 grey, BipePicture *picture)
    G_GNUC_WARN_UNUSED_RESULT;

/* Turned clockwise by @quarters of a full turn. */
guint8 *codes_turn (const BipePicture *from,
                    guint quarters,
                    BipePicture *picture) G_GNUC_WARN_UNUSED_RESULT;

void
codes_paste (guint8 *pixels, const BipePicture *onto, const BipePicture *code, guint x, guint y);

/* The same noise at every call. */
void codes_add_noise (guint8 *pixels, const BipePicture *picture, int strength);

G_END_DECLS
