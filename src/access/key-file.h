/* key-file.h: the signing key as 32 bytes in a file that nobody else can read. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * bipe_key_file_read:
 * @key: (out) (nullable): what is in it; %NULL: there is no such file
 *
 * FALSE with BIPE_ERROR_SETTING, which says what to do about it.
 */
gboolean bipe_key_file_read (const char *path, GBytes **key, GError **error);

/* A new key, on the disk when this returns; where another process was faster, that one's. */
GBytes *bipe_key_file_make (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* From the kernel; NULL with BIPE_ERROR_FAILED. */
GBytes *bipe_key_new (GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A copy of @bytes that is wiped when it is let go of. */
GBytes *bipe_key_new_copy (const void *bytes) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
