/* symbology-dialog.h: which symbologies cameras and pictures are searched for. Window thread. */
#pragma once

#include <adwaita.h>

#include "app/camera-controller.h"

G_BEGIN_DECLS

#define BIPE_TYPE_SYMBOLOGY_DIALOG (bipe_symbology_dialog_get_type ())
G_DECLARE_FINAL_TYPE (BipeSymbologyDialog, bipe_symbology_dialog, BIPE, SYMBOLOGY_DIALOG, AdwWindow)

/* Each change counts at once. */
BipeSymbologyDialog *bipe_symbology_dialog_new (GtkWindow *parent,
                                                BipeCameraController *controller);

G_END_DECLS
