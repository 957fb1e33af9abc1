/* carrier.h: a client's bytes over its socket, in plain or by TLS. Never blocks, and waits for
 * nothing: when to come again is wire.h's.
 *
 * The client's first byte decides, where TLS is offered. Who has said nothing yet and is written to
 * is taken for one who speaks plain, unless TLS is required. */
#pragma once

#include <gio/gio.h>

#include "server/certificate.h"

G_BEGIN_DECLS

typedef struct _BipeCarrier BipeCarrier;

/* @base: whose streams can be polled; plain as yet */
BipeCarrier *bipe_carrier_new (GIOStream *base) G_GNUC_WARN_UNUSED_RESULT;
void bipe_carrier_free (BipeCarrier *self);

/* Ahead of the first byte, of a @base that is a socket's. */
void bipe_carrier_offer_tls (BipeCarrier *self, BipeCertificate *certificate, gboolean is_required);

/* Whether TLS is spoken, its handshake over. */
gboolean bipe_carrier_is_secure (BipeCarrier *self);

/* Whether it is known that TLS is not, or never can be. */
gboolean bipe_carrier_is_plain (BipeCarrier *self);

/* Whether it is plain, and must not be. */
gboolean bipe_carrier_is_insecure (BipeCarrier *self);

/* Whether the client could be written to: not while a handshake, or the first byte of one, is
 * missing. */
gboolean bipe_carrier_can_write (BipeCarrier *self);

/* Ahead of every read: sees what the client speaks, and leaves its bytes where they are. Returns 1
 * once that is known; else what a read of no more would, 0 or −1, and nothing may be read: the
 * first byte could come in that moment. */
gssize bipe_carrier_look (BipeCarrier *self, GError **error);

/* A read goes on with the handshake, too. What that has to say may then be unsent. */
gssize bipe_carrier_read (BipeCarrier *self, void *buffer, gsize count, GError **error);

/* Whether more can be read than the socket knows of. */
gboolean bipe_carrier_has_pending (BipeCarrier *self);

/* Keeps a copy, to go out ahead of what is written later. The bound is the caller's. */
void bipe_carrier_hold (BipeCarrier *self, const void *buffer, gsize count);
gsize bipe_carrier_get_n_held (BipeCarrier *self);

/* Forgets what is held. */
void bipe_carrier_drop (BipeCarrier *self);

/* What is held goes first. */
gssize bipe_carrier_write (BipeCarrier *self, const void *buffer, gsize count, GError **error);

/* Whether TLS keeps something that was written, until a flush. */
gboolean bipe_carrier_has_unsent (BipeCarrier *self);

/* @is_end: nothing more will be written, which TLS tells the client. FALSE: the client is to take
 * some of it first. Where the connection has failed, its reader hears of that. */
gboolean bipe_carrier_flush (BipeCarrier *self, gboolean is_end);

/* The monotonic time at which a byte has last come or gone. */
gint64 bipe_carrier_get_moved (BipeCarrier *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeCarrier, bipe_carrier_free)

G_END_DECLS
