/* status-board.h: how the station is doing, kept and announced. Engine thread, but for dup. */
#pragma once

#include "base/status.h"
#include "base/types.h"
#include "journal/journal.h"
#include "station/events.h"

G_BEGIN_DECLS

#define BIPE_TYPE_STATUS_BOARD (bipe_status_board_get_type ())
G_DECLARE_FINAL_TYPE (BipeStatusBoard, bipe_status_board, BIPE, STATUS_BOARD, GObject)

BipeStatusBoard *bipe_status_board_new (const char *station,
                                        const char *store,
                                        gboolean is_review,
                                        BipeJournal *journal,
                                        BipeEvents *events,
                                        BipeClock *clock) G_GNUC_WARN_UNUSED_RESULT;

/* A commit: what waits now, and what was accepted. */
void bipe_status_board_note_commit (BipeStatusBoard *self,
                                    GPtrArray *events,
                                    const BipeJournalCounts *counts);

/* An exchange with the store: @error is why it failed, or NULL. */
void bipe_status_board_note_store (BipeStatusBoard *self, const GError *error);

/* The store is another one, of that name. */
void bipe_status_board_note_move (BipeStatusBoard *self, const char *store);

/* What the operator has changed. From a board that was made in automatic mode, what is held is free
 * until review mode begins. */
void bipe_status_board_set_station (BipeStatusBoard *self, const char *station);
void bipe_status_board_set_review (BipeStatusBoard *self, gboolean is_review);

/* A scan could not be kept. */
void bipe_status_board_note_refusal (BipeStatusBoard *self, const GError *error);

/* Whether something waits that could be stored now. */
gboolean bipe_status_board_has_waiting (BipeStatusBoard *self);

/* To be called every now and then: refusals grow old, days end, and clocks are set. */
void bipe_status_board_tick (BipeStatusBoard *self);

/* Any thread. */
BipeStatus *bipe_status_board_dup (BipeStatusBoard *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
