#define _GNU_SOURCE /* explicit_bzero */
#include "config.h"

#include "access/keyring.h"

#include <libsecret/secret.h>
#include <string.h>

#include "base/sandbox.h"

typedef struct _Call Call;

/* Shared by the thread and whoever waits for it; the last one frees it. */
struct _Call
{
  GMutex lock;
  GCond changed;
  BipeKeyringOutcome (*work) (Call *self, SecretService *service, GHashTable *attributes);
  BipeKeyringOutcome (*work_in_sandbox) (Call *self, GHashTable *attributes);
  SecretSchema schema;
  char *schema_name;
  char *attribute;
  char *value;
  char *label;
  GCancellable *cancellable;
  char *given;
  char *found; /* the thread's, until it is done */
  gboolean is_done;
  BipeKeyringOutcome outcome;
};

void
bipe_keyring_wipe_and_free (char *secret)
{
  if (secret != NULL)
    explicit_bzero (secret, strlen (secret));
  g_free (secret);
}

static void
clear_call (gpointer data)
{
  Call *self = data;

  bipe_keyring_wipe_and_free (self->found);
  bipe_keyring_wipe_and_free (self->given);
  g_object_unref (self->cancellable);
  g_free (self->label);
  g_free (self->value);
  g_free (self->attribute);
  g_free (self->schema_name);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
}

static void
release_call (Call *self)
{
  g_atomic_rc_box_release_full (self, clear_call);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, release_call)

static BipeKeyringOutcome
read_item (Call *self, SecretItem *item)
{
  g_autoptr(SecretValue) value = secret_item_get_secret (item);
  const char *text;

  if (secret_item_get_locked (item))
    return BIPE_KEYRING_LOCKED;
  text = value != NULL ? secret_value_get_text (value) : NULL;
  self->found = g_strdup (text);
  return text != NULL ? BIPE_KEYRING_DONE : BIPE_KEYRING_NONE;
}

static BipeKeyringOutcome
load (Call *self, SecretService *service, GHashTable *attributes)
{
  GList *items = secret_service_search_sync (service, &self->schema, attributes,
                                             SECRET_SEARCH_LOAD_SECRETS, self->cancellable, NULL);
  BipeKeyringOutcome outcome = items != NULL ? read_item (self, items->data) : BIPE_KEYRING_NONE;

  g_list_free_full (items, g_object_unref);
  return outcome;
}

/* A collection that is missing or locked would have to be asked for with a dialog. */
static BipeKeyringOutcome
keep (Call *self, SecretService *service, GHashTable *attributes)
{
  g_autoptr(SecretCollection) collection = secret_collection_for_alias_sync (
      service, SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE, self->cancellable, NULL);
  g_autoptr(SecretValue) value = NULL;
  g_autoptr(SecretItem) item = NULL;

  if (collection == NULL || secret_collection_get_locked (collection))
    return BIPE_KEYRING_NONE;
  value = secret_value_new (self->given, -1, "text/plain");
  item = secret_item_create_sync (collection, &self->schema, attributes, self->label, value,
                                  SECRET_ITEM_CREATE_REPLACE, self->cancellable, NULL);
  return item != NULL ? BIPE_KEYRING_DONE : BIPE_KEYRING_NONE;
}

/* What is locked stays. */
static BipeKeyringOutcome
forget (Call *self, SecretService *service, GHashTable *attributes)
{
  return secret_service_clear_sync (service, &self->schema, attributes, self->cancellable, NULL)
             ? BIPE_KEYRING_DONE
             : BIPE_KEYRING_NONE;
}

static BipeKeyringOutcome
load_in_sandbox (Call *self, GHashTable *attributes)
{
  char *text = secret_password_lookupv_sync (&self->schema, attributes, self->cancellable, NULL);

  self->found = g_strdup (text);
  secret_password_free (text);
  return self->found != NULL ? BIPE_KEYRING_DONE : BIPE_KEYRING_NONE;
}

static BipeKeyringOutcome
keep_in_sandbox (Call *self, GHashTable *attributes)
{
  return secret_password_storev_sync (&self->schema, attributes, SECRET_COLLECTION_DEFAULT,
                                      self->label, self->given, self->cancellable, NULL)
             ? BIPE_KEYRING_DONE
             : BIPE_KEYRING_NONE;
}

static BipeKeyringOutcome
forget_in_sandbox (Call *self, GHashTable *attributes)
{
  g_autoptr(GError) error = NULL;

  secret_password_clearv_sync (&self->schema, attributes, self->cancellable, &error);
  return error == NULL ? BIPE_KEYRING_DONE : BIPE_KEYRING_NONE;
}

