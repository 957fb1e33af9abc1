/* postgres-probe.h: tries a database for whoever thinks of using it: can it be reached, does it let
 * us in, is our table there or can it be made? Nothing is changed there. */
#pragma once

#include <gio/gio.h>

#include "store/postgres-target.h"

G_BEGIN_DECLS

/**
 * bipe_postgres_probe:
 *
 * Blocks, for some ten seconds at most once the host's name is looked up; @cancellable ends it.
 *
 * Returns: (nullable): a sentence for the operator, in his language, on what was found; %NULL with
 *   BIPE_ERROR_UNAVAILABLE, whose message says what is wrong and what to do, in his language, too
 */
char *bipe_postgres_probe (BipePostgresTarget *target,
                           GCancellable *cancellable,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
