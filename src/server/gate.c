#include "config.h"

#include "server/gate.h"

#include <string.h>

#include "base/clock.h"
#include "server/failures.h"

struct _BipeGate
{
  BipeRegistry *registry; /* NULL: there is none */
  gulong revoked_id, changed_id;
  gboolean needs_token;
  BipeFailures *failures;
  GQueue visits;
  GMainContext *context;
  GSource *sweep; /* while there are visits: a token's time may come, and the clock may be set */
};

struct _BipeVisit
{
  GList link; /* in the gate's visits; its data is this */
  BipeGate *gate;
  BipePass *pass;
  BipeScope scope;
  void (*ended) (gpointer user_data);
  gpointer user_data;
};

static void
stop_sweep (BipeGate *self)
{
  if (self->sweep == NULL)
    return;
  g_source_destroy (self->sweep);
  g_clear_pointer (&self->sweep, g_source_unref);
}

void
bipe_visit_leave (BipeVisit *visit)
{
  BipeGate *self = visit->gate;

  g_queue_unlink (&self->visits, &visit->link);
  if (self->visits.length == 0)
    stop_sweep (self);
  bipe_pass_unref (visit->pass);
  g_free (visit);
}

gboolean
bipe_gate_admits (BipeGate *self, const BipePass *pass)
{
  if (pass->grant != NULL)
    return bipe_registry_is_live (self->registry, pass->grant);
  return pass->loopback_scopes == BIPE_SCOPE_NONE || !self->needs_token;
}

static BipeVisit *
find_ended (BipeGate *self)
{
  for (GList *l = self->visits.head; l != NULL; l = l->next)
    {
      BipeVisit *visit = l->data;

      if (!bipe_gate_admits (self, visit->pass)
          || (bipe_pass_get_scopes (visit->pass) & visit->scope) == 0)
        return visit;
    }
  return NULL;
}

/* One that ends may take others with it, so each time it is looked for anew. */
static void
see_out (BipeGate *self)
{
  BipeVisit *visit;

  while ((visit = find_ended (self)) != NULL)
    {
      void (*ended) (gpointer user_data) = visit->ended;
      gpointer user_data = visit->user_data;

      bipe_visit_leave (visit);
      ended (user_data);
    }
}

static gboolean
sweep_cb (gpointer data)
{
  see_out (data);
  return G_SOURCE_CONTINUE;
}

/* Revoked, or let do other things than before. */
static void
changed_cb (BipeRegistry *registry, const char *jti, gpointer user_data)
{
  see_out (user_data);
}

void
bipe_gate_set_needs_token (BipeGate *self, gboolean needs_token)
{
  self->needs_token = needs_token;
  see_out (self);
}

BipeGate *
bipe_gate_new (BipeRegistry *registry, guint rate_limit)
{
  BipeGate *self = g_new0 (BipeGate, 1);

  if (registry != NULL)
    {
      self->registry = g_object_ref (registry);
      self->revoked_id = g_signal_connect (registry, "revoked", G_CALLBACK (changed_cb), self);
      self->changed_id = g_signal_connect (registry, "changed", G_CALLBACK (changed_cb), self);
    }
  self->failures = bipe_failures_new (rate_limit, bipe_clock_system ());
  g_queue_init (&self->visits);
  self->context = g_main_context_ref_thread_default ();
  return self;
}

void
bipe_gate_free (BipeGate *self)
{
  g_return_if_fail (self->visits.length == 0);

  if (self->registry != NULL)
    {
      g_signal_handler_disconnect (self->registry, self->changed_id);
      g_signal_handler_disconnect (self->registry, self->revoked_id);
    }
  g_clear_object (&self->registry);
  bipe_failures_free (self->failures);
  g_main_context_unref (self->context);
  g_free (self);
}

BipeGrant *
bipe_gate_judge (BipeGate *self, const char *token, BipeFault *fault, const char **why)
{
  BipeGrant *grant = NULL;
  BipeTokenVerdict verdict = BIPE_TOKEN_INVALID;

  if (self->registry != NULL)
    verdict = bipe_registry_check (self->registry, token, strlen (token), &grant);
  *fault = verdict == BIPE_TOKEN_EXPIRED ? BIPE_FAULT_TOKEN_EXPIRED : BIPE_FAULT_TOKEN_INVALID;
  *why = verdict == BIPE_TOKEN_EXPIRED ? "token is expired" : "token is invalid";
  return grant;
}

BipeRegistry *
bipe_gate_get_registry (BipeGate *self)
{
  return self->registry;
}

guint
bipe_gate_count_failure (BipeGate *self, const char *address)
{
  return bipe_failures_note (self->failures, address);
}

guint
bipe_gate_get_wait (BipeGate *self, const char *address)
{
  return bipe_failures_get_wait (self->failures, address);
}

BipeVisit *
bipe_gate_enter (BipeGate *self,
                 BipePass *pass,
                 BipeScope scope,
                 void (*ended) (gpointer user_data),
                 gpointer user_data)
{
  BipeVisit *visit;

  visit = g_new0 (BipeVisit, 1);
  visit->link.data = visit;
  visit->gate = self;
  visit->pass = bipe_pass_ref (pass);
  visit->scope = scope;
  visit->ended = ended;
  visit->user_data = user_data;
  g_queue_push_tail_link (&self->visits, &visit->link);
  if (self->sweep == NULL)
    {
      self->sweep = g_timeout_source_new (500);
      g_source_set_callback (self->sweep, sweep_cb, self, NULL);
      g_source_attach (self->sweep, self->context);
    }
  return visit;
}
