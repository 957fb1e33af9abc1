/* protocol.c: a request is 12 fields of 32 bits. An answer starts with a byte: 'S', then width,
 * height, flaw, change, count, and for each reading its symbology, 4 corners, AIM identifier (4
 * bytes), length and text; or 'R', then the refusal's text. */
#include "config.h"

#include "decoder/protocol.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"

#define SIGHT 'S'
#define REFUSAL 'R'
#define REFUSAL_MAX 1024

/* What a reading takes besides its text. */
#define READING_SIZE (4 + 4 * 8 + 4 + 4)

void
bipe_request_write (const BipeRequest *self, guint8 message[BIPE_PROTOCOL_REQUEST_SIZE])
{
  const guint32 fields[BIPE_PROTOCOL_REQUEST_SIZE / 4] = {
    self->looks, self->symbologies, self->width,   self->height,      self->stride,
    self->size,  self->guide.x,     self->guide.y, self->guide.width, self->guide.height,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      guint32 field = GUINT32_TO_LE (fields[i]);

      memcpy (message + 4 * i, &field, 4);
    }
}

static gboolean
is_inside (const BipeRequest *self)
{
  const BipeArea *guide = &self->guide;

  if (self->looks == 0)
    return self->size > 0 && self->size <= BIPE_PROTOCOL_MEMORY;
  return self->width > 0 && self->height > 0 && self->stride >= self->width
         && self->height <= BIPE_PROTOCOL_MEMORY / self->stride && guide->x <= self->width
         && guide->width <= self->width - guide->x && guide->y <= self->height
         && guide->height <= self->height - guide->y;
}

gboolean
bipe_request_read (BipeRequest *self, const guint8 *message, gsize size)
{
  guint32 fields[BIPE_PROTOCOL_REQUEST_SIZE / 4];

  if (size != BIPE_PROTOCOL_REQUEST_SIZE)
    return FALSE;
  memcpy (fields, message, sizeof fields);
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    fields[i] = GUINT32_FROM_LE (fields[i]);
  *self = (BipeRequest){
    .looks = fields[0],
    .symbologies = fields[1],
    .width = fields[2],
    .height = fields[3],
    .stride = fields[4],
    .size = fields[5],
    .guide = { fields[6], fields[7], fields[8], fields[9] },
  };
  return self->looks <= (BIPE_LOOK_SECOND << 1) - 1 && is_inside (self);
}

static void
append_integer (GByteArray *out, guint32 value)
{
  guint32 field = GUINT32_TO_LE (value);

  g_byte_array_append (out, (const guint8 *)&field, sizeof field);
}

static void
append_reading (GByteArray *out, const BipeReading *reading)
{
  append_integer (out, reading->symbology);
  for (gsize i = 0; i < G_N_ELEMENTS (reading->corners); i++)
    {
      append_integer (out, (guint32)reading->corners[i].x);
      append_integer (out, (guint32)reading->corners[i].y);
    }
  g_byte_array_append (out, (const guint8 *)reading->aim, sizeof reading->aim);
  append_integer (out, (guint32)reading->length);
  g_byte_array_append (out, (const guint8 *)reading->text, (guint)reading->length);
}

GBytes *
bipe_sight_write (const BipeSight *self)
{
  GByteArray *out = g_byte_array_new ();
  g_autoptr(GByteArray) readings = g_byte_array_new ();
  const guint8 kind = SIGHT;
  guint32 n = 0;

  for (guint i = 0; i < self->readings->len && n < BIPE_SIGHT_READINGS_MAX; i++)
    {
      const BipeReading *reading = self->readings->pdata[i];

      if (reading->length > BIPE_PROTOCOL_ANSWER_MAX / 2
          || readings->len + READING_SIZE + reading->length > BIPE_PROTOCOL_ANSWER_MAX - 64)
        continue;
      append_reading (readings, reading);
      n++;
    }
  g_byte_array_append (out, &kind, 1);
  append_integer (out, self->width);
  append_integer (out, self->height);
  append_integer (out, self->flaw);
  append_integer (out, self->change);
  append_integer (out, n);
  g_byte_array_append (out, readings->data, readings->len);
  return g_byte_array_free_to_bytes (out);
}

