/* sandbox.h: what Flatpak lets this program have. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Flatpak's own words on it; there is no such file outside of a sandbox. */
#define BIPE_SANDBOX_FILE "/.flatpak-info"

gboolean bipe_sandbox_is_here (void);

/**
 * bipe_sandbox_allows:
 * @file: %BIPE_SANDBOX_FILE
 * @kind: "shared", "sockets", "devices" or "filesystems"
 * @name: "network", "x11", "all", a folder as the permission names it, …
 *
 * FALSE, too, where the file can't be read.
 */
gboolean bipe_sandbox_allows (const char *file, const char *kind, const char *name);

G_END_DECLS
