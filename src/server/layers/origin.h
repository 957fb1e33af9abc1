/* origin.h: which web pages may call. */
#pragma once

#include "server/exchange.h"

G_BEGIN_DECLS

/* @origin is the same as the server's (@host, of the header; @is_secure: asked by TLS), one of this
 * machine, or allowed. */
gboolean bipe_origin_is_allowed (const BipeServerOptions *options,
                                 const char *origin,
                                 const char *host,
                                 gboolean is_secure);

/* @host, with or without a port, is a name or an address of this machine, or allowed. */
gboolean bipe_host_is_allowed (const BipeServerOptions *options, const char *host);

G_END_DECLS
