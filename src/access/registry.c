/* registry.c: a verb changes the disk first, and then the memory, where the change is announced and
 * its caller told. Lists take the same way, so that they show what was changed before.
 *
 * What takes something from a holder counts in memory also where the disk fails, and is owed to it.
 * Where somebody gets something back while that is being written, he is told to try again. */
#include "config.h"

#include "access/registry.h"

#include "access/grant-table.h"
#include "access/scopes.h"
#include "base/clock.h"
#include "base/error.h"

#define DAY (24 * 3600 * G_TIME_SPAN_SECOND)

/* A token of a program of ours is in no list, so it says of itself how short it lives. */
#define OWN_JTI "own"
#define OWN_LIFE G_TIME_SPAN_MINUTE

struct _BipeRegistry
{
  GObject parent_instance;

  BipeClock *clock;
  GBytes *key; /* NULL: there is none now */
  BipeGrantTable *table;
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
typedef struct
{
  BipeGrantRequest base;
  BipeGrant *grant;
  char *token;
  char *jti;
  char *name;
  guint scopes;
  gint64 at;
  char *dropped;
} Request;

static void
free_request (gpointer data)
{
  Request *self = data;

  g_clear_error (&self->base.error);
  g_free (self->dropped);
  g_free (self->name);
  g_free (self->jti);
  g_free (self->token);
  g_clear_pointer (&self->grant, bipe_grant_unref);
  g_free (self);
}

/* Takes @request over. */
static void
start (BipeRegistry *self,
       Request *request,
       gpointer tag,
       GAsyncReadyCallback callback,
       gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, request, free_request);
  bipe_grant_table_ask (self->table, task);
}

void
bipe_registry_close (BipeRegistry *self)
{
  bipe_grant_table_close (self->table);
}

static void
bipe_registry_finalize (GObject *object)
{
  BipeRegistry *self = BIPE_REGISTRY (object);

  bipe_registry_close (self);
  g_clear_object (&self->table);
  g_clear_pointer (&self->key, g_bytes_unref);
  G_OBJECT_CLASS (bipe_registry_parent_class)->finalize (object);
}

