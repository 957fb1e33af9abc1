/* store.c: what both stores share: tasks, threads, and setting aside the rows that are refused.
 *
 * A move puts a new connection beside each lane, and its thread takes it up before the next piece
 * of work. Each request has the number of the move it came after, its era. */
#include "config.h"

#include "store/store.h"

#include "base/error.h"
#include "base/worker.h"

/* Requests that may wait for one thread; past it they are refused. */
#define WAITING_MAX 4096

/* Single scans that are looked up in one round trip. */
#define LOOKUP_MAX 64

typedef struct
{
  guint era;
  BipeConnection *connection;
} Arrival;

typedef struct
{
  BipeWorker *worker; /* NULL: closed */
  Arrival *arrival;   /* atomic; NULL: nothing new */

  /* The worker's thread only. */
  guint era;
  BipeConnection *connection;
} Lane;

struct _BipeStore
{
  GObject parent_instance;

  const char *name; /* atomic, interned */
  guint era;        /* atomic */
  Lane writing;
  Lane lookup;
  Lane history;
};

G_DEFINE_FINAL_TYPE (BipeStore, bipe_store, G_TYPE_OBJECT)

typedef struct _Request Request;

/* A task's data: what is to be done, and with what. */
struct _Request
{
  void (*work) (GTask *task, const Request *request, BipeConnection *connection);
  guint era;
  gboolean is_bound; /* to the store it was asked of */
  GPtrArray *scans;
  BipeScanRef ref;
  gint64 at;
  char *reason;
  BipeQuery *query;

  BipeScan *found; /* this and the next: what came of a lookup */
  GError *error;
};

static void
free_request (gpointer data)
{
  Request *request = data;

  g_clear_error (&request->error);
  g_clear_pointer (&request->found, bipe_scan_unref);
  g_clear_pointer (&request->query, bipe_query_free);
  g_free (request->reason);
  g_clear_pointer (&request->scans, g_ptr_array_unref);
  g_free (request);
}

