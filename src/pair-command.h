/* pair-command.h: `bipe-server pair`: lets a device in where there is no window. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* pair [--name NAME] [--scopes scan,read] [--days N]: has the station that runs on the data folder
 * make a code, shows it as a QR code in the terminal, tells who asks and with which digits, and
 * lets it in where standard input says yes. @argv: as main() got it.
 *
 * Returns: the exit status: 0: it is let in; 1: it is not; 2 for a wrong argument or setting */
int bipe_pair_command (int argc, char **argv);

G_END_DECLS
