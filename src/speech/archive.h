/* archive.h: what has been said, on disk: found by its text and manner, or by a name that it was
 * given. All that is done with files is done on a thread of its own (speech-disk), in the order it
 * was asked for, so that nobody else waits for a slow disk. The folder is not looked at before.
 *
 * To be used in the thread-default context that it is made in. */
#pragma once

#include <gio/gio.h>

#include "speech/recording.h"

G_BEGIN_DECLS

typedef struct _BipeArchive BipeArchive;

/* What may wait for the disk; past it what is asked fails with BIPE_ERROR_FULL. */
#define BIPE_ARCHIVE_QUEUE_MAX 4096

/**
 * BipeArchiveLimits:
 * @cached_bytes: of what was made, found by its text and manner
 * @cached_files: likewise
 * @named_bytes: of what has a name
 * @named_files: likewise
 */
typedef struct
{
  gsize cached_bytes;
  guint cached_files;
  gsize named_bytes;
  guint named_files;
} BipeArchiveLimits;

/* Copies @limits. */
BipeArchive *bipe_archive_new (const char *folder,
                               const BipeArchiveLimits *limits) G_GNUC_WARN_UNUSED_RESULT;

/* Blocks, until all that was asked for is done. */
void bipe_archive_free (BipeArchive *self);

/* finish: TRUE, and *sink is −1: there is a recording of @key; or it is to be written to *sink,
 * which is the caller's, as *path is, until bipe_archive_keep() or bipe_archive_discard().
 * BIPE_ERROR_NOT_WRITABLE, BIPE_ERROR_FULL. */
void bipe_archive_begin_async (BipeArchive *self,
                               const char *key,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean bipe_archive_begin_finish (GAsyncResult *result, char **path, int *sink, GError **error);

/* What was written to @path is all, and is found by @key from now on. What can't be kept can't be
 * given either, and the log says why. */
void bipe_archive_keep (BipeArchive *self, const char *path, const char *key);

/* Nobody wants what was written to @path; @sink: −1, or to be closed. */
void bipe_archive_discard (BipeArchive *self, const char *path, int sink);

/* The recording of @key, which has @name as well from now on, where that is not NULL.
 * BIPE_ERROR_FULL: it can't be kept. */
void bipe_archive_give_async (BipeArchive *self,
                              const char *key,
                              const char *name,
                              GAsyncReadyCallback callback,
                              gpointer user_data);

/* The recording that has @name. BIPE_ERROR_NOT_FOUND. */
void bipe_archive_find_async (BipeArchive *self,
                              const char *name,
                              GAsyncReadyCallback callback,
                              gpointer user_data);

/* Of both. */
BipeRecording *bipe_archive_give_finish (GAsyncResult *result,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeArchive, bipe_archive_free)

G_END_DECLS
