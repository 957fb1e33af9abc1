/* key-service.h: the signing key in the session's secret service (the keyring). */
#pragma once

#include "access/keyring.h"

G_BEGIN_DECLS

/* The key of @data_dir, or, with @makes, a new one where there is none. Blocks for @timeout_ms at
 * most, or twice as long where one is made. */
BipeKeyringOutcome
bipe_key_service_load (const char *data_dir, gboolean makes, guint timeout_ms, GBytes **key);

G_END_DECLS
