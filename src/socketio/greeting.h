/* greeting.h: how a client comes into a namespace, and what it is told then: all that sets the two
 * versions of Socket.IO apart.
 *
 *                      5, above Engine.IO 4       4, above Engine.IO 3
 *   into "/"           40, 40{"token":…}          by itself
 *   into another       40/ns,{"token":…}          40/ns, 40/ns?token=…,
 *   is let in          40/ns,{"sid":…}            40/ns,
 *   is refused         44/ns,{"message":"why"}    44/ns,"why"
 *   with more to it    …,"data":{…}}              the same */
#pragma once

#include "socketio/packet.h"

G_BEGIN_DECLS

/* Parameters of a query that a client may connect with. */
#define BIPE_GREETING_PARAMETERS_MAX 64

/**
 * BipeGreeting:
 * @is_implied: each client is in "/" from the start
 * @read_auth: (nullable): puts into a CONNECT packet's json what stands elsewhere in its @text.
 *   %FALSE: it is malformed
 * @print_welcome, @print_refusal: the JSON that is sent, or %NULL: none; @data is JSON, or %NULL
 */
typedef struct
{
  gboolean is_implied;
  gboolean (*read_auth) (BipePacket *packet, const char *text, gsize length);
  char *(*print_welcome) (const char *sid);
  char *(*print_refusal) (const char *message, const char *data);
} BipeGreeting;

const BipeGreeting *bipe_greeting_find (guint engine_version);

G_END_DECLS
