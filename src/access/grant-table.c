#include "config.h"

#include "access/grant-table.h"

#include "access/arrears.h"
#include "base/error.h"
#include "base/post.h"
#include "base/worker.h"

/* Requests that may wait. */
#define CAPACITY 256

/* How late the file hears that a token was used, and for how many scans; and after how long it is
 * asked again for what it has not taken. */
#define FLUSH_SECONDS 30

struct _BipeGrantTable
{
  GObject parent_instance;

  GMainContext *context; /* of the birth */
  BipeWorker *worker;    /* NULL: closed */

  GHashTable *grants; /* of BipeGrant, by its jti */
  BipeArrears *arrears;
  GSource *flush; /* while there are any */

  BipeGrantFile *file; /* the worker's thread only, between open and close */
};

G_DEFINE_FINAL_TYPE (BipeGrantTable, bipe_grant_table, G_TYPE_OBJECT)

static gboolean
apply_cb (gpointer data)
{
  GTask *task = data;
  BipeGrantRequest *request = g_task_get_task_data (task);

  if (request->error != NULL && !request->applies_always)
    g_task_return_error (task, g_steal_pointer (&request->error));
  else
    request->apply (task);
  return G_SOURCE_REMOVE;
}

static void
work (GPtrArray *tasks, gpointer user_data)
{
  BipeGrantTable *self = user_data;

  for (guint i = 0; i < tasks->len; i++)
    {
      GTask *task = tasks->pdata[i];
      BipeGrantRequest *request = g_task_get_task_data (task);

      if (request->write != NULL)
        request->write (self->file, request, &request->error);
      bipe_post (self->context, apply_cb, g_object_ref (task), g_object_unref);
    }
}

void
bipe_grant_table_ask (BipeGrantTable *self, GTask *task)
{
  g_autoptr(GTask) owned = task;

  if (self->worker != NULL)
    bipe_worker_push (self->worker, g_steal_pointer (&owned));
  else
    g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "the registry is closed");
}

/* --- What the file hears later -----------------------------------------------------------------
 */

typedef struct
{
  BipeGrantRequest request;
  GPtrArray *grants;
} Flush;

static void
free_flush (gpointer data)
{
  Flush *flush = data;

  g_clear_error (&flush->request.error);
  g_ptr_array_unref (flush->grants);
  g_free (flush);
}

static gboolean
write_used (BipeGrantFile *file, gpointer request, GError **error)
{
  return bipe_grant_file_touch (file, ((Flush *)request)->grants, error);
}

/* Told here, where it is told also at the end. */
static gboolean
write_owed (BipeGrantFile *file, gpointer request, GError **error)
{
  GPtrArray *grants = ((Flush *)request)->grants;

  if (bipe_grant_file_restrict (file, grants, error))
    return TRUE;
  g_warning ("What was taken from %u tokens is still not on the disk: %s", grants->len,
             (*error)->message);
  return FALSE;
}

static void
apply_flush (GTask *task)
{
  g_task_return_boolean (task, TRUE);
}

/* @grants: (nullable): %NULL: there is nothing to tell */
static void
tell (BipeGrantTable *self,
      GPtrArray *grants,
      gboolean (*write) (BipeGrantFile *file, gpointer request, GError **error),
      GAsyncReadyCallback callback)
{
  GTask *task;
  Flush *flush;

  if (grants == NULL)
    return;
  flush = g_new0 (Flush, 1);
  flush->request.write = write;
  flush->request.apply = apply_flush;
  flush->grants = grants;
  task = g_task_new (self, NULL, callback, NULL);
  g_task_set_source_tag (task, tell);
  g_task_set_task_data (task, flush, free_flush);
  bipe_grant_table_ask (self, task);
}

static void
used_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    g_warning ("%s", error->message);
}

static void
flush_used (BipeGrantTable *self)
{
  tell (self, bipe_arrears_take_used (self->arrears), write_used, used_cb);
}

/* A circle: what fails is tried again. */
static void schedule_flush (BipeGrantTable *self);

static void
owed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BipeGrantTable *self = BIPE_GRANT_TABLE (source);

  if (bipe_arrears_settle (self->arrears, g_task_propagate_boolean (G_TASK (result), NULL)))
    schedule_flush (self);
}

static void
flush_owed (BipeGrantTable *self)
{
  tell (self, bipe_arrears_take_owed (self->arrears), write_owed, owed_cb);
}

static void
stop_flush (BipeGrantTable *self)
{
  if (self->flush == NULL)
    return;
  g_source_destroy (self->flush);
  g_clear_pointer (&self->flush, g_source_unref);
}

