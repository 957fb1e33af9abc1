/* websocket-frames.c: a frame, as RFC 6455 draws it in section 5.2:
 *
 *   byte 0   1 bit: the message's last frame; 3 reserved; 4: opcode
 *   byte 1   1 bit: masked, as all of a client's are; 7: length, 126: in the next two bytes, 127:
 * in the next eight, big-endian then     four bytes of mask, and the payload, each byte of it XORed
 * with the mask's next
 *
 * What lies in one piece is unmasked four bytes lower, onto its mask: that is as cheap as in its
 * place, and leaves room for the NUL without touching the frame behind. All else is put together in
 * a buffer, which grows with what has come. */
#include "config.h"

#include "socketio/websocket-frames.h"

#include <string.h>

#include "base/error.h"
#include "socketio/utf8.h"

#define FINAL 0x80
#define RESERVED 0x70
#define OPCODE 0x0f
#define CONTROL 0x08 /* a bit that all their opcodes have */
#define MASKED 0x80
#define LENGTH 0x7f
#define LENGTH_IN_2 126
#define LENGTH_IN_8 127

#define MASK_SIZE 4
#define HEADER_MAX (2 + 8 + MASK_SIZE)

/* Of the code, in a close frame. */
#define CODE_SIZE 2

/* What a buffer may keep from one message to the next. */
#define KEPT_MAX 4096

#define ACCEPT_SUFFIX "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define BASE64_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

/* What is being fed. */
typedef struct
{
  char *start;
  char *at;
  char *end;
} Piece;

struct _BipeWebsocketReader
{
  gsize max_message;
  BipeWebsocketFunc func;
  gpointer user_data;

  gboolean is_done; /* nothing is read any more */
  const char *fault;
  BipeWebsocketStatus fault_status;

  /* A header that comes in pieces. */
  guint8 header[HEADER_MAX];
  gsize n_header;
  gsize header_size; /* known once two bytes are there */

  /* The frame whose header is whole. */
  gboolean is_in_payload;
  gboolean is_final;
  BipeWebsocketOpcode opcode;
  guint8 mask[MASK_SIZE]; /* turned so that it begins with the next byte's */
  gsize n_left;

  /* A message that comes in fragments or in pieces; a control frame may come between. */
  BipeWebsocketOpcode message_opcode; /* CONTINUATION: no message has begun */
  guint n_fragments;
  GString *message;
  GString *control;
};

BipeWebsocketReader *
bipe_websocket_reader_new (gsize max_message, BipeWebsocketFunc func, gpointer user_data)
{
  BipeWebsocketReader *self = g_new0 (BipeWebsocketReader, 1);

  self->max_message = max_message;
  self->func = func;
  self->user_data = user_data;
  self->message = g_string_new (NULL);
  self->control = g_string_new (NULL);
  return self;
}

void
bipe_websocket_reader_free (BipeWebsocketReader *self)
{
  g_string_free (self->control, TRUE);
  g_string_free (self->message, TRUE);
  g_free (self);
}

static gboolean
refuse (BipeWebsocketReader *self, BipeWebsocketStatus status, const char *why)
{
  self->is_done = TRUE;
  self->fault = why;
  self->fault_status = status;
  return FALSE;
}

static gboolean
is_control (BipeWebsocketOpcode opcode)
{
  return (opcode & CONTROL) != 0;
}

static gboolean
is_known (BipeWebsocketOpcode opcode)
{
  return opcode <= BIPE_WEBSOCKET_BINARY
         || (opcode >= BIPE_WEBSOCKET_CLOSE && opcode <= BIPE_WEBSOCKET_PONG);
}

/* Section 7.4: registered, or for libraries and applications. */
static gboolean
may_be_sent (guint code)
{
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014)
         || (code >= 3000 && code <= 4999);
}

