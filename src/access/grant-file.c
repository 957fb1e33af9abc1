#include "config.h"

#include "access/grant-file.h"

#include "base/error.h"
#include "sqlite/database.h"

struct _BipeGrantFile
{
  BipeDatabase *database;
  sqlite3_stmt *load, *count, *drop, *add, *revoke, *change, *restore, *touch, *restrict_one;
};

BipeGrantFile *
bipe_grant_file_open (const char *path, GError **error)
{
  BipeDatabase *database = bipe_database_open (path, "access", error);
  BipeGrantFile *self;

  if (database == NULL)
    return NULL;
  self = g_new0 (BipeGrantFile, 1);
  self->database = database;
  self->load = bipe_database_prepare (
      database, "SELECT jti, name, scopes, issued_at, expires_at, used_at, "
                "revoked_at, n_scans FROM access_grant ORDER BY issued_at, rowid");
  self->count = bipe_database_prepare (database, "SELECT count(*) FROM access_grant");
  self->drop = bipe_database_prepare (
      database, "DELETE FROM access_grant WHERE jti = (SELECT jti FROM access_grant "
                "WHERE revoked_at != 0 OR expires_at <= ? ORDER BY expires_at LIMIT 1) "
                "RETURNING jti");
  self->add = bipe_database_prepare (database,
                                     "INSERT INTO access_grant VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  self->revoke = bipe_database_prepare (
      database, "UPDATE access_grant SET revoked_at = ? WHERE jti = ? AND revoked_at = 0");
  self->change = bipe_database_prepare (
      database, "UPDATE access_grant SET name = coalesce(?, name), scopes = coalesce(?, scopes) "
                "WHERE jti = ?");
  self->restore = bipe_database_prepare (
      database, "UPDATE access_grant SET revoked_at = 0 WHERE jti = ? AND expires_at > ?");
  self->touch = bipe_database_prepare (
      database, "UPDATE access_grant SET used_at = ?, n_scans = ? WHERE jti = ?");
  self->restrict_one = bipe_database_prepare (
      database, "UPDATE access_grant SET revoked_at = coalesce(nullif(?, 0), revoked_at), "
                "scopes = scopes & ? WHERE jti = ?");
  return self;
}

void
bipe_grant_file_free (BipeGrantFile *self)
{
  bipe_database_free (self->database);
  g_free (self);
}

static BipeGrant *
read_row (sqlite3_stmt *row)
{
  BipeGrant grant = {
    .name = (char *)sqlite3_column_text (row, 1),
    .scopes = (guint)sqlite3_column_int (row, 2),
    .issued_at = sqlite3_column_int64 (row, 3),
    .expires_at = sqlite3_column_int64 (row, 4),
    .used_at = sqlite3_column_int64 (row, 5),
    .revoked_at = sqlite3_column_int64 (row, 6),
    .n_scans = sqlite3_column_int64 (row, 7),
  };

  g_strlcpy (grant.jti, (const char *)sqlite3_column_text (row, 0), sizeof grant.jti);
  return bipe_grant_new (&grant);
}

GPtrArray *
bipe_grant_file_load (BipeGrantFile *self, GError **error)
{
  g_autoptr(GPtrArray) grants = g_ptr_array_new_with_free_func ((GDestroyNotify)bipe_grant_unref);
  int result;

  while ((result = sqlite3_step (self->load)) == SQLITE_ROW)
    g_ptr_array_add (grants, read_row (self->load));
  if (result != SQLITE_DONE)
    bipe_database_fail (self->database, "read the grants", error);
  sqlite3_reset (self->load);
  return result == SQLITE_DONE ? g_steal_pointer (&grants) : NULL;
}

/* FALSE: nothing dead is there. */
static gboolean
drop_dead (BipeGrantFile *self, gint64 now, char **dropped, GError **error)
{
  int result;

  sqlite3_bind_int64 (self->drop, 1, now);
  result = sqlite3_step (self->drop);
  if (result == SQLITE_ROW)
    {
      *dropped = g_strdup ((const char *)sqlite3_column_text (self->drop, 0));
      result = sqlite3_step (self->drop);
    }
  if (result != SQLITE_DONE)
    bipe_database_fail (self->database, "keep the grant", error);
  else if (*dropped == NULL)
    g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_CONFLICT,
                         "there are as many tokens as there may be; revoke some");
  sqlite3_reset (self->drop);
  return result == SQLITE_DONE && *dropped != NULL;
}

static gint64
count (BipeGrantFile *self)
{
  gint64 n = sqlite3_step (self->count) == SQLITE_ROW ? sqlite3_column_int64 (self->count, 0) : 0;

  sqlite3_reset (self->count);
  return n;
}

