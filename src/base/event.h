/* event.h: what happened, as everybody hears it: a scan's change of state, or a new status of the
 * station. Immutable, refcounted, free to cross threads. */
#pragma once

#include "base/scan.h"
#include "base/status.h"
#include "base/types.h"

G_BEGIN_DECLS

typedef enum
{
  BIPE_EVENT_QUEUED,    /* accepted, and durable */
  BIPE_EVENT_RELEASED,  /* review: free to be stored */
  BIPE_EVENT_EDITED,    /* review: another text, the first in code_read */
  BIPE_EVENT_REMOVED,   /* review: voided before it was stored */
  BIPE_EVENT_STORED,    /* the store has it, and gave its id */
  BIPE_EVENT_REJECTED,  /* set aside, with a reason */
  BIPE_EVENT_COLLECTED, /* handed out to a consumer */
  BIPE_EVENT_VOIDED,
  BIPE_EVENT_RESTORED,
  BIPE_EVENT_STATUS, /* not kept: seq is 0, scan is NULL */
} BipeEventKind;

struct _BipeEvent
{
  gint64 seq; /* the journal's sequence number, ascending, with gaps */
  gint64 at;  /* microseconds since 1970 */
  BipeEventKind kind;
  BipeScan *scan; /* as it is after the event */
  BipeStatus *status;
};

#define BIPE_TYPE_EVENT (bipe_event_get_type ())
GType bipe_event_get_type (void);

BipeEvent *bipe_event_new (gint64 seq, gint64 at, BipeEventKind kind, const BipeScan *scan)
    G_GNUC_WARN_UNUSED_RESULT;
BipeEvent *bipe_event_new_status (gint64 at, const BipeStatus *status) G_GNUC_WARN_UNUSED_RESULT;
BipeEvent *bipe_event_ref (BipeEvent *self);
void bipe_event_unref (BipeEvent *self);

/* An array that owns its events. */
GPtrArray *bipe_event_array_new (void) G_GNUC_WARN_UNUSED_RESULT;

const char *bipe_event_kind_name (BipeEventKind kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeEvent, bipe_event_unref)

G_END_DECLS
