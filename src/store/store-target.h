/* store-target.h: which database, with the connections that a BipeStore works with. Made on any
 * thread, and then handed over. */
#pragma once

#include "store/connection.h"

G_BEGIN_DECLS

/**
 * BipeStoreTarget:
 * @name: for people, without secrets: "PostgreSQL bench (127.0.0.1:5432)", "this computer"
 * @writing: and the two others: a connection each
 */
typedef struct
{
  char *name;
  BipeConnection *writing;
  BipeConnection *lookup;
  BipeConnection *history;
} BipeStoreTarget;

/**
 * bipe_store_target_new_postgres:
 * @url: postgresql://, postgres:// or postgresql+psycopg2:// as in seed 000, or libpq's key=value
 *   form
 * @password: (nullable): where @url has none
 * @has_search_index: keep a trigram index on the code
 *
 * Does not connect yet. Returns: (nullable): %NULL with BIPE_ERROR_DATABASE_URL where @url is none
 */
BipeStoreTarget *bipe_store_target_new_postgres (const char *url,
                                                 const char *password,
                                                 gboolean has_search_index,
                                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The embedded store in the file @path, which is made where it is missing: blocks. */
BipeStoreTarget *bipe_store_target_new_sqlite (const char *path) G_GNUC_WARN_UNUSED_RESULT;

void bipe_store_target_free (BipeStoreTarget *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeStoreTarget, bipe_store_target_free)

G_END_DECLS
