/* grant-file.h: the grants on the disk: an SQLite file, used from one thread. */
#pragma once

#include "access/grant.h"

G_BEGIN_DECLS

typedef struct _BipeGrantFile BipeGrantFile;

/* NULL with BIPE_ERROR_UNREADABLE. */
BipeGrantFile *bipe_grant_file_open (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bipe_grant_file_free (BipeGrantFile *self);

/* (element-type BipeGrant): all of them, oldest first. */
GPtrArray *bipe_grant_file_load (BipeGrantFile *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_grant_file_add:
 * @most: grants that there may be
 * @dropped: (out) (nullable): the jti of one that had to go for it, the longest dead
 *
 * On the disk when it returns. FALSE: BIPE_ERROR_CONFLICT, @most are alive; or the disk's fault.
 */
gboolean bipe_grant_file_add (BipeGrantFile *self,
                              const BipeGrant *grant,
                              guint most,
                              char **dropped,
                              GError **error);

/* Nothing where it is revoked already, or unknown. */
gboolean
bipe_grant_file_revoke (BipeGrantFile *self, const char *jti, gint64 revoked_at, GError **error);

/**
 * bipe_grant_file_change:
 * @name: (nullable): %NULL: as it is
 * @scopes: 0: as they are
 *
 * Nothing where it is unknown.
 */
gboolean bipe_grant_file_change (BipeGrantFile *self,
                                 const char *jti,
                                 const char *name,
                                 guint scopes,
                                 GError **error);

/* Takes a revocation back; nothing where it is unknown, or over at @now. */
gboolean bipe_grant_file_restore (BipeGrantFile *self, const char *jti, gint64 now, GError **error);

/* The @used_at and @n_scans of @grants (element-type BipeGrant), in one commit. */
gboolean bipe_grant_file_touch (BipeGrantFile *self, GPtrArray *grants, GError **error);

/* What was taken from @grants (element-type BipeGrant), in one commit: where one is revoked, that;
 * and the scopes that it does not have. Gives nothing. */
gboolean bipe_grant_file_restrict (BipeGrantFile *self, GPtrArray *grants, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeGrantFile, bipe_grant_file_free)

G_END_DECLS
