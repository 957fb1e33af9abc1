/* linger.h: a last answer on a connection that is taken out of libsoup's hands, whose client may
 * still be sending. Closed at once, the kernel would throw the answer away with the unread bytes;
 * so what still comes is read and dropped, within bounds, until the client has read its answer and
 * closes. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Takes @answer. Ends by itself, and keeps @stream until then. */
void bipe_linger_start (GIOStream *stream, GSocket *socket, GString *answer);

G_END_DECLS
