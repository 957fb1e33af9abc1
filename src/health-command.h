/* health-command.h: `bipe-server health`: whether the station that runs on a data folder is well:
 * for container engines and service managers, which ask by running a command. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The whole of it. Asks without a token, for 5 seconds at most, and makes nothing. Returns the exit
 * status: 0, it is; 1, it is not, or none runs, or listens, or answers; 2, a wrong option. */
int bipe_health_command (int argc, char **argv);

G_END_DECLS
