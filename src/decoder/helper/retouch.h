/* retouch.h: altered copies of a picture, in which a decoder may find what it does not in the
 * picture itself. Each function returns the pixels (transfer full) that @to is set to. */
#pragma once

#include "decoder/picture.h"

G_BEGIN_DECLS

guint8 *bipe_retouch_copy (const BipePicture *from, BipePicture *to) G_GNUC_WARN_UNUSED_RESULT;
guint8 *bipe_retouch_invert (const BipePicture *from, BipePicture *to) G_GNUC_WARN_UNUSED_RESULT;

/* Columns become rows. */
guint8 *bipe_retouch_transpose (const BipePicture *from, BipePicture *to) G_GNUC_WARN_UNUSED_RESULT;

/* A white border of @margin pixels around it. */
guint8 *
bipe_retouch_pad (const BipePicture *from, guint margin, BipePicture *to) G_GNUC_WARN_UNUSED_RESULT;

/* Twice as wide and high, and half of it. */
guint8 *bipe_retouch_double (const BipePicture *from, BipePicture *to) G_GNUC_WARN_UNUSED_RESULT;
guint8 *bipe_retouch_halve (const BipePicture *from, BipePicture *to) G_GNUC_WARN_UNUSED_RESULT;

/* Each pixel the mean of those @columns to its left and right and @rows above and below: noise
 * goes, and upright bars stay where @columns is 0. */
guint8 *bipe_retouch_blend (const BipePicture *from, guint columns, guint rows, BipePicture *to)
    G_GNUC_WARN_UNUSED_RESULT;

/* Of each pixel's difference to those around it in its row, within @radius, @strength times more.
 */
guint8 *bipe_retouch_sharpen (const BipePicture *from, guint radius, int strength, BipePicture *to)
    G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_retouch_blank:
 * @pixels: of @picture: they are changed
 * @corners: of what goes: its quadrilateral is painted over, and a little around it
 * @is_linear: bars run on beyond the lines that were read: so far as they do, they go, too
 */
void bipe_retouch_blank (guint8 *pixels,
                         const BipePicture *picture,
                         const BipePoint corners[4],
                         gboolean is_linear);

G_END_DECLS
