/* camera-format.h: which of the many formats of a camera to take. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * bipe_camera_format_choose:
 * @offered: what the camera has
 * @width: and @height, @rate: wanted
 *
 * Takes raw or JPEG pictures in plain memory: those nearest to the size, that come as often as
 * wanted (720p as JPEG at 30 a second, not raw at 5), and of these the ones that cost least.
 *
 * Returns: (nullable): one fixed format as far as @offered tells; %NULL: none can be read here
 */
GstCaps *bipe_camera_format_choose (GstCaps *offered, guint width, guint height, guint rate)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
