/* key-service.c: D-Bus may be slow or stuck in more ways than a cancellable reaches, so the calls
 * are made on a thread that is left to itself when its time is over. */
#include "config.h"

#include "access/key-service.h"

#include <libsecret/secret.h>
#include <string.h>

#include "access/key-file.h"
#include "access/secret.h"

/* Shared by the thread and whoever waits for it; the last one frees it. */
typedef struct
{
  GMutex lock;
  GCond changed;
  char *data_dir;
  gboolean makes;
  GCancellable *cancellable;
  gboolean is_done;
  BipeKeyServiceOutcome outcome;
  GBytes *key;
} Call;

/* By its name gnome-keyring finds nothing that is locked, so the attributes have to tell. */
static const SecretSchema schema = {
  "io.github.bipe.Bipe.SigningKey",
  SECRET_SCHEMA_DONT_MATCH_NAME,
  {
      { "application", SECRET_SCHEMA_ATTRIBUTE_STRING },
      { "data-dir", SECRET_SCHEMA_ATTRIBUTE_STRING },
      { NULL, 0 },
  },
};

static void
clear_call (gpointer data)
{
  Call *self = data;

  g_clear_pointer (&self->key, g_bytes_unref);
  g_object_unref (self->cancellable);
  g_free (self->data_dir);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
}

static void
release_call (Call *self)
{
  g_atomic_rc_box_release_full (self, clear_call);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, release_call)

/* Secrets are texts: this one is in base64. */
static GBytes *
decode (SecretValue *value)
{
  const char *text = value != NULL ? secret_value_get_text (value) : NULL;
  g_autofree guchar *bytes = NULL;
  gsize length = 0;

  if (text == NULL)
    return NULL;
  bytes = g_base64_decode (text, &length);
  return length == BIPE_SECRET_SIZE ? bipe_key_new_copy (bytes) : NULL;
}

static BipeKeyServiceOutcome
read_item (SecretItem *item, GBytes **key)
{
  g_autoptr(SecretValue) value = secret_item_get_secret (item);

  if (secret_item_get_locked (item))
    return BIPE_KEY_SERVICE_LOCKED;
  *key = decode (value);
  return *key != NULL ? BIPE_KEY_SERVICE_FOUND : BIPE_KEY_SERVICE_NONE;
}

/* A collection that is missing or locked would have to be asked for with a dialog. */
static BipeKeyServiceOutcome
make_item (SecretService *service, Call *call, GHashTable *attributes, GBytes **key)
{
  g_autoptr(GBytes) made = bipe_key_new (NULL);
  g_autofree char *text = NULL;
  g_autoptr(SecretValue) value = NULL;
  g_autoptr(SecretItem) item = NULL;
  g_autoptr(SecretCollection) collection = secret_collection_for_alias_sync (
      service, SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE, call->cancellable, NULL);

  if (made == NULL || collection == NULL || secret_collection_get_locked (collection))
    return BIPE_KEY_SERVICE_NONE;
  text = g_base64_encode (g_bytes_get_data (made, NULL), BIPE_SECRET_SIZE);
  value = secret_value_new (text, -1, "text/plain");
  memset (text, 0, strlen (text));
  item = secret_item_create_sync (collection, &schema, attributes, "Bipe: signing key", value,
                                  SECRET_ITEM_CREATE_NONE, call->cancellable, NULL);
  if (item == NULL)
    return BIPE_KEY_SERVICE_NONE;
  *key = g_steal_pointer (&made);
  return BIPE_KEY_SERVICE_FOUND;
}

static BipeKeyServiceOutcome
find_or_make (Call *call, GBytes **key)
{
  g_autoptr(SecretService) service
             = secret_service_get_sync (SECRET_SERVICE_OPEN_SESSION, call->cancellable, NULL);
  g_autoptr(GHashTable) attributes = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GError) error = NULL;
  GList *items;
  BipeKeyServiceOutcome outcome;

  if (service == NULL)
    return BIPE_KEY_SERVICE_NONE;
  g_hash_table_insert (attributes, (char *)"application", (char *)BIPE_APP_ID);
  g_hash_table_insert (attributes, (char *)"data-dir", call->data_dir);
  items = secret_service_search_sync (service, &schema, attributes, SECRET_SEARCH_LOAD_SECRETS,
                                      call->cancellable, &error);
  if (error != NULL)
    outcome = BIPE_KEY_SERVICE_NONE;
  else if (items != NULL)
    outcome = read_item (items->data, key);
  else if (call->makes)
    outcome = make_item (service, call, attributes, key);
  else
    outcome = BIPE_KEY_SERVICE_NONE;
  g_list_free_full (items, g_object_unref);
  return outcome;
}

static gpointer
call_thread (gpointer data)
{
  g_autoptr(Call) call = data;
  g_autoptr(GMainContext) context = g_main_context_new ();
  BipeKeyServiceOutcome outcome;
  GBytes *key = NULL;

  /* What the service tells later is for nobody. */
  g_main_context_push_thread_default (context);
  outcome = find_or_make (call, &key);
  secret_service_disconnect ();
  while (g_main_context_iteration (context, FALSE))
    continue;
  g_main_context_pop_thread_default (context);

  g_mutex_lock (&call->lock);
  call->outcome = outcome;
  call->key = key;
  call->is_done = TRUE;
  g_cond_signal (&call->changed);
  g_mutex_unlock (&call->lock);
  return NULL;
}

BipeKeyServiceOutcome
bipe_key_service_load (const char *data_dir, gboolean makes, guint timeout_ms, GBytes **key)
{
  g_autoptr(Call) call = g_atomic_rc_box_new0 (Call);
  gint64 end = g_get_monotonic_time () + (gint64)timeout_ms * 1000;
  BipeKeyServiceOutcome outcome = BIPE_KEY_SERVICE_SILENT;

  g_mutex_init (&call->lock);
  g_cond_init (&call->changed);
  call->data_dir = g_strdup (data_dir);
  call->makes = makes;
  call->cancellable = g_cancellable_new ();
  g_thread_unref (g_thread_new ("keyring", call_thread, g_atomic_rc_box_acquire (call)));

  g_mutex_lock (&call->lock);
  while (!call->is_done && g_cond_wait_until (&call->changed, &call->lock, end))
    continue;
  if (call->is_done)
    {
      outcome = call->outcome;
      *key = g_steal_pointer (&call->key);
    }
  g_mutex_unlock (&call->lock);
  g_cancellable_cancel (call->cancellable);
  return outcome;
}
