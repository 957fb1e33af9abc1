/* folder.h: a temporary folder for one test. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char *path;
} Folder;

/* Fixture functions. */
void folder_set_up (Folder *self, gconstpointer data);
void folder_tear_down (Folder *self, gconstpointer data);

char *folder_join (const Folder *self, const char *name) G_GNUC_WARN_UNUSED_RESULT;

/* Files in it. */
guint folder_count (const Folder *self);

G_END_DECLS
