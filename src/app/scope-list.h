/* scope-list.h: what a device may do, to be chosen: a check for each scope. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define BIPE_TYPE_SCOPE_LIST (bipe_scope_list_get_type ())
G_DECLARE_FINAL_TYPE (BipeScopeList, bipe_scope_list, BIPE, SCOPE_LIST, AdwPreferencesGroup)

/**
 * BipeScopeList:scopes: BipeScope flags
 */

guint bipe_scope_list_get_scopes (BipeScopeList *self);
void bipe_scope_list_set_scopes (BipeScopeList *self, guint scopes);

G_END_DECLS
