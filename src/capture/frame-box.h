/* frame-box.h: where a streaming thread leaves its frames for another thread: of those that come
 * while that one is busy only the newest stays, and the streaming thread never waits. */
#pragma once

#include "decoder/picture.h"

G_BEGIN_DECLS

/* @taken_at: microseconds, monotonic; of each frame more than of the one before.
 * @occasion: a count; see bipe_frame_box_begin() */
typedef struct
{
  BipePicture picture;
  gint64 taken_at;
  guint occasion;

  /*< private >*/
  guint8 *pixels;
  gsize capacity;
  GAsyncQueue *spare; /* where it goes when it is freed */
} BipeFrame;

void bipe_frame_free (BipeFrame *self);

typedef struct _BipeFrameBox BipeFrameBox;

/* Takes @frame over. */
typedef void (*BipeFrameBoxFunc) (BipeFrame *frame, gpointer user_data);

/* @func runs in @context. */
BipeFrameBox *bipe_frame_box_new (GMainContext *context,
                                  BipeFrameBoxFunc func,
                                  gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
BipeFrameBox *bipe_frame_box_ref (BipeFrameBox *self);
void bipe_frame_box_unref (BipeFrameBox *self);

/* Copies @picture, from one thread at a time. A @taken_at that can't be (not within the last
 * second, or not after the frame before) is taken as now; a picture that nobody can look at is
 * left. */
void bipe_frame_box_post (BipeFrameBox *self, const BipePicture *picture, gint64 taken_at);

/* The frames from now on have nothing to do with those before: the camera has been switched off in
 * between. One that only falters is still the same occasion. Any thread. */
void bipe_frame_box_begin (BipeFrameBox *self);

/* Frames that were left here; any thread. */
guint bipe_frame_box_get_n_frames (BipeFrameBox *self);

/* No call of the function comes after this, if it is called in the box's context. */
void bipe_frame_box_close (BipeFrameBox *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeFrame, bipe_frame_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeFrameBox, bipe_frame_box_unref)

G_END_DECLS
