/* network-dialog.h: who can reach the station: shown, and changed. Window thread. */
#pragma once

#include <adwaita.h>

#include "app/network.h"

G_BEGIN_DECLS

#define BIPE_TYPE_NETWORK_DIALOG (bipe_network_dialog_get_type ())
G_DECLARE_FINAL_TYPE (BipeNetworkDialog, bipe_network_dialog, BIPE, NETWORK_DIALOG, AdwWindow)

BipeNetworkDialog *bipe_network_dialog_new (GtkWindow *parent, BipeNetwork *network);

G_END_DECLS
