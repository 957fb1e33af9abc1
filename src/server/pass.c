#include "config.h"

#include "server/pass.h"

BipePass *
bipe_pass_new (const char *address, BipeRegistry *registry, BipeGrant *grant, guint loopback_scopes)
{
  BipePass *self = g_new0 (BipePass, 1);

  g_ref_count_init (&self->references);
  self->address = g_strdup (address);
  self->grant = grant;
  g_set_object (&self->registry, registry);
  self->loopback_scopes = loopback_scopes;
  return self;
}

BipePass *
bipe_pass_ref (BipePass *self)
{
  g_ref_count_inc (&self->references);
  return self;
}

void
bipe_pass_unref (BipePass *self)
{
  if (!g_ref_count_dec (&self->references))
    return;
  g_clear_pointer (&self->grant, bipe_grant_unref);
  g_clear_object (&self->registry);
  g_free (self->address);
  g_free (self);
}

guint
bipe_pass_get_scopes (const BipePass *self)
{
  if (self == NULL)
    return BIPE_SCOPE_NONE;
  return self->grant != NULL ? self->grant->scopes : self->loopback_scopes;
}

void
bipe_pass_count_scans (BipePass *self, guint n_scans)
{
  if (self->grant != NULL && n_scans > 0)
    bipe_registry_count_scans (self->registry, self->grant, n_scans);
}

const char *
bipe_pass_get_user (const BipePass *self)
{
  return self != NULL && self->grant != NULL ? self->grant->name : NULL;
}
