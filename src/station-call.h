/* station-call.h: a command of bipe-server asks the station that runs on a data folder, at the
 * address in the lock file, with a token of one minute that it signs with the station's own key.
 * Where no process has the folder nobody is asked: at that address may be anybody. */
#pragma once

#include <jansson.h>

#include "base/types.h"

G_BEGIN_DECLS

/* The key, for a second program: where it is only in the keyring, it is not made anew. NULL:
 * BIPE_ERROR_SETTING, BIPE_ERROR_UNAVAILABLE. */
GBytes *bipe_station_call_load_key (BipeSettings *settings,
                                    const char *data_dir,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_station_call:
 * @body: (nullable): JSON
 * @status: (out): of the answer, where it is a success: 200, 201, 202
 *
 * Blocks, for half a minute at most.
 *
 * Returns: (nullable): what the API has as `data`; %NULL with BIPE_ERROR_UNAVAILABLE: it can't be
 *   asked; BIPE_ERROR_NOT_FOUND or BIPE_ERROR_FAILED: what it says
 */
json_t *bipe_station_call (BipeSettings *settings,
                           const char *data_dir,
                           const char *method,
                           const char *path,
                           const char *body,
                           guint *status,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether it is well, asked without token and key: "ok" or "degraded". Blocks, for 5 s at most.
 * NULL with BIPE_ERROR_UNAVAILABLE or BIPE_ERROR_FAILED. */
char *bipe_station_call_dup_health (BipeSettings *settings,
                                    const char *data_dir,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
