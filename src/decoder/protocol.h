/* protocol.h: what the station and its decoder process say to one another: each request and each
 * answer is one message of a SOCK_SEQPACKET pair (the process's standard input), and the picture
 * lies in memory that both share (the process's descriptor 3, BIPE_PROTOCOL_MEMORY bytes, sealed
 * against a change of its size). One request at a time. Fields are little-endian.
 *
 * Neither side trusts the other: every field is checked. */
#pragma once

#include <glib.h>

#include "decoder/sight.h"

G_BEGIN_DECLS

#define BIPE_PROTOCOL_MEMORY (16 * 1024 * 1024)
#define BIPE_PROTOCOL_MEMORY_FD 3
#define BIPE_PROTOCOL_ANSWER_MAX (128 * 1024)
#define BIPE_PROTOCOL_REQUEST_SIZE 48

/**
 * BipeLooks:
 * @BIPE_LOOK_GUIDE: at the guide box alone, thoroughly
 * @BIPE_LOOK_FAST: at all of it, in the fast form
 * @BIPE_LOOK_FULL: at all of it, thoroughly: turned, smaller, one code after the other
 * @BIPE_LOOK_SECOND: with the second decoder; slow
 *
 * How to look. Of several the decoder takes them in this order, and ends with the first that finds
 * something.
 */
typedef enum
{
  BIPE_LOOK_GUIDE = 1 << 0,
  BIPE_LOOK_FAST = 1 << 1,
  BIPE_LOOK_FULL = 1 << 2,
  BIPE_LOOK_SECOND = 1 << 3,
} BipeLooks;

/**
 * BipeRequest:
 * @looks: none: the memory holds a file (PNG or JPEG) of @size bytes, which is looked at in every
 * way until something is found
 * @picture: of a frame: its measures; the pixels start where the memory starts
 * @size: of a file
 * @guide: of a frame: the guide box
 */
typedef struct
{
  BipeLooks looks;
  BipeSymbologies symbologies;
  guint32 width;
  guint32 height;
  guint32 stride;
  guint32 size;
  BipeArea guide;
} BipeRequest;

void bipe_request_write (const BipeRequest *self, guint8 message[BIPE_PROTOCOL_REQUEST_SIZE]);

/* FALSE: it is none, or speaks of what can't be in the memory. */
gboolean bipe_request_read (BipeRequest *self, const guint8 *message, gsize size);

/* Readings that would make the message too long are left out. */
GBytes *bipe_sight_write (const BipeSight *self) G_GNUC_WARN_UNUSED_RESULT;

/* Why a file can't be looked at, as a sentence for a person. */
GBytes *bipe_refusal_write (const char *why) G_GNUC_WARN_UNUSED_RESULT;

/* Either of the two. NULL with BIPE_ERROR_INVALID: the refusal, or BIPE_ERROR_UNAVAILABLE: it is no
 * answer. */
BipeSight *
bipe_sight_read (const guint8 *message, gsize size, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
