/* style.h: whether the windows are light or dark. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The style manager's colour scheme is as saved, and what becomes of it is saved. */
void bipe_style_bind (GSettings *saved);

G_END_DECLS