/* The service is not to be had in a sandbox: libsecret keeps a file there, encrypted with what the
 * desktop's portal for secrets gives. SECRET_BACKEND is libsecret's word for the same elsewhere. */
static gboolean
is_in_sandbox (void)
{
  return bipe_sandbox_is_here () || g_getenv ("SECRET_BACKEND") != NULL;
}

static BipeKeyringOutcome
work (Call *self)
{
  g_autoptr(GHashTable) attributes = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(SecretService) service = NULL;

  g_hash_table_insert (attributes, (char *)"application", (char *)BIPE_APP_ID);
  g_hash_table_insert (attributes, self->attribute, self->value);
  if (is_in_sandbox ())
    return self->work_in_sandbox (self, attributes);
  service = secret_service_get_sync (SECRET_SERVICE_OPEN_SESSION, self->cancellable, NULL);
  return service != NULL ? self->work (self, service, attributes) : BIPE_KEYRING_NONE;
}

static gpointer
call_thread (gpointer data)
{
  g_autoptr(Call) call = data;
  g_autoptr(GMainContext) context = g_main_context_new ();
  BipeKeyringOutcome outcome;

  /* What the service tells later is for nobody. */
  g_main_context_push_thread_default (context);
  outcome = work (call);
  secret_service_disconnect ();
  while (g_main_context_iteration (context, FALSE))
    continue;
  g_main_context_pop_thread_default (context);

  g_mutex_lock (&call->lock);
  call->outcome = outcome;
  call->is_done = TRUE;
  g_cond_signal (&call->changed);
  g_mutex_unlock (&call->lock);
  return NULL;
}

static Call *
call_new (const BipeKeyringItem *item)
{
  Call *self = g_atomic_rc_box_new0 (Call);

  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->schema_name = g_strdup (item->schema);
  self->attribute = g_strdup (item->attribute);
  self->value = g_strdup (item->value);
  self->label = g_strdup (item->label);
  self->cancellable = g_cancellable_new ();
  /* By its name gnome-keyring finds nothing that is locked, so the attributes have to tell. */
  self->schema.name = self->schema_name;
  self->schema.flags = SECRET_SCHEMA_DONT_MATCH_NAME;
  self->schema.attributes[0]
      = (SecretSchemaAttribute){ "application", SECRET_SCHEMA_ATTRIBUTE_STRING };
  self->schema.attributes[1]
      = (SecretSchemaAttribute){ self->attribute, SECRET_SCHEMA_ATTRIBUTE_STRING };
  return self;
}

static BipeKeyringOutcome
run (Call *call, guint timeout_ms)
{
  gint64 end = g_get_monotonic_time () + (gint64)timeout_ms * 1000;
  BipeKeyringOutcome outcome;

  g_thread_unref (g_thread_new ("keyring", call_thread, g_atomic_rc_box_acquire (call)));
  g_mutex_lock (&call->lock);
  while (!call->is_done && g_cond_wait_until (&call->changed, &call->lock, end))
    continue;
  outcome = call->is_done ? call->outcome : BIPE_KEYRING_SILENT;
  g_mutex_unlock (&call->lock);
  g_cancellable_cancel (call->cancellable);
  return outcome;
}

BipeKeyringOutcome
bipe_keyring_load (const BipeKeyringItem *item, guint timeout_ms, char **secret)
{
  g_autoptr(Call) call = call_new (item);
  BipeKeyringOutcome outcome;

  call->work = load;
  call->work_in_sandbox = load_in_sandbox;
  outcome = run (call, timeout_ms);
  *secret = outcome == BIPE_KEYRING_DONE ? g_steal_pointer (&call->found) : NULL;
  return outcome;
}

BipeKeyringOutcome
bipe_keyring_keep (const BipeKeyringItem *item, const char *secret, guint timeout_ms)
{
  g_autoptr(Call) call = call_new (item);

  call->work = keep;
  call->work_in_sandbox = keep_in_sandbox;
  call->given = g_strdup (secret);
  return run (call, timeout_ms);
}

BipeKeyringOutcome
bipe_keyring_forget (const BipeKeyringItem *item, guint timeout_ms)
{
  g_autoptr(Call) call = call_new (item);

  call->work = forget;
  call->work_in_sandbox = forget_in_sandbox;
  return run (call, timeout_ms);
}
