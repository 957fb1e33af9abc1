/* pairing-session.h: one device being paired, as the operator sees it: from the code to the token,
 * or to why there is none. Window thread. */
#pragma once

#include "access/pairing.h"
#include "app/network.h"

G_BEGIN_DECLS

#define BIPE_TYPE_PAIRING_SESSION (bipe_pairing_session_get_type ())
G_DECLARE_FINAL_TYPE (BipePairingSession, bipe_pairing_session, BIPE, PAIRING_SESSION, GObject)

/**
 * BipePairingSession:state: "closed": nobody can be paired as the station can be reached now;
 *   "making" a code; "offer": it is shown; "request": somebody asks; "done"; "over"
 * BipePairingSession:title: (nullable): what a closed, done or over one has come to
 * BipePairingSession:reason: (nullable): and what more there is to say of it
 * BipePairingSession:places: a GListModel of GtkStringObject: the hosts that the link can name
 * BipePairingSession:n-places: how many
 * BipePairingSession:place: which of them it names
 * BipePairingSession:link: (nullable): what the QR code says
 * BipePairingSession:remaining: (nullable): how long the code lives
 * BipePairingSession:digits: (nullable): of who asks
 * BipePairingSession:asker: (nullable): what it calls itself
 * BipePairingSession:asker-address: (nullable): from where
 * BipePairingSession:problem: (nullable): why the answer to who asks did not come to anything
 * BipePairingSession:is-approving: an answer is under way
 */

BipePairingSession *bipe_pairing_session_new (BipePairing *pairing,
                                              BipeNetwork *network) G_GNUC_WARN_UNUSED_RESULT;

/* A code, in the place of the one before. */
void bipe_pairing_session_start (BipePairingSession *self);

/* Whoever asks may come in. @scopes: BipeScope flags */
void bipe_pairing_session_approve (BipePairingSession *self,
                                   const char *name,
                                   guint scopes,
                                   gint64 days);

/* Nobody may. */
void bipe_pairing_session_refuse (BipePairingSession *self);

/* Takes a code back that nobody has been let in with. To be called at the end. */
void bipe_pairing_session_close (BipePairingSession *self);

G_END_DECLS
