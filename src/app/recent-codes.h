/* recent-codes.h: the codes of the last moments, to tell one that comes again. Pure: no clock. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Past it, the one that came longest ago is forgotten. */
#define BIPE_RECENT_CODES_MAX 1000

typedef struct _BipeRecentCodes BipeRecentCodes;

BipeRecentCodes *bipe_recent_codes_new (void) G_GNUC_WARN_UNUSED_RESULT;
void bipe_recent_codes_free (BipeRecentCodes *self);

/**
 * bipe_recent_codes_add:
 * @now: microseconds since any moment; not before that of the last call
 * @window: microseconds; 0: nothing counts as come again
 *
 * Returns: whether @code has come within @window before @now
 */
gboolean bipe_recent_codes_add (BipeRecentCodes *self, const char *code, gint64 now, gint64 window);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeRecentCodes, bipe_recent_codes_free)

G_END_DECLS