/* @to is @from, or lower. Returns: whether all of it is ASCII. */
static gboolean
unmask (char *to, const char *from, gsize length, const guint8 mask[MASK_SIZE])
{
  const guint64 high_bits = G_GUINT64_CONSTANT (0x8080808080808080);
  guint64 wide_mask, seen = 0;
  gsize i = 0;

  memcpy (&wide_mask, mask, MASK_SIZE);
  memcpy ((char *)&wide_mask + MASK_SIZE, mask, MASK_SIZE);
  for (; length - i >= sizeof wide_mask; i += sizeof wide_mask)
    {
      guint64 word;

      memcpy (&word, from + i, sizeof word);
      word ^= wide_mask;
      seen |= word;
      memcpy (to + i, &word, sizeof word);
    }
  for (; i < length; i++)
    {
      guint8 byte = (guint8)from[i] ^ mask[i % MASK_SIZE];

      seen |= byte;
      to[i] = (char)byte;
    }
  return (seen & high_bits) == 0;
}

static void
turn_mask (guint8 mask[MASK_SIZE], gsize n_bytes)
{
  guint8 turned[MASK_SIZE];

  for (gsize i = 0; i < MASK_SIZE; i++)
    turned[i] = mask[(i + n_bytes) % MASK_SIZE];
  memcpy (mask, turned, MASK_SIZE);
}

static guint64
read_number (const guint8 *bytes, gsize size)
{
  guint64 value = 0;

  for (gsize i = 0; i < size; i++)
    value = value << 8 | bytes[i];
  return value;
}

/* The first two bytes, which say how long the header is. */
static gboolean
begin_header (BipeWebsocketReader *self, const guint8 *header)
{
  BipeWebsocketOpcode opcode = header[0] & OPCODE;
  guint length = header[1] & LENGTH;

  if ((header[0] & RESERVED) != 0)
    return refuse (self, BIPE_WEBSOCKET_PROTOCOL_ERROR, "its reserved bits are set");
  if (!is_known (opcode))
    return refuse (self, BIPE_WEBSOCKET_PROTOCOL_ERROR, "its opcode is unknown");
  if ((header[1] & MASKED) == 0)
    return refuse (self, BIPE_WEBSOCKET_PROTOCOL_ERROR, "it is not masked");
  if (is_control (opcode) && (header[0] & FINAL) == 0)
    return refuse (self, BIPE_WEBSOCKET_PROTOCOL_ERROR, "it is a fragment of a control frame");
  if (is_control (opcode) && length > BIPE_WEBSOCKET_CONTROL_MAX)
    return refuse (self, BIPE_WEBSOCKET_PROTOCOL_ERROR, "it is a control frame and too long");
  if (opcode == BIPE_WEBSOCKET_CONTINUATION && self->message_opcode == BIPE_WEBSOCKET_CONTINUATION)
    return refuse (self, BIPE_WEBSOCKET_PROTOCOL_ERROR,
                   "it continues a message that has not begun");
  if (opcode != BIPE_WEBSOCKET_CONTINUATION && !is_control (opcode)
      && self->message_opcode != BIPE_WEBSOCKET_CONTINUATION)
    return refuse (self, BIPE_WEBSOCKET_PROTOCOL_ERROR, "it begins a message inside another one");

  self->header_size = 2 + (length == LENGTH_IN_2 ? 2 : length == LENGTH_IN_8 ? 8 : 0) + MASK_SIZE;
  return TRUE;
}

/* All of it. */
static gboolean
end_header (BipeWebsocketReader *self, const guint8 *header)
{
  BipeWebsocketOpcode opcode = header[0] & OPCODE;
  guint64 length = header[1] & LENGTH;

  if (length > BIPE_WEBSOCKET_CONTROL_MAX)
    {
      guint64 least = length == LENGTH_IN_2 ? LENGTH_IN_2 : G_MAXUINT16 + 1;

      length = read_number (header + 2, self->header_size - MASK_SIZE - 2);
      if (length < least)
        return refuse (self, BIPE_WEBSOCKET_PROTOCOL_ERROR,
                       "its length is not in the shortest form");
      if (length > G_MAXINT64)
        return refuse (self, BIPE_WEBSOCKET_PROTOCOL_ERROR, "its length is negative");
    }
  if (!is_control (opcode))
    {
      if (length > self->max_message - self->message->len)
        return refuse (self, BIPE_WEBSOCKET_TOO_BIG, "its message is too big");
      if (opcode != BIPE_WEBSOCKET_CONTINUATION)
        {
          self->message_opcode = opcode;
          self->n_fragments = 0;
        }
      if (++self->n_fragments > BIPE_WEBSOCKET_FRAGMENTS_MAX)
        return refuse (self, BIPE_WEBSOCKET_TOO_BIG, "its message has too many fragments");
    }

  self->is_in_payload = TRUE;
  self->is_final = (header[0] & FINAL) != 0;
  self->opcode = opcode;
  memcpy (self->mask, header + self->header_size - MASK_SIZE, MASK_SIZE);
  self->n_left = (gsize)length;
  self->n_header = 0;
  return TRUE;
}

