/* framing.h: where one request ends and the next begins, among the bytes that a client sends. */
#pragma once

#include "server/chunks.h"
#include "server/request-head.h"

G_BEGIN_DECLS

typedef enum
{
  BIPE_FRAMING_HEAD,
  BIPE_FRAMING_BODY,
  BIPE_FRAMING_CHUNKS, /* nothing comes behind these */
} BipeFramingPart;

/**
 * BipeFraming:
 * @part: what the next byte is part of
 *
 * To be read from outside only. All zero, it is before the first request.
 */
typedef struct
{
  BipeFramingPart part;
  BipeRequestHead head; /* the one that comes, or the last one */
  BipeChunks chunks;
  guint64 n_left; /* of a body */
} BipeFraming;

/* Returns how many of the @length bytes belong to the request that comes, up to its end or to what
 * is wrong with it; where neither has come, that is all of them. */
gsize bipe_framing_feed (BipeFraming *self, const char *bytes, gsize length);

/* The client has nothing more to send, which is a fault within a head. */
void bipe_framing_end (BipeFraming *self);

/* What is wrong with the request that comes, and of what kind that is; NULL: nothing so far. */
const char *bipe_framing_get_fault (const BipeFraming *self, BipeFault *fault);

G_END_DECLS
