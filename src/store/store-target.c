#include "config.h"

#include "store/store-target.h"

#include "store/postgres.h"
#include "store/sqlite.h"

BipeStoreTarget *
bipe_store_target_new_postgres (const char *url,
                                const char *password,
                                gboolean has_search_index,
                                GError **error)
{
  g_autoptr(BipePostgresTarget) target = bipe_postgres_target_parse (url, password, error);
  BipeStoreTarget *self;

  if (target == NULL)
    return NULL;
  self = g_new0 (BipeStoreTarget, 1);
  self->name = g_strdup (target->name);
  self->writing = bipe_postgres_new (target, has_search_index);
  self->lookup = bipe_postgres_new (target, FALSE);
  self->history = bipe_postgres_new (target, FALSE);
  return self;
}

BipeStoreTarget *
bipe_store_target_new_sqlite (const char *path)
{
  BipeStoreTarget *self = g_new0 (BipeStoreTarget, 1);

  self->name = g_strdup ("this computer");
  self->writing = bipe_sqlite_new (path);
  self->lookup = bipe_sqlite_new (path);
  self->history = bipe_sqlite_new (path);
  /* Of three that make a new file at once, two would find it locked. A failure is met again, and
   * told, by whoever asks for something. */
  bipe_connection_open (self->writing, NULL, NULL);
  return self;
}

void
bipe_store_target_free (BipeStoreTarget *self)
{
  g_clear_object (&self->history);
  g_clear_object (&self->lookup);
  g_clear_object (&self->writing);
  g_free (self->name);
  g_free (self);
}
