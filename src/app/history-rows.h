/* history-rows.h: the history's rows as far as they are known, newest first: where each one stands,
 * which are in memory, and which are missing. It asks nobody for them (the model does). Window
 * thread. */
#pragma once

#include "app/scan-item.h"

G_BEGIN_DECLS

/* Rows that follow the last one come by this many; fewer than that were the store's last. */
#define BIPE_HISTORY_ROWS_PAGE 100

typedef struct _BipeHistoryRows BipeHistoryRows;

/**
 * BipeHistoryGap:
 * @before: the missing rows have smaller ids than this; 0: the newest are missing
 * @bottom: the id of the last one; 0: the next page, %BIPE_HISTORY_ROWS_PAGE rows
 */
typedef struct
{
  gint64 before;
  gint64 bottom;
} BipeHistoryGap;

/* @model: whose rows these are; every change is told as a change of its items. Not owned. */
BipeHistoryRows *bipe_history_rows_new (GListModel *model) G_GNUC_WARN_UNUSED_RESULT;
void bipe_history_rows_free (BipeHistoryRows *self);

/* With the empty row behind the last one, which stands there as long as the store has more. */
guint bipe_history_rows_count (BipeHistoryRows *self);

/* For tests: rows whose scans are in memory. */
guint bipe_history_rows_count_loaded (BipeHistoryRows *self);

/* The id of the newest row; 0: there is none. */
gint64 bipe_history_rows_get_top (BipeHistoryRows *self);

/* Somebody looks at the row. NULL: there is none; an item without a scan makes a gap. */
BipeScanItem *bipe_history_rows_ref_item (BipeHistoryRows *self,
                                          guint position) G_GNUC_WARN_UNUSED_RESULT;

/* As if somebody looked behind the last row. */
void bipe_history_rows_want_more (BipeHistoryRows *self);

/* What was looked at last and is not there. FALSE: nothing is missing. What follows the last row is
 * given out once for each time that it is wanted. */
gboolean bipe_history_rows_next_gap (BipeHistoryRows *self, BipeHistoryGap *gap);

/* @scans: all that there is in @gap, the newest first. */
void bipe_history_rows_fill (BipeHistoryRows *self, const BipeHistoryGap *gap, GPtrArray *scans);

/* @scans: the oldest first, and all of them newer than what is there. */
void bipe_history_rows_prepend (BipeHistoryRows *self, GPtrArray *scans);

/**
 * bipe_history_rows_apply:
 * @is_wanted: whether the scan, as it is now, is to have a row
 *
 * Returns: %FALSE where its place is not in memory
 */
gboolean bipe_history_rows_apply (BipeHistoryRows *self, const BipeScan *scan, gboolean is_wanted);

void bipe_history_rows_clear (BipeHistoryRows *self);

G_END_DECLS
