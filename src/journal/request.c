#include "config.h"

#include "journal/request.h"

#include "journal/row.h"

/* Scans that are released before other requests are let through. */
#define RELEASE_STEP 1000

void
bipe_request_clear_result (BipeRequest *self)
{
  if (self->result != NULL)
    self->free_result (g_steal_pointer (&self->result));
  g_clear_error (&self->error);
}

void
bipe_request_free (gpointer data)
{
  BipeRequest *self = data;

  bipe_request_clear_result (self);
  for (gsize i = 0; i < self->n_changes; i++)
    {
      g_clear_pointer (&self->changes[i].scan, bipe_scan_unref);
      g_free ((char *)self->changes[i].reason);
      g_free ((char *)self->changes[i].code);
    }
  g_free (self->changes);
  g_clear_pointer (&self->scans, g_ptr_array_unref);
  g_free (self);
}

void
bipe_request_give_result (GTask *task)
{
  BipeRequest *self = g_task_get_task_data (task);

  if (self->error != NULL)
    g_task_return_error (task, g_steal_pointer (&self->error));
  else if (self->free_result != NULL)
    g_task_return_pointer (task, g_steal_pointer (&self->result), self->free_result);
  else
    g_task_return_int (task, self->number);
}

static gboolean
append (BipeLedger *ledger, BipeRequest *request, GError **error)
{
  request->result = bipe_ledger_append (ledger, request->scans, request->is_held, error);
  return request->result != NULL;
}

BipeRequest *
bipe_request_new_append (GPtrArray *scans, gboolean is_held)
{
  BipeRequest *request = g_new0 (BipeRequest, 1);

  request->work = append;
  request->is_writing = TRUE;
  request->scans = g_ptr_array_ref (scans);
  request->is_held = is_held;
  request->free_result = (GDestroyNotify)bipe_append_free;
  return request;
}

static gboolean
change (BipeLedger *ledger, BipeRequest *request, GError **error)
{
  GPtrArray *scans = bipe_scan_array_new ();

  request->result = scans;
  for (gsize i = 0; i < request->n_changes; i++)
    g_ptr_array_add (scans, bipe_ledger_change (ledger, &request->changes[i],
                                                request->n_changes == 1 ? error : NULL));
  return TRUE;
}

BipeRequest *
bipe_request_new_change (const BipeChange *changes, gsize n_changes)
{
  BipeRequest *request = g_new0 (BipeRequest, 1);

  request->work = change;
  request->is_writing = TRUE;
  request->free_result = (GDestroyNotify)g_ptr_array_unref;
  request->changes = g_memdup2 (changes, n_changes * sizeof *changes);
  request->n_changes = n_changes;
  for (gsize i = 0; i < n_changes; i++)
    {
      request->changes[i].code = g_strdup (changes[i].code);
      request->changes[i].reason = g_strdup (changes[i].reason);
      request->changes[i].scan = changes[i].scan != NULL ? bipe_scan_ref (changes[i].scan) : NULL;
    }
  return request;
}

static gboolean
list (BipeLedger *ledger, BipeRequest *request, GError **error)
{
  request->result = bipe_ledger_list (
      ledger, request->places, request->has_uuid ? &request->uuid : NULL, request->limit, error);
  return request->result != NULL;
}

static BipeRequest *
new_list (guint places, guint limit)
{
  BipeRequest *request = g_new0 (BipeRequest, 1);

  request->work = list;
  request->places = places;
  request->limit = limit;
  request->free_result = (GDestroyNotify)g_ptr_array_unref;
  return request;
}

BipeRequest *
bipe_request_new_claim (guint limit, gboolean with_held)
{
  return new_list (1 << BIPE_PLACE_FREE | (with_held ? 1 << BIPE_PLACE_HELD : 0), limit);
}

BipeRequest *
bipe_request_new_list (guint states, const BipeUuid *after, guint limit)
{
  BipeRequest *request = new_list (0, limit);

  if (states & 1 << BIPE_SCAN_QUEUED)
    request->places |= 1 << BIPE_PLACE_FREE | 1 << BIPE_PLACE_HELD;
  if (states & 1 << BIPE_SCAN_REJECTED)
    request->places |= 1 << BIPE_PLACE_REJECTED;
  if (states & 1 << BIPE_SCAN_VOIDED)
    request->places |= 1 << BIPE_PLACE_REMOVED;
  if (after != NULL)
    {
      request->uuid = *after;
      request->has_uuid = TRUE;
    }
  return request;
}

static gboolean
find (BipeLedger *ledger, BipeRequest *request, GError **error)
{
  request->result = bipe_ledger_find (ledger, &request->uuid, error);
  return request->result != NULL;
}

