/* postgres-target.h: which database, as somebody has written it into a setting. Immutable,
 * refcounted, free to cross threads. Has the password: never to be printed but by its name. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BipePostgresTarget:
 * @name: for people: "PostgreSQL bench (127.0.0.1:5432)"
 * @keywords: (element-type utf8): for PQconnectStartParams(), with the %NULL at the end
 * @values: (element-type utf8): likewise
 */
typedef struct
{
  char *name;
  GPtrArray *keywords;
  GPtrArray *values;
} BipePostgresTarget;

/**
 * bipe_postgres_target_parse:
 * @url: see bipe_store_target_new_postgres()
 * @password: (nullable): where @url has none
 *
 * Returns: (nullable): the target, or %NULL with BIPE_ERROR_DATABASE_URL, whose message has no
 *   password
 */
BipePostgresTarget *bipe_postgres_target_parse (const char *url,
                                                const char *password,
                                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
BipePostgresTarget *bipe_postgres_target_ref (BipePostgresTarget *self);
void bipe_postgres_target_unref (BipePostgresTarget *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipePostgresTarget, bipe_postgres_target_unref)

G_END_DECLS
