#include "config.h"

#include "access/origins.h"

#include <string.h>

#include "access/waiters.h"
#include "base/error.h"

#define TELLING_INTERVAL G_TIME_SPAN_MINUTE

struct _BipeOrigins
{
  GObject parent_instance;

  GThread *thread; /* of the birth */
  GMainContext *context;
  BipeClock *clock;
  gboolean allows_all;
  GPtrArray *allowed;          /* of texts */
  GPtrArray *refusals;         /* of Refusal, in their order */
  guint n_asked;               /* of these, the first ones: somebody was asked about them */
  gint64 next_telling_of_rest; /* of those that are not remembered; monotonic */
  BipeWaiters *waiters;
};

G_DEFINE_FINAL_TYPE (BipeOrigins, bipe_origins, G_TYPE_OBJECT)

typedef struct
{
  char *origin;
  gint64 next_telling; /* monotonic */
} Refusal;

/* The data of a call that lets one in. */
typedef struct
{
  BipeOrigins *origins;
  char *origin;
} Permission;

static void
free_refusal (gpointer data)
{
  Refusal *self = data;

  g_free (self->origin);
  g_free (self);
}

static void
free_permission (gpointer data)
{
  Permission *self = data;

  g_object_unref (self->origins);
  g_free (self->origin);
  g_free (self);
}

static void
bipe_origins_finalize (GObject *object)
{
  BipeOrigins *self = BIPE_ORIGINS (object);

  bipe_waiters_free (self->waiters);
  g_ptr_array_unref (self->refusals);
  g_ptr_array_unref (self->allowed);
  g_main_context_unref (self->context);
  G_OBJECT_CLASS (bipe_origins_parent_class)->finalize (object);
}

static void
bipe_origins_class_init (BipeOriginsClass *class)
{
  G_OBJECT_CLASS (class)->finalize = bipe_origins_finalize;
}

static void
bipe_origins_init (BipeOrigins *self)
{
  self->thread = g_thread_self ();
  self->context = g_main_context_ref_thread_default ();
  self->allowed = g_ptr_array_new_with_free_func (g_free);
  self->refusals = g_ptr_array_new_with_free_func (free_refusal);
  self->waiters = bipe_waiters_new (self->context);
}

BipeOrigins *
bipe_origins_new (const char *const *allowed, BipeClock *clock)
{
  BipeOrigins *self = g_object_new (BIPE_TYPE_ORIGINS, NULL);

  self->clock = clock;
  for (guint i = 0; allowed != NULL && allowed[i] != NULL; i++)
    if (strcmp (allowed[i], "*") == 0)
      self->allows_all = TRUE;
    else
      g_ptr_array_add (self->allowed, g_strdup (allowed[i]));
  return self;
}

gboolean
bipe_origins_have (BipeOrigins *self, const char *origin)
{
  g_return_val_if_fail (g_thread_self () == self->thread, FALSE);

  for (guint i = 0; i < self->allowed->len; i++)
    if (g_ascii_strcasecmp (self->allowed->pdata[i], origin) == 0)
      return TRUE;
  return self->allows_all;
}

