#include "config.h"

#include "socketio/newcomers.h"

void
bipe_newcomers_init (BipeNewcomers *self, guint limit)
{
  g_queue_init (&self->waiting);
  self->n_by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->limit = limit;
}

void
bipe_newcomers_clear (BipeNewcomers *self)
{
  g_clear_pointer (&self->n_by_key, g_hash_table_unref);
}

static guint
count (const BipeNewcomers *self, const char *key)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->n_by_key, key));
}

static void
set_count (BipeNewcomers *self, const char *key, guint n)
{
  if (n > 0)
    g_hash_table_insert (self->n_by_key, g_strdup (key), GUINT_TO_POINTER (n));
  else
    g_hash_table_remove (self->n_by_key, key);
}

gboolean
bipe_newcomers_has_room (const BipeNewcomers *self, const char *key)
{
  return key == NULL || self->limit == 0 || count (self, key) < self->limit;
}

gpointer
bipe_newcomers_get_oldest (const BipeNewcomers *self)
{
  return self->waiting.head != NULL ? self->waiting.head->data : NULL;
}

void
bipe_newcomer_join (BipeNewcomer *self, BipeNewcomers *among, gpointer owner, const char *key)
{
  *self = (BipeNewcomer){ .link.data = owner, .among = among, .key = g_strdup (key) };
  g_queue_push_tail_link (&among->waiting, &self->link);
  if (key != NULL)
    set_count (among, key, count (among, key) + 1);
}

void
bipe_newcomer_leave (BipeNewcomer *self)
{
  BipeNewcomers *among = g_steal_pointer (&self->among);
  g_autofree char *key = g_steal_pointer (&self->key);

  if (among == NULL)
    return;
  g_queue_unlink (&among->waiting, &self->link);
  if (key != NULL)
    set_count (among, key, count (among, key) - 1);
}
