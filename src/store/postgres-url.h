/* postgres-url.h: the setting database-url and the password that may stand in it, taken apart: the
 * one is kept where everybody can read it, the other is not. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The form that libpq knows: SQLAlchemy names its driver in the scheme, postgresql+psycopg2://. */
char *bipe_postgres_url_normalise (const char *url) G_GNUC_WARN_UNUSED_RESULT;
gboolean bipe_postgres_url_is_uri (const char *url);

/**
 * bipe_postgres_url_take_password:
 * @url: one that bipe_postgres_target_parse() takes
 * @password: (out) (nullable): what stood there, to be wiped by whoever gets it
 *
 * Returns: the same database without the password
 */
char *bipe_postgres_url_take_password (const char *url, char **password) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