static gboolean
add (BipeGrantFile *self, const BipeGrant *grant, guint most, char **dropped, GError **error)
{
  if (count (self) >= most && !drop_dead (self, grant->issued_at, dropped, error))
    return FALSE;
  sqlite3_bind_text (self->add, 1, grant->jti, -1, SQLITE_STATIC);
  sqlite3_bind_text (self->add, 2, grant->name, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (self->add, 3, grant->scopes);
  sqlite3_bind_int64 (self->add, 4, grant->issued_at);
  sqlite3_bind_int64 (self->add, 5, grant->expires_at);
  sqlite3_bind_int64 (self->add, 6, grant->used_at);
  sqlite3_bind_int64 (self->add, 7, grant->revoked_at);
  sqlite3_bind_int64 (self->add, 8, grant->n_scans);
  return bipe_database_run (self->database, self->add, "keep the grant", error)
         && bipe_database_exec (self->database, "COMMIT", error);
}

static void
roll_back (BipeGrantFile *self)
{
  bipe_database_exec (self->database, "ROLLBACK", NULL);
}

gboolean
bipe_grant_file_add (BipeGrantFile *self,
                     const BipeGrant *grant,
                     guint most,
                     char **dropped,
                     GError **error)
{
  *dropped = NULL;
  if (!bipe_database_exec (self->database, "BEGIN IMMEDIATE", error))
    return FALSE;
  if (add (self, grant, most, dropped, error))
    return TRUE;
  roll_back (self);
  g_clear_pointer (dropped, g_free);
  return FALSE;
}

gboolean
bipe_grant_file_revoke (BipeGrantFile *self, const char *jti, gint64 revoked_at, GError **error)
{
  sqlite3_bind_int64 (self->revoke, 1, revoked_at);
  sqlite3_bind_text (self->revoke, 2, jti, -1, SQLITE_STATIC);
  return bipe_database_run (self->database, self->revoke, "revoke the token", error);
}

gboolean
bipe_grant_file_change (BipeGrantFile *self,
                        const char *jti,
                        const char *name,
                        guint scopes,
                        GError **error)
{
  sqlite3_bind_text (self->change, 1, name, -1, SQLITE_STATIC);
  if (scopes != 0)
    sqlite3_bind_int64 (self->change, 2, scopes);
  else
    sqlite3_bind_null (self->change, 2);
  sqlite3_bind_text (self->change, 3, jti, -1, SQLITE_STATIC);
  return bipe_database_run (self->database, self->change, "change the token's rights", error);
}

gboolean
bipe_grant_file_restore (BipeGrantFile *self, const char *jti, gint64 now, GError **error)
{
  sqlite3_bind_text (self->restore, 1, jti, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (self->restore, 2, now);
  return bipe_database_run (self->database, self->restore, "take a revocation back", error);
}

static gboolean
touch (BipeGrantFile *self, const BipeGrant *grant, GError **error)
{
  sqlite3_bind_int64 (self->touch, 1, grant->used_at);
  sqlite3_bind_int64 (self->touch, 2, grant->n_scans);
  sqlite3_bind_text (self->touch, 3, grant->jti, -1, SQLITE_STATIC);
  return bipe_database_run (self->database, self->touch, "note a token's use", error);
}

static gboolean
restrict_one (BipeGrantFile *self, const BipeGrant *grant, GError **error)
{
  sqlite3_bind_int64 (self->restrict_one, 1, grant->revoked_at);
  sqlite3_bind_int64 (self->restrict_one, 2, grant->scopes);
  sqlite3_bind_text (self->restrict_one, 3, grant->jti, -1, SQLITE_STATIC);
  return bipe_database_run (self->database, self->restrict_one, "take a token's rights", error);
}

/* In one commit. */
static gboolean
write_all (BipeGrantFile *self,
           GPtrArray *grants,
           gboolean (*write_one) (BipeGrantFile *self, const BipeGrant *grant, GError **error),
           GError **error)
{
  gboolean is_written = TRUE;

  if (!bipe_database_exec (self->database, "BEGIN IMMEDIATE", error))
    return FALSE;
  for (guint i = 0; is_written && i < grants->len; i++)
    is_written = write_one (self, grants->pdata[i], error);
  if (is_written && bipe_database_exec (self->database, "COMMIT", error))
    return TRUE;
  roll_back (self);
  return FALSE;
}

gboolean
bipe_grant_file_touch (BipeGrantFile *self, GPtrArray *grants, GError **error)
{
  return write_all (self, grants, touch, error);
}

gboolean
bipe_grant_file_restrict (BipeGrantFile *self, GPtrArray *grants, GError **error)
{
  return write_all (self, grants, restrict_one, error);
}