static void
ping (GTask *task, const Request *request, BipeConnection *connection)
{
  GError *error = NULL;

  if (bipe_connection_open (connection, g_task_get_cancellable (task), &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static BipeScan *
make_rejected (const BipeScan *scan, const char *reason)
{
  BipeScan fields = *scan;

  fields.state = BIPE_SCAN_REJECTED;
  fields.reason = reason;
  return bipe_scan_new (&fields);
}

/* Appends to @results what becomes of @scans. Where one is refused the others are not in for sure,
 * so each half is tried, and so on, down to the row itself. */
static gboolean
insert (BipeConnection *connection,
        GPtrArray *scans,
        GPtrArray *results,
        GCancellable *cancellable,
        GError **error)
{
  g_autoptr(GPtrArray) stored = bipe_scan_array_new ();
  g_autoptr(GPtrArray) half = NULL;
  g_autoptr(GError) problem = NULL;

  if (bipe_connection_insert (connection, scans, stored, cancellable, &problem))
    {
      g_ptr_array_extend_and_steal (results, g_steal_pointer (&stored));
      return TRUE;
    }
  if (!g_error_matches (problem, BIPE_ERROR, BIPE_ERROR_REJECTED))
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  if (scans->len == 1)
    {
      g_ptr_array_add (results, make_rejected (scans->pdata[0], problem->message));
      return TRUE;
    }

  half = g_ptr_array_new ();
  for (guint i = 0; i < scans->len / 2; i++)
    g_ptr_array_add (half, scans->pdata[i]);
  if (!insert (connection, half, results, cancellable, error))
    return FALSE;
  g_ptr_array_set_size (half, 0);
  for (guint i = scans->len / 2; i < scans->len; i++)
    g_ptr_array_add (half, scans->pdata[i]);
  return insert (connection, half, results, cancellable, error);
}

static void
write_scans (GTask *task, const Request *request, BipeConnection *connection)
{
  g_autoptr(GPtrArray) results = bipe_scan_array_new ();
  GError *error = NULL;

  if (request->scans->len == 0
      || insert (connection, request->scans, results, g_task_get_cancellable (task), &error))
    g_task_return_pointer (task, g_steal_pointer (&results), (GDestroyNotify)g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

static void
mark_collected (GTask *task, const Request *request, BipeConnection *connection)
{
  GError *error = NULL;

  if (request->scans->len == 0
      || bipe_connection_mark_collected (connection, request->scans, g_task_get_cancellable (task),
                                         &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
amend (GTask *task, const Request *request, BipeConnection *connection)
{
  GError *error = NULL;
  BipeScan *scan = bipe_connection_amend (connection, &request->ref, request->at, request->reason,
                                          g_task_get_cancellable (task), &error);

  if (scan != NULL)
    g_task_return_pointer (task, scan, (GDestroyNotify)bipe_scan_unref);
  else
    g_task_return_error (task, error);
}

static void
query (GTask *task, const Request *request, BipeConnection *connection)
{
  GError *error = NULL;
  GPtrArray *page
      = bipe_connection_query (connection, request->query, g_task_get_cancellable (task), &error);

  if (page != NULL)
    g_task_return_pointer (task, page, (GDestroyNotify)g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

/* That what was asked before is done, and the lane has gone over. */
static void
arrive (GTask *task, const Request *request, BipeConnection *connection)
{
  g_task_return_boolean (task, TRUE);
}

static void
arrival_free (Arrival *arrival)
{
  if (arrival == NULL)
    return;
  g_object_unref (arrival->connection);
  g_free (arrival);
}

/* With each batch, so that a request of an era meets that era's connection, or a later one's. */
static void
take_arrival (Lane *lane)
{
  Arrival *arrival = g_atomic_pointer_exchange (&lane->arrival, NULL);

  if (arrival == NULL)
    return;
  lane->era = arrival->era;
  g_set_object (&lane->connection, arrival->connection);
  arrival_free (arrival);
}

/* Whether there is nothing to be done for @task any more. */
static gboolean
is_over (GTask *task, const Request *request, const Lane *lane)
{
  if (g_task_return_error_if_cancelled (task))
    return TRUE;
  if (!request->is_bound || request->era == lane->era)
    return FALSE;
  g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
                           "the station has just gone over to another database, try again");
  return TRUE;
}

/* The workers for writing and for the history. */
static void
work_each (GPtrArray *tasks, gpointer user_data)
{
  Lane *lane = user_data;

  take_arrival (lane);
  for (guint i = 0; i < tasks->len; i++)
    {
      GTask *task = tasks->pdata[i];
      const Request *request = g_task_get_task_data (task);

      if (!is_over (task, request, lane))
        request->work (task, request, lane->connection);
    }
}

static void
give_found (GTask *task)
{
  Request *request = g_task_get_task_data (task);

  if (request->error != NULL)
    g_task_return_error (task, g_steal_pointer (&request->error));
  else if (request->found != NULL)
    g_task_return_pointer (task, g_steal_pointer (&request->found),
                           (GDestroyNotify)bipe_scan_unref);
  else
    g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_NOT_FOUND, "there is no such scan");
}

/* The worker for lookups: all of @tasks in one call. A single one can be cancelled under way; many
 * share a call, which nobody may cancel for the others. */
static void
work_together (GPtrArray *tasks, gpointer user_data)
{
  Lane *lane = user_data;
  g_autoptr(GPtrArray) waiting = g_ptr_array_new ();
  g_autoptr(GPtrArray) found = bipe_scan_array_new ();
  g_autoptr(GError) error = NULL;
  BipeScanRef refs[LOOKUP_MAX];

  take_arrival (lane);
  for (guint i = 0; i < tasks->len; i++)
    {
      GTask *task = tasks->pdata[i];
      const Request *request = g_task_get_task_data (task);

      if (is_over (task, request, lane))
        continue;
      if (request->work != NULL)
        {
          request->work (task, request, lane->connection);
          continue;
        }
      refs[waiting->len] = request->ref;
      g_ptr_array_add (waiting, task);
    }
  if (waiting->len > 0)
    bipe_connection_find (lane->connection, refs, waiting->len, found,
                          waiting->len == 1 ? g_task_get_cancellable (waiting->pdata[0]) : NULL,
                          &error);
  for (guint i = 0; i < waiting->len; i++)
    {
      Request *request = g_task_get_task_data (waiting->pdata[i]);

      if (error != NULL)
        request->error = g_error_copy (error);
      else
        request->found = g_steal_pointer (&found->pdata[i]);
    }
  bipe_worker_deliver (waiting, give_found);
}

static void
open_lane (Lane *lane,
           const char *name,
           guint batch,
           BipeWorkerFunc func,
           BipeConnection *connection)
{
  lane->connection = g_object_ref (connection);
  lane->worker = bipe_worker_new (name, WAITING_MAX, batch, func, lane);
}

static void
close_lane (Lane *lane)
{
  g_clear_pointer (&lane->worker, bipe_worker_free);
  g_clear_pointer (&lane->arrival, arrival_free);
  g_clear_object (&lane->connection);
}

void
bipe_store_close (BipeStore *self)
{
  g_return_if_fail (BIPE_IS_STORE (self));

  close_lane (&self->history);
  close_lane (&self->lookup);
  close_lane (&self->writing);
}

static void
bipe_store_dispose (GObject *object)
{
  bipe_store_close (BIPE_STORE (object));
  G_OBJECT_CLASS (bipe_store_parent_class)->dispose (object);
}

static void
bipe_store_class_init (BipeStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = bipe_store_dispose;
}

static void
bipe_store_init (BipeStore *self)
{
}

BipeStore *
bipe_store_new (BipeStoreTarget *target)
{
  BipeStore *self = g_object_new (BIPE_TYPE_STORE, NULL);

  self->name = g_intern_string (target->name);
  open_lane (&self->writing, "store-write", 1, work_each, target->writing);
  open_lane (&self->lookup, "store-lookup", LOOKUP_MAX, work_together, target->lookup);
  open_lane (&self->history, "store-history", 1, work_each, target->history);
  bipe_store_target_free (target);
  return self;
}

const char *
bipe_store_get_name (BipeStore *self)
{
  g_return_val_if_fail (BIPE_IS_STORE (self), NULL);

  return g_atomic_pointer_get (&self->name);
}

/* Hands a request to its thread; @request is copied, and what it points at is taken over. */
static void
push (BipeStore *self,
      Lane *lane,
      gpointer source_tag,
      const Request *request,
      GCancellable *cancellable,
      GAsyncReadyCallback callback,
      gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  Request *own = g_memdup2 (request, sizeof *request);

  own->era = g_atomic_int_get (&self->era);
  g_task_set_source_tag (task, source_tag);
  g_task_set_task_data (task, own, free_request);
  if (lane->worker != NULL && request->work == arrive)
    bipe_worker_insist (lane->worker, g_steal_pointer (&task));
  else if (lane->worker != NULL)
    bipe_worker_push (lane->worker, g_steal_pointer (&task));
  else
    g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "the store is closed");
}

static void
send_to (Lane *lane, guint era, BipeConnection *connection)
{
  Arrival *arrival = g_new (Arrival, 1);

  arrival->era = era;
  arrival->connection = g_object_ref (connection);
  arrival_free (g_atomic_pointer_exchange (&lane->arrival, arrival));
}

void
bipe_store_move_async (BipeStore *self,
                       BipeStoreTarget *target,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  const Request request = { .work = arrive };
  guint era = self->era + 1;

  g_return_if_fail (BIPE_IS_STORE (self));

  send_to (&self->writing, era, target->writing);
  send_to (&self->lookup, era, target->lookup);
  send_to (&self->history, era, target->history);
  g_atomic_pointer_set (&self->name, g_intern_string (target->name));
  g_atomic_int_set (&self->era, era); /* last: whoever is of this era finds what it brings */
  bipe_store_target_free (target);
  /* Nothing may ask these two for long, and the old database would keep its sessions. */
  push (self, &self->lookup, bipe_store_move_async, &request, NULL, NULL, NULL);
  push (self, &self->history, bipe_store_move_async, &request, NULL, NULL, NULL);
  push (self, &self->writing, bipe_store_move_async, &request, NULL, callback, user_data);
}

gboolean
bipe_store_move_finish (BipeStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
bipe_store_ping_async (BipeStore *self,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  const Request request = { .work = ping };

  g_return_if_fail (BIPE_IS_STORE (self));

  push (self, &self->writing, bipe_store_ping_async, &request, cancellable, callback, user_data);
}

gboolean
bipe_store_ping_finish (BipeStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
bipe_store_write_async (BipeStore *self,
                        GPtrArray *scans,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  const Request request = { .work = write_scans, .scans = g_ptr_array_ref (scans) };

  g_return_if_fail (BIPE_IS_STORE (self));

  push (self, &self->writing, bipe_store_write_async, &request, cancellable, callback, user_data);
}

GPtrArray *
bipe_store_write_finish (BipeStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
bipe_store_mark_collected_async (BipeStore *self,
                                 GPtrArray *scans,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  const Request request = { .work = mark_collected, .scans = g_ptr_array_ref (scans) };

  g_return_if_fail (BIPE_IS_STORE (self));

  push (self, &self->writing, bipe_store_mark_collected_async, &request, cancellable, callback,
        user_data);
}

gboolean
bipe_store_mark_collected_finish (BipeStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
bipe_store_amend_async (BipeStore *self,
                        const BipeScanRef *ref,
                        gint64 at,
                        const char *reason,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  const Request request = {
    .work = amend, .is_bound = ref->id != 0, .ref = *ref, .at = at, .reason = g_strdup (reason)
  };

  g_return_if_fail (BIPE_IS_STORE (self));

  push (self, &self->writing, bipe_store_amend_async, &request, cancellable, callback, user_data);
}

BipeScan *
bipe_store_amend_finish (BipeStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
bipe_store_find_async (BipeStore *self,
                       const BipeScanRef *ref,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  const Request request = { .is_bound = ref->id != 0, .ref = *ref };

  g_return_if_fail (BIPE_IS_STORE (self));

  push (self, &self->lookup, bipe_store_find_async, &request, cancellable, callback, user_data);
}

BipeScan *
bipe_store_find_finish (BipeStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
bipe_store_query_async (BipeStore *self,
                        const BipeQuery *wanted,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  const Request request = { .work = query, .is_bound = TRUE, .query = bipe_query_copy (wanted) };

  g_return_if_fail (BIPE_IS_STORE (self));

  push (self, &self->history, bipe_store_query_async, &request, cancellable, callback, user_data);
}

GPtrArray *
bipe_store_query_finish (BipeStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
