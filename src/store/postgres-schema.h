/* postgres-schema.h: brings a database to the schema that this program knows. */
#pragma once

#include "store/postgres-link.h"

G_BEGIN_DECLS

/* Runs the migrations that are missing, each in a transaction under a lock that all stations share.
 * Fails with BIPE_ERROR_UNAVAILABLE where a newer program has been there. */
gboolean
bipe_postgres_schema_prepare (BipePostgresLink *link, GCancellable *cancellable, GError **error);

/* Adds the trigram index. Search works without it, only slower. */
gboolean
bipe_postgres_schema_add_index (BipePostgresLink *link, GCancellable *cancellable, GError **error);

G_END_DECLS