static gboolean
take_header (BipeWebsocketReader *self, Piece *piece)
{
  const guint8 *header = (const guint8 *)piece->at;
  gsize n_here = (gsize)(piece->end - piece->at);

  if (self->n_header == 0 && n_here >= HEADER_MAX)
    {
      if (!begin_header (self, header))
        return FALSE;
      piece->at += self->header_size;
      return end_header (self, header);
    }

  while (piece->at < piece->end)
    {
      self->header[self->n_header++] = (guint8)*piece->at++;
      if (self->n_header == 2 && !begin_header (self, self->header))
        return FALSE;
      if (self->n_header > 2 && self->n_header == self->header_size)
        return end_header (self, self->header);
    }
  return TRUE;
}

static gboolean
deliver (BipeWebsocketReader *self,
         BipeWebsocketOpcode opcode,
         const char *data,
         gsize length,
         gboolean is_ascii)
{
  BipeWebsocketStatus status = 0;

  if (opcode == BIPE_WEBSOCKET_CLOSE)
    {
      self->is_done = TRUE;
      status = BIPE_WEBSOCKET_NO_STATUS;
      if (length > 0)
        {
          if (length < CODE_SIZE)
            return refuse (self, BIPE_WEBSOCKET_PROTOCOL_ERROR, "its close code is cut");
          status = (BipeWebsocketStatus)read_number ((const guint8 *)data, CODE_SIZE);
          if (!may_be_sent (status))
            return refuse (self, BIPE_WEBSOCKET_PROTOCOL_ERROR, "its close code may not be sent");
          data += CODE_SIZE;
          length -= CODE_SIZE;
        }
    }
  if ((opcode == BIPE_WEBSOCKET_TEXT || opcode == BIPE_WEBSOCKET_CLOSE) && !is_ascii
      && !bipe_utf8_is_valid (data, length))
    return refuse (self, BIPE_WEBSOCKET_BAD_DATA, "its text is no UTF-8");
  self->func (opcode, data, length, status, self->user_data);
  return TRUE;
}

/* For the next one; the room that a long one has taken is given back. */
static void
empty_buffer (GString **buffer)
{
  if ((*buffer)->allocated_len <= KEPT_MAX)
    {
      g_string_truncate (*buffer, 0);
      return;
    }
  g_string_free (*buffer, TRUE);
  *buffer = g_string_new (NULL);
}

static void
end_frame (BipeWebsocketReader *self)
{
  self->is_in_payload = FALSE;
  if (self->is_final && !is_control (self->opcode))
    self->message_opcode = BIPE_WEBSOCKET_CONTINUATION;
}

static gboolean
take_payload (BipeWebsocketReader *self, Piece *piece)
{
  BipeWebsocketOpcode opcode = is_control (self->opcode) ? self->opcode : self->message_opcode;
  GString **buffer = is_control (self->opcode) ? &self->control : &self->message;
  gboolean is_unfragmented = self->is_final && self->opcode == opcode;
  gsize length = MIN (self->n_left, (gsize)(piece->end - piece->at));
  char *payload = piece->at;
  gboolean is_fine;

  piece->at += length;
  self->n_left -= length;
  if (self->n_left == 0)
    end_frame (self);

  /* With the mask, all that is behind it lies in this piece. */
  if (is_unfragmented && self->n_left == 0 && payload - piece->start >= MASK_SIZE)
    {
      char *data = payload - MASK_SIZE;
      gboolean is_ascii = unmask (data, payload, length, self->mask);

      data[length] = '\0';
      return deliver (self, opcode, data, length, is_ascii);
    }

  unmask (payload, payload, length, self->mask);
  turn_mask (self->mask, length);
  g_string_append_len (*buffer, payload, (gssize)length);
  if (self->n_left > 0 || !self->is_final)
    return TRUE;
  is_fine = deliver (self, opcode, (*buffer)->str, (*buffer)->len, FALSE);
  empty_buffer (buffer);
  return is_fine;
}

