/* outbox.h: what is still to be sent over a connection that was taken out of libsoup's hands, and
 * the other direction's bytes as they come: under WebSockets and streams of events. */
#pragma once

#include "server/wire.h"

G_BEGIN_DECLS

typedef struct _BipeOutbox BipeOutbox;

/**
 * BipeOutboxListener:
 * @received: @bytes may be changed
 * @ended: the connection has ended or failed, by whichever side but bipe_outbox_free(); called
 * once, never from within a call into the outbox
 *
 * Either may free the outbox.
 */
typedef struct
{
  void (*received) (char *bytes, gsize length, gpointer user_data);
  void (*ended) (gpointer user_data);
} BipeOutboxListener;

/* @stream: what was stolen over @wire, or @wire itself; they close with the outbox, or once all is
 * out after a finish. */
BipeOutbox *bipe_outbox_new (GIOStream *stream,
                             BipeWire *wire,
                             const BipeOutboxListener *listener,
                             gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;

/* Closes the connection where bipe_outbox_finish() was not called. */
void bipe_outbox_free (BipeOutbox *self);

/* Append here, then call bipe_outbox_flush(): what was appended within one turn of the main loop
 * goes out together. */
GByteArray *bipe_outbox_get_buffer (BipeOutbox *self);
void bipe_outbox_flush (BipeOutbox *self);

/* Bytes that are not out yet. */
gsize bipe_outbox_get_backlog (BipeOutbox *self);

/* @holds: what the client sends is left with the kernel for now, so that he has to wait. */
void bipe_outbox_hold (BipeOutbox *self, gboolean holds);

/* Sends what is there and closes that direction. Closed at once, the kernel would throw away what
 * the client has not read yet together with what it still sends; so that is read and dropped,
 * within bounds, until the client closes. Frees the outbox for the caller: its listener hears
 * nothing more.
 */
void bipe_outbox_finish (BipeOutbox *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeOutbox, bipe_outbox_free)

G_END_DECLS
