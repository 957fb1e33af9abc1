/* shelf.h: files by their key in a folder of their own, within a bound: the least recently used go
 * first, also across restarts. One process holds the folder. Used by the thread that has made it,
 * which the disk may keep waiting.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _BipeShelf BipeShelf;

/* Of a key: lower hexadecimal digits. */
#define BIPE_SHELF_KEY_LENGTH 64

/**
 * bipe_shelf_open:
 * @folder: made where it is missing; other files in it are left alone, but what was left unfinished
 * by an earlier run is removed
 * @bytes_max: of all files; the newest stays in any case
 * @files_max: likewise
 *
 * Returns: (nullable): %NULL with BIPE_ERROR_NOT_WRITABLE
 */
BipeShelf *bipe_shelf_open (const char *folder, gsize bytes_max, guint files_max, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void bipe_shelf_free (BipeShelf *self);

/* The path of @key's file, which counts as used now; NULL: there is none. */
char *bipe_shelf_find (BipeShelf *self, const char *key) G_GNUC_WARN_UNUSED_RESULT;

/* A new file to write to, with its path; −1 with BIPE_ERROR_FULL. Until it is put it is nobody's:
 * the caller's to remove. */
int bipe_shelf_begin (BipeShelf *self, char **path, GError **error);

/* Moves @path, which bipe_shelf_begin() gave, to @key, whose file it replaces at once. */
gboolean bipe_shelf_put (BipeShelf *self, const char *path, const char *key, GError **error);

/* The same with a second name for the file at @path, which stays. */
gboolean bipe_shelf_link (BipeShelf *self, const char *path, const char *key, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeShelf, bipe_shelf_free)

G_END_DECLS
