/* image-file.h: a PNG or a JPEG as a grey picture. */
#pragma once

#include "decoder/picture.h"

G_BEGIN_DECLS

/**
 * bipe_image_file_read:
 * @picture: (out): over the pixels that are returned
 *
 * What is transparent shows white paper; what the camera was turned by (EXIF) is turned back. No
 * memory is taken for a picture beyond the bound.
 *
 * Returns: (transfer full): the pixels, or NULL with BIPE_ERROR_INVALID: a sentence for a person
 */
guint8 *bipe_image_file_read (const guint8 *data, gsize size, BipePicture *picture, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
