/* client-item.h: a row of the Clients page, in words: who is connected, who has a token, or the
 * heading over either. Window thread. */
#pragma once

#include "access/grant.h"
#include "access/presence.h"

G_BEGIN_DECLS

#define BIPE_TYPE_CLIENT_ITEM (bipe_client_item_get_type ())
G_DECLARE_FINAL_TYPE (BipeClientItem, bipe_client_item, BIPE, CLIENT_ITEM, GObject)

/**
 * BipeClientItem:heading: (nullable): of the rows below; then there is nothing else
 * BipeClientItem:title: who
 * BipeClientItem:detail: what it may, or how it has come
 * BipeClientItem:times: when
 * BipeClientItem:is-connected: is here now
 * BipeClientItem:is-over: its token is revoked or has expired
 * BipeClientItem:can-restore: and that can be taken back
 */

BipeClientItem *bipe_client_item_new (void) G_GNUC_WARN_UNUSED_RESULT;

void bipe_client_item_set_heading (BipeClientItem *self, const char *text);
void bipe_client_item_set_visitor (BipeClientItem *self, const BipeVisitor *visitor);
void bipe_client_item_set_grant (BipeClientItem *self, BipeGrant *grant, gboolean is_connected);

/* Of the connection; 0: the row is not one. */
guint64 bipe_client_item_get_id (BipeClientItem *self);

/* Of its token; empty: without one. */
const char *bipe_client_item_get_jti (BipeClientItem *self);

/* "Scan, Read" */
char *bipe_format_scopes (guint scopes) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
