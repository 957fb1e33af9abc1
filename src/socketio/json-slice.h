/* json-slice.h: a JSON array or object that is only passed on, or read in parts: whether it is one,
 * and the elements of an array as the text that they came as.
 *
 * No tree is made of it, and no number is read, so it costs no more than its own length, and 1e400
 * is as good as 1. An object that has a key twice is none of its cares either: whoever makes use of
 * an element hands it to bipe_json_parse(), which knows all of this. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of an array; those within an element don't count. */
#define BIPE_JSON_ELEMENTS_MAX 1000

/**
 * BipeJsonSlices:
 * @elements: (element-type utf8) (nullable): an array's, each without the blanks around it; %NULL:
 *   an object
 * @placeholders: a bit for each N of what stands in it as {"_placeholder":true,"num":N}
 * @has_strange_placeholder: one whose N is none from 0 to 63, or that stands there twice
 */
typedef struct
{
  GPtrArray *elements;
  guint64 placeholders;
  gboolean has_strange_placeholder;
} BipeJsonSlices;

/**
 * bipe_json_slice:
 * @slices: (out caller-allocates): to be cleared by bipe_json_slices_clear(), whatever is returned
 *
 * By the grammar of RFC 8259: UTF-8, nothing behind the value, nested no deeper than
 * BIPE_JSON_DEPTH_MAX. BIPE_ERROR_INVALID says what is wrong.
 */
gboolean bipe_json_slice (const char *text, gsize length, BipeJsonSlices *slices, GError **error);

void bipe_json_slices_clear (BipeJsonSlices *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BipeJsonSlices, bipe_json_slices_clear)

G_END_DECLS
