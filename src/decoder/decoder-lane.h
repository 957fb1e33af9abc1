/* decoder-lane.h: a decoder process that is there when it is needed: started by a request, ended
 * where it takes too long or says nonsense, replaced when it has died, and let go when nobody has
 * asked for a while. One request at a time. Lives in the context that it is made with. */
#pragma once

#include <gio/gio.h>

#include "decoder/protocol.h"

G_BEGIN_DECLS

typedef struct _BipeDecoderLane BipeDecoderLane;

/* Processes that die faster than so many in a second are given a second's rest: a program that is
 * broken or missing must not be started over and over. */
#define BIPE_DECODER_LANE_DEATHS 5
#define BIPE_DECODER_LANE_REST_MS 1000

/* The lane has become free; called before the task that has freed it returns. */
typedef void (*BipeDecoderLaneFunc) (gpointer user_data);

/**
 * bipe_decoder_lane_new:
 * @limit_ms: that an answer may take
 * @idle_ms: without a request, after which the process is ended
 * @freed: (nullable)
 */
BipeDecoderLane *bipe_decoder_lane_new (GMainContext *context,
                                        guint limit_ms,
                                        guint idle_ms,
                                        BipeDecoderLaneFunc freed,
                                        gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;

/* Not while a request is in hand. */
void bipe_decoder_lane_free (BipeDecoderLane *self);

gboolean bipe_decoder_lane_is_busy (BipeDecoderLane *self);
guint bipe_decoder_lane_get_n_deaths (BipeDecoderLane *self);

/**
 * bipe_decoder_lane_open:
 *
 * Not while it is busy.
 *
 * Returns: (nullable): the memory for the next request's picture, of a process that is there;
 *   %NULL with BIPE_ERROR_UNAVAILABLE
 */
guint8 *bipe_decoder_lane_open (BipeDecoderLane *self, GError **error);

/* After open. @task (taken over) returns a #BipeSight; BIPE_ERROR_UNAVAILABLE: the process has not
 * answered; BIPE_ERROR_INVALID: it refuses the picture. */
void bipe_decoder_lane_ask (BipeDecoderLane *self, const BipeRequest *request, GTask *task);

/* @task, if it is the one in hand (else FALSE), fails with G_IO_ERROR_CANCELLED, and its process,
 * which can do but one thing, is ended. */
gboolean bipe_decoder_lane_drop (BipeDecoderLane *self, GTask *task);

/* Of the process that is there; 0: none. For a test. */
int bipe_decoder_lane_get_number (BipeDecoderLane *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeDecoderLane, bipe_decoder_lane_free)

G_END_DECLS
