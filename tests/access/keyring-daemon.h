/* keyring-daemon.h: gnome-keyring's secret service, for a test of its own, on the session bus that
 * the test has started. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean keyring_daemon_is_installed (void);

/* A keyring of its own in the folder @home; open where @password is given. Goes with the test. */
GPid keyring_daemon_start (const char *home, const char *password);
void keyring_daemon_stop (GPid pid);

/* The folder, with all that is in it. */
void keyring_daemon_remove (const char *home);

G_END_DECLS
