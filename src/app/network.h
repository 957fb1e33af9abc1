/* network.h: from where the station can be reached, and the change of that, which counts at once
 * and is saved. Window thread. */
#pragma once

#include "app/application.h"

G_BEGIN_DECLS

#define BIPE_TYPE_NETWORK (bipe_network_get_type ())
G_DECLARE_FINAL_TYPE (BipeNetwork, bipe_network, BIPE, NETWORK, GObject)

/**
 * BipeNetwork:address: (nullable): the first it listens on, as a URL
 * BipeNetwork:problem: (nullable): why it does not listen as it should
 * BipeNetwork:summary: who can reach it, in words
 * BipeNetwork:fingerprint: (nullable): of its certificate, for the eye
 * BipeNetwork:is-open: other machines reach it
 * BipeNetwork:is-exposed: and what they send is not encrypted
 * BipeNetwork:is-applying: a change is under way
 * BipeNetwork:free-port: the next one, where the port that was wanted is taken; or 0
 * BipeNetwork:places: (nullable): all addresses it listens on, a line each
 */

/**
 * BipeNetwork::changed: all that it says may have, also where nothing came of a change
 */

/* @settings: outlive it. @saved: (nullable): nothing is saved. @reach: what there is */
BipeNetwork *bipe_network_new (const BipeEngineDoor *door,
                               BipeSettings *settings,
                               GSettings *saved,
                               const BipeReach *reach) G_GNUC_WARN_UNUSED_RESULT;

const BipeReach *bipe_network_get_reach (BipeNetwork *self);

/* What was wished last and came true, or at the start. */
const BipeReachWish *bipe_network_get_wish (BipeNetwork *self);

/* The port it listens on, or else the one it should. */
guint16 bipe_network_get_port (BipeNetwork *self);

/* Where a setting that can't be changed here comes from, as of bipe_fixed_get(). */
const char *bipe_network_get_fixed_by (BipeNetwork *self, const char *setting);

/* Whether programs on this computer would need a token. */
gboolean bipe_network_needs_token (BipeNetwork *self, const char *listen);

/* The certificate of the administrator, or NULL. */
const char *bipe_network_get_certificate (BipeNetwork *self);

/* Not while is-applying. */
void bipe_network_apply (BipeNetwork *self, const BipeReachWish *wish);

G_END_DECLS
