/* image-queue.h: pictures that wait to be read, one after another. Window thread. */
#pragma once

#include <gtk/gtk.h>

#include "decoder/sight.h"

G_BEGIN_DECLS

/* Pictures that may wait; more are left out. */
#define BIPE_IMAGE_QUEUE_MAX 200

/**
 * BipeImageQueue:
 *
 * Signal `read (const char *name, BipeSight *sight, const char *problem)`: one has been read; @name
 * is %NULL for one without, @sight is %NULL where there is a @problem. Signal `emptied`: it was the
 * last one.
 */
#define BIPE_TYPE_IMAGE_QUEUE (bipe_image_queue_get_type ())
G_DECLARE_FINAL_TYPE (BipeImageQueue, bipe_image_queue, BIPE, IMAGE_QUEUE, GObject)

BipeImageQueue *bipe_image_queue_new (void) G_GNUC_WARN_UNUSED_RESULT;

/* What pictures are searched for from now on. */
void bipe_image_queue_set_symbologies (BipeImageQueue *self, BipeSymbologies symbologies);

/* FALSE where it is left out. */
gboolean bipe_image_queue_add_file (BipeImageQueue *self, GFile *file);
gboolean bipe_image_queue_add_texture (BipeImageQueue *self, GdkTexture *texture);

/* Nothing more is heard of what waits. */
void bipe_image_queue_cancel (BipeImageQueue *self);

G_END_DECLS
