/* json-slice.h: the elements of a JSON array as the text that they came as, so that what is only
 * passed on is never read and written anew. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * bipe_json_slice:
 * @array: a JSON array that bipe_json_parse() has found valid; blanks around it are allowed
 *
 * Returns: (element-type utf8): each element without the blanks around it
 */
GPtrArray *bipe_json_slice (const char *array) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
