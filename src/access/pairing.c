/* pairing.c: who waits around a code (access/pairing-code.h), and what it comes to in the registry.
 * What the operator has given and nobody has fetched when a code is over is revoked. All of it
 * happens on the engine's thread. */
#define _GNU_SOURCE /* explicit_bzero */
#include "config.h"

#include "access/pairing.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "access/key-file.h"
#include "access/pairing-code.h"
#include "access/waiters.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/post.h"

#define NONCE_SIZE_MIN 16
#define NONCE_SIZE_MAX 32

/* Longer than a proxy or a phone leaves a silent connection alone, hardly anywhere. */
#define ASK_SECONDS 20

/* How often the clock is looked at while there is a code. */
#define TICK_MS 200

struct _BipePairing
{
  GObject parent_instance;

  GThread *thread; /* of the birth */
  GMainContext *context;
  BipeRegistry *registry;
  BipeClock *clock;
  GBytes *fingerprint; /* NULL: there is no certificate */
  GStrv addresses;

  BipePairingCode *code; /* NULL: there is none, and so none of these */
  BipeWaiters *asks;     /* devices */
  BipeWaiters *awaits;   /* operators */
  GSource *tick;

  const char *why; /* the code before is over */
};

G_DEFINE_FINAL_TYPE (BipePairing, bipe_pairing, G_TYPE_OBJECT)

/* A device's ask, and what it hears: a task's data. */
typedef struct
{
  guint8 code[BIPE_PAIRING_CODE_SIZE];
  GBytes *nonce;
  char *name;
  char *address;
  BipePairingOutcome outcome;
  char *token;
  BipeGrant *grant;
} Ask;

static void
free_ask (gpointer data)
{
  Ask *self = data;

  g_clear_pointer (&self->grant, bipe_grant_unref);
  bipe_pairing_wipe (self->token);
  g_free (self->address);
  g_free (self->name);
  g_clear_pointer (&self->nonce, g_bytes_unref);
  explicit_bzero (self->code, sizeof self->code);
  g_free (self);
}

/* What an operator gives: a task's data. */
typedef struct
{
  BipePairingCode *code; /* to which it belongs */
  char *digits;
  char *name;
  guint scopes;
  gint64 days;
} Approval;

static void
free_approval (gpointer data)
{
  Approval *self = data;

  g_clear_pointer (&self->code, bipe_pairing_code_unref);
  g_free (self->digits);
  g_free (self->name);
  g_free (self);
}

void
bipe_pairing_request_free (BipePairingRequest *request)
{
  g_free (request->name);
  g_free (request->address);
  g_free (request);
}

/* Takes @task. */
static void
answer (GTask *task, BipePairingOutcome outcome)
{
  Ask *ask = g_task_get_task_data (task);

  ask->outcome = outcome;
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* Takes @task. */
static void
announce (GTask *task, const BipePairingCode *code)
{
  BipePairingRequest *request = g_new0 (BipePairingRequest, 1);

  request->name = g_strdup (code->name);
  request->address = g_strdup (code->address);
  g_strlcpy (request->digits, code->digits, sizeof request->digits);
  g_task_return_pointer (task, request, (GDestroyNotify)bipe_pairing_request_free);
  g_object_unref (task);
}

/* The code's life. */

static void
stop_tick (BipePairing *self)
{
  if (self->tick == NULL)
    return;
  g_source_destroy (self->tick);
  g_clear_pointer (&self->tick, g_source_unref);
}

/* Of a code that is over: who waits is told so, or, once the token is fetched, gets it. */
static void
drop_code (BipePairing *self)
{
  g_autoptr(BipePairingCode) code = g_steal_pointer (&self->code);
  g_autoptr(BipeWaiters) asks = g_steal_pointer (&self->asks);
  g_autoptr(BipeWaiters) awaits = g_steal_pointer (&self->awaits);
  gboolean is_fetched = code->stage == BIPE_PAIRING_CODE_FETCHED;
  GTask *task;

  stop_tick (self);
  self->why = code->why;
  while ((task = bipe_waiters_pop (asks)) != NULL)
    {
      Ask *ask = g_task_get_task_data (task);

      ask->token = is_fetched ? g_strdup (code->token) : NULL;
      ask->grant = is_fetched ? bipe_grant_ref (code->grant) : NULL;
      answer (task, is_fetched ? BIPE_PAIRING_APPROVED : BIPE_PAIRING_REFUSED);
    }
  while ((task = bipe_waiters_pop (awaits)) != NULL)
    {
      g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_NOT_FOUND, "%s", code->why);
      g_object_unref (task);
    }
  if (code->grant != NULL && !is_fetched)
    bipe_registry_revoke_async (self->registry, code->grant->jti, NULL, NULL);
}

