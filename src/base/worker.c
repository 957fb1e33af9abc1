#include "config.h"

#include "base/worker.h"

#include "base/error.h"

struct _BipeWorker
{
  GThread *thread;
  guint capacity;
  guint batch;
  BipeWorkerFunc func;
  gpointer user_data;

  GMutex lock;
  GCond changed;
  GQueue waiting; /* of GTask */
  gboolean is_closing;
};

/* Blocks until there is work; an empty array means that the worker is closed and nothing is left.
 */
static GPtrArray *
take_batch (BipeWorker *self)
{
  GPtrArray *tasks = g_ptr_array_new_with_free_func (g_object_unref);

  g_mutex_lock (&self->lock);
  while (g_queue_is_empty (&self->waiting) && !self->is_closing)
    g_cond_wait (&self->changed, &self->lock);
  while (tasks->len < self->batch && !g_queue_is_empty (&self->waiting))
    g_ptr_array_add (tasks, g_queue_pop_head (&self->waiting));
  g_mutex_unlock (&self->lock);
  return tasks;
}

static gpointer
run (gpointer data)
{
  BipeWorker *self = data;

  for (;;)
    {
      g_autoptr(GPtrArray) tasks = take_batch (self);

      if (tasks->len == 0)
        return NULL;
      self->func (tasks, self->user_data);
    }
}

BipeWorker *
bipe_worker_new (const char *name,
                 guint capacity,
                 guint batch,
                 BipeWorkerFunc func,
                 gpointer user_data)
{
  BipeWorker *self = g_new0 (BipeWorker, 1);

  self->capacity = capacity;
  self->batch = batch;
  self->func = func;
  self->user_data = user_data;
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  g_queue_init (&self->waiting);
  self->thread = g_thread_new (name, run, self);
  return self;
}

void
bipe_worker_free (BipeWorker *self)
{
  g_assert (!bipe_worker_is_current (self));

  g_mutex_lock (&self->lock);
  self->is_closing = TRUE;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);

  g_thread_join (self->thread);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
bipe_worker_push (BipeWorker *self, GTask *task)
{
  gboolean has_room;

  g_mutex_lock (&self->lock);
  has_room = self->waiting.length < self->capacity && !self->is_closing;
  if (has_room)
    {
      g_queue_push_tail (&self->waiting, task);
      g_cond_signal (&self->changed);
    }
  g_mutex_unlock (&self->lock);

  if (!has_room)
    {
      g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_FULL,
                               "too many requests are waiting, try again later");
      g_object_unref (task);
    }
}

gboolean
bipe_worker_is_current (BipeWorker *self)
{
  return g_thread_self () == self->thread;
}
