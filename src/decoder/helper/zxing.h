/* zxing.h: the first decoder, zxing-cpp, behind an interface in C. */
#pragma once

#include "decoder/sight.h"

G_BEGIN_DECLS

/**
 * bipe_zxing_read:
 * @is_thorough: finer, turned by quarters, and made smaller; else the fast form
 *
 * One code at most: version 1.4, as Debian builds it, ends the process where it is asked for more.
 * For the same reason that version reads no DataBar: @symbologies that it can't read are not found.
 *
 * Returns: (nullable)
 */
BipeReading *bipe_zxing_read (const BipePicture *picture,
                              BipeSymbologies symbologies,
                              gboolean is_thorough) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
