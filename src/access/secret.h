/* secret.h: the key that tokens are signed with. Made at the first start, and the same ever after:
 * whoever has it lets in whom he likes. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define BIPE_SECRET_SIZE 32

/**
 * BipeSecretKeyring: what the session's secret service is for, where there is no key file yet
 * @BIPE_SECRET_KEYRING_UNUSED: nothing
 * @BIPE_SECRET_KEYRING_FOUND: a key that it has counts
 * @BIPE_SECRET_KEYRING_MADE: a new key is kept there, too
 */
typedef enum
{
  BIPE_SECRET_KEYRING_UNUSED,
  BIPE_SECRET_KEYRING_FOUND,
  BIPE_SECRET_KEYRING_MADE,
} BipeSecretKeyring;

/**
 * bipe_secret_load:
 * @file: the setting secret-key-file; empty: none
 * @data_dir: where the file secret.key is otherwise
 *
 * The key is in @file, where that is set; else in the file of @data_dir, where there is one; else
 * in the secret service, or, where that is absent, locked or silent, in the file of @data_dir. Made
 * where it is not found. Blocks: for a bounded time, whatever the service does.
 *
 * Returns: (nullable): BIPE_SECRET_SIZE bytes, which are wiped at the end; %NULL with
 *   BIPE_ERROR_SETTING: the file can't be read, has another length, or is open to other users;
 *   BIPE_ERROR_NOT_WRITABLE; or BIPE_ERROR_UNAVAILABLE: the service has it and is locked
 */
GBytes *bipe_secret_load (const char *file,
                          const char *data_dir,
                          BipeSecretKeyring keyring,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
