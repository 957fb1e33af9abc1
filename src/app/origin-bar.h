/* origin-bar.h: asks the operator about web pages that were refused, one at a time, in a bar that
 * takes no keys: what a scanner types is never an answer. Window thread. */
#pragma once

#include <gtk/gtk.h>

#include "access/origins.h"

G_BEGIN_DECLS

#define BIPE_TYPE_ORIGIN_BAR (bipe_origin_bar_get_type ())
G_DECLARE_FINAL_TYPE (BipeOriginBar, bipe_origin_bar, BIPE, ORIGIN_BAR, GtkWidget)

/**
 * BipeOriginBar:question: (nullable): what is asked; %NULL: nothing, and there is no bar
 * BipeOriginBar:note: (nullable): what more there is to know before it is answered
 * BipeOriginBar:narrow: there is no room for the answers beside it
 */

/**
 * bipe_origin_bar_run:
 * @saved: (nullable): where an allowed one is saved; %NULL: nowhere
 * @fixed_by: (nullable): where the setting comes from, if it can't be changed here: a variable's
 *   name, or "command line"; lives as long as the bar
 *
 * From now on it asks. Called once.
 */
void bipe_origin_bar_run (BipeOriginBar *self,
                          BipeOrigins *origins,
                          GSettings *saved,
                          const char *fixed_by);

G_END_DECLS
