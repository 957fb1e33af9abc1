/* split.h: two widgets, one above the other, or side by side where there is the width. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define BIPE_TYPE_SPLIT (bipe_split_get_type ())
G_DECLARE_FINAL_TYPE (BipeSplit, bipe_split, BIPE, SPLIT, GtkWidget)

/**
 * BipeSplit:start: the upper or left one
 * BipeSplit:end: the other one, which takes what the first leaves
 * BipeSplit:beside: whether they may stand side by side
 * BipeSplit:separated: whether there is a line between them
 */

G_END_DECLS
