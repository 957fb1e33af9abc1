/* registry.c: a change goes to the disk first, on the worker's thread, and then into the memory of
 * the engine's, where it is announced and its caller told. Lists take the same way, so that they
 * show what was changed before.
 *
 * What takes something from a holder counts in memory also where the disk fails, and is owed to it.
 * It is written by statements that give nothing; so where somebody gets something back while they
 * are on their way, which is behind the disk's turn for him, he is told to try again. */
#include "config.h"

#include "access/registry.h"

#include "access/arrears.h"
#include "access/grant-file.h"
#include "access/scopes.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/worker.h"

/* Changes that may wait. */
#define CAPACITY 256

/* How late the disk hears that a token was used, and for how many scans; and after how long it is
 * asked again for what it has not taken. */
#define FLUSH_SECONDS 30

#define DAY (24 * 3600 * G_TIME_SPAN_SECOND)

/* A token of a program of ours is in no list, so it says of itself how short it lives. */
#define OWN_JTI "own"
#define OWN_LIFE G_TIME_SPAN_MINUTE

struct _BipeRegistry
{
  GObject parent_instance;

  GMainContext *context; /* of the birth */
  BipeClock *clock;
  GBytes *key;        /* NULL: there is none now */
  BipeWorker *worker; /* NULL: closed */

  GHashTable *grants; /* of BipeGrant, by its jti */
  BipeArrears *arrears;
  GSource *flush; /* while there are any */

  BipeGrantFile *file; /* the worker's thread only, between open and close */
};

G_DEFINE_FINAL_TYPE (BipeRegistry, bipe_registry, G_TYPE_OBJECT)

enum
{
  CHANGED,
  REVOKED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* What is asked for, and what comes of it: a task's data. */
typedef struct _Request Request;
struct _Request
{
  gboolean (*work) (BipeRegistry *self, Request *request, GError **error); /* the disk's part */
  void (*apply) (BipeRegistry *self, GTask *task, Request *request);       /* the engine's part */
  gboolean applies_always; /* also with an error, which is apply's to return then */
  BipeGrant *grant;
  char *token;
  char *jti;
  char *name;
  guint scopes;
  gint64 at;
  char *dropped;
  GPtrArray *grants;
  GError *error;
};

static void
free_request (gpointer data)
{
  Request *self = data;

  g_clear_error (&self->error);
  g_clear_pointer (&self->grants, g_ptr_array_unref);
  g_free (self->dropped);
  g_free (self->name);
  g_free (self->jti);
  g_free (self->token);
  g_clear_pointer (&self->grant, bipe_grant_unref);
  g_free (self);
}

static gboolean
apply_cb (gpointer data)
{
  GTask *task = data;
  Request *request = g_task_get_task_data (task);

  if (request->error != NULL && !request->applies_always)
    g_task_return_error (task, g_steal_pointer (&request->error));
  else
    request->apply (g_task_get_source_object (task), task, request);
  return G_SOURCE_REMOVE;
}

static void
work (GPtrArray *tasks, gpointer user_data)
{
  BipeRegistry *self = user_data;

  for (guint i = 0; i < tasks->len; i++)
    {
      GTask *task = tasks->pdata[i];
      Request *request = g_task_get_task_data (task);
      g_autoptr(GSource) source = g_idle_source_new ();

      if (request->work != NULL)
        request->work (self, request, &request->error);
      /* Not g_main_context_invoke(), which would run it here while nobody iterates the context. */
      g_source_set_priority (source, G_PRIORITY_DEFAULT);
      g_source_set_callback (source, apply_cb, g_object_ref (task), g_object_unref);
      g_source_attach (source, self->context);
    }
}

/* Takes @request over. */
static void
start (BipeRegistry *self,
       Request *request,
       gpointer tag,
       GAsyncReadyCallback callback,
       gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, request, free_request);
  if (self->worker != NULL)
    bipe_worker_push (self->worker, g_steal_pointer (&task));
  else
    g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "the registry is closed");
}

/* What the disk hears later: last uses, and scans; and what is owed to it. */

static void
stop_flush (BipeRegistry *self)
{
  if (self->flush == NULL)
    return;
  g_source_destroy (self->flush);
  g_clear_pointer (&self->flush, g_source_unref);
}

