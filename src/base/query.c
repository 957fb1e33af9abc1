#include "config.h"

#include "base/query.h"

BipeQuery *
bipe_query_new (void)
{
  BipeQuery *self = g_new0 (BipeQuery, 1);

  self->limit = 100;
  self->source = -1;
  self->state = -1;
  return self;
}

BipeQuery *
bipe_query_copy (const BipeQuery *self)
{
  BipeQuery *copy = g_memdup2 (self, sizeof *self);

  copy->text = g_strdup (self->text);
  copy->symbology = g_strdup (self->symbology);
  copy->station = g_strdup (self->station);
  return copy;
}

void
bipe_query_free (BipeQuery *self)
{
  g_free (self->station);
  g_free (self->symbology);
  g_free (self->text);
  g_free (self);
}

static gunichar
fold (const char *at)
{
  return (guchar)*at < 0x80 ? (gunichar)g_ascii_tolower (*at)
                            : g_unichar_tolower (g_utf8_get_char (at));
}

static gboolean
begins_with (const char *code, const char *text)
{
  for (; *text != '\0' && fold (code) == fold (text); text = g_utf8_next_char (text))
    code = g_utf8_next_char (code);
  return *text == '\0';
}

gboolean
bipe_query_contains (const char *code, const char *text)
{
  for (; code != NULL && *code != '\0'; code = g_utf8_next_char (code))
    if (begins_with (code, text))
      return TRUE;
  return *text == '\0';
}

gboolean
bipe_query_matches (const BipeQuery *self, const BipeScan *scan)
{
  return (self->text == NULL || bipe_query_contains (scan->code, self->text))
         && (self->since == 0 || scan->scanned_at >= self->since)
         && (self->until == 0 || scan->scanned_at < self->until)
         && (self->symbology == NULL || g_strcmp0 (self->symbology, scan->symbology) == 0)
         && (self->station == NULL || g_strcmp0 (self->station, scan->station) == 0)
         && (self->source < 0 || self->source == (int)scan->source)
         && (self->state < 0 || self->state == (int)scan->state);
}
