/* preferences-dialog.h: what can be set, on pages; each change counts at once. */
#pragma once

#include "app/parts.h"
#include "app/window.h"

G_BEGIN_DECLS

#define BIPE_TYPE_PREFERENCES_DIALOG (bipe_preferences_dialog_get_type ())
G_DECLARE_FINAL_TYPE (BipePreferencesDialog,
                      bipe_preferences_dialog,
                      BIPE,
                      PREFERENCES_DIALOG,
                      AdwWindow)

/* @page: "station", "database", "server" or "camera"; "": the first one */
BipePreferencesDialog *
bipe_preferences_dialog_new (BipeWindow *window, const BipeParts *parts, const char *page);

G_END_DECLS
