#include "config.h"

#include "socketio/sid.h"

#include <sys/random.h>

void
bipe_sid_make (char sid[BIPE_SID_SIZE])
{
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  guint8 random[(BIPE_SID_SIZE - 1) / 4 * 3];
  char *out = sid;

  /* So few bytes come at once, or not before the kernel has gathered entropy: then it waits. There
   * is no second source to fall back on, since a worse one would be a door. */
  while (getrandom (random, sizeof random, 0) != sizeof random)
    continue;

  for (const guint8 *in = random; in < random + sizeof random; in += 3)
    {
      guint group = (guint)in[0] << 16 | (guint)in[1] << 8 | in[2];

      for (int shift = 18; shift >= 0; shift -= 6)
        *out++ = digits[group >> shift & 63];
    }
  *out = '\0';
}
