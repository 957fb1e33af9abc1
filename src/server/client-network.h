/* client-network.h: as whom a client's address counts where there is a bound for each. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* "2001:db8:1:2::/64" of an IPv6 address, whose other half is the client's to choose; all else as
 * it is. */
char *bipe_client_network_dup (const char *address) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
