/* forge.h: tokens as somebody else would make them. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @header and @claims as they stand, signed with @key by HMAC of @digest. */
char *forge (const char *header,
             const char *claims,
             GChecksumType digest,
             const void *key,
             gsize key_size) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
