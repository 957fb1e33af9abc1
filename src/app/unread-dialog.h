/* unread-dialog.h: the bursts of keys that were no scan, with their traces. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define BIPE_TYPE_UNREAD_DIALOG (bipe_unread_dialog_get_type ())
G_DECLARE_FINAL_TYPE (BipeUnreadDialog, bipe_unread_dialog, BIPE, UNREAD_DIALOG, AdwWindow)

/* @unread: (element-type GtkStringObject): the newest first */
BipeUnreadDialog *bipe_unread_dialog_new (GtkWindow *parent, GListModel *unread);

G_END_DECLS