static gboolean
work_touch (BipeRegistry *self, Request *request, GError **error)
{
  return bipe_grant_file_touch (self->file, request->grants, error);
}

static void
apply_flush (BipeRegistry *self, GTask *task, Request *request)
{
  g_task_return_boolean (task, TRUE);
}

static void
touched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    g_warning ("%s", error->message);
}

static void
flush_used (BipeRegistry *self)
{
  g_autoptr(GPtrArray) used = bipe_arrears_take_used (self->arrears);
  Request *request;

  if (used == NULL)
    return;
  request = g_new0 (Request, 1);
  request->work = work_touch;
  request->apply = apply_flush;
  request->grants = g_steal_pointer (&used);
  start (self, request, flush_used, touched_cb, NULL);
}

/* Told here, where it is told also at the end. */
static gboolean
work_owed (BipeRegistry *self, Request *request, GError **error)
{
  if (bipe_grant_file_restrict (self->file, request->grants, error))
    return TRUE;
  g_warning ("What was taken from %u tokens is still not on the disk: %s", request->grants->len,
             (*error)->message);
  return FALSE;
}

/* A circle: what fails is tried again. */
static void schedule_flush (BipeRegistry *self);

static void
owed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BipeRegistry *self = BIPE_REGISTRY (source);

  if (bipe_arrears_settle (self->arrears, g_task_propagate_boolean (G_TASK (result), NULL)))
    schedule_flush (self);
}

static void
flush_owed (BipeRegistry *self)
{
  g_autoptr(GPtrArray) owed = bipe_arrears_take_owed (self->arrears);
  Request *request;

  if (owed == NULL)
    return;
  request = g_new0 (Request, 1);
  request->work = work_owed;
  request->apply = apply_flush;
  request->grants = g_steal_pointer (&owed);
  start (self, request, flush_owed, owed_cb, NULL);
}

static gboolean
flush_cb (gpointer data)
{
  BipeRegistry *self = data;

  stop_flush (self);
  flush_used (self);
  /* Else its end sees to the rest. */
  if (!bipe_arrears_is_under_way (self->arrears, NULL))
    flush_owed (self);
  return G_SOURCE_REMOVE;
}

static void
schedule_flush (BipeRegistry *self)
{
  if (self->worker == NULL || self->flush != NULL)
    return;
  self->flush = g_timeout_source_new_seconds (FLUSH_SECONDS);
  g_source_set_callback (self->flush, flush_cb, self, NULL);
  g_source_attach (self->flush, self->context);
}

static void
note (BipeRegistry *self, BipeGrant *grant)
{
  if (self->worker == NULL)
    return;
  bipe_arrears_use (self->arrears, grant);
  schedule_flush (self);
}

static void
bipe_registry_dispose (GObject *object)
{
  BipeRegistry *self = BIPE_REGISTRY (object);

  bipe_registry_close (self);
  G_OBJECT_CLASS (bipe_registry_parent_class)->dispose (object);
}

static void
bipe_registry_finalize (GObject *object)
{
  BipeRegistry *self = BIPE_REGISTRY (object);

  bipe_arrears_free (self->arrears);
  g_hash_table_unref (self->grants);
  g_clear_pointer (&self->key, g_bytes_unref);
  g_main_context_unref (self->context);
  G_OBJECT_CLASS (bipe_registry_parent_class)->finalize (object);
}

