/* private-postgres.h: a PostgreSQL server of the test's own, in a temporary folder, on a free port
 * of 127.0.0.1 and on a Unix socket. It goes with the test, however that ends. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _BipePrivatePostgres BipePrivatePostgres;

/* A new cluster, started. Everybody is let in, but the user "guarded" only with a password. */
BipePrivatePostgres *bipe_private_postgres_new (void) G_GNUC_WARN_UNUSED_RESULT;
void bipe_private_postgres_free (BipePrivatePostgres *self);

/* @mode: "fast" ends sessions, "immediate" is a crash. */
void bipe_private_postgres_stop (BipePrivatePostgres *self, const char *mode);
void bipe_private_postgres_start (BipePrivatePostgres *self);

guint16 bipe_private_postgres_get_port (BipePrivatePostgres *self);

/* Makes an empty database, and drops what had its name; @encoding: "UTF8", "LATIN1" … */
void bipe_private_postgres_create_database (BipePrivatePostgres *self,
                                            const char *database,
                                            const char *encoding);

/* postgresql://postgres@127.0.0.1:port/database */
char *bipe_private_postgres_dup_url (BipePrivatePostgres *self, const char *database);

/* Runs @sql; returns the first value of the last result, or NULL. Ends the test where it fails. */
char *bipe_private_postgres_run (BipePrivatePostgres *self, const char *database, const char *sql);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipePrivatePostgres, bipe_private_postgres_free)

G_END_DECLS