/* @why: static */
static void
end_code (BipePairing *self, const char *why)
{
  if (self->code == NULL)
    return;
  bipe_pairing_code_end (self->code, why);
  drop_code (self);
}

/* NULL: there is none, or it is over. */
static BipePairingCode *
get_code (BipePairing *self)
{
  if (self->code == NULL)
    return NULL;
  bipe_pairing_code_look_at (self->code, bipe_clock_monotonic (self->clock),
                             bipe_clock_real (self->clock));
  if (self->code->why != NULL)
    drop_code (self);
  return self->code;
}

static gboolean
tick_cb (gpointer data)
{
  BipePairing *self = data;
  GTask *task;

  while (get_code (self) != NULL
         && (task = bipe_waiters_pop_due (self->asks, bipe_clock_monotonic (self->clock))) != NULL)
    answer (task, BIPE_PAIRING_WAITS);
  return self->code != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
start_tick (BipePairing *self)
{
  self->tick = g_timeout_source_new (TICK_MS);
  g_source_set_callback (self->tick, tick_cb, self, NULL);
  g_source_attach (self->tick, self->context);
}

/* Calls from other threads. */

typedef struct
{
  void (*func) (BipePairing *self, GTask *task);
  BipePairing *self;
  GTask *task; /* NULL: nobody waits */
} Call;

static void
free_call (gpointer data)
{
  Call *self = data;

  g_object_unref (self->self);
  g_free (self);
}

static gboolean
call_cb (gpointer data)
{
  Call *self = data;

  self->func (self->self, self->task);
  return G_SOURCE_REMOVE;
}

/* Runs @func, which takes @task (nullable), on the engine's thread. */
static void
call (BipePairing *self, void (*func) (BipePairing *self, GTask *task), GTask *task)
{
  Call *posted;

  if (g_thread_self () == self->thread)
    {
      func (self, task);
      return;
    }
  posted = g_new0 (Call, 1);
  posted->func = func;
  posted->self = g_object_ref (self);
  posted->task = task;
  bipe_post (self->context, call_cb, posted, free_call);
}

static void
bipe_pairing_finalize (GObject *object)
{
  BipePairing *self = BIPE_PAIRING (object);

  g_warn_if_fail (self->code == NULL);
  stop_tick (self);
  g_clear_pointer (&self->awaits, bipe_waiters_free);
  g_clear_pointer (&self->asks, bipe_waiters_free);
  g_clear_pointer (&self->code, bipe_pairing_code_unref);
  g_strfreev (self->addresses);
  g_clear_pointer (&self->fingerprint, g_bytes_unref);
  g_clear_object (&self->registry);
  g_main_context_unref (self->context);
  G_OBJECT_CLASS (bipe_pairing_parent_class)->finalize (object);
}

static void
bipe_pairing_class_init (BipePairingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bipe_pairing_finalize;
}

static void
bipe_pairing_init (BipePairing *self)
{
  self->thread = g_thread_self ();
  self->context = g_main_context_ref_thread_default ();
  self->why = N_ ("there is no code");
}

BipePairing *
bipe_pairing_new (BipeRegistry *registry, BipeClock *clock)
{
  BipePairing *self = g_object_new (BIPE_TYPE_PAIRING, NULL);

  self->registry = g_object_ref (registry);
  self->clock = clock;
  return self;
}

void
bipe_pairing_set_fingerprint (BipePairing *self, GBytes *fingerprint)
{
  g_return_if_fail (fingerprint == NULL
                    || g_bytes_get_size (fingerprint) == BIPE_PAIRING_FINGERPRINT_SIZE);

  if (fingerprint == self->fingerprint
      || (fingerprint != NULL && self->fingerprint != NULL
          && g_bytes_equal (fingerprint, self->fingerprint)))
    return;
  end_code (self, N_ ("the certificate has changed"));
  g_clear_pointer (&self->fingerprint, g_bytes_unref);
  self->fingerprint = fingerprint != NULL ? g_bytes_ref (fingerprint) : NULL;
}

gboolean
bipe_pairing_is_possible (BipePairing *self)
{
  return self->fingerprint != NULL;
}

void
bipe_pairing_set_addresses (BipePairing *self, char **addresses)
{
  g_strfreev (self->addresses);
  self->addresses = g_strdupv (addresses);
}

/* "https://127.0.0.1:5000", "https://[::1]:5000/#pair=…". */
gboolean
bipe_pairing_is_local (const char *link)
{
  g_autofree char *host = NULL;
  g_autoptr(GInetAddress) address = NULL;

  if (!g_uri_split_network (link, G_URI_FLAGS_NONE, NULL, &host, NULL, NULL) || host == NULL)
    return FALSE;
  address = g_inet_address_new_from_string (host);
  return address != NULL && g_inet_address_get_is_loopback (address);
}

static gboolean
has_far_address (BipePairing *self)
{
  for (guint i = 0; self->addresses != NULL && self->addresses[i] != NULL; i++)
    if (!bipe_pairing_is_local (self->addresses[i]))
      return TRUE;
  return FALSE;
}

GStrv
bipe_pairing_dup_links (BipePairing *self, const char *code)
{
  g_autoptr(GStrvBuilder) links = g_strv_builder_new ();
  gboolean has_far = has_far_address (self);
  char fingerprint[2 * BIPE_PAIRING_FINGERPRINT_SIZE + 1] = "";

  if (self->fingerprint != NULL)
    bipe_pairing_print_hex (g_bytes_get_data (self->fingerprint, NULL),
                            BIPE_PAIRING_FINGERPRINT_SIZE, fingerprint);
  for (guint i = 0; self->addresses != NULL && self->addresses[i] != NULL; i++)
    {
      const char *authority = strstr (self->addresses[i], "://");
      g_autofree char *link
          = g_strdup_printf ("https%s/#pair=%s&fp=%s", authority, code, fingerprint);

      if (fingerprint[0] != '\0' && (!has_far || !bipe_pairing_is_local (link)))
        g_strv_builder_add (links, link);
    }
  return g_strv_builder_end (links);
}

/* Offering. */

/* NULL: the task has been told why not. */
static BipePairingCode *
make_code (BipePairing *self, GTask *task)
{
  g_autoptr(GBytes) random = NULL;
  GError *error = NULL;

  if (self->fingerprint == NULL)
    {
      g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
                               N_ ("pairing needs TLS, and the server has no certificate"));
      return NULL;
    }
  random = bipe_key_new (&error);
  if (random == NULL)
    {
      g_task_return_error (task, error);
      return NULL;
    }
  return bipe_pairing_code_new (g_bytes_get_data (random, NULL), self->fingerprint,
                                bipe_clock_monotonic (self->clock), bipe_clock_real (self->clock));
}

