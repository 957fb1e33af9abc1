/* failures.h: how often somebody has shown a token that is none, by address: a bounded table. */
#pragma once

#include "base/types.h"

G_BEGIN_DECLS

/* Addresses that are remembered; past it the oldest are forgotten. */
#define BIPE_FAILURES_ADDRESSES_MAX 1024

typedef struct _BipeFailures BipeFailures;

/* @limit: failures a minute that are told one by one */
BipeFailures *bipe_failures_new (guint limit, BipeClock *clock) G_GNUC_WARN_UNUSED_RESULT;
void bipe_failures_free (BipeFailures *self);

/* One more from @address, which counts as of bipe_client_network_dup(). Returns 0 where it is
 * within the limit, else the seconds until it is again. */
guint bipe_failures_note (BipeFailures *self, const char *address);

/* What the next one would return; it counts nothing. */
guint bipe_failures_get_wait (BipeFailures *self, const char *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeFailures, bipe_failures_free)

G_END_DECLS
