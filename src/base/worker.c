/* worker.c: an idle thread is not woken by the first task of a burst but at the end of the caller's
 * main loop iteration: ten requests that are read in one become one batch, one commit, one round
 * trip. A busy thread takes what waits when it comes back. */
#include "config.h"

#include "base/worker.h"

#include "base/error.h"
#include "base/post.h"

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
  gboolean is_idle;
  gboolean is_closing;
  GMainContext *gathering; /* whose next iteration wakes the idle thread; only to be compared */
};

static void
clear_worker (gpointer data)
{
  BipeWorker *self = data;

  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
}

static void
release_worker (gpointer self)
{
  g_atomic_rc_box_release_full (self, clear_worker);
}

/* Blocks until there is work; an empty array means that the worker is closed and nothing is left.
 */
static GPtrArray *
take_batch (BipeWorker *self)
{
  GPtrArray *tasks = g_ptr_array_new_with_free_func (g_object_unref);

  g_mutex_lock (&self->lock);
  self->is_idle = TRUE;
  while (g_queue_is_empty (&self->waiting) && !self->is_closing)
    g_cond_wait (&self->changed, &self->lock);
  self->is_idle = FALSE;
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
  BipeWorker *self = g_atomic_rc_box_new0 (BipeWorker);

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
  g_assert (g_thread_self () != self->thread);

  g_mutex_lock (&self->lock);
  self->is_closing = TRUE;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);

  g_thread_join (self->thread);
  release_worker (self);
}

static gboolean
wake_cb (gpointer data)
{
  BipeWorker *self = data;

  g_mutex_lock (&self->lock);
  self->gathering = NULL;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
  return G_SOURCE_REMOVE;
}

/* The lock is held. One context at a time gathers: a slow one must not keep another's task. */
static void
wake (BipeWorker *self, GMainContext *context)
{
  if (!self->is_idle || self->gathering == context)
    return;
  if (self->gathering != NULL || !g_main_context_is_owner (context))
    {
      g_cond_signal (&self->changed);
      return;
    }
  self->gathering = context;
  bipe_post (context, wake_cb, g_atomic_rc_box_acquire (self), release_worker);
}

static void
push (BipeWorker *self, GTask *task, guint capacity)
{
  gboolean has_room;

  g_mutex_lock (&self->lock);
  has_room = self->waiting.length < capacity && !self->is_closing;
  if (has_room)
    {
      g_queue_push_tail (&self->waiting, task);
      wake (self, g_task_get_context (task));
    }
  g_mutex_unlock (&self->lock);

  if (!has_room)
    {
      g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_FULL,
                               "too many requests are waiting, try again later");
      g_object_unref (task);
    }
}

void
bipe_worker_push (BipeWorker *self, GTask *task)
{
  push (self, task, self->capacity);
}

void
bipe_worker_insist (BipeWorker *self, GTask *task)
{
  push (self, task, G_MAXUINT);
}

typedef struct
{
  GPtrArray *tasks;
  BipeWorkerGive give;
} Delivery;

static void
delivery_free (gpointer data)
{
  Delivery *delivery = data;

  g_ptr_array_unref (delivery->tasks);
  g_free (delivery);
}

static gboolean
deliver_cb (gpointer data)
{
  Delivery *delivery = data;

  for (guint i = 0; i < delivery->tasks->len; i++)
    delivery->give (delivery->tasks->pdata[i]);
  return G_SOURCE_REMOVE;
}

/* Those of @tasks that belong to @context, which leave @tasks. */
static GPtrArray *
steal_of_context (GPtrArray *tasks, GMainContext *context)
{
  GPtrArray *stolen = g_ptr_array_new_with_free_func (g_object_unref);
  guint n_left = 0;

  for (guint i = 0; i < tasks->len; i++)
    if (g_task_get_context (tasks->pdata[i]) == context)
      g_ptr_array_add (stolen, tasks->pdata[i]);
    else
      tasks->pdata[n_left++] = tasks->pdata[i];
  g_ptr_array_set_size (tasks, (int)n_left);
  return stolen;
}

void
bipe_worker_deliver (GPtrArray *tasks, BipeWorkerGive give)
{
  g_autoptr(GPtrArray) left = g_ptr_array_new ();

  for (guint i = 0; i < tasks->len; i++)
    g_ptr_array_add (left, g_object_ref (tasks->pdata[i]));
  while (left->len > 0)
    {
      GMainContext *context = g_task_get_context (left->pdata[0]);
      Delivery *delivery = g_new (Delivery, 1);

      delivery->tasks = steal_of_context (left, context);
      delivery->give = give;
      bipe_post (context, deliver_cb, delivery, delivery_free);
    }
}
