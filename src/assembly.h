/* assembly.h: builds the station from its settings, and takes it down in reverse. The only place
 * that knows all rooms. */
#pragma once

#include <gio/gio.h>

#include "access/origins.h"
#include "access/pairing.h"
#include "access/presence.h"
#include "access/reach.h"
#include "base/types.h"
#include "station/station-wish.h"

G_BEGIN_DECLS

#define BIPE_TYPE_ASSEMBLY (bipe_assembly_get_type ())
G_DECLARE_FINAL_TYPE (BipeAssembly, bipe_assembly, BIPE, ASSEMBLY, GObject)

/**
 * bipe_assembly_new:
 * @uses_keyring: whether there is a session whose secret service may keep the signing key
 *
 * Locks the data folder, opens the journal, starts the station. Blocks; the calling thread becomes
 * the engine's, with its thread-default context. Nothing listens yet.
 *
 * Returns: (nullable): %NULL with an error of those that end the start: see BipeEngineDoor
 */
BipeAssembly *bipe_assembly_new (BipeSettings *settings,
                                 gboolean uses_keyring,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_assembly_listen:
 * @wish: (nullable): %NULL: as the settings say
 *
 * From now on the server can be reached as @wish says; where that can't be had, all is as it was,
 * and the station works all the same. On the engine's thread.
 *
 * Returns: what there is, with a problem where it is not what was wished for
 */
BipeReach *bipe_assembly_listen (BipeAssembly *self,
                                 const BipeReachWish *wish) G_GNUC_WARN_UNUSED_RESULT;

BipeStation *bipe_assembly_get_station (BipeAssembly *self);

/* Who may come in, who is let in just now, and who is here. */
BipeRegistry *bipe_assembly_get_registry (BipeAssembly *self);
BipePairing *bipe_assembly_get_pairing (BipeAssembly *self);
BipePresence *bipe_assembly_get_presence (BipeAssembly *self);
BipeOrigins *bipe_assembly_get_origins (BipeAssembly *self);

/* See BipeEngineDoor: what is changed is in force when these finish. On the engine's thread. */
void bipe_assembly_change_async (BipeAssembly *self,
                                 const BipeStationWish *wish,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean bipe_assembly_change_finish (BipeAssembly *self, GAsyncResult *result, GError **error);

void bipe_assembly_probe_async (BipeAssembly *self,
                                const BipeStationWish *wish,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
char *bipe_assembly_probe_finish (BipeAssembly *self,
                                  GAsyncResult *result,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* No new work comes in; what is under way is answered, what waits is stored as far as the store can
 * be reached in a few seconds. The rest stays in the journal. Finish cannot fail. */
void
bipe_assembly_stop_async (BipeAssembly *self, GAsyncReadyCallback callback, gpointer user_data);
void bipe_assembly_stop_finish (BipeAssembly *self, GAsyncResult *result);

/* Closes journal and store and joins their threads. Blocks. After stop. */
void bipe_assembly_close (BipeAssembly *self);

G_END_DECLS
