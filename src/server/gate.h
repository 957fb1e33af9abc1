/* gate.h: where tokens are shown: they are judged, those that are none are counted, and who stays
 * by one is seen out when it ends. Of the engine's thread. */
#pragma once

#include "access/registry.h"
#include "server/fault.h"
#include "server/pass.h"

G_BEGIN_DECLS

/* What is told past the limit. */
#define BIPE_GATE_TOO_MANY "too many wrong tokens from this address, try again later"

typedef struct _BipeGate BipeGate;

/* Somebody who stays: a socket, a session, a stream. */
typedef struct _BipeVisit BipeVisit;

/* @registry: (nullable): none: no token is valid
 * @rate_limit: failures a minute for each address */
BipeGate *bipe_gate_new (BipeRegistry *registry, guint rate_limit) G_GNUC_WARN_UNUSED_RESULT;

/* All visits have been left. */
void bipe_gate_free (BipeGate *self);

/* What @token lets its holder do; NULL: nothing, *fault and *why say what is wrong with it. */
BipeGrant *bipe_gate_judge (BipeGate *self, const char *token, BipeFault *fault, const char **why)
    G_GNUC_WARN_UNUSED_RESULT;

/* Whether @pass still counts: the token by which it was given may be over. */
gboolean bipe_gate_admits (BipeGate *self, const BipePass *pass);

/* One more that was none, from @address: 0, or the seconds for which he is told no more. */
guint bipe_gate_count_failure (BipeGate *self, const char *address);

/**
 * bipe_gate_enter:
 * @ended: the token is revoked or over, and the visit too: called once, from the main loop, and not
 * to be left any more
 *
 * Returns: (nullable): the visit, to be left by bipe_visit_leave(); %NULL: @pass is no token's and
 *   does not end
 */
BipeVisit *bipe_gate_enter (BipeGate *self,
                            BipePass *pass,
                            void (*ended) (gpointer user_data),
                            gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void bipe_visit_leave (BipeVisit *visit);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeGate, bipe_gate_free)

G_END_DECLS
