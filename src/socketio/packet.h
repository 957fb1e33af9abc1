/* packet.h: one Socket.IO packet, as text and its binary attachments.
 *
 *   <type>[<attachments>-][<namespace>,][<id>][<JSON>]
 *
 * The JSON of a packet stays the text that came: no number is read and written anew, so that `1.10`
 * comes back as `1.10`. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define BIPE_PACKET_ATTACHMENTS_MAX 64

typedef enum
{
  BIPE_PACKET_CONNECT,
  BIPE_PACKET_DISCONNECT,
  BIPE_PACKET_EVENT,
  BIPE_PACKET_ACK,
  BIPE_PACKET_CONNECT_ERROR,
  BIPE_PACKET_BINARY_EVENT,
  BIPE_PACKET_BINARY_ACK,
} BipePacketType;

/**
 * BipePacket:
 * @space: the namespace: "/" where the text has none
 * @json: (nullable): an array for events and acks, whose placeholders stand where attachments go;
 *   an object for connecting
 * @arguments: (element-type utf8) (nullable): of an event or ack: the array's elements, each the
 *   text that came, without blanks around it; an event's first is its name, a JSON string
 * @attachments: (element-type GBytes) (nullable)
 */
typedef struct
{
  BipePacketType type;
  char *space;
  gboolean has_id;
  guint64 id;
  guint n_attachments;
  char *json;
  GPtrArray *arguments;
  GPtrArray *attachments;
} BipePacket;

BipePacket *bipe_packet_new (BipePacketType type) G_GNUC_WARN_UNUSED_RESULT;
void bipe_packet_free (BipePacket *self);

/**
 * bipe_packet_parse:
 * @text: one message, without Engine.IO's type; ends with a NUL at @length
 *
 * Strict: the JSON is one value that fits the type (and nothing behind it), an id has no leading
 * zeros and fits 64 bits, only binary packets have attachments, whose placeholders are in it once
 * each. BIPE_ERROR_INVALID says what is wrong.
 */
BipePacket *
bipe_packet_parse (const char *text, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether @self is an event of this @name. */
gboolean bipe_packet_is_event (const BipePacket *self, const char *name);

/* The packet as Engine.IO sends it: with the leading "4". Attachments follow it, each as a binary
 * message. */
GBytes *bipe_packet_to_frame (const BipePacket *self) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipePacket, bipe_packet_free)

G_END_DECLS
