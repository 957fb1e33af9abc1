/* registry.h: who may come in: all grants there are, in memory, and on the disk behind it, so that
 * a token is judged without waiting for anything. Disk is on a thread of its own.
 *
 * Born in the engine's thread-default context, and used there; the …_async functions may be called
 * from any thread and finish in the caller's context. */
#pragma once

#include <gio/gio.h>

#include "access/token.h"
#include "base/types.h"

G_BEGIN_DECLS

#define BIPE_TYPE_REGISTRY (bipe_registry_get_type ())
G_DECLARE_FINAL_TYPE (BipeRegistry, bipe_registry, BIPE, REGISTRY, GObject)

/* Grants, the dead ones counted in: of these, those that are longest over make room. So many that a
 * list of them is within BIPE_JSON_VALUES_MAX. */
#define BIPE_REGISTRY_MAX 3000

#define BIPE_REGISTRY_DAYS_MAX 3650

/* How long a grant may live: 1 to that many; FALSE: BIPE_ERROR_INVALID. */
gboolean bipe_registry_check_days (gint64 days, GError **error);

/**
 * BipeRegistry::revoked:
 * @jti: the grant's
 *
 * Emitted in the context of the birth, behind the disk's turn, also where that has failed.
 */

/**
 * BipeRegistry::changed:
 * @jti: the grant's
 *
 * Emitted likewise, where it lets its holder do other things than before.
 */

/**
 * bipe_registry_open:
 * @path: the SQLite file
 * @key: (nullable): %NULL: it can't be had now; then no token is valid, and none is issued
 *
 * Blocks; to be called at the start. NULL with BIPE_ERROR_UNREADABLE.
 */
BipeRegistry *bipe_registry_open (const char *path, GBytes *key, BipeClock *clock, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Works off what was asked for, keeps what was noted, and joins the thread. Blocks. To be called
 * before the last reference goes. */
void bipe_registry_close (BipeRegistry *self);

/**
 * bipe_registry_check:
 * @grant: (out) (nullable): where it is valid, what it lets its holder do, from now on: it is
 *   changed in its place where that changes
 *
 * Notes the use. Of the engine's thread.
 */
BipeTokenVerdict
bipe_registry_check (BipeRegistry *self, const char *token, gsize length, BipeGrant **grant);

/* Whether it still counts now. */
gboolean bipe_registry_is_live (BipeRegistry *self, const BipeGrant *grant);

/* A token for one minute, with the scope admin alone and in no list, for a program that has the key
 * and speaks to a station that runs. */
char *bipe_registry_issue_own (GBytes *key, BipeClock *clock) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_registry_issue_async:
 * @name, @scopes, @days: of the new token; checked here
 *
 * finish gives the token, which is kept nowhere, and what it stands for; %NULL: BIPE_ERROR_INVALID,
 * BIPE_ERROR_CONFLICT (too many), or what the disk says.
 */
void bipe_registry_issue_async (BipeRegistry *self,
                                const char *name,
                                guint scopes,
                                gint64 days,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
char *bipe_registry_issue_finish (BipeRegistry *self,
                                  GAsyncResult *result,
                                  BipeGrant **grant,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* finish gives the grant as it is now, also where it was revoked before; NULL: BIPE_ERROR_NOT_FOUND
 * or what the disk says. Where the disk fails, the revocation counts all the same while the
 * registry is open, and is tried again every half a minute, and at the end. */
void bipe_registry_revoke_async (BipeRegistry *self,
                                 const char *jti,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
BipeGrant *bipe_registry_revoke_finish (BipeRegistry *self,
                                        GAsyncResult *result,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_registry_change_async:
 * @name: (nullable): %NULL: as it is
 * @scopes: 0: as they are
 *
 * Counts at once, also for who is connected. finish gives the grant as it is now; NULL as for
 * revoke, or BIPE_ERROR_INVALID. Where the disk fails, and @scopes only take some away, they count
 * as a revocation does then; a name, or what would be given, does not.
 */
void bipe_registry_change_async (BipeRegistry *self,
                                 const char *jti,
                                 const char *name,
                                 guint scopes,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
BipeGrant *bipe_registry_change_finish (BipeRegistry *self,
                                        GAsyncResult *result,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes a revocation back. NULL: BIPE_ERROR_NOT_FOUND; BIPE_ERROR_CONFLICT, its time is over; or
 * what the disk says. */
void bipe_registry_restore_async (BipeRegistry *self,
                                  const char *jti,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
BipeGrant *bipe_registry_restore_finish (BipeRegistry *self,
                                         GAsyncResult *result,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Scans taken from the holder of @grant. */
void bipe_registry_count_scans (BipeRegistry *self, BipeGrant *grant, guint n_scans);

/* finish gives all of them (element-type BipeGrant), oldest first. */
void
bipe_registry_list_async (BipeRegistry *self, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *bipe_registry_list_finish (BipeRegistry *self,
                                      GAsyncResult *result,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
