/* key-service.h: the signing key in the session's secret service (the keyring). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  BIPE_KEY_SERVICE_FOUND,
  BIPE_KEY_SERVICE_LOCKED, /* it has the key, and does not give it */
  BIPE_KEY_SERVICE_NONE,   /* it has none, and can't keep one: absent, locked, broken */
  BIPE_KEY_SERVICE_SILENT, /* no answer within the time */
} BipeKeyServiceOutcome;

/* The key of @data_dir, or, with @makes, a new one where there is none. Nobody is asked to unlock
 * anything. Blocks for @timeout_ms at most. */
BipeKeyServiceOutcome
bipe_key_service_load (const char *data_dir, gboolean makes, guint timeout_ms, GBytes **key);

G_END_DECLS
