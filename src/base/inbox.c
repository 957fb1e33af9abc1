#include "config.h"

#include "base/inbox.h"

struct _BipeInbox
{
  GMainContext *context;
  int priority;
  guint capacity;
  GDestroyNotify free_item;
  BipeInboxFunc func;
  gpointer user_data;

  GMutex lock;
  GPtrArray *items;
  gboolean has_gap;
  gboolean is_closed;
  GSource *source; /* attached while something waits */
};

BipeInbox *
bipe_inbox_new (GMainContext *context,
                int priority,
                guint capacity,
                GDestroyNotify free_item,
                BipeInboxFunc func,
                gpointer user_data)
{
  BipeInbox *self = g_atomic_rc_box_new0 (BipeInbox);

  self->context = g_main_context_ref (context != NULL ? context : g_main_context_default ());
  self->priority = priority;
  self->capacity = capacity;
  self->free_item = free_item;
  self->func = func;
  self->user_data = user_data;
  g_mutex_init (&self->lock);
  self->items = g_ptr_array_new_with_free_func (free_item);
  return self;
}

BipeInbox *
bipe_inbox_ref (BipeInbox *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  BipeInbox *self = data;

  g_ptr_array_unref (self->items);
  g_mutex_clear (&self->lock);
  g_main_context_unref (self->context);
}

void
bipe_inbox_unref (BipeInbox *self)
{
  g_atomic_rc_box_release_full (self, clear);
}

static gboolean
deliver_cb (gpointer data)
{
  BipeInbox *self = data;
  g_autoptr(GPtrArray) items = NULL;
  gboolean has_gap, is_closed;

  g_mutex_lock (&self->lock);
  items = g_steal_pointer (&self->items);
  self->items = g_ptr_array_new_with_free_func (self->free_item);
  has_gap = self->has_gap;
  is_closed = self->is_closed;
  self->has_gap = FALSE;
  g_clear_pointer (&self->source, g_source_unref);
  g_mutex_unlock (&self->lock);

  if (!is_closed)
    self->func (items, has_gap, self->user_data);
  return G_SOURCE_REMOVE;
}

void
bipe_inbox_post (BipeInbox *self, gpointer item)
{
  gboolean is_closed;

  g_mutex_lock (&self->lock);
  is_closed = self->is_closed;
  if (self->items->len >= self->capacity)
    {
      g_ptr_array_set_size (self->items, 0);
      self->has_gap = TRUE;
    }
  if (!is_closed)
    g_ptr_array_add (self->items, item);
  if (self->source == NULL && !is_closed)
    {
      self->source = g_idle_source_new ();
      g_source_set_priority (self->source, self->priority);
      g_source_set_callback (self->source, deliver_cb, bipe_inbox_ref (self),
                             (GDestroyNotify)bipe_inbox_unref);
      g_source_attach (self->source, self->context);
    }
  g_mutex_unlock (&self->lock);

  if (is_closed)
    self->free_item (item);
}

void
bipe_inbox_close (BipeInbox *self)
{
  g_autoptr(GSource) source = NULL;

  g_mutex_lock (&self->lock);
  self->is_closed = TRUE;
  g_ptr_array_set_size (self->items, 0);
  source = g_steal_pointer (&self->source);
  g_mutex_unlock (&self->lock);

  if (source != NULL)
    g_source_destroy (source);
}
