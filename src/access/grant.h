/* grant.h: what a person has let somebody do, and the record of it. A value: changed by the
 * registry alone, on its thread; what others get is a copy. */
#pragma once

#include <jansson.h>

#include "base/uuid.h"

G_BEGIN_DECLS

/* Characters of a name. */
#define BIPE_GRANT_NAME_MAX 64

/**
 * BipeGrant:
 * @jti: a UUID, by which the token is called; it is no secret
 * @name: whom it was given to, the token's `sub`
 * @scopes: BipeScope flags
 * @issued_at, @expires_at: microseconds since 1970, in whole seconds
 * @used_at, @revoked_at: likewise; 0: never
 * @n_scans: taken from its holder
 */
typedef struct
{
  char jti[BIPE_UUID_STRING_SIZE];
  char *name;
  guint scopes;
  gint64 issued_at;
  gint64 expires_at;
  gint64 used_at;
  gint64 revoked_at;
  gint64 n_scans;
} BipeGrant;

/* A copy of @grant, whose name may be borrowed. */
BipeGrant *bipe_grant_new (const BipeGrant *grant) G_GNUC_WARN_UNUSED_RESULT;
BipeGrant *bipe_grant_ref (BipeGrant *self) G_GNUC_WARN_UNUSED_RESULT;
void bipe_grant_unref (BipeGrant *self);

/* Neither revoked nor over at @now. */
gboolean bipe_grant_is_live (const BipeGrant *self, gint64 now);

/* 1 to 64 characters of UTF-8 that are not control characters; FALSE: BIPE_ERROR_INVALID. */
gboolean bipe_grant_check_name (const char *name, GError **error);

/* A list of scopes in JSON, of names; 0: BIPE_ERROR_INVALID, one is unknown or there is none. */
guint bipe_grant_read_scopes (const json_t *list, GError **error);
void bipe_grant_append_scopes (guint scopes, GString *out);

/* {"jti":…,"name":…,"scopes":[…],"issued_at":…,"expires_at":…,"last_used_at":…,
 * "revoked_at":…,"scans":…} */
void bipe_grant_append_json (const BipeGrant *self, GString *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeGrant, bipe_grant_unref)

G_END_DECLS
