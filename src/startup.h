/* startup.h: what both programs do first and, where it fails, last. */
#pragma once

#include <gio/gio.h>

#include "base/types.h"

G_BEGIN_DECLS

/* Sets the locale, and the few things that a process sets once. */
void bipe_startup_prepare (void);

/**
 * bipe_startup_load_settings:
 * @entries: (nullable): the program's own options; %NULL: what is unknown is left for GApplication
 * @saved: (nullable): what the user has set in the window; %NULL: the key file
 *   $XDG_CONFIG_HOME/bipe/bipe.conf counts
 * @summary: (nullable): what --help begins with, marked for translation
 *
 * Prepares the process first.
 *
 * Returns: (nullable): the settings by all their layers; %NULL with BIPE_ERROR_SETTING or an error
 *   of GOption
 */
BipeSettings *bipe_startup_load_settings (int *argc,
                                          char ***argv,
                                          const GOptionEntry *entries,
                                          GSettings *saved,
                                          const char *summary,
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Tells @error on standard error, and returns the exit status of contracts.md, section 6. */
int bipe_startup_fail (const GError *error);

G_END_DECLS
