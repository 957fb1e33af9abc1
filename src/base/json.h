/* json.h: the one door to JSON. Reading is jansson's, held to RFC 8259 with our bounds; writing
 * appends to a string, so that a list of any length never becomes a tree. */
#pragma once

#include <glib.h>
#include <jansson.h>

G_BEGIN_DECLS

/* Arrays and objects inside one another. */
#define BIPE_JSON_DEPTH_MAX 32

/* Values in a text, and empty arrays and objects twice: 50 for each of 1,000 scans. One takes up to
 * 270 bytes, a hundred times its text. */
#define BIPE_JSON_VALUES_MAX 50000

/**
 * bipe_json_parse:
 *
 * UTF-8, no duplicate keys, no extensions, nothing behind the value, U+0000 in no string; no more
 * and no deeper than the bounds above.
 *
 * Returns: (nullable): the value, or %NULL with BIPE_ERROR_INVALID, which says what and where
 */
json_t *bipe_json_parse (const char *text, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A member that is a string, null or missing (then *value is NULL); else BIPE_ERROR_INVALID. */
gboolean
bipe_json_get_string (const json_t *object, const char *name, const char **value, GError **error);

/* A member that is an integer, null or missing (then *value is 0); else BIPE_ERROR_INVALID. */
gboolean
bipe_json_get_integer (const json_t *object, const char *name, gint64 *value, GError **error);

/* Appends a string with its quotes, or null. @text is valid UTF-8. */
void bipe_json_append_string (GString *out, const char *text);

/* Likewise, of @length bytes; U+0000 may be among them. */
void bipe_json_append_text (GString *out, const char *text, gsize length);
void bipe_json_append_integer (GString *out, gint64 value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (json_t, json_decref)

G_END_DECLS
