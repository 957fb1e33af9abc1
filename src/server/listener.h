/* listener.h: the sockets that a server accepts connections on. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * bipe_listener_open:
 * @addresses: IPv4 and IPv6 addresses of this machine's loopback
 * @port: 0: a free one, the same for all
 *
 * Returns: (nullable) (element-type GSocket): listening sockets, at least one; %NULL with
 *   BIPE_ERROR_SETTING or BIPE_ERROR_IN_USE
 */
GPtrArray *
bipe_listener_open (char *const *addresses, guint16 port, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "http://127.0.0.1:5000" */
char *bipe_listener_dup_url (GSocket *socket) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
