/* postgres-link.h: one connection to a PostgreSQL server, with limits in time: libpq without
 * blocking, under a poll loop that a deadline and a GCancellable can end. Nothing relies on the
 * session (no SET, no named statement), so that a pooler such as PgBouncer may stand between.
 *
 * Used from one thread. */
#pragma once

#include <gio/gio.h>

#include "store/postgres-target.h"
#include "store/postgres-trouble.h"
#include "store/postgres-values.h"

G_BEGIN_DECLS

typedef struct _BipePostgresLink BipePostgresLink;

BipePostgresLink *bipe_postgres_link_new (BipePostgresTarget *target) G_GNUC_WARN_UNUSED_RESULT;
void bipe_postgres_link_free (BipePostgresLink *self);

/* FALSE where there is no connection, or the server has ended it since the last call. */
gboolean bipe_postgres_link_is_up (BipePostgresLink *self);

gboolean
bipe_postgres_link_connect (BipePostgresLink *self, GCancellable *cancellable, GError **error);
void bipe_postgres_link_drop (BipePostgresLink *self);

/* Why the last attempt to connect has failed. */
BipePostgresTrouble bipe_postgres_link_get_trouble (BipePostgresLink *self);

/* Such as 150008; the link is up. */
int bipe_postgres_link_get_version (BipePostgresLink *self);

/**
 * BipePostgresCall:
 * @what: for the message: "cannot <what>: …"
 * @sql: one statement; without @parameters several, which then are one transaction
 * @parameters: (nullable): for a statement whose rows are wanted, in binary form
 * @seconds: the time limit
 */
typedef struct
{
  const char *what;
  const char *sql;
  const BipeParameters *parameters;
  guint seconds;
} BipePostgresCall;

/**
 * bipe_postgres_link_run:
 *
 * The link must be up; a fault of the connection itself takes it down, and so does an error inside
 * of a transaction, or about a table that is missing.
 *
 * Returns: (nullable): the result; %NULL with BIPE_ERROR_UNAVAILABLE, BIPE_ERROR_REJECTED (then the
 *   message is the reason alone), or G_IO_ERROR_CANCELLED
 */
PGresult *bipe_postgres_link_run (BipePostgresLink *self,
                                  const BipePostgresCall *call,
                                  GCancellable *cancellable,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipePostgresLink, bipe_postgres_link_free)

G_END_DECLS
