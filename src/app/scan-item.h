/* scan-item.h: a scan as a row of a list: the same object through all of the scan's states. */
#pragma once

#include <gio/gio.h>

#include "base/scan.h"

G_BEGIN_DECLS

#define BIPE_TYPE_SCAN_ITEM (bipe_scan_item_get_type ())
G_DECLARE_FINAL_TYPE (BipeScanItem, bipe_scan_item, BIPE, SCAN_ITEM, GObject)

/**
 * bipe_scan_item_new:
 * @scan: (nullable): %NULL for a row whose scan is still to be loaded
 * @is_held: whether it waits for a release (review mode)
 */
BipeScanItem *bipe_scan_item_new (const BipeScan *scan, gboolean is_held) G_GNUC_WARN_UNUSED_RESULT;

const BipeScan *bipe_scan_item_get_scan (BipeScanItem *self);

/* The scan's, and stable as long as the item lives: a key for hash tables. */
const BipeUuid *bipe_scan_item_get_uuid (BipeScanItem *self);

/* @scan is the same one in its next state, or the first that an empty item gets. */
void bipe_scan_item_update (BipeScanItem *self, const BipeScan *scan, gboolean is_held);

G_END_DECLS
