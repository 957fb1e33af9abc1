/* database.h: an SQLite file as this project keeps them: WAL, synchronous=FULL, migrated, and its
 * errors told as ours. Used from one thread. */
#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

typedef struct _BipeDatabase BipeDatabase;

/**
 * bipe_database_open:
 * @dialect: the folder of data/migrations that the file follows
 *
 * Makes the file (mode 0600) where it is missing. A file that is no database, is damaged, or comes
 * from a newer version of this program is left as it is.
 *
 * Returns: (nullable): the database, or %NULL with BIPE_ERROR_UNREADABLE, whose message says what
 *   to do
 */
BipeDatabase *bipe_database_open (const char *path,
                                  const char *dialect,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Finalizes its statements, too. */
void bipe_database_free (BipeDatabase *self);

sqlite3 *bipe_database_get_handle (BipeDatabase *self);

/* A statement that lives as long as the database. @sql is ours, so a mistake in it is fatal. */
sqlite3_stmt *bipe_database_prepare (BipeDatabase *self, const char *sql);

gboolean bipe_database_exec (BipeDatabase *self, const char *sql, GError **error);

/* Sets @error from the handle's last error: "cannot <what>: <why>". Disk full is BIPE_ERROR_FULL, a
 * broken constraint BIPE_ERROR_REJECTED, all else BIPE_ERROR_UNAVAILABLE. Always FALSE. */
gboolean bipe_database_fail (BipeDatabase *self, const char *what, GError **error);

/* Steps a statement that returns no row, and resets it. */
gboolean
bipe_database_run (BipeDatabase *self, sqlite3_stmt *statement, const char *what, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeDatabase, bipe_database_free)

G_END_DECLS
