/* frame-box.c: an inbox with room for one, and a few frames that are used in turns: a new one of a
 * megabyte for each picture would be page faults more than copying. */
#include "config.h"

#include "capture/frame-box.h"

#include <string.h>

#include "base/inbox.h"
#include "decoder/protocol.h"

/* One is filled, one waits, one is looked at. */
#define SPARE_MAX 3

struct _BipeFrameBox
{
  BipeInbox *inbox;
  GAsyncQueue *spare; /* of BipeFrame, whose spare is NULL while they are in it */
  BipeFrameBoxFunc func;
  gpointer user_data;
  guint n_frames; /* atomic */
  guint occasion; /* atomic */
  gint64 newest;  /* the streaming thread's */
};

static void
destroy_frame (gpointer data)
{
  BipeFrame *frame = data;

  g_free (frame->pixels);
  g_free (frame);
}

void
bipe_frame_free (BipeFrame *self)
{
  g_autoptr(GAsyncQueue) spare = g_steal_pointer (&self->spare);

  if (spare != NULL && g_async_queue_length (spare) < SPARE_MAX)
    g_async_queue_push (spare, self);
  else
    destroy_frame (self);
}

static void
received_cb (GPtrArray *items, gboolean has_gap, gpointer user_data)
{
  BipeFrameBox *self = user_data;

  self->func (g_ptr_array_steal_index (items, items->len - 1), self->user_data);
}

BipeFrameBox *
bipe_frame_box_new (GMainContext *context, BipeFrameBoxFunc func, gpointer user_data)
{
  BipeFrameBox *self = g_atomic_rc_box_new0 (BipeFrameBox);

  self->func = func;
  self->user_data = user_data;
  self->spare = g_async_queue_new_full (destroy_frame);
  self->inbox = bipe_inbox_new (context, G_PRIORITY_DEFAULT, 1, (GDestroyNotify)bipe_frame_free,
                                received_cb, self);
  return self;
}

BipeFrameBox *
bipe_frame_box_ref (BipeFrameBox *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  BipeFrameBox *self = data;

  bipe_inbox_close (self->inbox);
  bipe_inbox_unref (self->inbox);
  g_async_queue_unref (self->spare);
}

void
bipe_frame_box_unref (BipeFrameBox *self)
{
  g_atomic_rc_box_release_full (self, clear);
}

static BipeFrame *
take_frame (BipeFrameBox *self, gsize size)
{
  BipeFrame *frame = g_async_queue_try_pop (self->spare);

  if (frame == NULL)
    frame = g_new0 (BipeFrame, 1);
  frame->spare = g_async_queue_ref (self->spare);
  if (frame->capacity < size)
    {
      g_free (frame->pixels);
      frame->pixels = g_malloc (size);
      frame->capacity = size;
    }
  return frame;
}

/* Rows that follow one another without a gap are copied at once. */
static void
copy (BipeFrame *frame, const BipePicture *picture)
{
  if (picture->stride == picture->width)
    memcpy (frame->pixels, picture->luma, (gsize)picture->width * picture->height);
  else
    for (guint y = 0; y < picture->height; y++)
      memcpy (frame->pixels + (gsize)y * picture->width, picture->luma + y * picture->stride,
              picture->width);
  frame->picture = (BipePicture){
    .luma = frame->pixels,
    .width = picture->width,
    .height = picture->height,
    .stride = picture->width,
  };
}

void
bipe_frame_box_post (BipeFrameBox *self, const BipePicture *picture, gint64 taken_at)
{
  gint64 now = g_get_monotonic_time ();
  BipeFrame *frame;

  if (picture->width == 0 || picture->height == 0 || picture->stride < picture->width
      || picture->height > BIPE_PROTOCOL_MEMORY / picture->width)
    return;
  if (taken_at > now || taken_at < now - G_USEC_PER_SEC || taken_at <= self->newest)
    taken_at = MAX (now, self->newest + 1);
  self->newest = taken_at;
  g_atomic_int_inc (&self->n_frames);
  frame = take_frame (self, (gsize)picture->width * picture->height);
  copy (frame, picture);
  frame->taken_at = taken_at;
  frame->occasion = (guint)g_atomic_int_get (&self->occasion);
  bipe_inbox_post (self->inbox, frame);
}

void
bipe_frame_box_begin (BipeFrameBox *self)
{
  g_atomic_int_inc (&self->occasion);
}

guint
bipe_frame_box_get_n_frames (BipeFrameBox *self)
{
  return (guint)g_atomic_int_get (&self->n_frames);
}

void
bipe_frame_box_close (BipeFrameBox *self)
{
  bipe_inbox_close (self->inbox);
}
