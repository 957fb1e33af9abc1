/* uuid.c: 48 bits of milliseconds, version 7, 12 bits of counter (rand_a), variant, 62 random bits.
 * The counter is method 1 of RFC 9562, section 6.2: it grows within a millisecond, and carries into
 * the time when it is full or the clock stands or goes back. */
#include "config.h"

#include "base/uuid.h"

#include <string.h>

#include "base/clock.h"

struct _BipeUuidSource
{
  BipeClock *clock;
  GMutex lock;   /* any thread accepts scans */
  guint64 stamp; /* milliseconds << 12 | counter: the last one given */
};

void
bipe_uuid_format (const BipeUuid *uuid, char text[BIPE_UUID_STRING_SIZE])
{
  static const char digits[] = "0123456789abcdef";
  char *out = text;

  for (guint i = 0; i < 16; i++)
    {
      if (i == 4 || i == 6 || i == 8 || i == 10)
        *out++ = '-';
      *out++ = digits[uuid->bytes[i] >> 4];
      *out++ = digits[uuid->bytes[i] & 15];
    }
  *out = '\0';
}

gboolean
bipe_uuid_parse (const char *text, BipeUuid *uuid)
{
  const char *in = text;

  for (guint i = 0; i < 16; i++)
    {
      int high, low;

      if ((i == 4 || i == 6 || i == 8 || i == 10) && *in++ != '-')
        return FALSE;
      if ((high = g_ascii_xdigit_value (in[0])) < 0 || (low = g_ascii_xdigit_value (in[1])) < 0)
        return FALSE;
      uuid->bytes[i] = (guint8)(high << 4 | low);
      in += 2;
    }
  return *in == '\0';
}

guint
bipe_uuid_hash (gconstpointer uuid)
{
  guint hash;

  /* The last bytes are the random ones. */
  memcpy (&hash, ((const BipeUuid *)uuid)->bytes + 12, sizeof hash);
  return hash;
}

gboolean
bipe_uuid_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (BipeUuid)) == 0;
}

BipeUuidSource *
bipe_uuid_source_new (BipeClock *clock)
{
  BipeUuidSource *self = g_new0 (BipeUuidSource, 1);

  g_mutex_init (&self->lock);
  self->clock = clock;
  return self;
}

void
bipe_uuid_source_free (BipeUuidSource *self)
{
  g_mutex_clear (&self->lock);
  g_free (self);
}

static guint64
stamp_of (const BipeUuid *uuid)
{
  guint64 milliseconds = 0;

  for (guint i = 0; i < 6; i++)
    milliseconds = milliseconds << 8 | uuid->bytes[i];
  return milliseconds << 12 | (guint64)(uuid->bytes[6] & 15) << 8 | uuid->bytes[7];
}

gint64
bipe_uuid_get_time (const BipeUuid *uuid)
{
  return (gint64)(stamp_of (uuid) >> 12) * 1000;
}

void
bipe_uuid_source_raise (BipeUuidSource *self, const BipeUuid *floor)
{
  /* Of another version it holds no time: plain SQL inserts such rows. */
  if (floor->bytes[6] >> 4 != 7)
    return;
  g_mutex_lock (&self->lock);
  self->stamp = MAX (self->stamp, stamp_of (floor));
  g_mutex_unlock (&self->lock);
}

BipeUuid
bipe_uuid_source_next (BipeUuidSource *self)
{
  guint64 now = (guint64)(bipe_clock_real (self->clock) / 1000) << 12;
  BipeUuid uuid;
  guint32 random[2] = { g_random_int (), g_random_int () };
  guint64 stamp;

  g_mutex_lock (&self->lock);
  stamp = self->stamp = MAX (self->stamp + 1, now);
  g_mutex_unlock (&self->lock);

  for (guint i = 0; i < 6; i++)
    uuid.bytes[i] = (guint8)(stamp >> (52 - 8 * i));
  uuid.bytes[6] = (guint8)(0x70 | (stamp >> 8 & 15));
  uuid.bytes[7] = (guint8)stamp;
  memcpy (uuid.bytes + 8, random, 8);
  uuid.bytes[8] = (guint8)(0x80 | (uuid.bytes[8] & 0x3f));
  return uuid;
}
