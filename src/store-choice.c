#include "config.h"

#include "store-choice.h"

#include <glib/gi18n.h>

#include "access/database-password.h"
#include "access/keyring.h"
#include "store/postgres-probe.h"
#include "store/postgres-url.h"

static char *
make_path (const BipeStorePlace *place)
{
  return g_build_filename (place->data_dir, "scans.db", NULL);
}

void
bipe_store_choice_free (BipeStoreChoice *self)
{
  g_clear_pointer (&self->target, bipe_store_target_free);
  g_clear_pointer (&self->password, bipe_keyring_wipe_and_free);
  g_free (self->url);
  g_free (self);
}

BipeStoreChoice *
bipe_store_choice_copy (const BipeStoreChoice *self)
{
  BipeStoreChoice *copy = g_new0 (BipeStoreChoice, 1);

  copy->url = g_strdup (self->url);
  copy->password = g_strdup (self->password);
  return copy;
}

/* A keyring that does not answer just now must not take from the station what it has. */
static char *
find_kept (const char *url, const BipeStorePlace *place)
{
  if (place->present != NULL && place->present->password != NULL
      && g_str_equal (place->present->url, url))
    return g_strdup (place->present->password);
  return bipe_database_password_load (place->data_dir, url, place->uses_keyring);
}

/* What @wish says, and what is kept, but for its connections. */
static BipeStoreChoice *
find_password (const BipeStationWish *wish, const BipeStorePlace *place)
{
  BipeStoreChoice *self = g_new0 (BipeStoreChoice, 1);

  self->url = bipe_postgres_url_take_password (wish->database_url, &self->password);
  if (self->password == NULL && wish->database_password != NULL
      && wish->database_password[0] != '\0')
    self->password = g_strdup (wish->database_password);
  else if (self->password == NULL && wish->database_password == NULL)
    self->password = find_kept (self->url, place);
  return self;
}

/* A wrong URL is met before anything is kept. */
static gboolean
check (const BipeStationWish *wish, GError **error)
{
  g_autoptr(BipePostgresTarget) target
             = bipe_postgres_target_parse (wish->database_url, NULL, error);

  return target != NULL;
}

/* The wish's password, unless its URL has one. */
static gboolean
keep_password (const BipeStoreChoice *self,
               const BipeStationWish *wish,
               const BipeStorePlace *place,
               GError **error)
{
  if (wish->database_password == NULL || !g_str_equal (self->url, wish->database_url))
    return TRUE;
  return bipe_database_password_keep (place->data_dir, self->url, wish->database_password,
                                      place->uses_keyring, error);
}

BipeStoreChoice *
bipe_store_choice_new (const BipeStationWish *wish, const BipeStorePlace *place, GError **error)
{
  g_autoptr(BipeStoreChoice) self = NULL;

  if (wish->database_url[0] == '\0')
    {
      g_autofree char *path = make_path (place);

      self = g_new0 (BipeStoreChoice, 1);
      self->url = g_strdup ("");
      self->target = bipe_store_target_new_sqlite (path);
      return g_steal_pointer (&self);
    }
  if (!check (wish, error))
    return NULL;
  self = find_password (wish, place);
  if (!keep_password (self, wish, place, error))
    return NULL;
  self->target
      = bipe_store_target_new_postgres (self->url, self->password, place->has_search_index, error);
  return self->target != NULL ? g_steal_pointer (&self) : NULL;
}

gboolean
bipe_store_choice_equal (const BipeStoreChoice *a, const BipeStoreChoice *b)
{
  return g_str_equal (a->url, b->url) && g_strcmp0 (a->password, b->password) == 0;
}

char *
bipe_store_choice_probe (const BipeStationWish *wish,
                         const BipeStorePlace *place,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr(BipeStoreChoice) choice = NULL;
  g_autoptr(BipePostgresTarget) target = NULL;

  if (wish->database_url[0] == '\0')
    {
      g_autofree char *path = make_path (place);

      /* Translators: %s is a file */
      return g_strdup_printf (_ ("Scans are stored in a file on this computer: %s"), path);
    }
  if (!check (wish, error))
    return NULL;
  choice = find_password (wish, place);
  target = bipe_postgres_target_parse (choice->url, choice->password, error);
  return target != NULL ? bipe_postgres_probe (target, cancellable, error) : NULL;
}