static gboolean
flush_cb (gpointer data)
{
  BipeGrantTable *self = data;

  stop_flush (self);
  flush_used (self);
  /* Else its end sees to the rest. */
  if (!bipe_arrears_is_under_way (self->arrears, NULL))
    flush_owed (self);
  return G_SOURCE_REMOVE;
}

static void
schedule_flush (BipeGrantTable *self)
{
  if (self->worker == NULL || self->flush != NULL)
    return;
  self->flush = g_timeout_source_new_seconds (FLUSH_SECONDS);
  g_source_set_static_name (self->flush, "flush of the grants");
  g_source_set_callback (self->flush, flush_cb, self, NULL);
  g_source_attach (self->flush, self->context);
}

void
bipe_grant_table_use (BipeGrantTable *self, BipeGrant *grant)
{
  if (self->worker == NULL)
    return;
  bipe_arrears_use (self->arrears, grant);
  schedule_flush (self);
}

void
bipe_grant_table_owe (BipeGrantTable *self, BipeGrant *grant)
{
  bipe_arrears_owe (self->arrears, grant);
  schedule_flush (self);
}

gboolean
bipe_grant_table_is_writing (BipeGrantTable *self, BipeGrant *grant)
{
  return bipe_arrears_is_under_way (self->arrears, grant);
}

/* --- The memory --------------------------------------------------------------------------------
 */

BipeGrant *
bipe_grant_table_find (BipeGrantTable *self, const char *jti)
{
  return g_hash_table_lookup (self->grants, jti);
}

void
bipe_grant_table_add (BipeGrantTable *self, const BipeGrant *grant, const char *dropped)
{
  BipeGrant *own = bipe_grant_new (grant);

  if (dropped != NULL)
    g_hash_table_remove (self->grants, dropped);
  g_hash_table_replace (self->grants, own->jti, own);
}

static int
by_issue (gconstpointer a, gconstpointer b)
{
  const BipeGrant *const *left = a, *const *right = b;

  if ((*left)->issued_at != (*right)->issued_at)
    return (*left)->issued_at < (*right)->issued_at ? -1 : 1;
  return g_strcmp0 ((*left)->jti, (*right)->jti);
}

GPtrArray *
bipe_grant_table_list (BipeGrantTable *self)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)bipe_grant_unref);
  GHashTableIter iter;
  gpointer grant;

  g_hash_table_iter_init (&iter, self->grants);
  while (g_hash_table_iter_next (&iter, NULL, &grant))
    g_ptr_array_add (list, bipe_grant_new (grant));
  g_ptr_array_sort (list, by_issue);
  return list;
}

/* --- The object --------------------------------------------------------------------------------
 */

static void
bipe_grant_table_dispose (GObject *object)
{
  bipe_grant_table_close (BIPE_GRANT_TABLE (object));
  G_OBJECT_CLASS (bipe_grant_table_parent_class)->dispose (object);
}

static void
bipe_grant_table_finalize (GObject *object)
{
  BipeGrantTable *self = BIPE_GRANT_TABLE (object);

  bipe_arrears_free (self->arrears);
  g_hash_table_unref (self->grants);
  g_main_context_unref (self->context);
  G_OBJECT_CLASS (bipe_grant_table_parent_class)->finalize (object);
}

static void
bipe_grant_table_class_init (BipeGrantTableClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = bipe_grant_table_dispose;
  G_OBJECT_CLASS (klass)->finalize = bipe_grant_table_finalize;
}

static void
bipe_grant_table_init (BipeGrantTable *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->grants
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify)bipe_grant_unref);
  self->arrears = bipe_arrears_new ();
}

BipeGrantTable *
bipe_grant_table_open (const char *path, GError **error)
{
  g_autoptr(BipeGrantFile) file = bipe_grant_file_open (path, error);
  g_autoptr(GPtrArray) grants = NULL;
  BipeGrantTable *self;

  if (file == NULL || (grants = bipe_grant_file_load (file, error)) == NULL)
    return NULL;
  self = g_object_new (BIPE_TYPE_GRANT_TABLE, NULL);
  for (guint i = 0; i < grants->len; i++)
    bipe_grant_table_add (self, grants->pdata[i], NULL);
  self->file = g_steal_pointer (&file);
  self->worker = bipe_worker_new ("access", CAPACITY, 1, work, self);
  return self;
}

void
bipe_grant_table_close (BipeGrantTable *self)
{
  if (self->worker == NULL)
    return;
  stop_flush (self);
  flush_used (self);
  flush_owed (self);
  bipe_worker_free (self->worker);
  self->worker = NULL;
  g_clear_pointer (&self->file, bipe_grant_file_free);
}
