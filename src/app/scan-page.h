/* scan-page.h: the page to scan at: the last code, the live queue, how the station is doing. */
#pragma once

#include <gtk/gtk.h>

#include "app/board.h"
#include "decoder/sight.h"

G_BEGIN_DECLS

#define BIPE_TYPE_SCAN_PAGE (bipe_scan_page_get_type ())
G_DECLARE_FINAL_TYPE (BipeScanPage, bipe_scan_page, BIPE, SCAN_PAGE, GtkWidget)

/**
 * BipeScanPage:board: what is shown
 * BipeScanPage:camera: (nullable): the BipeCameraController
 * BipeScanPage:narrow: whether the window is a narrow one
 * BipeScanPage::typed: a code was entered by hand; answered by bipe_scan_page_settle_typed()
 */

/* What became of the code typed last: it is kept, or @problem says why not and the text stays. */
void bipe_scan_page_settle_typed (BipeScanPage *self, const char *problem);

/* What became of a code that the camera has read. */
void bipe_scan_page_tell_read (BipeScanPage *self,
                               const BipeReading *reading,
                               const BipeSight *sight,
                               gboolean is_kept);

G_END_DECLS
