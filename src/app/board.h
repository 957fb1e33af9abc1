/* board.h: the live picture of the station that the Scan page shows: the newest scans, the last
 * one, and the status. Window thread. */
#pragma once

#include "app/feed.h"
#include "app/network.h"
#include "app/scan-item.h"
#include "station/station.h"

G_BEGIN_DECLS

/* Rows that the live list keeps. */
#define BIPE_BOARD_SCANS_MAX 1000

#define BIPE_TYPE_BOARD (bipe_board_get_type ())
G_DECLARE_FINAL_TYPE (BipeBoard, bipe_board, BIPE, BOARD, GObject)

BipeBoard *bipe_board_new (BipeStation *station,
                           BipeFeed *feed,
                           BipeNetwork *network) G_GNUC_WARN_UNUSED_RESULT;

/* A code that the station could not keep: it becomes the last one, and a row that says why. */
void bipe_board_add_refused (BipeBoard *self, const BipeScan *draft, const char *reason);

/* A burst of keys that was no scan: kept with its trace for whoever looks into it. */
void bipe_board_add_unread (BipeBoard *self, const char *text, const char *trace);

G_END_DECLS
