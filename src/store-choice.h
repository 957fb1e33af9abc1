/* store-choice.h: from what the operator wishes to the store's connections: finds the password
 * where it is kept, or keeps it. Blocks, for a bounded time; any thread. */
#pragma once

#include "base/types.h"
#include "station/station-wish.h"
#include "store/store-target.h"

G_BEGIN_DECLS

/**
 * BipeStoreChoice:
 * @url: as wished for, without a password; "": the embedded store
 * @password: (nullable): the one that counts
 * @target: the connections
 *
 * A value of whoever made it.
 */
typedef struct
{
  char *url;
  char *password;
  BipeStoreTarget *target;
} BipeStoreChoice;

/* Without the connections. */
BipeStoreChoice *bipe_store_choice_copy (const BipeStoreChoice *self) G_GNUC_WARN_UNUSED_RESULT;
void bipe_store_choice_free (BipeStoreChoice *self);

/* The same database, by the same password. */
gboolean bipe_store_choice_equal (const BipeStoreChoice *a, const BipeStoreChoice *b);

/**
 * BipeStorePlace:
 * @data_dir: of the station: the embedded store's file, and that of the passwords
 * @uses_keyring: whether there is a session whose secret service keeps passwords
 * @has_search_index: the setting
 * @present: (nullable): what is in use now
 *
 * Borrowed.
 */
typedef struct
{
  const char *data_dir;
  gboolean uses_keyring;
  gboolean has_search_index;
  const BipeStoreChoice *present;
} BipeStorePlace;

/* The URL's password counts where it has one, and is kept nowhere; else the wish's, which is kept;
 * else, for the same database, the present one; else the one that is kept. NULL with
 * BIPE_ERROR_DATABASE_URL or BIPE_ERROR_NOT_WRITABLE. */
BipeStoreChoice *bipe_store_choice_new (const BipeStationWish *wish,
                                        const BipeStorePlace *place,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* See BipeEngineDoor. Nothing is kept. */
char *bipe_store_choice_probe (const BipeStationWish *wish,
                               const BipeStorePlace *place,
                               GCancellable *cancellable,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeStoreChoice, bipe_store_choice_free)

G_END_DECLS
