#include "config.h"

#include "journal/change.h"

#include "base/error.h"

/* Where each change may start from. */
static gboolean
is_allowed (BipeEventKind kind, const BipeScan *before, gboolean is_held)
{
  switch (kind)
    {
    case BIPE_EVENT_RELEASED:
    case BIPE_EVENT_EDITED:
    case BIPE_EVENT_REMOVED:
      return before->state == BIPE_SCAN_QUEUED && is_held;
    case BIPE_EVENT_STORED:
    case BIPE_EVENT_REJECTED:
      return before->state == BIPE_SCAN_QUEUED;
    case BIPE_EVENT_COLLECTED:
      return before->state == BIPE_SCAN_STORED && before->collected_at == 0;
    case BIPE_EVENT_VOIDED:
      return before->state == BIPE_SCAN_STORED;
    case BIPE_EVENT_RESTORED:
      return before->state == BIPE_SCAN_VOIDED;
    case BIPE_EVENT_QUEUED:
    case BIPE_EVENT_STATUS:
      break;
    }
  return FALSE;
}

static void
apply (const BipeChange *self, BipeScan *scan)
{
  switch (self->kind)
    {
    case BIPE_EVENT_EDITED:
      if (scan->code_read == NULL)
        scan->code_read = scan->code;
      scan->code = self->code;
      break;
    case BIPE_EVENT_STORED:
      scan->state = BIPE_SCAN_STORED;
      scan->id = self->id;
      scan->stored_at = self->at;
      break;
    case BIPE_EVENT_REJECTED:
      scan->state = BIPE_SCAN_REJECTED;
      scan->reason = self->reason;
      break;
    case BIPE_EVENT_COLLECTED:
      scan->collected_at = self->at;
      break;
    case BIPE_EVENT_REMOVED:
    case BIPE_EVENT_VOIDED:
      scan->state = BIPE_SCAN_VOIDED;
      scan->voided_at = self->at;
      scan->reason = self->reason;
      break;
    case BIPE_EVENT_RESTORED:
      scan->state = scan->id == 0 ? BIPE_SCAN_QUEUED : BIPE_SCAN_STORED;
      scan->voided_at = 0;
      scan->reason = NULL;
      break;
    case BIPE_EVENT_RELEASED:
    case BIPE_EVENT_QUEUED:
    case BIPE_EVENT_STATUS:
      break;
    }
}

BipeScan *
bipe_change_apply (const BipeChange *self, const BipeScan *before, gboolean is_held, GError **error)
{
  BipeScan after = *before;

  if (!is_allowed (self->kind, before, is_held))
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_CONFLICT, "the scan can't be %s: it is %s%s",
                   bipe_event_kind_name (self->kind), bipe_scan_state_name (before->state),
                   before->state == BIPE_SCAN_QUEUED ? (is_held ? " and held" : " and not held")
                   : before->collected_at != 0       ? " and collected"
                                                     : "");
      return NULL;
    }
  apply (self, &after);
  return bipe_scan_new (&after);
}
