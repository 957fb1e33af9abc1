/* intake.h: what comes from a client, as its reader may have it. While requests are expected, each
 * must be what RFC 9112 says, up to its end, and the reader gets them one by one: what comes behind
 * one is held until it is asked for. */
#pragma once

#include "server/framing.h"

G_BEGIN_DECLS

/**
 * BipeIntake:
 * @expects_requests: what comes are requests; else it is anything
 * @ahead: what has come behind a request's end
 *
 * To be initialised and cleared; @expects_requests is set from outside, the rest is not to be
 * touched.
 */
typedef struct
{
  gboolean expects_requests;
  BipeFraming framing; /* of these */
  GByteArray *ahead;
} BipeIntake;

void bipe_intake_init (BipeIntake *self);
void bipe_intake_clear (BipeIntake *self);

/* Of @length bytes that have come: how many the reader may have now. The rest is held, so give it
 * no more while there is some. */
gsize bipe_intake_take (BipeIntake *self, const char *bytes, gsize length);

/* Whether something is held. */
gboolean bipe_intake_has_ahead (BipeIntake *self);

/* Moves of what is held as much into @buffer as the reader may have now. */
gsize bipe_intake_read_ahead (BipeIntake *self, char *buffer, gsize count);

/* The client has nothing more to send. */
void bipe_intake_end (BipeIntake *self);

/* What is wrong with the request that comes; NULL: nothing. */
const char *bipe_intake_get_fault (BipeIntake *self, BipeFault *fault);

/* Of a request that is refused: sees to it that libsoup begins it, which it does with its first
 * line, be that an empty one, and that can then be refused. Returns how many bytes are in @buffer:
 * 1, or 0 where it has a line already. */
gsize bipe_intake_finish_line (BipeIntake *self, char *buffer);

G_END_DECLS