static void
offer (BipePairing *self, GTask *task)
{
  BipePairingCode *code = make_code (self, task);
  BipePairingOffer *told;

  if (code != NULL)
    {
      end_code (self, N_ ("another code was made in its place"));
      self->code = code;
      self->asks = bipe_waiters_new (self->context);
      self->awaits = bipe_waiters_new (self->context);
      start_tick (self);
      told = g_new0 (BipePairingOffer, 1);
      bipe_pairing_print_hex (code->bytes, BIPE_PAIRING_CODE_SIZE, told->code);
      told->expires_at = code->expires_at;
      g_task_return_pointer (task, told, g_free);
    }
  g_object_unref (task);
}

void
bipe_pairing_offer_async (BipePairing *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, bipe_pairing_offer_async);
  call (self, offer, task);
}

BipePairingOffer *
bipe_pairing_offer_finish (BipePairing *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Awaiting. */

static void
await (BipePairing *self, GTask *task)
{
  BipePairingCode *code = get_code (self);
  gboolean is_offered = code != NULL && code->stage == BIPE_PAIRING_CODE_OFFERED;

  if (g_task_return_error_if_cancelled (task))
    g_object_unref (task);
  else if (code != NULL && code->stage == BIPE_PAIRING_CODE_ASKED)
    announce (task, code);
  else if (is_offered && !bipe_waiters_is_full (self->awaits))
    bipe_waiters_push (self->awaits, task, G_MAXINT64);
  else
    {
      g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_NOT_FOUND, "%s",
                               code == NULL ? self->why
                               : is_offered ? N_ ("too many wait for this code already")
                                            : N_ ("the code has been used"));
      g_object_unref (task);
    }
}

