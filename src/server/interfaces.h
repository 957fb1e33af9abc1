/* interfaces.h: the addresses that this machine has now. They come and go: asked anew each time. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Returns: (element-type GInetAddress): IPv4 first; empty where the kernel does not say. */
GPtrArray *bipe_interfaces_list (void) G_GNUC_WARN_UNUSED_RESULT;

gboolean bipe_interfaces_have (GInetAddress *address);

G_END_DECLS