static void
bipe_registry_class_init (BipeRegistryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = bipe_registry_dispose;
  object_class->finalize = bipe_registry_finalize;

  signals[CHANGED] = g_signal_new ("changed", BIPE_TYPE_REGISTRY, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[REVOKED] = g_signal_new ("revoked", BIPE_TYPE_REGISTRY, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
bipe_registry_init (BipeRegistry *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->grants
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify)bipe_grant_unref);
  self->arrears = bipe_arrears_new ();
}

BipeRegistry *
bipe_registry_open (const char *path, GBytes *key, BipeClock *clock, GError **error)
{
  g_autoptr(BipeGrantFile) file = bipe_grant_file_open (path, error);
  g_autoptr(GPtrArray) grants = NULL;
  BipeRegistry *self;

  if (file == NULL || (grants = bipe_grant_file_load (file, error)) == NULL)
    return NULL;
  self = g_object_new (BIPE_TYPE_REGISTRY, NULL);
  self->clock = clock;
  self->key = key != NULL ? g_bytes_ref (key) : NULL;
  for (guint i = 0; i < grants->len; i++)
    {
      BipeGrant *grant = grants->pdata[i];

      g_hash_table_replace (self->grants, grant->jti, bipe_grant_ref (grant));
    }
  self->file = g_steal_pointer (&file);
  self->worker = bipe_worker_new ("access", CAPACITY, 1, work, self);
  return self;
}

void
bipe_registry_close (BipeRegistry *self)
{
  if (self->worker == NULL)
    return;
  stop_flush (self);
  flush_used (self);
  flush_owed (self);
  bipe_worker_free (self->worker);
  self->worker = NULL;
  g_clear_pointer (&self->file, bipe_grant_file_free);
}

/* Checks. */

static gboolean
is_own (const BipeGrant *grant, gint64 now)
{
  return g_str_equal (grant->jti, OWN_JTI) && grant->scopes == BIPE_SCOPE_ADMIN
         && grant->expires_at - now <= OWN_LIFE;
}

BipeTokenVerdict
bipe_registry_check (BipeRegistry *self, const char *token, gsize length, BipeGrant **grant)
{
  gint64 now = bipe_clock_real (self->clock);
  g_autoptr(BipeGrant) claimed = NULL;
  BipeGrant *known;
  BipeTokenVerdict verdict;

  *grant = NULL;
  if (self->key == NULL)
    return BIPE_TOKEN_INVALID;
  verdict = bipe_token_decode (token, length, self->key, now, &claimed);
  if (verdict != BIPE_TOKEN_VALID)
    return verdict;
  if (is_own (claimed, now))
    {
      *grant = g_steal_pointer (&claimed);
      return BIPE_TOKEN_VALID;
    }
  known = g_hash_table_lookup (self->grants, claimed->jti);
  if (known == NULL || !bipe_grant_is_live (known, now))
    return BIPE_TOKEN_INVALID;
  known->used_at = now;
  note (self, known);
  *grant = bipe_grant_ref (known);
  return BIPE_TOKEN_VALID;
}

gboolean
bipe_registry_is_live (BipeRegistry *self, const BipeGrant *grant)
{
  return bipe_grant_is_live (grant, bipe_clock_real (self->clock));
}

char *
bipe_registry_issue_own (GBytes *key, BipeClock *clock)
{
  gint64 now = bipe_clock_real (clock);
  BipeGrant grant = { .jti = OWN_JTI,
                      .name = (char *)"bipe-server token",
                      .scopes = BIPE_SCOPE_ADMIN,
                      .issued_at = now,
                      .expires_at = now + OWN_LIFE };

  return bipe_token_encode (&grant, key);
}

/* Issuing. */

static gboolean
work_issue (BipeRegistry *self, Request *request, GError **error)
{
  return bipe_grant_file_add (self->file, request->grant, BIPE_REGISTRY_MAX, &request->dropped,
                              error);
}

static void
apply_issue (BipeRegistry *self, GTask *task, Request *request)
{
  BipeGrant *grant = bipe_grant_new (request->grant);

  if (request->dropped != NULL)
    g_hash_table_remove (self->grants, request->dropped);
  g_hash_table_replace (self->grants, grant->jti, grant);
  g_message ("A token was issued: %s (%s)", grant->name, grant->jti);
  g_task_return_boolean (task, TRUE);
}

static gboolean
check_issue (BipeRegistry *self, const char *name, guint scopes, gint64 days, GError **error)
{
  if (!bipe_grant_check_name (name, error))
    return FALSE;
  if (scopes == 0 || (scopes & ~(guint)BIPE_SCOPES_ALL) != 0)
    g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_INVALID, "a token needs a scope");
  else if (days < 1 || days > BIPE_REGISTRY_DAYS_MAX)
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "days must be a number from 1 to %d",
                 BIPE_REGISTRY_DAYS_MAX);
  else if (self->key == NULL)
    g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_CONFLICT,
                         "the signing key can't be had: the keyring is locked");
  else
    return TRUE;
  return FALSE;
}

