/* wedge-controller.h: a keyboard-wedge scanner works anywhere in the program's windows. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * BipeWedgeController:
 *
 * Stands before every key of the windows, dialogs and popovers it watches, and takes a scanner's
 * bursts out; what a person types goes on to where it was meant for.
 *
 * One for the program, since it watches whatever is shown.
 *
 * Property `layout`: the layout that the scanners are set to (`us`), or `session`.
 *
 * Signal `scanned (const char *code)`; signal `unread (const char *text, const char *trace)`: a
 * scanner's burst that was not accepted as a code, and its keys.
 */
#define BIPE_TYPE_WEDGE_CONTROLLER (bipe_wedge_controller_get_type ())
G_DECLARE_FINAL_TYPE (BipeWedgeController, bipe_wedge_controller, BIPE, WEDGE_CONTROLLER, GObject)

BipeWedgeController *bipe_wedge_controller_new (void) G_GNUC_WARN_UNUSED_RESULT;

/* Watches @native. Windows, dialogs and popovers that are shown later are watched by themselves. */
void bipe_wedge_controller_watch (BipeWedgeController *self, GtkNative *native);

G_END_DECLS
