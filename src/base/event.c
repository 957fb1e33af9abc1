#include "config.h"

#include "base/event.h"

static const char *const kind_names[] = { "queued",   "released",  "edited", "removed",  "stored",
                                          "rejected", "collected", "voided", "restored", "status" };

G_DEFINE_BOXED_TYPE (BipeEvent, bipe_event, bipe_event_ref, bipe_event_unref)

BipeEvent *
bipe_event_new (gint64 seq, gint64 at, BipeEventKind kind, const BipeScan *scan)
{
  BipeEvent *self = g_atomic_rc_box_new0 (BipeEvent);

  self->seq = seq;
  self->at = at;
  self->kind = kind;
  self->scan = bipe_scan_ref (scan);
  return self;
}

BipeEvent *
bipe_event_new_status (gint64 at, const BipeStatus *status)
{
  BipeEvent *self = g_atomic_rc_box_new0 (BipeEvent);

  self->at = at;
  self->kind = BIPE_EVENT_STATUS;
  self->status = bipe_status_ref (status);
  return self;
}

BipeEvent *
bipe_event_ref (BipeEvent *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  BipeEvent *self = data;

  g_clear_pointer (&self->status, bipe_status_unref);
  g_clear_pointer (&self->scan, bipe_scan_unref);
}

void
bipe_event_unref (BipeEvent *self)
{
  g_atomic_rc_box_release_full (self, clear);
}

GPtrArray *
bipe_event_array_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)bipe_event_unref);
}

const char *
bipe_event_kind_name (BipeEventKind kind)
{
  return kind_names[kind];
}
