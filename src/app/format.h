/* format.h: scans, statuses and errors in words, colours and icons, for the templates' closures. */
#pragma once

#include "base/scan.h"
#include "base/status.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Lets the template of @class name the functions of this file in its closures. */
void bipe_format_bind (GtkWidgetClass *class);

/* @code for the eye: control characters as their pictures (U+001D as U+241D), bidirectional ones as
 * <U+202E>, cut after @limit characters. */
char *bipe_format_code (const char *code, glong limit);

/* What went wrong, in the user's language where it is of a kind we know; then the cause. */
char *bipe_format_error (const GError *error);

G_END_DECLS
