/* lookout.h: frames in, codes out: has each frame that is worth it looked at by the decoder, and
 * tells which codes are scans. It lives in the context that is its thread's default one; whatever
 * blocks is in the decoder's processes. */
#pragma once

#include "capture/frame-box.h"
#include "decoder/sight.h"

G_BEGIN_DECLS

typedef struct _BipeLookout BipeLookout;

/**
 * BipeLookoutFuncs:
 * @scanned: @reading is a scan; @sight shows it, perhaps among others
 * @flawed: what is wrong with the pictures has changed
 */
typedef struct
{
  void (*scanned) (BipeReading *reading, BipeSight *sight, gpointer user_data);
  void (*flawed) (BipeFlaw flaw, gpointer user_data);
} BipeLookoutFuncs;

/* @funcs: static. */
BipeLookout *bipe_lookout_new (const BipeLookoutFuncs *funcs,
                               gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;

/* Iterates its context until the looks under way have been given up, which takes no time. */
void bipe_lookout_free (BipeLookout *self);

/* @absence: microseconds that a code must be out of view; at least BIPE_LOOKOUT_ABSENCE_MIN. */
void bipe_lookout_set_rules (BipeLookout *self, BipeSymbologies symbologies, gint64 absence);

/* A code that only the second decoder reads is seen twice a second, so it can't be told for less
 * that it has gone. */
#define BIPE_LOOKOUT_ABSENCE_MIN 800000

/* Takes @frame over. While a frame is looked at the newest one waits. */
void bipe_lookout_feed (BipeLookout *self, BipeFrame *frame);

/* The guide box of a picture: the middle, 60 % of its width and height. */
void bipe_lookout_get_guide (guint width, guint height, BipeArea *guide);

/* Looks that were begun, with either decoder, and their processes' deaths. */
guint bipe_lookout_get_n_looks (BipeLookout *self);
guint bipe_lookout_get_n_second (BipeLookout *self);
guint bipe_lookout_get_n_deaths (BipeLookout *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeLookout, bipe_lookout_free)

G_END_DECLS
