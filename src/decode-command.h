/* decode-command.h: `bipe-server decode IMAGE…`, what the camera would read in pictures. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Prints a line a code, path, symbology and text with tabs between them; control characters and %
 * are percent-encoded. A file that can't be read is told on standard error, and the others go on.
 * @argv: as main() got it, with `decode` first.
 *
 * Returns: the exit status: 0, 1 where a file could not be read, 2 for a wrong argument */
int bipe_decode_command (int argc, char **argv);

G_END_DECLS
