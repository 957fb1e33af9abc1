/* store-watch.h: tells from the station's events when the database goes, and, once it is back, how
 * many scans it was given since. Pure: no clock. */
#pragma once

#include "base/event.h"

G_BEGIN_DECLS

/**
 * BipeStoreWatch:
 * @n_delivered: since the database went; −1: nobody knows
 *
 * Filled with zeros it is ready. The rest is its own.
 */
typedef struct
{
  gint64 n_delivered;
  gboolean is_away;
  gboolean is_returning; /* it is back, and what has waited is on its way */
} BipeStoreWatch;

typedef enum
{
  BIPE_STORE_WATCH_NOTHING,
  BIPE_STORE_WATCH_GONE,
  BIPE_STORE_WATCH_RETURNING, /* it is back; it is time to tell when what has waited is delivered */
  BIPE_STORE_WATCH_RETURNED,  /* now */
} BipeStoreWatchNews;

BipeStoreWatchNews bipe_store_watch_take (BipeStoreWatch *self, const BipeEvent *event);

/* Events were lost. */
void bipe_store_watch_lose (BipeStoreWatch *self);

/* It has taken long enough: what is delivered by now is told. FALSE: it was, or it is away. */
gboolean bipe_store_watch_settle (BipeStoreWatch *self);

G_END_DECLS
