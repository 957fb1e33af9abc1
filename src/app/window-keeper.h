/* window-keeper.h: no part of a window outlives it.
 *
 * What a template binds has the window as its source. Where a part is left when the window is
 * finalized, GTK 4.8 undoes its bindings in the middle of that, and writes to freed memory. There
 * are two ways to it:
 * - A part that is hidden while it has the focus is kept until the next frame, which moves the
 *   focus. If more is hidden before that, the first part is never let go of. So here the focus is
 *   taken off at once.
 * - The part that a key or a click went to is kept until these have been handled. If they close the
 *   window, it goes before that part. So here it is kept until after them. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define BIPE_TYPE_WINDOW_KEEPER (bipe_window_keeper_get_type ())
G_DECLARE_FINAL_TYPE (BipeWindowKeeper, bipe_window_keeper, BIPE, WINDOW_KEEPER, GObject)

/* For all windows of the program. @application: borrowed; it goes on until a window that was closed
 * is gone. Without a keeper a window goes when it is destroyed. */
BipeWindowKeeper *bipe_window_keeper_new (GApplication *application);

G_END_DECLS
