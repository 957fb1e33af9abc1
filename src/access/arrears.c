#include "config.h"

#include "access/arrears.h"

/* Sets of BipeGrant. */
struct _BipeArrears
{
  GHashTable *used;
  GHashTable *owed;
  GHashTable *under_way;
};

static GHashTable *
new_set (void)
{
  return g_hash_table_new_full (NULL, NULL, (GDestroyNotify)bipe_grant_unref, NULL);
}

BipeArrears *
bipe_arrears_new (void)
{
  BipeArrears *self = g_new0 (BipeArrears, 1);

  self->used = new_set ();
  self->owed = new_set ();
  self->under_way = new_set ();
  return self;
}

void
bipe_arrears_free (BipeArrears *self)
{
  g_hash_table_unref (self->under_way);
  g_hash_table_unref (self->owed);
  g_hash_table_unref (self->used);
  g_free (self);
}

void
bipe_arrears_use (BipeArrears *self, BipeGrant *grant)
{
  if (!g_hash_table_contains (self->used, grant))
    g_hash_table_add (self->used, bipe_grant_ref (grant));
}

void
bipe_arrears_owe (BipeArrears *self, BipeGrant *grant)
{
  g_hash_table_add (self->owed, bipe_grant_ref (grant));
}

static GPtrArray *
copy_all (GHashTable *set)
{
  GPtrArray *copies;
  GHashTableIter iter;
  gpointer grant;

  if (g_hash_table_size (set) == 0)
    return NULL;
  copies = g_ptr_array_new_with_free_func ((GDestroyNotify)bipe_grant_unref);
  g_hash_table_iter_init (&iter, set);
  while (g_hash_table_iter_next (&iter, &grant, NULL))
    g_ptr_array_add (copies, bipe_grant_new (grant));
  return copies;
}

static void
move_all (GHashTable *from, GHashTable *to)
{
  GHashTableIter iter;
  gpointer grant;

  g_hash_table_iter_init (&iter, from);
  while (g_hash_table_iter_next (&iter, &grant, NULL))
    g_hash_table_add (to, bipe_grant_ref (grant));
  g_hash_table_remove_all (from);
}

GPtrArray *
bipe_arrears_take_used (BipeArrears *self)
{
  GPtrArray *copies = copy_all (self->used);

  g_hash_table_remove_all (self->used);
  return copies;
}

GPtrArray *
bipe_arrears_take_owed (BipeArrears *self)
{
  GPtrArray *copies = copy_all (self->owed);

  move_all (self->owed, self->under_way);
  return copies;
}

gboolean
bipe_arrears_settle (BipeArrears *self, gboolean is_written)
{
  if (!is_written)
    move_all (self->under_way, self->owed);
  g_hash_table_remove_all (self->under_way);
  return g_hash_table_size (self->owed) > 0;
}

gboolean
bipe_arrears_is_under_way (BipeArrears *self, BipeGrant *grant)
{
  return grant != NULL ? g_hash_table_contains (self->under_way, grant)
                       : g_hash_table_size (self->under_way) > 0;
}
