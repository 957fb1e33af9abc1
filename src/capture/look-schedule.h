/* look-schedule.h: how to look at the next frame, so that a code is found soon and an empty table
 * costs little. Pure: it is told the time, that of the frames. */
#pragma once

#include "decoder/protocol.h"

G_BEGIN_DECLS

/* Microseconds without a change after which there are but five looks a second. */
#define BIPE_LOOK_SCHEDULE_PATIENCE (10 * G_USEC_PER_SEC)

/* The second decoder gets its own turns, since it is slow: it never waits for the first, nor the
 * first for it. Zeroed at first. */
typedef struct
{
  guint64 n_looks;
  guint n_left;          /* frames since the last look */
  gint64 looked_at;      /* microseconds, monotonic */
  gint64 changed_at;     /* when there was another scene */
  BipeLooks again;       /* these have found a code that needs another look */
  guint n_again;         /* in a row */
  gint64 second_at;      /* the newest; 0: never */
  gint64 second_due;     /* the next one, but an urgent one */
  gboolean wants_second; /* a thorough look has found nothing in a scene that is new */
  gboolean is_urgent;    /* the second decoder has found a code that needs another look */
} BipeLookSchedule;

/**
 * bipe_look_schedule_next:
 * @has_changed: the frame shows another scene than the one before
 *
 * Of three looks one is thorough, and two are quick: at the guide box, and at the whole in the fast
 * form. The thorough one does without the guide box, whose code would hide others. A scene that
 * was still and is not any more gets all of them at once. A code that needs another look gets the
 * same again.
 *
 * Returns: what to do with the frame that is there at @now; 0: leave it. Counts it as looked at.
 *   Never #BIPE_LOOK_SECOND
 */
BipeLooks bipe_look_schedule_next (BipeLookSchedule *self, gboolean has_changed, gint64 now);

/* Whether the frame at @now is to be shown to the second decoder; counts it as shown. Twice a
 * second; where a code needs another look the next one is brought forward, since it must agree
 * within half a second. */
gboolean bipe_look_schedule_take_second (BipeLookSchedule *self, gint64 now);

/**
 * bipe_look_schedule_report:
 * @looks: that were taken at the frame of @now
 * @has_doubt: some code needs another look
 *
 * What they have shown.
 */
void bipe_look_schedule_report (BipeLookSchedule *self,
                                BipeLooks looks,
                                const BipeSight *sight,
                                gboolean has_doubt,
                                gint64 now);

G_END_DECLS
