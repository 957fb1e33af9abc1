/* rights-dialog.h: what a device that has its token may do. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define BIPE_TYPE_RIGHTS_DIALOG (bipe_rights_dialog_get_type ())
G_DECLARE_FINAL_TYPE (BipeRightsDialog, bipe_rights_dialog, BIPE, RIGHTS_DIALOG, AdwWindow)

/**
 * BipeRightsDialog::chosen:
 * @scopes: BipeScope flags, one at least
 */

/* @name: the device's */
BipeRightsDialog *bipe_rights_dialog_new (GtkWindow *parent, const char *name, guint scopes);

G_END_DECLS
