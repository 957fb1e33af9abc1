#include "config.h"

#include "access/waiters.h"

struct _BipeWaiters
{
  GMainContext *context;
  GQueue queue; /* of Waiter */
};

typedef struct
{
  BipeWaiters *owner;
  GTask *task;
  GSource *cancelled; /* NULL: can't be */
  gint64 deadline;    /* monotonic */
} Waiter;

BipeWaiters *
bipe_waiters_new (GMainContext *context)
{
  BipeWaiters *self = g_new0 (BipeWaiters, 1);

  self->context = g_main_context_ref (context);
  return self;
}

void
bipe_waiters_free (BipeWaiters *self)
{
  g_warn_if_fail (bipe_waiters_is_empty (self));
  g_main_context_unref (self->context);
  g_free (self);
}

/* Returns its task. */
static GTask *
remove_waiter (Waiter *waiter)
{
  GTask *task = waiter->task;

  g_queue_remove (&waiter->owner->queue, waiter);
  if (waiter->cancelled != NULL)
    {
      g_source_destroy (waiter->cancelled);
      g_source_unref (waiter->cancelled);
    }
  g_free (waiter);
  return task;
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr(GTask) task = remove_waiter (user_data);

  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

void
bipe_waiters_push (BipeWaiters *self, GTask *task, gint64 deadline)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  Waiter *waiter = g_new0 (Waiter, 1);

  waiter->owner = self;
  waiter->task = task;
  waiter->deadline = deadline;
  if (cancellable != NULL)
    {
      waiter->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (waiter->cancelled, G_SOURCE_FUNC (cancelled_cb), waiter, NULL);
      g_source_attach (waiter->cancelled, self->context);
    }
  g_queue_push_tail (&self->queue, waiter);
}

GTask *
bipe_waiters_pop (BipeWaiters *self)
{
  return bipe_waiters_pop_due (self, G_MAXINT64);
}

GTask *
bipe_waiters_pop_due (BipeWaiters *self, gint64 monotonic)
{
  Waiter *waiter = g_queue_peek_head (&self->queue);

  return waiter != NULL && monotonic >= waiter->deadline ? remove_waiter (waiter) : NULL;
}

gboolean
bipe_waiters_is_empty (BipeWaiters *self)
{
  return self->queue.length == 0;
}

gboolean
bipe_waiters_is_full (BipeWaiters *self)
{
  return self->queue.length >= BIPE_WAITERS_MAX;
}