static void
bipe_registry_class_init (BipeRegistryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bipe_registry_finalize;

  signals[CHANGED] = g_signal_new ("changed", BIPE_TYPE_REGISTRY, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[REVOKED] = g_signal_new ("revoked", BIPE_TYPE_REGISTRY, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
bipe_registry_init (BipeRegistry *self)
{
}

BipeRegistry *
bipe_registry_open (const char *path, GBytes *key, BipeClock *clock, GError **error)
{
  g_autoptr(BipeGrantTable) table = bipe_grant_table_open (path, error);
  BipeRegistry *self;

  if (table == NULL)
    return NULL;
  self = g_object_new (BIPE_TYPE_REGISTRY, NULL);
  self->clock = clock;
  self->key = key != NULL ? g_bytes_ref (key) : NULL;
  self->table = g_steal_pointer (&table);
  return self;
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
  known = bipe_grant_table_find (self->table, claimed->jti);
  if (known == NULL || !bipe_grant_is_live (known, now))
    return BIPE_TOKEN_INVALID;
  known->used_at = now;
  bipe_grant_table_use (self->table, known);
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
write_issue (BipeGrantFile *file, gpointer data, GError **error)
{
  Request *request = data;

  return bipe_grant_file_add (file, request->grant, BIPE_REGISTRY_MAX, &request->dropped, error);
}

static void
apply_issue (GTask *task)
{
  BipeRegistry *self = g_task_get_source_object (task);
  Request *request = g_task_get_task_data (task);
  const BipeGrant *grant = request->grant;

  bipe_grant_table_add (self->table, grant, request->dropped);
  g_message ("A token was issued: %s (%s)", grant->name, grant->jti);
  g_task_return_boolean (task, TRUE);
}

gboolean
bipe_registry_check_days (gint64 days, GError **error)
{
  if (days >= 1 && days <= BIPE_REGISTRY_DAYS_MAX)
    return TRUE;
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "days must be a number from 1 to %d",
               BIPE_REGISTRY_DAYS_MAX);
  return FALSE;
}

static gboolean
check_issue (BipeRegistry *self, const char *name, guint scopes, gint64 days, GError **error)
{
  if (!bipe_grant_check_name (name, error))
    return FALSE;
  if (scopes == 0 || (scopes & ~(guint)BIPE_SCOPES_ALL) != 0)
    g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_INVALID, "a token needs a scope");
  else if (self->key == NULL)
    g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_CONFLICT,
                         "the signing key can't be had: the keyring is locked");
  else
    return bipe_registry_check_days (days, error);
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
  request->base.write = write_issue;
  request->base.apply = apply_issue;
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
write_revoke (BipeGrantFile *file, gpointer data, GError **error)
{
  const Request *request = data;

  return bipe_grant_file_revoke (file, request->jti, request->at, error);
}

/* NULL: there is none, and the task has been told. */
static BipeGrant *
find (BipeRegistry *self, GTask *task, Request *request)
{
  BipeGrant *grant = bipe_grant_table_find (self->table, request->jti);

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
  if (request->base.error == NULL)
    {
      return_grant (task, grant);
      return;
    }
  bipe_grant_table_owe (self->table, grant);
  g_task_return_new_error (task, request->base.error->domain, request->base.error->code,
                           "%s; it counts while the program runs, and is tried again",
                           request->base.error->message);
}

/* TRUE: it can't be given anything, and the task has been told. */
static gboolean
is_writing (BipeRegistry *self, GTask *task, BipeGrant *grant)
{
  if (!bipe_grant_table_is_writing (self->table, grant))
    return FALSE;
  g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
                           "what was taken from the token is just being written; try again");
  return TRUE;
}

static void
apply_revoke (GTask *task)
{
  BipeRegistry *self = g_task_get_source_object (task);
  Request *request = g_task_get_task_data (task);
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

  request->base.write = write_revoke;
  request->base.apply = apply_revoke;
  request->base.applies_always = TRUE;
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
write_change (BipeGrantFile *file, gpointer data, GError **error)
{
  const Request *request = data;

  return bipe_grant_file_change (file, request->jti, request->name, request->scopes, error);
}

static void
apply_change (GTask *task)
{
  BipeRegistry *self = g_task_get_source_object (task);
  Request *request = g_task_get_task_data (task);
  BipeGrant *grant = find (self, task, request);
  gboolean gives;

  if (grant == NULL)
    return;
  gives = (request->scopes & ~grant->scopes) != 0;
  if (request->base.error != NULL && (gives || request->scopes == 0))
    {
      g_task_return_error (task, g_steal_pointer (&request->base.error));
      return;
    }
  if (gives && is_writing (self, task, grant))
    return;
  if (request->name != NULL && request->base.error == NULL)
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
  request->base.write = write_change;
  request->base.apply = apply_change;
  request->base.applies_always = TRUE;
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
write_restore (BipeGrantFile *file, gpointer data, GError **error)
{
  const Request *request = data;

  return bipe_grant_file_restore (file, request->jti, request->at, error);
}

static void
apply_restore (GTask *task)
{
  BipeRegistry *self = g_task_get_source_object (task);
  Request *request = g_task_get_task_data (task);
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

  request->base.write = write_restore;
  request->base.apply = apply_restore;
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
  bipe_grant_table_use (self->table, grant);
}

/* Listing. */

static void
apply_list (GTask *task)
{
  BipeRegistry *self = g_task_get_source_object (task);

  g_task_return_pointer (task, bipe_grant_table_list (self->table),
                         (GDestroyNotify)g_ptr_array_unref);
}

void
bipe_registry_list_async (BipeRegistry *self, GAsyncReadyCallback callback, gpointer user_data)
{
  Request *request = g_new0 (Request, 1);

  request->base.apply = apply_list;
  start (self, request, bipe_registry_list_async, callback, user_data);
}

GPtrArray *
bipe_registry_list_finish (BipeRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