void
bipe_pairing_await_async (BipePairing *self,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, bipe_pairing_await_async);
  g_task_set_check_cancellable (task, FALSE);
  call (self, await, task);
}

BipePairingRequest *
bipe_pairing_await_finish (BipePairing *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Approving. */

/* Once, to all that wait, and no more. */
static void
hand_over (BipePairing *self)
{
  bipe_pairing_code_fetch (self->code);
  drop_code (self);
}

static void
issued_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  BipePairing *self = g_task_get_source_object (task);
  Approval *approval = g_task_get_task_data (task);
  BipePairingCode *code = approval->code;
  g_autoptr(BipeGrant) grant = NULL;
  GError *error = NULL;
  char *token = bipe_registry_issue_finish (BIPE_REGISTRY (source), result, &grant, &error);

  if (token == NULL)
    {
      bipe_pairing_code_fail_issue (code);
      g_task_return_error (task, error);
      return;
    }
  if (get_code (self) != code)
    {
      bipe_pairing_wipe (token);
      bipe_registry_revoke_async (self->registry, grant->jti, NULL, NULL);
      g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_NOT_FOUND, "%s", self->why);
      return;
    }
  bipe_pairing_code_finish_issue (code, token, grant);
  if (!bipe_waiters_is_empty (self->asks))
    hand_over (self);
  g_task_return_pointer (task, g_steal_pointer (&grant), (GDestroyNotify)bipe_grant_unref);
}

static void
approve (BipePairing *self, GTask *task)
{
  Approval *approval = g_task_get_task_data (task);
  BipePairingCode *code = get_code (self);

  if (code == NULL || !bipe_pairing_code_begin_issue (code, approval->digits))
    {
      g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_NOT_FOUND, "%s",
                               code == NULL ? self->why : N_ ("nobody asks with these digits"));
      g_object_unref (task);
      return;
    }
  approval->code = bipe_pairing_code_ref (code);
  bipe_registry_issue_async (self->registry, approval->name != NULL ? approval->name : code->name,
                             approval->scopes, approval->days, issued_cb, task);
}

void
bipe_pairing_approve_async (BipePairing *self,
                            const char *digits,
                            const char *name,
                            guint scopes,
                            gint64 days,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Approval *approval = g_new0 (Approval, 1);

  approval->digits = g_strdup (digits);
  approval->name = g_strdup (name);
  approval->scopes = scopes;
  approval->days = days;
  g_task_set_source_tag (task, bipe_pairing_approve_async);
  g_task_set_task_data (task, approval, free_approval);
  call (self, approve, task);
}

