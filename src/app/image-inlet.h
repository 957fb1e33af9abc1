/* image-inlet.h: the ways by which pictures come into a window: dropped, pasted, chosen from a
 * dialog, opened. */
#pragma once

#include <gtk/gtk.h>

#include "decoder/sight.h"

G_BEGIN_DECLS

/**
 * BipeImageInlet:
 *
 * Signal `read (const char *name, BipeSight *sight)`: codes were found in a picture; @name is %NULL
 * for one without. Signal `told (const char *text)`: what became of the pictures, for the operator.
 */
#define BIPE_TYPE_IMAGE_INLET (bipe_image_inlet_get_type ())
G_DECLARE_FINAL_TYPE (BipeImageInlet, bipe_image_inlet, BIPE, IMAGE_INLET, GObject)

/* @target: where pictures may be dropped; it outlives the inlet */
BipeImageInlet *bipe_image_inlet_new (GtkWidget *target) G_GNUC_WARN_UNUSED_RESULT;

/* What pictures are searched for from now on. */
void bipe_image_inlet_set_symbologies (BipeImageInlet *self, BipeSymbologies symbologies);

/* (element-type GFile) */
void bipe_image_inlet_open (BipeImageInlet *self, GPtrArray *files);

/* Asks for files. */
void bipe_image_inlet_choose (BipeImageInlet *self);

/* Takes a picture, or files, from the clipboard. */
void bipe_image_inlet_paste (BipeImageInlet *self);

/* Nothing more is heard of it. */
void bipe_image_inlet_close (BipeImageInlet *self);

G_END_DECLS
