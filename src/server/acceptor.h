/* acceptor.h: takes the connections off the listening sockets. Out of descriptors it waits, and
 * goes on when there are some again. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _BipeAcceptor BipeAcceptor;

/**
 * bipe_acceptor_new:
 * @sockets: (element-type GSocket): that listen; kept
 * @accepted: called in the thread-default context of now; @socket is the client's, borrowed
 */
BipeAcceptor *bipe_acceptor_new (GPtrArray *sockets,
                                 void (*accepted) (GSocket *socket, gpointer user_data),
                                 gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;

/* Takes no more connections: who comes waits. Returns what was @sockets, and frees the acceptor. */
GPtrArray *bipe_acceptor_steal (BipeAcceptor *self) G_GNUC_WARN_UNUSED_RESULT;

/* Closes the listening sockets; who waits to be accepted is turned away. */
void bipe_acceptor_free (BipeAcceptor *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeAcceptor, bipe_acceptor_free)

G_END_DECLS