GBytes *
bipe_refusal_write (const char *why)
{
  g_autofree char *text = g_strdup_printf ("%c%.*s", REFUSAL, REFUSAL_MAX, why);
  gsize length = strlen (text);

  return g_bytes_new_take (g_steal_pointer (&text), length);
}

typedef struct
{
  const guint8 *at;
  gsize left;
  gboolean is_short;
} Message;

static const guint8 *
take (Message *message, gsize n)
{
  const guint8 *taken = message->at;

  if (message->left < n)
    {
      message->is_short = TRUE;
      message->left = 0;
      return NULL;
    }
  message->at += n;
  message->left -= n;
  return taken;
}

static guint32
take_integer (Message *message)
{
  const guint8 *field = take (message, 4);
  guint32 value = 0;

  if (field != NULL)
    memcpy (&value, field, sizeof value);
  return GUINT32_FROM_LE (value);
}

/* NULL: it breaks the form. */
static BipeReading *
take_reading (Message *message)
{
  BipeSymbologies symbology = take_integer (message);
  BipePoint corners[4];
  const guint8 *aim, *text;
  gsize length;

  for (gsize i = 0; i < G_N_ELEMENTS (corners); i++)
    {
      corners[i].x = (gint32)take_integer (message);
      corners[i].y = (gint32)take_integer (message);
    }
  aim = take (message, 4);
  length = take_integer (message);
  text = take (message, length);
  if (text == NULL || aim == NULL || aim[3] != '\0' || length == 0)
    return NULL;
  if (symbology > BIPE_SYMBOLOGIES_ALL || bipe_symbology_get_name (symbology) == NULL
      || !g_utf8_validate ((const char *)aim, -1, NULL))
    return NULL;
  /* U+0000 is text here, and whoever takes the text has to say what he does with it. */
  for (gsize at = 0; at < length; at++)
    {
      const char *end;

      if (!g_utf8_validate_len ((const char *)text + at, length - at, &end) && *end != '\0')
        return NULL;
      at = (gsize)(end - (const char *)text);
    }
  return bipe_reading_new (symbology, (const char *)aim, (const char *)text, length, corners);
}

static BipeSight *
read_sight (Message *message)
{
  g_autoptr(BipeSight) sight = bipe_sight_new ();
  guint32 flaw, change, n;

  sight->width = take_integer (message);
  sight->height = take_integer (message);
  flaw = take_integer (message);
  change = take_integer (message);
  n = take_integer (message);
  if (message->is_short || flaw > BIPE_FLAW_TILTED || change > G_MAXUINT8
      || n > BIPE_SIGHT_READINGS_MAX)
    return NULL;
  sight->flaw = flaw;
  sight->change = (guint8)change;
  for (guint32 i = 0; i < n; i++)
    {
      BipeReading *reading = take_reading (message);

      if (reading == NULL)
        return NULL;
      g_ptr_array_add (sight->readings, reading);
    }
  return message->left == 0 ? g_steal_pointer (&sight) : NULL;
}

BipeSight *
bipe_sight_read (const guint8 *message, gsize size, GError **error)
{
  Message rest = { message + 1, size > 0 ? size - 1 : 0, FALSE };
  BipeSight *sight = NULL;

  if (size > 0 && message[0] == SIGHT)
    sight = read_sight (&rest);
  else if (size > 1 && message[0] == REFUSAL && size <= REFUSAL_MAX + 1)
    {
      g_autofree char *why = g_utf8_make_valid ((const char *)rest.at, (gssize)rest.left);

      g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_INVALID, why);
      return NULL;
    }
  if (sight == NULL)
    g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
                         N_ ("the decoder has given no answer that makes sense"));
  return sight;
}
