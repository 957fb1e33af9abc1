/* pass.h: who is at the other end of a request, a socket or a session, and what he may do there. */
#pragma once

#include "access/registry.h"
#include "access/scopes.h"

G_BEGIN_DECLS

/**
 * BipePass:
 * @address: the client's, as text
 * @grant: (nullable): by which token; its scopes and its end may change. %NULL: without one
 * @registry: (nullable): where that is from
 * @loopback_scopes: what counts without a token
 */
typedef struct
{
  grefcount references;
  char *address;
  BipeGrant *grant;
  BipeRegistry *registry;
  guint loopback_scopes;
} BipePass;

/* Takes @grant (nullable), which is of @registry. */
BipePass *bipe_pass_new (const char *address,
                         BipeRegistry *registry,
                         BipeGrant *grant,
                         guint loopback_scopes) G_GNUC_WARN_UNUSED_RESULT;
BipePass *bipe_pass_ref (BipePass *self) G_GNUC_WARN_UNUSED_RESULT;
void bipe_pass_unref (BipePass *self);

/* BipeScope flags; none for NULL. */
guint bipe_pass_get_scopes (const BipePass *self);

/* Scans were taken from its holder: also where the client, or the server, has gone meanwhile. */
void bipe_pass_count_scans (BipePass *self, guint n_scans);

/* Whom the token was given to; NULL: nobody known. */
const char *bipe_pass_get_user (const BipePass *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipePass, bipe_pass_unref)

G_END_DECLS
