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

/* NULL: there is none. */
BipeRegistry *bipe_gate_get_registry (BipeGate *self);

/* All visits have been left. */
void bipe_gate_free (BipeGate *self);

/* What @token lets its holder do; NULL: nothing, *fault and *why say what is wrong with it. */
BipeGrant *bipe_gate_judge (BipeGate *self, const char *token, BipeFault *fault, const char **why)
    G_GNUC_WARN_UNUSED_RESULT;

/* Whether who comes from this machine needs a token, too: now; who stays without one is seen out.
 */
void bipe_gate_set_needs_token (BipeGate *self, gboolean needs_token);

/* Whether @pass still counts: the token by which it was given may be over, or be needed by now. */
gboolean bipe_gate_admits (BipeGate *self, const BipePass *pass);

/* One more that was none, from @address: 0, or the seconds for which he is told no more. */
guint bipe_gate_count_failure (BipeGate *self, const char *address);

/* What that would return now; it counts nothing. */
guint bipe_gate_get_wait (BipeGate *self, const char *address);

/**
 * bipe_gate_enter:
 * @scope: that is needed to stay
 * @ended: @pass does not count any more, or not for @scope, and the visit is over, too: called
 * once, from the main loop, and not to be left any more
 *
 * Returns: the visit, to be left by bipe_visit_leave()
 */
BipeVisit *bipe_gate_enter (BipeGate *self,
                            BipePass *pass,
                            BipeScope scope,
                            void (*ended) (gpointer user_data),
                            gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void bipe_visit_leave (BipeVisit *visit);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeGate, bipe_gate_free)

G_END_DECLS
