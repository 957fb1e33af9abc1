/* chunks.h: the frames of a body that comes in chunks, held to RFC 9112 while they come.
 *
 *   10;a=b\r\n
 *   {"code":"12345"}\r\n
 *   0\r\n
 *   \r\n
 *
 * libsoup 3.2 takes 0x10, +10 and -10 for sizes, cuts what is too large, lets anything end a line
 * and anything stand behind a chunk's data: it may see a body's end where others don't. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BipeChunks:
 * @is_over: the last chunk has come; trailers are not looked at, as nothing is read behind them
 * @why: (nullable): what is wrong, for the client
 *
 * To be read from outside only. All zero, it is a body that has not begun.
 */
typedef struct
{
  gboolean is_over;
  const char *why;

  /*< private >*/
  guint state;
  guint n_line; /* bytes of a size's line */
  guint64 n_left;
} BipeChunks;

/* Returns how many of the @length bytes are good: all of them, but for a fault. */
gsize bipe_chunks_feed (BipeChunks *self, const char *bytes, gsize length);

G_END_DECLS
