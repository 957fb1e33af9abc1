#include "config.h"

#include "access/presence.h"

#include "base/post.h"

struct _BipePresence
{
  GObject parent_instance;

  GThread *thread; /* of the birth */
  GMainContext *context;
  GQueue entries; /* who came first first */
  guint64 last_id;
};

G_DEFINE_FINAL_TYPE (BipePresence, bipe_presence, G_TYPE_OBJECT)

struct _BipePresenceEntry
{
  GList link; /* in the entries; its data is this */
  BipePresence *presence;
  guint64 id;
  const char *kind;
  char *address;
  BipeGrant *grant; /* NULL: without a token */
  gint64 since;
  guint64 n_scans;
  void (*disconnect) (gpointer user_data); /* NULL: called */
  gpointer user_data;
};

void
bipe_visitor_free (BipeVisitor *visitor)
{
  g_free (visitor->address);
  g_free (visitor->kind);
  g_free (visitor->jti);
  g_free (visitor->name);
  g_free (visitor);
}

static void
bipe_presence_finalize (GObject *object)
{
  BipePresence *self = BIPE_PRESENCE (object);

  g_warn_if_fail (self->entries.length == 0);
  g_main_context_unref (self->context);
  G_OBJECT_CLASS (bipe_presence_parent_class)->finalize (object);
}

static void
bipe_presence_class_init (BipePresenceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bipe_presence_finalize;
}

static void
bipe_presence_init (BipePresence *self)
{
  self->thread = g_thread_self ();
  self->context = g_main_context_ref_thread_default ();
  g_queue_init (&self->entries);
}

BipePresence *
bipe_presence_new (void)
{
  return g_object_new (BIPE_TYPE_PRESENCE, NULL);
}

BipePresenceEntry *
bipe_presence_enter (BipePresence *self,
                     const char *kind,
                     const char *address,
                     BipeGrant *grant,
                     void (*disconnect) (gpointer user_data),
                     gpointer user_data)
{
  BipePresenceEntry *entry = g_new0 (BipePresenceEntry, 1);

  g_return_val_if_fail (g_thread_self () == self->thread, NULL);

  entry->link.data = entry;
  entry->presence = g_object_ref (self);
  entry->id = ++self->last_id;
  entry->kind = kind;
  entry->address = g_strdup (address);
  entry->grant = grant != NULL ? bipe_grant_ref (grant) : NULL;
  entry->since = g_get_real_time ();
  entry->disconnect = disconnect;
  entry->user_data = user_data;
  g_queue_push_tail_link (&self->entries, &entry->link);
  return entry;
}

void
bipe_presence_leave (BipePresenceEntry *entry)
{
  g_queue_unlink (&entry->presence->entries, &entry->link);
  g_clear_pointer (&entry->grant, bipe_grant_unref);
  g_object_unref (entry->presence);
  g_free (entry->address);
  g_free (entry);
}

void
bipe_presence_count_scans (BipePresenceEntry *entry, guint n_scans)
{
  entry->n_scans += n_scans;
}

static BipeVisitor *
describe (const BipePresenceEntry *entry)
{
  BipeVisitor *visitor = g_new0 (BipeVisitor, 1);

  visitor->id = entry->id;
  visitor->address = g_strdup (entry->address);
  visitor->kind = g_strdup (entry->kind);
  visitor->jti = g_strdup (entry->grant != NULL ? entry->grant->jti : "");
  visitor->name = g_strdup (entry->grant != NULL ? entry->grant->name : "");
  visitor->since = entry->since;
  visitor->n_scans = entry->n_scans;
  return visitor;
}

static gboolean
list_cb (gpointer data)
{
  GTask *task = data;
  BipePresence *self = g_task_get_source_object (task);
  GPtrArray *visitors = g_ptr_array_new_with_free_func ((GDestroyNotify)bipe_visitor_free);

  for (GList *l = self->entries.head; l != NULL; l = l->next)
    g_ptr_array_add (visitors, describe (l->data));
  g_task_return_pointer (task, visitors, (GDestroyNotify)g_ptr_array_unref);
  return G_SOURCE_REMOVE;
}

void
bipe_presence_list_async (BipePresence *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, bipe_presence_list_async);
  bipe_post (self->context, list_cb, task, g_object_unref);
}

GPtrArray *
bipe_presence_list_finish (BipePresence *self, GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}

/* Who is to go: the data of a posted call. */
typedef struct
{
  BipePresence *presence;
  guint64 id;
} Farewell;

static void
free_farewell (gpointer data)
{
  Farewell *self = data;

  g_object_unref (self->presence);
  g_free (self);
}

static gboolean
disconnect_cb (gpointer data)
{
  Farewell *self = data;

  for (GList *l = self->presence->entries.head; l != NULL; l = l->next)
    {
      BipePresenceEntry *entry = l->data;
      void (*disconnect) (gpointer user_data) = entry->disconnect;

      if (entry->id != self->id || disconnect == NULL)
        continue;
      entry->disconnect = NULL;
      disconnect (entry->user_data);
      break;
    }
  return G_SOURCE_REMOVE;
}

void
bipe_presence_disconnect (BipePresence *self, guint64 id)
{
  Farewell *farewell = g_new0 (Farewell, 1);

  farewell->presence = g_object_ref (self);
  farewell->id = id;
  bipe_post (self->context, disconnect_cb, farewell, free_farewell);
}
