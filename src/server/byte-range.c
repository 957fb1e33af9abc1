#include "config.h"

#include "server/byte-range.h"

#include <errno.h>
#include <string.h>

#define UNIT "bytes="

/* A number where one stands, and then *has. FALSE: it is too long for one. */
static gboolean
read_number (const char **at, guint64 *number, gboolean *has)
{
  char *end;

  *has = g_ascii_isdigit (**at);
  if (!*has)
    return TRUE;
  errno = 0;
  *number = g_ascii_strtoull (*at, &end, 10);
  *at = end;
  return errno == 0;
}

static BipeByteRange
read_suffix (guint64 wanted, gsize size, gsize *first, gsize *length)
{
  if (wanted == 0 || size == 0)
    return BIPE_BYTE_RANGE_OUTSIDE;
  *length = (gsize)MIN (wanted, size);
  *first = size - *length;
  return BIPE_BYTE_RANGE_PART;
}

BipeByteRange
bipe_byte_range_read (const char *header, gsize size, gsize *first, gsize *length)
{
  guint64 from = 0, to = G_MAXUINT64;
  gboolean has_from, has_to;
  const char *at;

  if (header == NULL || g_ascii_strncasecmp (header, UNIT, strlen (UNIT)) != 0)
    return BIPE_BYTE_RANGE_WHOLE;
  at = header + strlen (UNIT);
  if (!read_number (&at, &from, &has_from) || *at++ != '-' || !read_number (&at, &to, &has_to)
      || *at != '\0' || (!has_from && !has_to) || (has_from && from > to))
    return BIPE_BYTE_RANGE_WHOLE;
  if (!has_from)
    return read_suffix (to, size, first, length);
  if (from >= size)
    return BIPE_BYTE_RANGE_OUTSIDE;
  *first = (gsize)from;
  *length = (gsize)MIN (to, size - 1) - *first + 1;
  return BIPE_BYTE_RANGE_PART;
}
