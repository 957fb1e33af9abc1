#define _GNU_SOURCE /* explicit_bzero */
#include "config.h"

#include "station/station-wish.h"

#include <string.h>

BipeStationWish *
bipe_station_wish_copy (const BipeStationWish *self)
{
  BipeStationWish *copy = g_memdup2 (self, sizeof *self);

  copy->name = g_strdup (self->name);
  copy->database_url = g_strdup (self->database_url);
  copy->database_password = g_strdup (self->database_password);
  return copy;
}

static void
wipe (char **secret)
{
  if (*secret != NULL)
    explicit_bzero (*secret, strlen (*secret));
  g_clear_pointer (secret, g_free);
}

void
bipe_station_wish_clear (BipeStationWish *self)
{
  g_clear_pointer (&self->name, g_free);
  wipe (&self->database_url); /* somebody may have written a password into it */
  wipe (&self->database_password);
}

void
bipe_station_wish_free (BipeStationWish *self)
{
  bipe_station_wish_clear (self);
  g_free (self);
}
