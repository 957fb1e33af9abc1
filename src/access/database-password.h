/* database-password.h: the database's password, kept apart from the settings, which anybody may
 * read: in the session's secret service, or in a file of the data folder. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * bipe_database_password_load:
 * @url: the setting, without a password
 * @uses_keyring: whether there is a session whose secret service may have it
 *
 * What the file has counts: it is only there where the service could not keep it. Blocks, for a
 * bounded time.
 *
 * Returns: (nullable): to be wiped, with bipe_keyring_wipe_and_free()
 */
char *bipe_database_password_load (const char *data_dir,
                                   const char *url,
                                   gboolean uses_keyring) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_database_password_keep:
 * @password: "": none any more
 *
 * On the disk, or with the service, when this returns. Blocks, for a bounded time.
 *
 * Returns: %FALSE with BIPE_ERROR_NOT_WRITABLE
 */
gboolean bipe_database_password_keep (const char *data_dir,
                                      const char *url,
                                      const char *password,
                                      gboolean uses_keyring,
                                      GError **error);

G_END_DECLS
