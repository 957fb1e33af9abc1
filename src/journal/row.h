/* row.h: one row of the journal's table scan: the scan, and where it stands in the journal. */
#pragma once

#include <sqlite3.h>

#include "base/scan.h"

G_BEGIN_DECLS

/* Where a scan waits; the numbers are in the file. */
typedef enum
{
  BIPE_PLACE_FREE,
  BIPE_PLACE_HELD, /* for a release (review mode) */
  BIPE_PLACE_REJECTED,
  BIPE_PLACE_REMOVED,
  BIPE_PLACE_NONE, /* NULL in the file: the store has it */
} BipePlace;

/* The numbers are in the file. */
typedef enum
{
  BIPE_COLLECTING_OVER, /* NULL in the file; also of what was never to be collected */
  BIPE_COLLECTING_WAITS,
  BIPE_COLLECTING_UNTOLD, /* collected, and the store does not have collected_at yet */
} BipeCollecting;

typedef struct
{
  gint64 seq;
  gint64 accepted_at; /* 0: not accepted here */
  BipePlace place;
  BipeCollecting collecting;
  BipeScan *scan;
} BipeRow;

/* In the order in which bipe_row_read() takes them. */
#define BIPE_ROW_COLUMNS                                                                           \
  "seq, accepted_at, place, collecting, uuid, id, state, source, key, code, aim, symbology, "      \
  "device, station, operator, code_read, reason, scanned_at, stored_at, collected_at, voided_at"

#define BIPE_ROW_INSERT                                                                            \
  "INSERT INTO scan (" BIPE_ROW_COLUMNS ", changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "   \
  "?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)"

/* changed_at only rises, whatever the clocks do: it is the time of the scan's last event, or more
 * than that of each; so a row is not pruned before its events are old, and an event with that very
 * time is the last. */
#define BIPE_ROW_UPDATE(more)                                                                      \
  "UPDATE scan SET " more "place = ?3, id = ?6, state = ?7, code = ?10, "                          \
  "code_read = ?16, reason = ?17, stored_at = ?19, collected_at = ?20, voided_at = ?21, "          \
  "changed_at = max(changed_at + 1, ?22) WHERE seq = ?1"

/* For BIPE_ROW_INSERT and BIPE_ROW_UPDATE; @self must live until the statement has run. */
void bipe_row_bind (const BipeRow *self, sqlite3_stmt *statement, gint64 changed_at);

/* Takes the row on which @statement stands. */
void bipe_row_read (BipeRow *self, sqlite3_stmt *statement);
void bipe_row_clear (BipeRow *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BipeRow, bipe_row_clear)

G_END_DECLS
