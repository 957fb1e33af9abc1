/* websocket-frames.h: the WebSocket protocol of a server, as bytes: reads a client's frames, and
 * writes our own. Follows RFC 6455, sections 5 to 8; no extension is ever spoken. No network: see
 * server/websocket.h. Not to cross threads.
 *
 * It is ours and not libsoup's, since libsoup 3.2 bounds a frame but not a message in fragments,
 * can't tell what waits for a slow reader, and sends one frame a turn of its main loop. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Section 5.2. */
typedef enum
{
  BIPE_WEBSOCKET_CONTINUATION = 0x0,
  BIPE_WEBSOCKET_TEXT = 0x1,
  BIPE_WEBSOCKET_BINARY = 0x2,
  BIPE_WEBSOCKET_CLOSE = 0x8,
  BIPE_WEBSOCKET_PING = 0x9,
  BIPE_WEBSOCKET_PONG = 0xa,
} BipeWebsocketOpcode;

/* Section 7.4.1. */
typedef enum
{
  BIPE_WEBSOCKET_NORMAL = 1000,
  BIPE_WEBSOCKET_GOING_AWAY = 1001,
  BIPE_WEBSOCKET_PROTOCOL_ERROR = 1002,
  BIPE_WEBSOCKET_NO_STATUS = 1005, /* never on the wire: a close frame without a code */
  BIPE_WEBSOCKET_BAD_DATA = 1007,
  BIPE_WEBSOCKET_REFUSED = 1008,
  BIPE_WEBSOCKET_TOO_BIG = 1009,
} BipeWebsocketStatus;

/* Payload of a control frame (section 5.5), and frames that one message may come in. */
#define BIPE_WEBSOCKET_CONTROL_MAX 125
#define BIPE_WEBSOCKET_FRAGMENTS_MAX 65536

/**
 * BipeWebsocketFunc:
 * @opcode: TEXT or BINARY: a whole message, put together from its fragments; CLOSE: @data is the
 *   reason, and nothing more comes; PING, PONG: between the fragments of a message, too
 * @data: borrowed; ends with a NUL that is not counted; valid UTF-8 for TEXT and CLOSE, and
 *   there U+0000 is a character, too
 * @status: of a CLOSE; else 0
 *
 * Must not free the reader, nor feed it; it may ask it to stop.
 */
typedef void (*BipeWebsocketFunc) (BipeWebsocketOpcode opcode,
                                   const char *data,
                                   gsize length,
                                   BipeWebsocketStatus status,
                                   gpointer user_data);

typedef struct _BipeWebsocketReader BipeWebsocketReader;

/* @max_message: bytes of a message, all its fragments together. */
BipeWebsocketReader *bipe_websocket_reader_new (gsize max_message,
                                                BipeWebsocketFunc func,
                                                gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void bipe_websocket_reader_free (BipeWebsocketReader *self);

/**
 * bipe_websocket_reader_feed:
 * @bytes: what came, in pieces of any size; unmasked there, and of no use afterwards
 * @status: (out): with which to close, where it fails
 *
 * A message that came whole in one piece is handed on without being copied. Returns: %FALSE with
 * BIPE_ERROR_INVALID where the client breaks the protocol: an unmasked frame, reserved bits, an
 * unknown opcode, a fragmented or long control frame, a continuation of nothing, a length that is
 * not in its shortest form or too big (told from the header, before the payload has come), text
 * that is no UTF-8, a close code that may not be sent. Nothing is read any more then, nor after a
 * CLOSE, nor after a stop: it is dropped, with %TRUE.
 */
gboolean bipe_websocket_reader_feed (BipeWebsocketReader *self,
                                     char *bytes,
                                     gsize length,
                                     BipeWebsocketStatus *status,
                                     GError **error);

/* The rest of what is being fed, and all that follows, is dropped. */
void bipe_websocket_reader_stop (BipeWebsocketReader *self);

/* Whether a message has begun and is not whole yet: a client that stops in one is late. */
gboolean bipe_websocket_reader_is_inside (BipeWebsocketReader *self);

/* Appends one whole, unmasked frame. */
void bipe_websocket_append_frame (GByteArray *out,
                                  BipeWebsocketOpcode opcode,
                                  const void *data,
                                  gsize length);

/* A CLOSE; @status NO_STATUS: without a code, nor a reason. @reason (nullable) is cut to what fits,
 * between characters. */
void bipe_websocket_append_close (GByteArray *out, BipeWebsocketStatus status, const char *reason);

/**
 * bipe_websocket_accept_key:
 * @key: (nullable): the header Sec-WebSocket-Key
 *
 * Section 4.2.2. Returns: (nullable): the header Sec-WebSocket-Accept, or %NULL where @key is not
 * 16 bytes in base64
 */
char *bipe_websocket_accept_key (const char *key) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeWebsocketReader, bipe_websocket_reader_free)

G_END_DECLS
