/* client-verbs.h: what the operator can do with a client, as the window's actions: client.rename,
 * client.rights, client.revoke, client.restore and client.disconnect-device with the token's jti as
 * their parameter ("s"), client.disconnect with the connection's number ("t"). */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Of the class of #BipeWindow. */
void bipe_client_verbs_install (GtkWidgetClass *class);

G_END_DECLS
