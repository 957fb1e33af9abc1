/* history-model.h: the store's rows as a list model, newest first. Rows are loaded a page at a time
 * as somebody looks at them, and let go of again far from there; new ones come on top by
 * themselves. Window thread. */
#pragma once

#include "app/feed.h"
#include "station/station.h"

G_BEGIN_DECLS

typedef enum
{
  BIPE_HISTORY_ALL,
  BIPE_HISTORY_STORED,
  BIPE_HISTORY_VOIDED,
} BipeHistoryFilter;

#define BIPE_TYPE_HISTORY_MODEL (bipe_history_model_get_type ())
G_DECLARE_FINAL_TYPE (BipeHistoryModel, bipe_history_model, BIPE, HISTORY_MODEL, GObject)

/**
 * BipeHistoryModel:text: what codes are searched for
 * BipeHistoryModel:filter: a #BipeHistoryFilter
 * BipeHistoryModel:status: "loading" (nothing to show yet), "rows", "empty", "nothing" (found), or
 *   "failed"
 * BipeHistoryModel:is-loading: whether an answer of the store is awaited
 * BipeHistoryModel:problem: (nullable): why the last page did not come
 *
 * A #GListModel of #BipeScanItem; those without a scan are being loaded.
 */
BipeHistoryModel *bipe_history_model_new (BipeStation *station,
                                          BipeFeed *feed) G_GNUC_WARN_UNUSED_RESULT;

/* Asks again for what did not come. */
void bipe_history_model_retry (BipeHistoryModel *self);

/* For tests: rows whose scans are in memory. */
guint bipe_history_model_count_loaded (BipeHistoryModel *self);

G_END_DECLS
