/* sightings.h: which of the codes that a camera sees are scans: read surely, and each once for as
 * long as it is in view. Pure: it is told the time. */
#pragma once

#include "decoder/sight.h"

G_BEGIN_DECLS

/* Codes that are remembered; past it the one not seen for longest is forgotten. */
#define BIPE_SIGHTINGS_MAX 64

/* Microseconds within which looks have to agree. */
#define BIPE_SIGHTINGS_WINDOW 500000

typedef struct _BipeSightings BipeSightings;

/* @absence: microseconds that a code must be out of view before it counts anew. */
BipeSightings *bipe_sightings_new (gint64 absence) G_GNUC_WARN_UNUSED_RESULT;
void bipe_sightings_free (BipeSightings *self);

/* None has been seen. */
void bipe_sightings_clear (BipeSightings *self);

/* From the next reading on. */
void bipe_sightings_set_absence (BipeSightings *self, gint64 absence);

/**
 * bipe_sightings_feed:
 * @readings: of #BipeReading, what one look has shown
 * @now: microseconds, monotonic: when the picture was taken
 *
 * A matrix code counts at once. A linear one counts when two looks within 500 ms agree, since its
 * check is weak; ITF and Codabar, which have next to none, when three do. Looks at different
 * pictures alone: of one picture (the same @now) it is one look. Two looks that read different
 * texts in the same place contradict one another: the earlier ones of the other text are void, so
 * that of a code that is read now this way and now that way neither counts. Where another code has
 * counted and not been out of view, twice as many looks must agree.
 *
 * A code is out of view once it has not been seen for the absence, not when a look misses it: not
 * every look looks everywhere. Looks may come out of order, a slow decoder's behind a quick one's.
 *
 * Returns: (transfer full): those of @readings that are scans now
 */
GPtrArray *bipe_sightings_feed (BipeSightings *self,
                                GPtrArray *readings,
                                gint64 now) G_GNUC_WARN_UNUSED_RESULT;

/* The scene has not changed from @since to @now: codes that were seen in between are still in view,
 * whether looks find them or not. One that is read now and then must not count each time, nor when
 * for a while there were no pictures of it. */
void bipe_sightings_hold (BipeSightings *self, gint64 since, gint64 now);

/* At @now some code is seen that another look may make a scan. */
gboolean bipe_sightings_has_doubt (BipeSightings *self, gint64 now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeSightings, bipe_sightings_free)

G_END_DECLS
