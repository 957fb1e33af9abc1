#include "config.h"

#include "server/refusals.h"

#include <string.h>

#define INTERVAL G_TIME_SPAN_MINUTE

typedef struct
{
  char *word; /* NULL: free */
  gint64 next_telling;
} Refusal;

struct _BipeRefusals
{
  BipeClock *clock;
  Refusal refusals[BIPE_REFUSALS_MAX];
  Refusal rest; /* all that have no place */
};

BipeRefusals *
bipe_refusals_new (BipeClock *clock)
{
  BipeRefusals *self = g_new0 (BipeRefusals, 1);

  self->clock = clock;
  return self;
}

void
bipe_refusals_free (BipeRefusals *self)
{
  for (guint i = 0; i < BIPE_REFUSALS_MAX; i++)
    g_free (self->refusals[i].word);
  g_free (self);
}

/* The one of @word, or a place for it. */
static Refusal *
find (BipeRefusals *self, const char *word, gint64 now)
{
  Refusal *place = &self->rest;

  for (guint i = 0; i < BIPE_REFUSALS_MAX; i++)
    {
      Refusal *refusal = &self->refusals[i];

      if (refusal->word != NULL && strncmp (refusal->word, word, BIPE_REFUSALS_LENGTH_MAX) == 0)
        return refusal;
      if (place == &self->rest && (refusal->word == NULL || refusal->next_telling <= now))
        place = refusal;
    }
  return place;
}

gboolean
bipe_refusals_note (BipeRefusals *self, const char *word)
{
  gint64 now = bipe_clock_monotonic (self->clock);
  Refusal *refusal = find (self, word, now);

  if (refusal->next_telling > now)
    return FALSE;
  if (refusal != &self->rest)
    {
      g_free (refusal->word);
      refusal->word = g_strndup (word, BIPE_REFUSALS_LENGTH_MAX);
    }
  refusal->next_telling = now + INTERVAL;
  return TRUE;
}
