#include "config.h"

#include "server/framing.h"

/* Behind a head comes a body, and behind that the next head. */
static void
turn_part (BipeFraming *self)
{
  if (self->part == BIPE_FRAMING_HEAD && self->head.is_whole)
    {
      self->part = self->head.is_chunked ? BIPE_FRAMING_CHUNKS : BIPE_FRAMING_BODY;
      self->n_left = self->head.body_length;
    }
  if (self->part == BIPE_FRAMING_BODY && self->n_left == 0)
    {
      self->part = BIPE_FRAMING_HEAD;
      self->head = (BipeRequestHead){ 0 };
    }
}

static gsize
feed_part (BipeFraming *self, const char *bytes, gsize length)
{
  gsize n;

  switch (self->part)
    {
    case BIPE_FRAMING_HEAD:
      return bipe_request_head_feed (&self->head, bytes, length);
    case BIPE_FRAMING_CHUNKS:
      return bipe_chunks_feed (&self->chunks, bytes, length);
    case BIPE_FRAMING_BODY:
    default:
      n = (gsize)MIN (self->n_left, length);
      self->n_left -= n;
      return n;
    }
}

gsize
bipe_framing_feed (BipeFraming *self, const char *bytes, gsize length)
{
  gsize n = feed_part (self, bytes, length);

  turn_part (self);
  if (n < length && self->part != BIPE_FRAMING_HEAD)
    {
      n += feed_part (self, bytes + n, length - n);
      turn_part (self);
    }
  return n;
}

void
bipe_framing_end (BipeFraming *self)
{
  if (self->part == BIPE_FRAMING_HEAD && self->head.n_bytes > 0)
    bipe_request_head_end (&self->head);
}

const char *
bipe_framing_get_fault (const BipeFraming *self, BipeFault *fault)
{
  *fault = self->part == BIPE_FRAMING_HEAD ? self->head.fault : BIPE_FAULT_MALFORMED;
  return self->part == BIPE_FRAMING_CHUNKS ? self->chunks.why : self->head.why;
}
