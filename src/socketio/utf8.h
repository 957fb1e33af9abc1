/* utf8.h: what the protocols of this room call text. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether @text is UTF-8. U+0000 is a character like any other here, unlike in
 * g_utf8_validate_len(). */
gboolean bipe_utf8_is_valid (const char *text, gsize length);

G_END_DECLS
