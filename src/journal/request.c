#include "config.h"

#include "journal/request.h"

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
