/* saved.h: the saved settings (GSettings), which need not be there. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The schema beside the program (run from its build folder), or the installed one. Returns
 * (nullable): %NULL where there is neither: nothing is saved then. */
GSettings *bipe_saved_open (void) G_GNUC_WARN_UNUSED_RESULT;

/* What is saved; where @saved is NULL, @otherwise, or "". */
gboolean bipe_saved_get_switch (GSettings *saved, const char *key, gboolean otherwise);
int bipe_saved_get_number (GSettings *saved, const char *key, int otherwise);
char *bipe_saved_get_text (GSettings *saved, const char *key) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
