/* tls.h: TLS 1.2 and 1.3 over one client's socket, by GnuTLS. Never blocks.
 *
 * Not GIO's GTlsServerConnection: on a socket that can't block that one gives each handshake a
 * thread of GTask's pool until it is over, so that 60 clients who begin one and say no more keep
 * the next waiting for 6 s (glib-networking 2.74). Here one that stands still costs its memory.
 *
 * What is written is taken whole and encrypted; what the kernel has no room for is kept, no more
 * than one write's, and nothing further is taken before that is out. */
#pragma once

#include <gio/gio.h>

#include "server/certificate.h"

G_BEGIN_DECLS

typedef struct _BipeTls BipeTls;

/* @socket: does not block. */
BipeTls *bipe_tls_new (BipeCertificate *certificate, GSocket *socket) G_GNUC_WARN_UNUSED_RESULT;
void bipe_tls_free (BipeTls *self);

/* Whether @byte, a client's first, begins TLS. */
gboolean bipe_tls_is_hello (guint8 byte);

/* Of both, −1 with G_IO_ERROR_WOULD_BLOCK or with what is wrong. A read goes on with the handshake,
 * too, and is 0 at the end, be that announced or not: HTTP says itself what is whole. */
gssize bipe_tls_read (BipeTls *self, void *buffer, gsize count, GError **error);
gssize bipe_tls_write (BipeTls *self, const void *buffer, gsize count, GError **error);

/* Gives the kernel what is kept; FALSE with G_IO_ERROR_WOULD_BLOCK: some of it is still. */
gboolean bipe_tls_flush (BipeTls *self, GError **error);
gboolean bipe_tls_has_unsent (BipeTls *self);

/* Tells the client, behind what was written, that nothing more will come. */
void bipe_tls_finish (BipeTls *self);

/* Whether more can be read than the socket knows of. */
gboolean bipe_tls_has_pending (BipeTls *self);

/* The handshake is over. */
gboolean bipe_tls_is_open (BipeTls *self);

/* The monotonic time at which a byte has last come or gone. */
gint64 bipe_tls_get_moved (BipeTls *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeTls, bipe_tls_free)

G_END_DECLS
