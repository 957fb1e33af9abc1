/* shortcuts-dialog.h: the keys, and what they do. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define BIPE_TYPE_SHORTCUTS_DIALOG (bipe_shortcuts_dialog_get_type ())
G_DECLARE_FINAL_TYPE (BipeShortcutsDialog, bipe_shortcuts_dialog, BIPE, SHORTCUTS_DIALOG, AdwWindow)

BipeShortcutsDialog *bipe_shortcuts_dialog_new (GtkWindow *parent);

G_END_DECLS
