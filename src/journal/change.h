/* change.h: the state table of a scan in the journal: which change may follow which state, and what
 * it makes of the scan. Pure. */
#pragma once

#include "base/event.h"
#include "base/scan.h"

G_BEGIN_DECLS

/**
 * BipeChange:
 * @kind: any kind of event but %BIPE_EVENT_QUEUED and %BIPE_EVENT_STATUS
 * @uuid: the scan
 * @at: when, microseconds since 1970
 * @id: STORED: the number that the store gave
 * @code: EDITED: the new text
 * @reason: (nullable): REJECTED, REMOVED, VOIDED: why
 * @scan: (nullable): VOIDED, RESTORED: the store's row as it is now, for a scan that the journal
 *   has let go
 */
struct _BipeChange
{
  BipeEventKind kind;
  BipeUuid uuid;
  gint64 at;
  gint64 id;
  const char *code;
  const char *reason;
  BipeScan *scan;
};

/**
 * bipe_change_apply:
 * @before: the scan as it is
 * @is_held: whether it waits for a release (review mode)
 *
 * Returns: (nullable): the scan as it is afterwards; %NULL with BIPE_ERROR_CONFLICT where the
 * change can't follow the state the scan is in
 */
BipeScan *bipe_change_apply (const BipeChange *self,
                             const BipeScan *before,
                             gboolean is_held,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