/* The length of a host's name, or of an IPv6 address in brackets; 0: it is neither. */
static gsize
measure_host (const char *host)
{
  gsize length;

  if (host[0] != '[')
    return strspn (host, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-._");
  length = 1 + strspn (host + 1, "0123456789abcdefABCDEF:.");
  return length > 1 && host[length] == ']' ? length + 1 : 0;
}

/* "https://shop.example", "http://[::1]:8080", "null". Nothing in it can be taken for something
 * else where it is shown, nor be another entry where it is saved in a list with commas. */
static gboolean
is_well_formed (const char *origin)
{
  gsize scheme = strspn (origin, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "+-.");
  gsize length, digits;
  const char *host;

  if (strlen (origin) > BIPE_ORIGINS_LENGTH_MAX)
    return FALSE;
  if (strcmp (origin, "null") == 0)
    return TRUE;
  if (!g_ascii_isalpha (origin[0]) || !g_str_has_prefix (origin + scheme, "://"))
    return FALSE;
  host = origin + scheme + strlen ("://");
  length = measure_host (host);
  if (length == 0 || host[length] == '\0')
    return length > 0;
  digits = strspn (host + length + 1, G_CSET_DIGITS);
  return host[length] == ':' && digits >= 1 && digits <= 5 && host[length + 1 + digits] == '\0';
}

/* Gives those who wait what there is. */
static void
serve (BipeOrigins *self)
{
  while (self->n_asked < self->refusals->len && !bipe_waiters_is_empty (self->waiters))
    {
      g_autoptr(GTask) task = bipe_waiters_pop (self->waiters);
      const Refusal *refusal = self->refusals->pdata[self->n_asked++];

      g_task_return_pointer (task, g_strdup (refusal->origin), g_free);
    }
}

/* NULL: it is not remembered. */
static Refusal *
remember (BipeOrigins *self, const char *origin)
{
  Refusal *refusal;

  if (!is_well_formed (origin))
    return NULL;
  for (guint i = 0; i < self->refusals->len; i++)
    {
      refusal = self->refusals->pdata[i];
      if (g_ascii_strcasecmp (refusal->origin, origin) == 0)
        return refusal;
    }
  if (self->refusals->len == BIPE_ORIGINS_MAX)
    return NULL;
  refusal = g_new0 (Refusal, 1);
  refusal->origin = g_ascii_strdown (origin, -1);
  g_ptr_array_add (self->refusals, refusal);
  serve (self);
  return refusal;
}

gboolean
bipe_origins_refuse (BipeOrigins *self, const char *origin)
{
  gint64 now = bipe_clock_monotonic (self->clock);
  gint64 *next_telling;
  Refusal *refusal;

  g_return_val_if_fail (g_thread_self () == self->thread, FALSE);

  refusal = remember (self, origin);
  next_telling = refusal != NULL ? &refusal->next_telling : &self->next_telling_of_rest;
  if (now < *next_telling)
    return FALSE;
  *next_telling = now + TELLING_INTERVAL;
  return TRUE;
}

static gboolean
await_cb (gpointer data)
{
  GTask *task = data;
  BipeOrigins *self = g_task_get_source_object (task);

  if (bipe_waiters_is_full (self->waiters))
    g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_CONFLICT,
                             "too many wait for web pages already");
  else
    {
      bipe_waiters_push (self->waiters, g_object_ref (task), G_MAXINT64);
      if (!g_cancellable_is_cancelled (g_task_get_cancellable (task)))
        serve (self);
    }
  return G_SOURCE_REMOVE;
}

void
bipe_origins_await_async (BipeOrigins *self,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, bipe_origins_await_async);
  g_task_set_check_cancellable (task, FALSE); /* what it was given would be lost */
  g_main_context_invoke_full (self->context, G_PRIORITY_DEFAULT, await_cb, task, g_object_unref);
}

char *
bipe_origins_await_finish (BipeOrigins *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static gboolean
allow_cb (gpointer data)
{
  Permission *permission = data;
  BipeOrigins *self = permission->origins;

  if (!bipe_origins_have (self, permission->origin))
    g_ptr_array_add (self->allowed, g_steal_pointer (&permission->origin));
  return G_SOURCE_REMOVE;
}

void
bipe_origins_allow (BipeOrigins *self, const char *origin)
{
  Permission *permission;

  g_return_if_fail (is_well_formed (origin));

  permission = g_new0 (Permission, 1);
  permission->origins = g_object_ref (self);
  permission->origin = g_strdup (origin);
  /* Before the engine takes any request that is sent after this. */
  g_main_context_invoke_full (self->context, G_PRIORITY_HIGH, allow_cb, permission,
                              free_permission);
}
