/* engine-base64.h: binary messages where only text can go. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Decodes in place, with a NUL behind it. GLib's passes over what is no base64; here nothing else
 * may be in it, it is padded, and the bits that the padding leaves over are zero: one text for one
 * value. */
gboolean bipe_engine_base64_decode (char *text, gsize length, gsize *decoded);

/* What bipe_engine_base64_append() adds. */
gsize bipe_engine_base64_measure (gsize length);
void bipe_engine_base64_append (GString *text, const char *data, gsize length);

G_END_DECLS
