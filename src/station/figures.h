/* figures.h: what the station has done since its start, in numbers. A plain struct of the engine's
 * thread. */
#pragma once

#include "base/histogram.h"
#include "journal/journal.h"

G_BEGIN_DECLS

/**
 * BipeFigures:
 * @n_accepted: scans that became durable
 * @n_stored: by the store
 * @n_rejected: set aside, by the store or from the start
 * @n_refused: could not be kept
 * @commits: what the journal took for a commit that others shared, from its first statement until
 *   it was on the disk
 * @stores: from a scan's coming in until the store had it, to the millisecond, which its uuid has;
 *   in review mode the wait for its release counts in
 */
typedef struct
{
  guint64 n_accepted;
  guint64 n_stored;
  guint64 n_rejected;
  guint64 n_refused;
  BipeHistogram commits;
  BipeHistogram stores;
} BipeFigures;

void
bipe_figures_note_commit (BipeFigures *self, GPtrArray *events, const BipeJournalCounts *counts);

G_END_DECLS
