/* byte-range.h: which part of a whole a client asks for (RFC 9110, section 14). One part: several
 * at once are a means to make a server work, and nobody who plays sound needs them. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  BIPE_BYTE_RANGE_WHOLE, /* none is asked for, or in words that nobody need understand */
  BIPE_BYTE_RANGE_PART,
  BIPE_BYTE_RANGE_OUTSIDE, /* it starts behind the end */
} BipeByteRange;

/* @header: (nullable): a Range, such as "bytes=0-99", "bytes=100-" or "bytes=-100". *first and
 * *length say the part. */
BipeByteRange bipe_byte_range_read (const char *header, gsize size, gsize *first, gsize *length);

G_END_DECLS
