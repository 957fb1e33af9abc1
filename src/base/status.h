/* status.h: how the station is doing, at one moment. Immutable, refcounted, free to cross threads.
 */
#pragma once

#include "base/types.h"

G_BEGIN_DECLS

typedef enum
{
  BIPE_STORE_CONNECTING, /* not yet tried to the end */
  BIPE_STORE_ONLINE,
  BIPE_STORE_OFFLINE, /* tried, and trying again */
} BipeStoreState;

/**
 * BipeStatus:
 * @station: the station's name
 * @store_number: of the store: another one than before tells that the rows are others, and what was
 *   read of them is to be read anew
 * @store: the store by name, without secrets: "PostgreSQL bench (127.0.0.1:5432)"
 * @store_state: whether it can be reached
 * @store_since: since when it is in that state
 * @store_problem: (nullable): the last error, where it is offline
 * @n_queued: scans that wait to be stored, the held ones too
 * @n_held: of these, the ones that wait for a release: of review mode, which may be over
 * @n_rejected: scans set aside
 * @n_today: scans accepted since midnight, local time
 * @is_review: queue-mode is review
 * @problem: (nullable): why no scan can be accepted now
 */
struct _BipeStatus
{
  const char *station;
  guint store_number;
  const char *store;
  BipeStoreState store_state;
  gint64 store_since;
  const char *store_problem;
  gint64 n_queued;
  gint64 n_held;
  gint64 n_rejected;
  gint64 n_today;
  gboolean is_review;
  const char *problem;
};

#define BIPE_TYPE_STATUS (bipe_status_get_type ())
GType bipe_status_get_type (void);

/* Copies @fields, strings too. */
BipeStatus *bipe_status_new (const BipeStatus *fields) G_GNUC_WARN_UNUSED_RESULT;
BipeStatus *bipe_status_ref (const BipeStatus *self);
void bipe_status_unref (BipeStatus *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeStatus, bipe_status_unref)

G_END_DECLS
