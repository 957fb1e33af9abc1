/* engine-packet-3.h: packets and payloads as version 3 of Engine.IO has them, that of Socket.IO's
 * clients 1 and 2; types are those of engine-packet.h.
 *
 *   packet   as in version 4; a binary message: the byte 4 and its bytes, or "b4" and base64
 *   payload  of text: <length>:<packet>…, the length in UTF-16 units as JavaScript counts
 *            of bytes: <0: text, 1: binary><length><255><packet>…, the length in bytes, each of its
 *            decimal digits a byte 0 to 9
 *
 * Clients 1 encode the text of a text payload twice, clients 2 under the same number do not: beyond
 * ASCII only the latter are understood there, as by the reference. */
#pragma once

#include "socketio/engine-packet.h"

G_BEGIN_DECLS

/* A message of a WebSocket, made ready in place. @data ends with a NUL at @length, and must outlive
 * @packet. FALSE: BIPE_ERROR_INVALID */
gboolean bipe_engine_packet3_parse (BipeEngineKind kind,
                                    char *data,
                                    gsize length,
                                    BipeEnginePacket *packet,
                                    GError **error);

/* Binary as a message of a WebSocket; *kind is changed where it becomes text. */
GBytes *bipe_engine_packet3_wrap (GBytes *bytes, BipeEngineKind *kind) G_GNUC_WARN_UNUSED_RESULT;
GBytes *bipe_engine_packet3_wrap_base64 (GBytes *bytes,
                                         BipeEngineKind *kind) G_GNUC_WARN_UNUSED_RESULT;

/* As bipe_engine_payload_parse(). @kind: of the body */
GArray *bipe_engine_payload3_parse (BipeEngineKind kind, char *body, gsize length, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* As those for version 4, for a body of text, whose measure is an upper bound. */
gsize bipe_engine_payload3_measure_text (BipeEngineKind kind, gsize length);
void bipe_engine_payload3_append_text (GString *payload,
                                       BipeEngineKind kind,
                                       const char *data,
                                       gsize length);

/* And for one of bytes. */
gsize bipe_engine_payload3_measure_bytes (BipeEngineKind kind, gsize length);
void bipe_engine_payload3_append_bytes (GString *payload,
                                        BipeEngineKind kind,
                                        const char *data,
                                        gsize length);

G_END_DECLS
