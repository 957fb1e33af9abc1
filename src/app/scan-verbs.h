/* scan-verbs.h: what can be done to a scan, as actions of the window: scan.release, scan.edit,
 * scan.remove, scan.void, scan.restore (each with the scan's uuid) and scan.release-all. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* @class is BipeWindow's. */
void bipe_scan_verbs_install (GtkWidgetClass *class);

G_END_DECLS
