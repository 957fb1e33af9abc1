/* postgres.h: a BipeConnection to PostgreSQL. */
#pragma once

#include "store/connection.h"
#include "store/postgres-target.h"

G_BEGIN_DECLS

#define BIPE_TYPE_POSTGRES (bipe_postgres_get_type ())
G_DECLARE_FINAL_TYPE (BipePostgres, bipe_postgres, BIPE, POSTGRES, GObject)

/**
 * bipe_postgres_new:
 * @has_search_index: whether this connection sees to the trigram index
 */
BipeConnection *bipe_postgres_new (BipePostgresTarget *target,
                                   gboolean has_search_index) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
