#include "config.h"

#include "decoder/sight.h"

#include <string.h>

#include "base/aim.h"

BipeReading *
bipe_reading_new (BipeSymbologies symbology,
                  const char *aim,
                  const char *text,
                  gsize length,
                  const BipePoint corners[4])
{
  BipeReading *self = g_new0 (BipeReading, 1);

  g_atomic_ref_count_init (&self->references);
  self->symbology = symbology;
  g_strlcpy (self->aim, aim, sizeof self->aim);
  self->text = g_malloc (length + 1);
  memcpy (self->text, text, length);
  self->text[length] = '\0';
  self->length = length;
  memcpy (self->corners, corners, sizeof self->corners);
  return self;
}

BipeReading *
bipe_reading_ref (BipeReading *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
bipe_reading_unref (BipeReading *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_free (self->text);
  g_free (self);
}

gboolean
bipe_reading_equal (const BipeReading *a, const BipeReading *b)
{
  return a->symbology == b->symbology && a->length == b->length
         && memcmp (a->text, b->text, a->length) == 0;
}

const char *
bipe_reading_get_symbology_name (const BipeReading *self)
{
  g_autofree char *sent = g_strconcat (self->aim, self->text, NULL);
  const char *text, *name;
  char aim[4];

  if (bipe_aim_parse (sent, aim, &text, &name) && g_str_has_prefix (name, "GS1"))
    return name;
  return bipe_symbology_get_name (self->symbology);
}

BipeSight *
bipe_sight_new (void)
{
  BipeSight *self = g_new0 (BipeSight, 1);

  g_atomic_ref_count_init (&self->references);
  self->readings = g_ptr_array_new_with_free_func ((GDestroyNotify)bipe_reading_unref);
  return self;
}

BipeSight *
bipe_sight_ref (BipeSight *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
bipe_sight_unref (BipeSight *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_ptr_array_unref (self->readings);
  g_free (self);
}
