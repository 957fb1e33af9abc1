/* tally.h: what several tries at one picture have found, and what of it counts. The same text out
 * of different copies of a picture, or from different decoders, is right; what is read wrong is
 * rarely read the same way again. */
#pragma once

#include "decoder/sight.h"

G_BEGIN_DECLS

typedef struct _BipeTally BipeTally;

BipeTally *bipe_tally_new (void) G_GNUC_WARN_UNUSED_RESULT;
void bipe_tally_free (BipeTally *self);

/**
 * BipeTallyTry:
 * @BIPE_TALLY_FIRST: by the first decoder (zxing)
 * @BIPE_TALLY_ALTERED: by the first decoder, at a copy so much altered that there may be bars in it
 *   that never were
 * @BIPE_TALLY_SECOND: by the second decoder (zbar)
 */
typedef enum
{
  BIPE_TALLY_FIRST,
  BIPE_TALLY_ALTERED,
  BIPE_TALLY_SECOND,
} BipeTallyTry;

/* One try's; of the same text one counts. */
void bipe_tally_add (BipeTally *self, BipeTallyTry kind, GPtrArray *readings);

/* Something counts, and nothing else has been found that does not. */
gboolean bipe_tally_is_settled (BipeTally *self);

/**
 * bipe_tally_dup_readings:
 *
 * A matrix code counts at once: its error correction is its proof. A linear one counts where both
 * decoders have read it, or the first in three tries. Where nothing counts, and nothing else was
 * read in any try, one with a check that is not weak does: of one try at what is little altered, or
 * of two.
 */
GPtrArray *bipe_tally_dup_readings (BipeTally *self) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeTally, bipe_tally_free)

G_END_DECLS
