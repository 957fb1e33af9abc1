/* refusals.h: what was refused lately, by the word of the client's that it was refused for: so that
 * the log has each once a minute. What comes from outside can make neither this nor the log grow:
 * words past the bound are told once a minute, all together. Of one thread. */
#pragma once

#include "base/clock.h"

G_BEGIN_DECLS

typedef struct _BipeRefusals BipeRefusals;

/* Words that are remembered, and bytes of each that are looked at. */
#define BIPE_REFUSALS_MAX 32
#define BIPE_REFUSALS_LENGTH_MAX 256

BipeRefusals *bipe_refusals_new (BipeClock *clock) G_GNUC_WARN_UNUSED_RESULT;
void bipe_refusals_free (BipeRefusals *self);

/* Somebody was refused for @word. TRUE: the log shall have it. */
gboolean bipe_refusals_note (BipeRefusals *self, const char *word);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeRefusals, bipe_refusals_free)

G_END_DECLS
