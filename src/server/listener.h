/* listener.h: the sockets that a server accepts connections on. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * bipe_listener_expand:
 * @listen: as the setting: IPv4 and IPv6 addresses with commas, "lan" (every address there is), or
 *   "none"
 *
 * Returns: (nullable): the addresses, each but once; none for "none"; %NULL with BIPE_ERROR_SETTING
 */
GStrv bipe_listener_expand (const char *listen, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether other machines reach one of @addresses. */
gboolean bipe_listener_is_open (char *const *addresses);

/**
 * bipe_listener_move:
 * @sockets: (element-type GSocket): those there are, perhaps none: those that stay are kept, the
 *   others closed
 * @addresses: of bipe_listener_expand(); none: all are closed
 * @port: 0: theirs, or else a free one, the same for all
 *
 * IPv6 that this machine does not have is no failure where another address works.
 *
 * Returns: %FALSE with BIPE_ERROR_SETTING or BIPE_ERROR_IN_USE: @sockets are as they were, as far
 *   as that can be had
 */
gboolean
bipe_listener_move (GPtrArray *sockets, char *const *addresses, guint16 port, GError **error);

/* The next port behind @port that is free on all of @addresses; 0: none near. */
guint16 bipe_listener_find_free_port (char *const *addresses, guint16 port);

/* Whether @sockets would accept a connection to @address. */
gboolean bipe_listener_serves (GPtrArray *sockets, GInetAddress *address);

/* "https://192.168.1.20:5000" where @is_secure, and loopback's, "http://127.0.0.1:5000", behind
 * them. */
GStrv bipe_listener_dup_urls (GPtrArray *sockets, gboolean is_secure) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