void
bipe_registry_issue_async (BipeRegistry *self,
                           const char *name,
                           guint scopes,
                           gint64 days,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  gint64 now = bipe_clock_real (self->clock) / G_USEC_PER_SEC * G_USEC_PER_SEC;
  g_autofree char *jti = g_uuid_string_random ();
  BipeGrant grant = {
    .name = (char *)name, .scopes = scopes, .issued_at = now, .expires_at = now + days * DAY
  };
  g_autoptr(GError) error = NULL;
  Request *request;

  if (!check_issue (self, name, scopes, days, &error))
    {
      g_task_report_error (self, callback, user_data, bipe_registry_issue_async,
                           g_steal_pointer (&error));
      return;
    }
  g_strlcpy (grant.jti, jti, sizeof grant.jti);
  request = g_new0 (Request, 1);
  request->work = work_issue;
  request->apply = apply_issue;
  request->grant = bipe_grant_new (&grant);
  request->token = bipe_token_encode (&grant, self->key);
  start (self, request, bipe_registry_issue_async, callback, user_data);
}

char *
bipe_registry_issue_finish (BipeRegistry *self,
                            GAsyncResult *result,
                            BipeGrant **grant,
                            GError **error)
{
  Request *request;

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  request = g_task_get_task_data (G_TASK (result));
  *grant = g_steal_pointer (&request->grant);
  return g_steal_pointer (&request->token);
}

/* Revoking. */

static gboolean
work_revoke (BipeRegistry *self, Request *request, GError **error)
{
  return bipe_grant_file_revoke (self->file, request->jti, request->at, error);
}

/* NULL: there is none, and the task has been told. */
static BipeGrant *
find (BipeRegistry *self, GTask *task, Request *request)
{
  BipeGrant *grant = g_hash_table_lookup (self->grants, request->jti);

  if (grant == NULL)
    g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_NOT_FOUND,
                             "there is no token with this jti");
  return grant;
}

static void
return_grant (GTask *task, const BipeGrant *grant)
{
  g_task_return_pointer (task, bipe_grant_new (grant), (GDestroyNotify)bipe_grant_unref);
}

/* Something was taken from @grant, which counts by now. */
static void
return_taken (BipeRegistry *self, GTask *task, Request *request, BipeGrant *grant)
{
  if (request->error == NULL)
    {
      return_grant (task, grant);
      return;
    }
  bipe_arrears_owe (self->arrears, grant);
  schedule_flush (self);
  g_task_return_new_error (task, request->error->domain, request->error->code,
                           "%s; it counts while the program runs, and is tried again",
                           request->error->message);
}

/* TRUE: it can't be given anything, and the task has been told. */
static gboolean
is_writing (BipeRegistry *self, GTask *task, BipeGrant *grant)
{
  if (!bipe_arrears_is_under_way (self->arrears, grant))
    return FALSE;
  g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
                           "what was taken from the token is just being written; try again");
  return TRUE;
}

static void
apply_revoke (BipeRegistry *self, GTask *task, Request *request)
{
  BipeGrant *grant = find (self, task, request);

  if (grant == NULL)
    return;
  if (grant->revoked_at == 0)
    {
      grant->revoked_at = request->at;
      g_message ("A token was revoked: %s (%s)", grant->name, grant->jti);
      g_signal_emit (self, signals[REVOKED], 0, grant->jti);
    }
  return_taken (self, task, request, grant);
}

void
bipe_registry_revoke_async (BipeRegistry *self,
                            const char *jti,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  Request *request = g_new0 (Request, 1);

  request->work = work_revoke;
  request->apply = apply_revoke;
  request->applies_always = TRUE;
  request->jti = g_strdup (jti);
  request->at = bipe_clock_real (self->clock);
  start (self, request, bipe_registry_revoke_async, callback, user_data);
}

