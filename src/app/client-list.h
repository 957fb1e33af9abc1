/* client-list.h: who is connected and who has a token, asked for once a second while somebody
 * looks. An item stays the same one for as long as what it stands for is there, so that focus and
 * menus of its row do. Window thread. */
#pragma once

#include "access/presence.h"
#include "access/registry.h"
#include "app/client-item.h"

G_BEGIN_DECLS

#define BIPE_TYPE_CLIENT_LIST (bipe_client_list_get_type ())
G_DECLARE_FINAL_TYPE (BipeClientList, bipe_client_list, BIPE, CLIENT_LIST, GObject)

/**
 * BipeClientList:rows: a GListModel of BipeClientItem: those connected, then the devices with a
 *   token, newest first, each part under its heading
 * BipeClientList:n-rows: how many
 * BipeClientList:problem: (nullable): why the devices can't be listed
 */

BipeClientList *bipe_client_list_new (BipeRegistry *registry,
                                      BipePresence *presence) G_GNUC_WARN_UNUSED_RESULT;

/* Whether somebody looks. */
void bipe_client_list_set_shown (BipeClientList *self, gboolean is_shown);

/* At once. */
void bipe_client_list_refresh (BipeClientList *self);

BipeRegistry *bipe_client_list_get_registry (BipeClientList *self);
BipePresence *bipe_client_list_get_presence (BipeClientList *self);

/* What was last heard of it; NULL: nothing. */
BipeGrant *bipe_client_list_find_grant (BipeClientList *self, const char *jti);

/* Ends all connections with this token. */
void bipe_client_list_disconnect (BipeClientList *self, const char *jti);

G_END_DECLS
