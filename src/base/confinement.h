/* confinement.h: what a helper program (base/helper-process.h) takes from itself before it looks
 * at anything that comes from outside. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* FALSE: somebody else has started it, and it has nobody to speak to. */
gboolean bipe_confinement_is_started_by_the_station (void);

/**
 * bipe_confinement_enter:
 * @files: that may be open, at most
 * @memory: bytes of addresses, at most; 0: no bound. The address sanitizer, which maps terabytes,
 *   has none.
 *
 * For good: bounds, no core file, no new rights by what it runs. It also gives way to whoever shows
 * the camera's picture or keeps the scans.
 */
void bipe_confinement_enter (guint files, gsize memory);

G_END_DECLS
