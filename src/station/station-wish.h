/* station-wish.h: what can be changed of a station that runs, as somebody wishes it. A value. Has a
 * password: never to be printed. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BipeStationWish:
 * @name: the station's name; empty: the host's
 * @is_review: queue-mode is review
 * @database_url: as the setting: empty: the embedded store. It may have a password in it, which is
 *   better taken out and given as the next
 * @database_password: (nullable): to be kept for that URL where the operator's secrets are kept;
 *   "": none any more; %NULL: the one that is kept for it, if there is one
 */
typedef struct
{
  char *name;
  gboolean is_review;
  char *database_url;
  char *database_password;
} BipeStationWish;

BipeStationWish *bipe_station_wish_copy (const BipeStationWish *self) G_GNUC_WARN_UNUSED_RESULT;
void bipe_station_wish_free (BipeStationWish *self);

/* The password is wiped. */
void bipe_station_wish_clear (BipeStationWish *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeStationWish, bipe_station_wish_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BipeStationWish, bipe_station_wish_clear)

G_END_DECLS
