/* archive.c: each thing asked for is an order: what is to be done, and what came of it. */
#include "config.h"

#include "speech/archive.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/worker.h"
#include "speech/shelf.h"
#include "speech/speech-name.h"

/* Orders that are worked off before any is answered. */
#define BATCH 32

struct _BipeArchive
{
  char *folder;
  BipeArchiveLimits limits;
  BipeWorker *worker;

  struct
  {
    BipeShelf *cached; /* NULL before the first order */
    BipeShelf *named;
  } disk; /* the worker's thread only */
};

typedef struct _Order Order;

struct _Order
{
  void (*func) (BipeArchive *self, Order *order);
  char *key;
  char *name;
  char *path;
  int sink;
  BipeRecording *recording;
  GError *error;
};

static void
order_free (gpointer data)
{
  Order *order = data;

  if (order->sink >= 0)
    close (order->sink);
  g_clear_error (&order->error);
  g_clear_pointer (&order->recording, bipe_recording_free);
  g_free (order->path);
  g_free (order->name);
  g_free (order->key);
  g_free (order);
}

/* On the worker's thread. */

static gboolean
open_shelves (BipeArchive *self, GError **error)
{
  const BipeArchiveLimits *limits = &self->limits;
  g_autofree char *cached = g_build_filename (self->folder, "cache", NULL);
  g_autofree char *named = g_build_filename (self->folder, "names", NULL);

  if (self->disk.cached == NULL)
    self->disk.cached = bipe_shelf_open (cached, limits->cached_bytes, limits->cached_files, error);
  if (self->disk.cached != NULL && self->disk.named == NULL)
    self->disk.named = bipe_shelf_open (named, limits->named_bytes, limits->named_files, error);
  return self->disk.named != NULL;
}

static void
begin (BipeArchive *self, Order *order)
{
  g_autofree char *path = NULL;

  if (!open_shelves (self, &order->error))
    return;
  path = bipe_shelf_find (self->disk.cached, order->key);
  if (path == NULL)
    order->sink = bipe_shelf_begin (self->disk.cached, &order->path, &order->error);
}

static void
keep (BipeArchive *self, Order *order)
{
  g_autoptr(GError) error = NULL;

  if (open_shelves (self, &error)
      && bipe_shelf_put (self->disk.cached, order->path, order->key, &error))
    return;
  g_warning ("%s", error->message);
  g_unlink (order->path);
}

static void
discard (BipeArchive *self, Order *order)
{
  g_unlink (order->path);
}

static void
give (BipeArchive *self, Order *order)
{
  g_autofree char *key = order->name != NULL ? bipe_speech_name_to_key (order->name) : NULL;
  g_autofree char *path = NULL;

  if (!open_shelves (self, &order->error))
    return;
  path = bipe_shelf_find (self->disk.cached, order->key);
  if (path == NULL)
    g_set_error (&order->error, BIPE_ERROR, BIPE_ERROR_FULL, "cannot keep the speech");
  else if (key == NULL || bipe_shelf_link (self->disk.named, path, key, &order->error))
    order->recording = bipe_recording_open (path, &order->error);
}

static void
find (BipeArchive *self, Order *order)
{
  g_autofree char *key = bipe_speech_name_to_key (order->name);
  g_autofree char *path = NULL;

  if (!open_shelves (self, &order->error))
    return;
  path = bipe_shelf_find (self->disk.named, key);
  if (path != NULL)
    order->recording = bipe_recording_open (path, &order->error);
  else
    g_set_error (&order->error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND,
                 "there is no speech of this name");
}

static void
answer (GTask *task)
{
  Order *order = g_task_get_task_data (task);

  if (order->error != NULL)
    g_task_return_error (task, g_steal_pointer (&order->error));
  else if (order->recording != NULL)
    g_task_return_pointer (task, g_steal_pointer (&order->recording),
                           (GDestroyNotify)bipe_recording_free);
  else
    g_task_return_boolean (task, TRUE);
}

static void
work (GPtrArray *tasks, gpointer user_data)
{
  BipeArchive *self = user_data;

  for (guint i = 0; i < tasks->len; i++)
    {
      Order *order = g_task_get_task_data (tasks->pdata[i]);

      order->func (self, order);
    }
  bipe_worker_deliver (tasks, answer);
}

/* Elsewhere. */

BipeArchive *
bipe_archive_new (const char *folder, const BipeArchiveLimits *limits)
{
  BipeArchive *self = g_new0 (BipeArchive, 1);

  self->folder = g_strdup (folder);
  self->limits = *limits;
  return self;
}

void
bipe_archive_free (BipeArchive *self)
{
  g_clear_pointer (&self->worker, bipe_worker_free);
  g_clear_pointer (&self->disk.named, bipe_shelf_free);
  g_clear_pointer (&self->disk.cached, bipe_shelf_free);
  g_free (self->folder);
  g_free (self);
}

static Order *
order_new (void (*func) (BipeArchive *self, Order *order),
           const char *key,
           const char *name,
           const char *path)
{
  Order *order = g_new0 (Order, 1);

  order->func = func;
  order->key = g_strdup (key);
  order->name = g_strdup (name);
  order->path = g_strdup (path);
  order->sink = -1;
  return order;
}

/* Takes @order. */
static void
push (BipeArchive *self, Order *order, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);

  g_task_set_source_tag (task, push);
  g_task_set_task_data (task, order, order_free);
  if (self->worker == NULL)
    self->worker = bipe_worker_new ("speech-disk", BIPE_ARCHIVE_QUEUE_MAX, BATCH, work, self);
  bipe_worker_push (self->worker, task);
}

void
bipe_archive_begin_async (BipeArchive *self,
                          const char *key,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  push (self, order_new (begin, key, NULL, NULL), callback, user_data);
}

gboolean
bipe_archive_begin_finish (GAsyncResult *result, char **path, int *sink, GError **error)
{
  Order *order = g_task_get_task_data (G_TASK (result));

  *sink = -1;
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  *path = g_steal_pointer (&order->path);
  *sink = order->sink;
  order->sink = -1;
  return TRUE;
}

void
bipe_archive_keep (BipeArchive *self, const char *path, const char *key)
{
  push (self, order_new (keep, key, NULL, path), NULL, NULL);
}

void
bipe_archive_discard (BipeArchive *self, const char *path, int sink)
{
  Order *order = order_new (discard, NULL, NULL, path);

  order->sink = sink;
  push (self, order, NULL, NULL);
}

void
bipe_archive_give_async (BipeArchive *self,
                         const char *key,
                         const char *name,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  push (self, order_new (give, key, name, NULL), callback, user_data);
}

void
bipe_archive_find_async (BipeArchive *self,
                         const char *name,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  push (self, order_new (find, NULL, name, NULL), callback, user_data);
}

BipeRecording *
bipe_archive_give_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
