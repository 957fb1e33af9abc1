/* folder-tools.h: a temporary folder, and what a test waits for. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Removed with what is in it by the second. */
char *make_folder (void) G_GNUC_WARN_UNUSED_RESULT;
void remove_folder (char *folder);

/* Files in it, also those with a dot. */
guint count_files (const char *folder, const char *name);

G_END_DECLS
