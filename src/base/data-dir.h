/* data-dir.h: the folder that holds the journal and the embedded store, and the lock that keeps it
 * to one process. */
#pragma once

#include "base/types.h"

G_BEGIN_DECLS

/**
 * bipe_data_dir_open:
 * @path: made with mode 0700 where it is missing
 * @address: (nullable): where this process can be reached, told to whoever comes second
 *
 * Blocks; to be called at the start. The lock goes with the process, however it ends.
 *
 * Returns: (nullable): the folder, or %NULL with BIPE_ERROR_LOCKED (the message names the process
 *   that holds it) or BIPE_ERROR_NOT_WRITABLE
 */
BipeDataDir *bipe_data_dir_open (const char *path,
                                 const char *address,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bipe_data_dir_free (BipeDataDir *self);

/* What others are told from now on; NULL: it can't be reached. */
void bipe_data_dir_set_address (BipeDataDir *self, const char *address);

const char *bipe_data_dir_get_path (BipeDataDir *self);

/* Whether a process has @path now; nothing is made or written there. FALSE: BIPE_ERROR_UNAVAILABLE:
 * none has; BIPE_ERROR_NOT_WRITABLE: this user can't look. */
gboolean bipe_data_dir_check_held (const char *path, GError **error);

/* The @address that the process holding @path has left there, or NULL. */
char *bipe_data_dir_dup_holder_address (const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeDataDir, bipe_data_dir_free)

G_END_DECLS
