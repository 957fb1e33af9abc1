/* password-file.h: passwords in a file that nobody else can read, for where there is no keyring: a
 * key file with one group, each password under the hash of the URL it belongs to. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* NULL: it has none for @url, or can't be used, which is warned of. */
char *bipe_password_file_read (const char *path, const char *url) G_GNUC_WARN_UNUSED_RESULT;

/* @password: (nullable): none from now on. On the disk when this returns; BIPE_ERROR_NOT_WRITABLE.
 */
gboolean
bipe_password_file_write (const char *path, const char *url, const char *password, GError **error);

G_END_DECLS
