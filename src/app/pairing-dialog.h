/* pairing-dialog.h: lets a device in: shows the code, and who asks with it. Window thread. */
#pragma once

#include <adwaita.h>

#include "app/pairing-session.h"

G_BEGIN_DECLS

#define BIPE_TYPE_PAIRING_DIALOG (bipe_pairing_dialog_get_type ())
G_DECLARE_FINAL_TYPE (BipePairingDialog, bipe_pairing_dialog, BIPE, PAIRING_DIALOG, AdwWindow)

/* @days: that a token counts where the operator says nothing else */
BipePairingDialog *bipe_pairing_dialog_new (GtkWindow *parent,
                                            BipePairing *pairing,
                                            BipeNetwork *network,
                                            gint64 days);

G_END_DECLS
