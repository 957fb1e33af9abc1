#include "config.h"

#include "server/intake.h"

#include <string.h>

void
bipe_intake_init (BipeIntake *self)
{
  *self = (BipeIntake){ .ahead = g_byte_array_new () };
}

void
bipe_intake_clear (BipeIntake *self)
{
  g_clear_pointer (&self->ahead, g_byte_array_unref);
}

static gsize
measure (BipeIntake *self, const char *bytes, gsize length)
{
  return self->expects_requests ? bipe_framing_feed (&self->framing, bytes, length) : length;
}

gsize
bipe_intake_take (BipeIntake *self, const char *bytes, gsize length)
{
  gsize n = measure (self, bytes, length);

  g_byte_array_append (self->ahead, (const guint8 *)bytes + n, (guint)(length - n));
  return n;
}

gboolean
bipe_intake_has_ahead (BipeIntake *self)
{
  return self->ahead->len > 0;
}

gsize
bipe_intake_read_ahead (BipeIntake *self, char *buffer, gsize count)
{
  gsize n = measure (self, (const char *)self->ahead->data, MIN (count, self->ahead->len));

  memcpy (buffer, self->ahead->data, n);
  g_byte_array_remove_range (self->ahead, 0, (guint)n);
  return n;
}

void
bipe_intake_end (BipeIntake *self)
{
  if (self->expects_requests)
    bipe_framing_end (&self->framing);
}

const char *
bipe_intake_get_fault (BipeIntake *self, BipeFault *fault)
{
  return self->expects_requests ? bipe_framing_get_fault (&self->framing, fault) : NULL;
}

gsize
bipe_intake_finish_line (BipeIntake *self, char *buffer)
{
  if (self->framing.part != BIPE_FRAMING_HEAD || self->framing.head.has_line)
    return 0;
  self->framing.head.has_line = TRUE;
  buffer[0] = '\n';
  return 1;
}