BipeGrant *
bipe_registry_revoke_finish (BipeRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Changing. */

static gboolean
work_change (BipeRegistry *self, Request *request, GError **error)
{
  return bipe_grant_file_change (self->file, request->jti, request->name, request->scopes, error);
}

static void
apply_change (BipeRegistry *self, GTask *task, Request *request)
{
  BipeGrant *grant = find (self, task, request);
  gboolean gives;

  if (grant == NULL)
    return;
  gives = (request->scopes & ~grant->scopes) != 0;
  if (request->error != NULL && (gives || request->scopes == 0))
    {
      g_task_return_error (task, g_steal_pointer (&request->error));
      return;
    }
  if (gives && is_writing (self, task, grant))
    return;
  if (request->name != NULL && request->error == NULL)
    {
      g_free (grant->name);
      grant->name = g_steal_pointer (&request->name);
    }
  if (request->scopes != 0)
    grant->scopes = request->scopes;
  g_message ("A token was changed: %s (%s)", grant->name, grant->jti);
  g_signal_emit (self, signals[CHANGED], 0, grant->jti);
  return_taken (self, task, request, grant);
}

static gboolean
check_change (const char *name, guint scopes, GError **error)
{
  if (name != NULL && !bipe_grant_check_name (name, error))
    return FALSE;
  if ((scopes & ~(guint)BIPE_SCOPES_ALL) == 0)
    return TRUE;
  g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_INVALID, "there is no such scope");
  return FALSE;
}

void
bipe_registry_change_async (BipeRegistry *self,
                            const char *jti,
                            const char *name,
                            guint scopes,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr(GError) error = NULL;
  Request *request;

  if (!check_change (name, scopes, &error))
    {
      g_task_report_error (self, callback, user_data, bipe_registry_change_async,
                           g_steal_pointer (&error));
      return;
    }
  request = g_new0 (Request, 1);
  request->work = work_change;
  request->apply = apply_change;
  request->applies_always = TRUE;
  request->jti = g_strdup (jti);
  request->name = g_strdup (name);
  request->scopes = scopes;
  start (self, request, bipe_registry_change_async, callback, user_data);
}

BipeGrant *
bipe_registry_change_finish (BipeRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Restoring. */

static gboolean
work_restore (BipeRegistry *self, Request *request, GError **error)
{
  return bipe_grant_file_restore (self->file, request->jti, request->at, error);
}

static void
apply_restore (BipeRegistry *self, GTask *task, Request *request)
{
  BipeGrant *grant = find (self, task, request);

  if (grant == NULL)
    return;
  if (request->at >= grant->expires_at)
    {
      g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_CONFLICT, "the token's time is over");
      return;
    }
  if (is_writing (self, task, grant))
    return;
  if (grant->revoked_at != 0)
    {
      grant->revoked_at = 0;
      g_message ("A token's revocation was taken back: %s (%s)", grant->name, grant->jti);
    }
  return_grant (task, grant);
}

void
bipe_registry_restore_async (BipeRegistry *self,
                             const char *jti,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  Request *request = g_new0 (Request, 1);

  request->work = work_restore;
  request->apply = apply_restore;
  request->jti = g_strdup (jti);
  request->at = bipe_clock_real (self->clock);
  start (self, request, bipe_registry_restore_async, callback, user_data);
}

BipeGrant *
bipe_registry_restore_finish (BipeRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
bipe_registry_count_scans (BipeRegistry *self, BipeGrant *grant, guint n_scans)
{
  grant->n_scans += n_scans;
  note (self, grant);
}

/* Listing. */

static int
by_issue (gconstpointer a, gconstpointer b)
{
  const BipeGrant *const *left = a, *const *right = b;

  if ((*left)->issued_at != (*right)->issued_at)
    return (*left)->issued_at < (*right)->issued_at ? -1 : 1;
  return g_strcmp0 ((*left)->jti, (*right)->jti);
}

static void
apply_list (BipeRegistry *self, GTask *task, Request *request)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)bipe_grant_unref);
  GHashTableIter iter;
  gpointer grant;

  g_hash_table_iter_init (&iter, self->grants);
  while (g_hash_table_iter_next (&iter, NULL, &grant))
    g_ptr_array_add (list, bipe_grant_new (grant));
  g_ptr_array_sort (list, by_issue);
  g_task_return_pointer (task, list, (GDestroyNotify)g_ptr_array_unref);
}

void
bipe_registry_list_async (BipeRegistry *self, GAsyncReadyCallback callback, gpointer user_data)
{
  Request *request = g_new0 (Request, 1);

  request->apply = apply_list;
  start (self, request, bipe_registry_list_async, callback, user_data);
}

GPtrArray *
bipe_registry_list_finish (BipeRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
