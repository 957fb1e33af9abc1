/* events.c: a table of inboxes. The lock is the one outside base: subscribers come and go on their
 * own threads, and must be rid of it at once when they go. */
#include "config.h"

#include "station/events.h"

#include "base/inbox.h"

struct _BipeEvents
{
  GObject parent_instance;

  GMutex lock;
  GHashTable *inboxes; /* guint → BipeInbox */
  guint last_id;
};

G_DEFINE_FINAL_TYPE (BipeEvents, bipe_events, G_TYPE_OBJECT)

/* Who is left at the end hears no more. */
static void
drop_inbox (gpointer inbox)
{
  bipe_inbox_close (inbox);
  bipe_inbox_unref (inbox);
}

static void
bipe_events_finalize (GObject *object)
{
  BipeEvents *self = BIPE_EVENTS (object);

  g_hash_table_unref (self->inboxes);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (bipe_events_parent_class)->finalize (object);
}

static void
bipe_events_class_init (BipeEventsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bipe_events_finalize;
}

static void
bipe_events_init (BipeEvents *self)
{
  g_mutex_init (&self->lock);
  self->inboxes = g_hash_table_new_full (NULL, NULL, NULL, drop_inbox);
}

BipeEvents *
bipe_events_new (void)
{
  return g_object_new (BIPE_TYPE_EVENTS, NULL);
}

guint
bipe_events_subscribe (BipeEvents *self,
                       GMainContext *context,
                       BipeEventsFunc func,
                       gpointer user_data)
{
  /* In the window's context events wait until the frame is drawn, and so come once a frame. */
  int priority = context != NULL ? G_PRIORITY_DEFAULT : G_PRIORITY_DEFAULT_IDLE;
  BipeInbox *inbox = bipe_inbox_new (context, priority, BIPE_EVENTS_BACKLOG_MAX,
                                     (GDestroyNotify)bipe_event_unref, func, user_data);
  guint id;

  g_mutex_lock (&self->lock);
  id = ++self->last_id;
  g_hash_table_insert (self->inboxes, GUINT_TO_POINTER (id), inbox);
  g_mutex_unlock (&self->lock);
  return id;
}

void
bipe_events_unsubscribe (BipeEvents *self, guint id)
{
  gboolean is_known;

  g_mutex_lock (&self->lock);
  is_known = g_hash_table_remove (self->inboxes, GUINT_TO_POINTER (id));
  g_mutex_unlock (&self->lock);
  g_return_if_fail (is_known);
}

void
bipe_events_publish (BipeEvents *self, GPtrArray *events)
{
  GHashTableIter iter;
  gpointer inbox;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->inboxes);
  while (g_hash_table_iter_next (&iter, NULL, &inbox))
    for (guint i = 0; i < events->len; i++)
      bipe_inbox_post (inbox, bipe_event_ref (events->pdata[i]));
  g_mutex_unlock (&self->lock);
}
