/* permissions-dialog.h: what the sandbox lets the program have, and how to give it more. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define BIPE_TYPE_PERMISSIONS_DIALOG (bipe_permissions_dialog_get_type ())
G_DECLARE_FINAL_TYPE (BipePermissionsDialog,
                      bipe_permissions_dialog,
                      BIPE,
                      PERMISSIONS_DIALOG,
                      AdwWindow)

BipePermissionsDialog *bipe_permissions_dialog_new (GtkWindow *parent);

G_END_DECLS
