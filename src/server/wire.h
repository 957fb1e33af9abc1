/* wire.h: one client's connection, as libsoup gets it: a stream over the real one.
 *
 * libsoup 3.2 can't bear the end of a stream between two requests: it forgets the connection
 * without closing it, and to steal it afterwards ends the program. So while a connection is idle,
 * its end is told to the owner, and the reader hears that nothing has come yet.
 *
 * It is lenient with what it reads, and what others read in another way can smuggle a request past
 * them. So while requests are expected, each must be what RFC 9112 says, up to its end, and its
 * reader gets them one by one: what comes behind one is held until it is asked for.
 *
 * It also sends a head and a body each by itself: a corked wire gathers them for one segment.
 *
 * And it speaks TLS, where it is given a certificate and the client's first byte begins it. */
#pragma once

#include <gio/gio.h>

#include "server/certificate.h"
#include "server/fault.h"

G_BEGIN_DECLS

#define BIPE_TYPE_WIRE (bipe_wire_get_type ())
G_DECLARE_FINAL_TYPE (BipeWire, bipe_wire, BIPE, WIRE, GIOStream)

/* Bytes that a corked wire holds back. */
#define BIPE_WIRE_CORK_MAX 16384

/**
 * bipe_wire_new:
 * @base: whose streams can be polled
 * @ended: called in the thread-default context of now, when an idle @base has come to its end, or
 * a request is refused
 */
BipeWire *bipe_wire_new (GIOStream *base,
                         void (*ended) (gpointer user_data),
                         gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;

/* Ahead of the first byte: @base, a socket's, may be spoken to by TLS. @is_required: whoever comes
 * without is told so, as a fault of its request. */
void bipe_wire_offer_tls (BipeWire *self, BipeCertificate *certificate, gboolean is_required);

/* Whether TLS is spoken, its handshake over. */
gboolean bipe_wire_is_secure (BipeWire *self);

/* Whether it is known that TLS is not, or never can be. */
gboolean bipe_wire_is_plain (BipeWire *self);

/* Whether it could be answered now: not while a handshake, or the first byte of one, is missing. */
gboolean bipe_wire_can_answer (BipeWire *self);

/* The owner has gone: `ended` is not called any more. */
void bipe_wire_forget_owner (BipeWire *self);

/* Between two requests. */
void bipe_wire_set_idle (BipeWire *self, gboolean is_idle);

/* What comes are requests, or, as at first, anything. */
void bipe_wire_expect_requests (BipeWire *self, gboolean expects_requests);

/* What is wrong with the request that comes; NULL: nothing. Nothing of it is read any more. */
const char *bipe_wire_get_fault (BipeWire *self, BipeFault *fault);

/* What is written from now on goes out with bipe_wire_uncork(), or when there is too much of it. */
void bipe_wire_cork (BipeWire *self);
void bipe_wire_uncork (BipeWire *self);

/* What is written from now on goes nowhere: for one that is to be cut, since libsoup ends an answer
 * in chunks properly even where it is taken from it in the midst. */
void bipe_wire_mute (BipeWire *self);

/* The monotonic time at which a byte has last come or gone. */
gint64 bipe_wire_get_moved (BipeWire *self);

/* The descriptor that becomes ready with the wire. */
int bipe_wire_get_fd (BipeWire *self);

/* Tells the client that nothing more will come; reading goes on. */
void bipe_wire_end_output (BipeWire *self);

/* Closes at once, whatever is still to be sent. */
void bipe_wire_abort (BipeWire *self);

/* Likewise, and so that the client can't take it for an end: by a reset. */
void bipe_wire_cut (BipeWire *self);

G_END_DECLS
