#include "config.h"

#include "socketio/deadlines.h"

void
bipe_deadlines_init (BipeDeadlines *self, guint milliseconds)
{
  g_queue_init (&self->waiting);
  self->interval = (gint64)milliseconds * 1000;
}

gint64
bipe_deadlines_get_first (const BipeDeadlines *self)
{
  const BipeDeadline *first = (const BipeDeadline *)self->waiting.head;

  return first != NULL ? first->due : -1;
}

gpointer
bipe_deadlines_get_due (const BipeDeadlines *self, gint64 now)
{
  const BipeDeadline *first = (const BipeDeadline *)self->waiting.head;

  return first != NULL && first->due <= now ? first->link.data : NULL;
}

void
bipe_deadline_init (BipeDeadline *self, gpointer owner)
{
  *self = (BipeDeadline){ .link.data = owner };
}

void
bipe_deadline_stop (BipeDeadline *self)
{
  if (self->queue != NULL)
    g_queue_unlink (&self->queue->waiting, &self->link);
  self->queue = NULL;
}

void
bipe_deadline_start (BipeDeadline *self, BipeDeadlines *queue, gint64 now)
{
  bipe_deadline_stop (self);
  self->queue = queue;
  self->due = now + queue->interval;
  g_queue_push_tail_link (&queue->waiting, &self->link);
}

gboolean
bipe_deadline_is_past (const BipeDeadline *self, const BipeDeadlines *queue, gint64 now)
{
  return self->queue == queue && self->due <= now;
}
