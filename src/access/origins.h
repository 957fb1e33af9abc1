/* origins.h: which web pages may use the station, and which were refused: so that the operator can
 * be asked about each, once a run. What comes from outside can't make it grow: past a bound it is
 * refused all the same, and nobody is asked.
 *
 * Born in the engine's thread-default context, and used there; await and allow may be called from
 * any thread. */
#pragma once

#include <gio/gio.h>

#include "base/clock.h"

G_BEGIN_DECLS

#define BIPE_TYPE_ORIGINS (bipe_origins_get_type ())
G_DECLARE_FINAL_TYPE (BipeOrigins, bipe_origins, BIPE, ORIGINS, GObject)

/* Of those refused, so many are remembered, and none with more bytes. */
#define BIPE_ORIGINS_MAX 32
#define BIPE_ORIGINS_LENGTH_MAX 256

/* @allowed: (nullable): as of the setting allowed-origins: exact ones, or "*" for all */
BipeOrigins *bipe_origins_new (const char *const *allowed,
                               BipeClock *clock) G_GNUC_WARN_UNUSED_RESULT;

/* @origin is one of those allowed; whether it is this machine's is not asked here. */
gboolean bipe_origins_have (BipeOrigins *self, const char *origin);

/* @origin was refused. TRUE: the log shall have it, which is once a minute for each, and once for
 * all that are not remembered: those past the bound, and what is no scheme://host[:port] or "null".
 */
gboolean bipe_origins_refuse (BipeOrigins *self, const char *origin);

/* finish gives the next one that was refused, in small letters, and that nobody has been asked
 * about yet. NULL: G_IO_ERROR_CANCELLED; BIPE_ERROR_CONFLICT, too many wait already. */
void bipe_origins_await_async (BipeOrigins *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
char *bipe_origins_await_finish (BipeOrigins *self,
                                 GAsyncResult *result,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* From now on @origin, one that await gave, may. */
void bipe_origins_allow (BipeOrigins *self, const char *origin);

G_END_DECLS
