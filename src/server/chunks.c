#include "config.h"

#include "server/chunks.h"

/* libsoup reads no longer lines than 128 bytes. */
#define EXTENSION_MAX 100

/* More hexadecimal digits than any size needs that is let in. */
#define SIZE_MAX_DIGITS 8

enum
{
  AT_SIZE,
  IN_SIZE,
  IN_EXTENSION,
  AT_SIZE_END,
  IN_DATA,
  AT_DATA_END,
  AT_DATA_LINE_FEED,
};

static gboolean
fail (BipeChunks *self, const char *why)
{
  self->why = why;
  return FALSE;
}

/* The first of a size's bytes, and what comes behind. */
static gboolean
take_size (BipeChunks *self, char c)
{
  int digit = g_ascii_xdigit_value (c);

  if (digit >= 0)
    {
      if (self->state == AT_SIZE)
        self->n_left = self->n_line = 0;
      self->state = IN_SIZE;
      self->n_left = self->n_left * 16 + (guint)digit;
      return ++self->n_line <= SIZE_MAX_DIGITS || fail (self, "a chunk's size is too large");
    }
  if (self->state == AT_SIZE || (c != '\r' && c != ';'))
    return fail (self, "a chunk's size must be a hexadecimal number");
  self->state = c == ';' ? IN_EXTENSION : AT_SIZE_END;
  return TRUE;
}

static gboolean
take_extension (BipeChunks *self, char c)
{
  if (c == '\r')
    self->state = AT_SIZE_END;
  else if (((guchar)c < ' ' && c != '\t') || c == 0x7f)
    return fail (self, "a chunk's extension has a control character");
  return ++self->n_line <= EXTENSION_MAX || fail (self, "a chunk's extension is too long");
}

static gboolean
take_size_end (BipeChunks *self, char c)
{
  if (c != '\n')
    return fail (self, "a chunk's size must end with CR and LF");
  self->is_over = self->n_left == 0;
  self->state = IN_DATA;
  return TRUE;
}

static gboolean
take_data_end (BipeChunks *self, char c)
{
  if (c != (self->state == AT_DATA_END ? '\r' : '\n'))
    return fail (self, "a chunk's data must end with CR and LF");
  self->state = self->state == AT_DATA_END ? AT_DATA_LINE_FEED : AT_SIZE;
  return TRUE;
}

static gboolean
take (BipeChunks *self, char c)
{
  switch (self->state)
    {
    case AT_SIZE:
    case IN_SIZE:
      return take_size (self, c);
    case IN_EXTENSION:
      return take_extension (self, c);
    case AT_SIZE_END:
      return take_size_end (self, c);
    default:
      return take_data_end (self, c);
    }
}

gsize
bipe_chunks_feed (BipeChunks *self, const char *bytes, gsize length)
{
  gsize n = 0;

  while (n < length && !self->is_over && self->why == NULL)
    {
      if (self->state == IN_DATA)
        {
          gsize n_data = MIN (length - n, self->n_left);

          n += n_data;
          self->n_left -= n_data;
          if (self->n_left == 0)
            self->state = AT_DATA_END;
        }
      else if (take (self, bytes[n]))
        n++;
    }
  return self->is_over ? length : n;
}