BipeRequest *
bipe_request_new_find (const BipeUuid *uuid)
{
  BipeRequest *request = g_new0 (BipeRequest, 1);

  request->work = find;
  request->uuid = *uuid;
  request->free_result = (GDestroyNotify)bipe_scan_unref;
  return request;
}

static gboolean
list_events (BipeLedger *ledger, BipeRequest *request, GError **error)
{
  request->result = bipe_ledger_list_events (ledger, request->cursor, request->limit, error);
  return request->result != NULL;
}

BipeRequest *
bipe_request_new_list_events (gint64 after, guint limit)
{
  BipeRequest *request = g_new0 (BipeRequest, 1);

  request->work = list_events;
  request->is_late = TRUE;
  request->cursor = after;
  request->limit = limit;
  request->free_result = (GDestroyNotify)bipe_event_page_free;
  return request;
}

static gboolean
count_since (BipeLedger *ledger, BipeRequest *request, GError **error)
{
  request->number = bipe_ledger_count_since (ledger, request->at, error);
  return request->number >= 0;
}

BipeRequest *
bipe_request_new_count_since (gint64 since)
{
  BipeRequest *request = g_new0 (BipeRequest, 1);

  request->work = count_since;
  request->at = since;
  return request;
}

static gboolean
collected (BipeLedger *ledger, BipeRequest *request, GError **error)
{
  request->result = bipe_ledger_collected (ledger, request->limit, error);
  return request->result != NULL;
}

BipeRequest *
bipe_request_new_collected (guint limit)
{
  BipeRequest *request = g_new0 (BipeRequest, 1);

  request->work = collected;
  request->limit = limit;
  request->free_result = (GDestroyNotify)g_ptr_array_unref;
  return request;
}

static gboolean
forget_collected (BipeLedger *ledger, BipeRequest *request, GError **error)
{
  return bipe_ledger_forget_collected (ledger, request->scans, error);
}

BipeRequest *
bipe_request_new_forget_collected (GPtrArray *scans)
{
  BipeRequest *request = g_new0 (BipeRequest, 1);

  request->work = forget_collected;
  request->is_writing = TRUE;
  request->scans = g_ptr_array_ref (scans);
  return request;
}

static gboolean
take (BipeLedger *ledger, BipeRequest *request, GError **error)
{
  request->result = bipe_ledger_take (ledger, error);
  return TRUE;
}

BipeRequest *
bipe_request_new_take (void)
{
  BipeRequest *request = g_new0 (BipeRequest, 1);

  request->work = take;
  request->is_writing = TRUE;
  request->free_result = (GDestroyNotify)bipe_scan_unref;
  return request;
}

static gboolean
give_back (BipeLedger *ledger, BipeRequest *request, GError **error)
{
  bipe_ledger_give_back (ledger, &request->uuid);
  return TRUE;
}

BipeRequest *
bipe_request_new_give_back (const BipeUuid *uuid)
{
  BipeRequest *request = g_new0 (BipeRequest, 1);

  request->work = give_back;
  request->uuid = *uuid;
  return request;
}

/* Releases as many as are held at the first step, so that newcomers can't keep it going. */
static gboolean
release_step (BipeLedger *ledger, BipeRequest *request, GError **error)
{
  gint64 left = request->is_unfinished ? request->cursor : bipe_ledger_get_counts (ledger).n_held;
  guint limit = (guint)MIN (left, RELEASE_STEP);
  g_autoptr(GPtrArray) held = bipe_ledger_list (ledger, 1 << BIPE_PLACE_HELD, NULL, limit, error);

  if (held == NULL)
    return FALSE;
  for (guint i = 0; i < held->len; i++)
    {
      const BipeScan *scan = held->pdata[i];
      BipeChange released = { .kind = BIPE_EVENT_RELEASED, .uuid = scan->uuid, .at = request->at };
      g_autoptr(BipeScan) after = bipe_ledger_change (ledger, &released, error);

      if (after == NULL)
        return FALSE;
    }
  request->number += held->len;
  request->cursor = left - held->len;
  request->is_unfinished = held->len == RELEASE_STEP && request->cursor > 0;
  return TRUE;
}

BipeRequest *
bipe_request_new_release_all (gint64 at)
{
  BipeRequest *request = g_new0 (BipeRequest, 1);

  request->work = release_step;
  request->is_writing = TRUE;
  request->at = at;
  return request;
}

static gboolean
prune_step (BipeLedger *ledger, BipeRequest *request, GError **error)
{
  gboolean is_done = TRUE;
  gboolean is_pruned = bipe_ledger_prune (ledger, &request->cursor, &is_done, error);

  request->is_unfinished = is_pruned && !is_done;
  return is_pruned;
}

BipeRequest *
bipe_request_new_prune (void)
{
  BipeRequest *request = g_new0 (BipeRequest, 1);

  request->work = prune_step;
  request->is_writing = TRUE;
  return request;
}