BipeGrant *
bipe_pairing_approve_finish (BipePairing *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
close_code (BipePairing *self, GTask *task)
{
  end_code (self, N_ ("the code was taken back"));
}

void
bipe_pairing_close (BipePairing *self)
{
  call (self, close_code, NULL);
}

/* Asking. */

gboolean
bipe_pairing_is_code (BipePairing *self, const char *code)
{
  BipePairingCode *shown = get_code (self);
  g_autoptr(GBytes) bytes
             = bipe_pairing_read_hex (code, BIPE_PAIRING_CODE_SIZE, BIPE_PAIRING_CODE_SIZE);

  return shown != NULL && bytes != NULL
         && bipe_pairing_is_equal (g_bytes_get_data (bytes, NULL), shown->bytes,
                                   BIPE_PAIRING_CODE_SIZE);
}

/* FALSE: it is refused. */
static gboolean
admit (BipePairing *self, const Ask *ask)
{
  BipePairingCode *code = get_code (self);
  GTask *task;

  if (code == NULL)
    return FALSE;
  if (!bipe_pairing_code_admit (code, ask->code, ask->nonce, ask->name, ask->address))
    {
      if (code->why != NULL)
        drop_code (self);
      return FALSE;
    }
  while ((task = bipe_waiters_pop (self->awaits)) != NULL)
    announce (task, code);
  return TRUE;
}

static void
ask (BipePairing *self, GTask *task)
{
  if (g_task_return_error_if_cancelled (task))
    {
      g_object_unref (task);
      return;
    }
  if (!admit (self, g_task_get_task_data (task)))
    {
      answer (task, BIPE_PAIRING_REFUSED);
      return;
    }
  if (bipe_waiters_is_full (self->asks))
    answer (bipe_waiters_pop (self->asks), BIPE_PAIRING_WAITS);
  bipe_waiters_push (self->asks, task,
                     bipe_clock_monotonic (self->clock) + ASK_SECONDS * G_USEC_PER_SEC);
  if (self->code->stage == BIPE_PAIRING_CODE_APPROVED)
    hand_over (self);
}

static Ask *
read_ask (const char *code, const char *nonce, const char *name, GError **error)
{
  g_autoptr(GBytes) code_bytes
             = bipe_pairing_read_hex (code, BIPE_PAIRING_CODE_SIZE, BIPE_PAIRING_CODE_SIZE);
  g_autoptr(GBytes) nonce_bytes = bipe_pairing_read_hex (nonce, NONCE_SIZE_MIN, NONCE_SIZE_MAX);
  Ask *self;

  if (code_bytes == NULL)
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "code must be %d hexadecimal digits",
                 BIPE_PAIRING_CODE_LENGTH);
  else if (nonce_bytes == NULL)
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID,
                 "nonce must be %d to %d bytes in hexadecimal digits", NONCE_SIZE_MIN,
                 NONCE_SIZE_MAX);
  if (code_bytes == NULL || nonce_bytes == NULL || !bipe_grant_check_name (name, error))
    return NULL;
  self = g_new0 (Ask, 1);
  memcpy (self->code, g_bytes_get_data (code_bytes, NULL), BIPE_PAIRING_CODE_SIZE);
  self->nonce = g_steal_pointer (&nonce_bytes);
  self->name = g_strdup (name);
  return self;
}

void
bipe_pairing_ask_async (BipePairing *self,
                        const char *code,
                        const char *nonce,
                        const char *name,
                        const char *address,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  GError *error = NULL;
  Ask *data = read_ask (code, nonce, name, &error);

  g_task_set_source_tag (task, bipe_pairing_ask_async);
  g_task_set_check_cancellable (task, FALSE);
  if (data == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  data->address = g_strdup (address);
  g_task_set_task_data (task, data, free_ask);
  call (self, ask, task);
}

BipePairingOutcome
bipe_pairing_ask_finish (BipePairing *self,
                         GAsyncResult *result,
                         char **token,
                         BipeGrant **grant,
                         GError **error)
{
  Ask *data = g_task_get_task_data (G_TASK (result));

  *token = NULL;
  *grant = NULL;
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return BIPE_PAIRING_REFUSED;
  *token = g_steal_pointer (&data->token);
  *grant = g_steal_pointer (&data->grant);
  return data->outcome;
}
