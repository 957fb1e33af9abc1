/* zbar-reader.h: the second decoder, zbar: slower, and finds codes that the first one misses. Reads
 * EAN, UPC, Code 128, Code 39 of at least 4 characters and QR Code, and no others. */
#pragma once

#include "decoder/sight.h"

G_BEGIN_DECLS

/* Adds all that it finds to @readings. A linear code counts where @min_lines scan lines agree. */
void bipe_zbar_read (const BipePicture *picture,
                     BipeSymbologies symbologies,
                     guint min_lines,
                     GPtrArray *readings);

G_END_DECLS