gboolean
bipe_websocket_reader_feed (BipeWebsocketReader *self,
                            char *bytes,
                            gsize length,
                            BipeWebsocketStatus *status,
                            GError **error)
{
  Piece piece = { bytes, bytes, bytes + length };

  while (piece.at < piece.end && !self->is_done)
    if ((!self->is_in_payload && !take_header (self, &piece))
        || (self->is_in_payload && !take_payload (self, &piece)))
      {
        *status = self->fault_status;
        g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "cannot read a WebSocket frame: %s",
                     self->fault);
        return FALSE;
      }
  return TRUE;
}

void
bipe_websocket_reader_stop (BipeWebsocketReader *self)
{
  self->is_done = TRUE;
}

gboolean
bipe_websocket_reader_is_inside (BipeWebsocketReader *self)
{
  return !self->is_done
         && (self->n_header > 0 || self->is_in_payload
             || self->message_opcode != BIPE_WEBSOCKET_CONTINUATION);
}

static void
append_header (GByteArray *out, BipeWebsocketOpcode opcode, gsize length)
{
  guint8 header[HEADER_MAX - MASK_SIZE] = { (guint8)(FINAL | opcode) };
  guint size = length <= BIPE_WEBSOCKET_CONTROL_MAX ? 0 : length <= G_MAXUINT16 ? 2 : 8;

  header[1] = (guint8)(size == 0 ? length : size == 2 ? LENGTH_IN_2 : LENGTH_IN_8);
  for (guint i = 0; i < size; i++)
    header[2 + i] = (guint8)((guint64)length >> 8 * (size - 1 - i));
  g_byte_array_append (out, header, 2 + size);
}

void
bipe_websocket_append_frame (GByteArray *out,
                             BipeWebsocketOpcode opcode,
                             const void *data,
                             gsize length)
{
  g_return_if_fail (!is_control (opcode) || length <= BIPE_WEBSOCKET_CONTROL_MAX);
  g_return_if_fail (length <= G_MAXINT32);

  append_header (out, opcode, length);
  g_byte_array_append (out, data, (guint)length);
}

void
bipe_websocket_append_close (GByteArray *out, BipeWebsocketStatus status, const char *reason)
{
  guint8 code[CODE_SIZE] = { (guint8)((guint)status >> 8), (guint8)status };
  gsize length = reason != NULL ? strlen (reason) : 0;

  g_return_if_fail (status == BIPE_WEBSOCKET_NO_STATUS || may_be_sent (status));

  if (status == BIPE_WEBSOCKET_NO_STATUS)
    {
      append_header (out, BIPE_WEBSOCKET_CLOSE, 0);
      return;
    }
  if (length > BIPE_WEBSOCKET_CONTROL_MAX - CODE_SIZE)
    {
      length = BIPE_WEBSOCKET_CONTROL_MAX - CODE_SIZE;
      while (length > 0 && ((guint8)reason[length] & 0xc0) == 0x80)
        length--;
    }
  append_header (out, BIPE_WEBSOCKET_CLOSE, CODE_SIZE + length);
  g_byte_array_append (out, code, CODE_SIZE);
  g_byte_array_append (out, (const guint8 *)reason, (guint)length);
}

char *
bipe_websocket_accept_key (const char *key)
{
  g_autoptr(GChecksum) checksum = NULL;
  guint8 digest[20];
  gsize size = sizeof digest;

  /* 16 bytes are 22 digits; those of the last one's bits that belong to none are passed over. */
  if (key == NULL || strspn (key, BASE64_DIGITS) != 22 || strcmp (key + 22, "==") != 0)
    return NULL;
  checksum = g_checksum_new (G_CHECKSUM_SHA1);
  g_checksum_update (checksum, (const guchar *)key, -1);
  g_checksum_update (checksum, (const guchar *)ACCEPT_SUFFIX, -1);
  g_checksum_get_digest (checksum, digest, &size);
  return g_base64_encode (digest, size);
}
