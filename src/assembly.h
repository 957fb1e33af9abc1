/* assembly.h: builds the station from its settings, and takes it down in reverse. The only place
 * that knows all rooms. */
#pragma once

#include <gio/gio.h>

#include "base/types.h"

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

/* Starts the server. BIPE_ERROR_IN_USE, BIPE_ERROR_SETTING; the station works all the same. */
gboolean bipe_assembly_listen (BipeAssembly *self, GError **error);

BipeStation *bipe_assembly_get_station (BipeAssembly *self);

/* Where the server listens, or NULL. */
const char *bipe_assembly_get_address (BipeAssembly *self);

/* No new work comes in; what is under way is answered, what waits is stored as far as the store can
 * be reached in a few seconds. The rest stays in the journal. Finish cannot fail. */
void
bipe_assembly_stop_async (BipeAssembly *self, GAsyncReadyCallback callback, gpointer user_data);
void bipe_assembly_stop_finish (BipeAssembly *self, GAsyncResult *result);

/* Closes journal and store and joins their threads. Blocks. After stop. */
void bipe_assembly_close (BipeAssembly *self);

G_END_DECLS
