/* wire.h: one client's connection, as libsoup gets it: a stream over the real one.
 *
 * libsoup 3.2 can't bear the end of a stream between two requests: it forgets the connection
 * without closing it, and to steal it afterwards ends the program. So while a connection is idle,
 * its end is told to the owner, and the reader hears that nothing has come yet.
 *
 * It also sends a head and a body each by itself: a corked wire gathers them for one segment. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define BIPE_TYPE_WIRE (bipe_wire_get_type ())
G_DECLARE_FINAL_TYPE (BipeWire, bipe_wire, BIPE, WIRE, GIOStream)

/* Bytes that a corked wire holds back. */
#define BIPE_WIRE_CORK_MAX 16384

/**
 * bipe_wire_new:
 * @base: whose streams can be polled
 * @ended: called in the thread-default context of now, when an idle @base has come to its end, or
 * more has come than bipe_wire_limit_input() lets in
 */
BipeWire *bipe_wire_new (GIOStream *base,
                         void (*ended) (gpointer user_data),
                         gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;

/* The owner has gone: `ended` is not called any more. */
void bipe_wire_forget_owner (BipeWire *self);

/* Between two requests. */
void bipe_wire_set_idle (BipeWire *self, gboolean is_idle);

/* Of what comes from now on, the reader gets so many bytes at most; 0: all. */
void bipe_wire_limit_input (BipeWire *self, gsize n_bytes);

/* What is written from now on goes out with bipe_wire_uncork(), or when there is too much of it. */
void bipe_wire_cork (BipeWire *self);
void bipe_wire_uncork (BipeWire *self);

/* The monotonic time at which a byte has last come or gone. */
gint64 bipe_wire_get_moved (BipeWire *self);

/* The descriptor that becomes ready with the wire. */
int bipe_wire_get_fd (BipeWire *self);

/* Tells the client that nothing more will come; reading goes on. */
void bipe_wire_end_output (BipeWire *self);

/* Closes at once, whatever is still to be sent. */
void bipe_wire_abort (BipeWire *self);

G_END_DECLS
