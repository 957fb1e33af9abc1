/* percent.h: percent-encoding (RFC 3986, section 2.1), read strictly. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * bipe_percent_decode:
 * @length: bytes of @text
 * @is_form: '+' stands for a blank, as HTML forms write it
 *
 * Returns: (nullable): valid UTF-8 without U+0000, or %NULL with BIPE_ERROR_INVALID
 */
char *bipe_percent_decode (const char *text, gsize length, gboolean is_form, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* A query string by its names and values, in order: name, value, name, value, … decoded. */
GPtrArray *bipe_percent_decode_form (const char *query, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
