/* qr-code.h: a picture of a QR code: black on white whatever the style, its margin with it, and
 * each module the same whole number of the screen's pixels. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define BIPE_TYPE_QR_CODE (bipe_qr_code_get_type ())
G_DECLARE_FINAL_TYPE (BipeQrCode, bipe_qr_code, BIPE, QR_CODE, GtkWidget)

/**
 * BipeQrCode:text: (nullable): what it says; %NULL, or longer than a QR code can be: nothing is
 *   drawn
 */

G_END_DECLS
