#define _GNU_SOURCE /* memmem */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "access/registry.h"
#include "access/scopes.h"
#include "base/clock.h"
#include "base/error.h"
#include "folder.h"
#include "forge.h"
#include "sqlite/database.h"

#define START G_GINT64_CONSTANT (1700000000500000)
#define KEY "0123456789abcdef0123456789abcdef"
#define DAY (24 * 3600 * G_TIME_SPAN_SECOND)

typedef struct
{
  Folder folder;
  char *path;
  BipeClock *clock;
  GBytes *key;
  BipeRegistry *registry;
  GString *revoked; /* jtis, each with a blank behind it */
  guint n_changed;
} Fixture;

static void
revoked_cb (BipeRegistry *registry, const char *jti, gpointer user_data)
{
  Fixture *self = user_data;

  g_string_append_printf (self->revoked, "%s ", jti);
}

static void
changed_cb (BipeRegistry *registry, const char *jti, gpointer user_data)
{
  ((Fixture *)user_data)->n_changed++;
}

static void
open_registry (Fixture *self)
{
  g_autoptr(GError) error = NULL;

  self->registry = bipe_registry_open (self->path, self->key, self->clock, &error);
  g_assert_no_error (error);
  g_signal_connect (self->registry, "revoked", G_CALLBACK (revoked_cb), self);
  g_signal_connect (self->registry, "changed", G_CALLBACK (changed_cb), self);
}

static void
close_registry (Fixture *self)
{
  bipe_registry_close (self->registry);
  /* What was under way comes back, and lets go. */
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_finalize_object (g_steal_pointer (&self->registry));
}

static void
set_up (Fixture *self, gconstpointer data)
{
  folder_set_up (&self->folder, NULL);
  self->path = folder_join (&self->folder, "access.db");
  self->clock = bipe_clock_new_manual (START);
  self->key = g_bytes_new_static (KEY, 32);
  self->revoked = g_string_new (NULL);
  open_registry (self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  if (self->registry != NULL)
    close_registry (self);
  g_string_free (self->revoked, TRUE);
  g_bytes_unref (self->key);
  bipe_clock_free (self->clock);
  g_free (self->path);
  folder_tear_down (&self->folder, NULL);
}

static void
result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static char *
try_issue (Fixture *self,
           const char *name,
           guint scopes,
           gint64 days,
           BipeGrant **grant,
           GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_registry_issue_async (self->registry, name, scopes, days, result_cb, &result);
  return bipe_registry_issue_finish (self->registry, wait_for (&result), grant, error);
}

static char *
issue (Fixture *self, const char *name, guint scopes, gint64 days, BipeGrant **grant)
{
  g_autoptr(GError) error = NULL;
  char *token = try_issue (self, name, scopes, days, grant, &error);

  g_assert_no_error (error);
  return token;
}

static BipeGrant *
try_revoke (Fixture *self, const char *jti, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_registry_revoke_async (self->registry, jti, result_cb, &result);
  return bipe_registry_revoke_finish (self->registry, wait_for (&result), error);
}

static BipeGrant *
try_change (Fixture *self, const char *jti, const char *name, guint scopes, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_registry_change_async (self->registry, jti, name, scopes, result_cb, &result);
  return bipe_registry_change_finish (self->registry, wait_for (&result), error);
}

static BipeGrant *
try_restore (Fixture *self, const char *jti, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_registry_restore_async (self->registry, jti, result_cb, &result);
  return bipe_registry_restore_finish (self->registry, wait_for (&result), error);
}

static GPtrArray *
list (Fixture *self)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  GPtrArray *grants;

  bipe_registry_list_async (self->registry, result_cb, &result);
  grants = bipe_registry_list_finish (self->registry, wait_for (&result), &error);
  g_assert_no_error (error);
  return grants;
}

static BipeTokenVerdict
check (Fixture *self, const char *token)
{
  g_autoptr(BipeGrant) grant = NULL;
  BipeTokenVerdict verdict = bipe_registry_check (self->registry, token, strlen (token), &grant);

  g_assert_cmpint (grant != NULL, ==, verdict == BIPE_TOKEN_VALID);
  return verdict;
}

static void
test_issue (Fixture *self, gconstpointer data)
{
  g_autoptr(BipeGrant) grant = NULL, seen = NULL;
  g_autofree char *token = issue (self, "till", BIPE_SCOPE_SCAN | BIPE_SCOPE_READ, 2, &grant);
  g_autofree char *content = NULL;
  gsize length;

  g_assert_cmpstr (grant->name, ==, "till");
  g_assert_cmpint (grant->expires_at - grant->issued_at, ==, 2 * DAY);
  g_assert_cmpint (grant->issued_at, ==, START / G_USEC_PER_SEC * G_USEC_PER_SEC);
  g_assert_cmpint (bipe_registry_check (self->registry, token, strlen (token), &seen), ==,
                   BIPE_TOKEN_VALID);
  g_assert_cmpstr (seen->jti, ==, grant->jti);
  g_assert_cmpuint (seen->scopes, ==, BIPE_SCOPE_SCAN | BIPE_SCOPE_READ);
  g_assert_true (bipe_registry_is_live (self->registry, seen));

  bipe_clock_step (self->clock, grant->expires_at - 1);
  g_assert_cmpint (check (self, token), ==, BIPE_TOKEN_VALID);
  bipe_clock_step (self->clock, grant->expires_at);
  g_assert_cmpint (check (self, token), ==, BIPE_TOKEN_EXPIRED);
  g_assert_false (bipe_registry_is_live (self->registry, seen));

  /* Neither the token nor the key is on the disk. */
  close_registry (self);
  g_assert_true (g_file_get_contents (self->path, &content, &length, NULL));
  g_assert_null (memmem (content, length, "eyJ", 3));
  g_assert_null (memmem (content, length, KEY, strlen (KEY)));
  g_assert_nonnull (memmem (content, length, grant->jti, strlen (grant->jti)));
}

static void
test_refused (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *name;
    guint scopes;
    gint64 days;
  } cases[] = {
    { "", BIPE_SCOPE_SCAN, 1 },
    { "a\nb", BIPE_SCOPE_SCAN, 1 },
    { "till", 0, 1 },
    { "till", 1 << 6, 1 },
    { "till", BIPE_SCOPE_SCAN, 0 },
    { "till", BIPE_SCOPE_SCAN, -1 },
    { "till", BIPE_SCOPE_SCAN, 3651 },
  };
  g_autoptr(GPtrArray) grants = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(BipeGrant) grant = NULL;

      g_assert_null (
          try_issue (self, cases[i].name, cases[i].scopes, cases[i].days, &grant, &error));
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
    }
  grants = list (self);
  g_assert_cmpuint (grants->len, ==, 0);
}

static void
test_revoke (Fixture *self, gconstpointer data)
{
  g_autoptr(BipeGrant) grant = NULL, other = NULL, held = NULL, revoked = NULL, again = NULL;
  g_autofree char *token = issue (self, "till", BIPE_SCOPE_SCAN, 1, &grant);
  g_autofree char *kept = issue (self, "door", BIPE_SCOPE_SCAN, 1, &other);
  g_autofree char *told = g_strdup_printf ("%s ", grant->jti);
  g_autoptr(GError) error = NULL;

  bipe_registry_check (self->registry, token, strlen (token), &held);
  bipe_clock_advance (self->clock, G_USEC_PER_SEC);
  revoked = try_revoke (self, grant->jti, &error);
  g_assert_no_error (error);
  g_assert_cmpint (revoked->revoked_at, ==, START + G_USEC_PER_SEC);
  g_assert_cmpint (check (self, token), ==, BIPE_TOKEN_INVALID);
  g_assert_cmpint (check (self, kept), ==, BIPE_TOKEN_VALID);
  /* Whoever has come in with it can see. */
  g_assert_false (bipe_registry_is_live (self->registry, held));
  g_assert_cmpstr (self->revoked->str, ==, told);

  bipe_clock_advance (self->clock, G_USEC_PER_SEC);
  again = try_revoke (self, grant->jti, &error);
  g_assert_no_error (error);
  g_assert_cmpint (again->revoked_at, ==, START + G_USEC_PER_SEC);
  g_assert_cmpstr (self->revoked->str, ==, told);

  g_assert_null (try_revoke (self, "nothing", &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);

  close_registry (self);
  open_registry (self);
  g_assert_cmpint (check (self, token), ==, BIPE_TOKEN_INVALID);
  g_assert_cmpint (check (self, kept), ==, BIPE_TOKEN_VALID);
}

/* Name and rights are the registry's to say, not the token's, and count at once for who is in. */
static void
test_change (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *name;
    guint scopes;
    const char *expected_name;
    guint expected_scopes;
  } cases[] = {
    { "door", 0, "door", BIPE_SCOPE_SCAN },
    { NULL, BIPE_SCOPE_READ | BIPE_SCOPE_VOID, "door", BIPE_SCOPE_READ | BIPE_SCOPE_VOID },
    { "till", BIPE_SCOPE_SCAN, "till", BIPE_SCOPE_SCAN },
    { NULL, 0, "till", BIPE_SCOPE_SCAN },
  };
  static const struct
  {
    const char *name;
    guint scopes;
  } bad[] = { { "", 0 }, { "a\nb", BIPE_SCOPE_SCAN }, { NULL, 1 << 6 } };
  g_autoptr(BipeGrant) grant = NULL, held = NULL;
  g_autofree char *token = issue (self, "till", BIPE_SCOPE_SCAN, 1, &grant);
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(BipeGrant) changed
                 = try_change (self, grant->jti, cases[i].name, cases[i].scopes, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (changed->name, ==, cases[i].expected_name);
      g_assert_cmpuint (changed->scopes, ==, cases[i].expected_scopes);
      g_assert_cmpuint (self->n_changed, ==, i + 1);
      g_clear_pointer (&held, bipe_grant_unref);
      bipe_registry_check (self->registry, token, strlen (token), &held);
      g_assert_cmpuint (held->scopes, ==, cases[i].expected_scopes);

      close_registry (self);
      open_registry (self);
      g_clear_pointer (&held, bipe_grant_unref);
      bipe_registry_check (self->registry, token, strlen (token), &held);
      g_assert_cmpstr (held->name, ==, cases[i].expected_name);
      g_assert_cmpuint (held->scopes, ==, cases[i].expected_scopes);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_null (try_change (self, grant->jti, bad[i].name, bad[i].scopes, &error));
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
      g_clear_error (&error);
    }
  g_assert_null (try_change (self, "nothing", "door", 0, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
}

static void
test_restore (Fixture *self, gconstpointer data)
{
  g_autoptr(BipeGrant) grant = NULL, revoked = NULL, restored = NULL, again = NULL;
  g_autofree char *token = issue (self, "till", BIPE_SCOPE_SCAN, 1, &grant);
  g_autoptr(GError) error = NULL;

  revoked = try_revoke (self, grant->jti, &error);
  g_assert_no_error (error);
  g_assert_cmpint (check (self, token), ==, BIPE_TOKEN_INVALID);
  restored = try_restore (self, grant->jti, &error);
  g_assert_no_error (error);
  g_assert_cmpint (restored->revoked_at, ==, 0);
  g_assert_cmpint (check (self, token), ==, BIPE_TOKEN_VALID);
  again = try_restore (self, grant->jti, &error);
  g_assert_no_error (error);
  close_registry (self);
  open_registry (self);
  g_assert_cmpint (check (self, token), ==, BIPE_TOKEN_VALID);

  g_clear_pointer (&revoked, bipe_grant_unref);
  revoked = try_revoke (self, grant->jti, &error);
  bipe_clock_step (self->clock, grant->expires_at);
  g_assert_null (try_restore (self, grant->jti, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_CONFLICT);
  g_clear_error (&error);
  /* Neither is it restored on the disk. */
  close_registry (self);
  open_registry (self);
  bipe_clock_step (self->clock, START);
  g_assert_cmpint (check (self, token), ==, BIPE_TOKEN_INVALID);

  g_assert_null (try_restore (self, "nothing", &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
}

/* As last uses: there at once, and on the disk at the end; and what is counted after that is lost,
 * and harms nothing. */
static void
test_scans (Fixture *self, gconstpointer data)
{
  g_autoptr(BipeGrant) grant = NULL, held = NULL;
  g_autofree char *token = issue (self, "till", BIPE_SCOPE_SCAN, 1, &grant);

  for (gint64 round = 1; round <= 3; round++)
    {
      g_autoptr(GPtrArray) grants = NULL;

      g_clear_pointer (&held, bipe_grant_unref);
      bipe_registry_check (self->registry, token, strlen (token), &held);
      bipe_registry_count_scans (self->registry, held, 2);
      bipe_registry_count_scans (self->registry, held, 1);
      grants = list (self);
      g_assert_cmpint (((BipeGrant *)grants->pdata[0])->n_scans, ==, 3 * round);
      if (round == 3)
        {
          bipe_registry_close (self->registry);
          bipe_registry_count_scans (self->registry, held, 1);
        }
      close_registry (self);
      open_registry (self);
    }
}

/* What a version before the counting has written. */
static void
test_migration (Fixture *self, gconstpointer data)
{
  g_autoptr(BipeGrant) grant = NULL, held = NULL;
  g_autofree char *token = issue (self, "till", BIPE_SCOPE_SCAN, 1, &grant);
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeDatabase) database = NULL;

  close_registry (self);
  database = bipe_database_open (self->path, "access", &error);
  g_assert_no_error (error);
  bipe_database_exec (database, "ALTER TABLE access_grant DROP COLUMN n_scans", &error);
  g_assert_no_error (error);
  bipe_database_exec (database, "PRAGMA user_version = 1", &error);
  g_assert_no_error (error);
  g_clear_pointer (&database, bipe_database_free);

  open_registry (self);
  g_assert_cmpint (bipe_registry_check (self->registry, token, strlen (token), &held), ==,
                   BIPE_TOKEN_VALID);
  g_assert_cmpint (held->n_scans, ==, 0);
}

/* Files that can't grow stand for a full disk. */
static void
set_disk_full (gboolean is_full)
{
  struct rlimit limit;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = is_full ? 1 : limit.rlim_max;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

/* By its name, since what it belongs to is nobody's to see. */
static guint
find_flush (void)
{
  for (guint id = 1; id < G_MAXUINT16; id++)
    {
      GSource *source = g_main_context_find_source_by_id (NULL, id);

      if (source != NULL && g_strcmp0 (g_source_get_name (source), "flush of the grants") == 0)
        return id;
    }
  g_assert_not_reached ();
}

/* Has the half a minute come that there is until the next try, and waits for that. */
static void
flush_now (Fixture *self)
{
  guint id = find_flush ();
  g_autoptr(GPtrArray) behind = NULL;

  g_source_set_ready_time (g_main_context_find_source_by_id (NULL, id), 0);
  while (g_main_context_find_source_by_id (NULL, id) != NULL)
    g_main_context_iteration (NULL, TRUE);
  behind = list (self);
}

/* The tokens of which the log has said, since the last look, that something is still owed. */
static int n_owed;

static GLogWriterOutput
writer (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  for (gsize i = 0; i < n_fields; i++)
    {
      guint n;

      if (g_str_equal (fields[i].key, "MESSAGE")
          && sscanf (fields[i].value, "What was taken from %u tokens is still", &n) == 1)
        {
          g_atomic_int_add (&n_owed, (int)n);
          return G_LOG_WRITER_HANDLED;
        }
    }
  return g_log_writer_default (level, fields, n_fields, user_data);
}

static void
assert_n_owed (int expected)
{
  g_assert_cmpint (g_atomic_int_get (&n_owed), ==, expected);
  g_atomic_int_set (&n_owed, 0);
}

/* What takes something away counts whatever the disk says; and the disk hears of it when it can, in
 * time or at the end. */
static void
test_disk_full (Fixture *self, gconstpointer data)
{
  for (guint is_at_end = 0; is_at_end < 2; is_at_end++)
    {
      g_autoptr(BipeGrant) gone = NULL, less = NULL, held = NULL, again = NULL, given = NULL;
      g_autofree char *token = issue (self, "till", BIPE_SCOPE_SCAN, 1, &gone);
      g_autofree char *narrowed = issue (self, "door", BIPE_SCOPE_SCAN | BIPE_SCOPE_READ, 1, &less);
      g_autofree char *told = g_strdup_printf ("%s ", gone->jti);
      g_autoptr(GError) error = NULL;

      bipe_registry_check (self->registry, narrowed, strlen (narrowed), &held);
      flush_now (self);
      g_string_truncate (self->revoked, 0);
      self->n_changed = 0;
      set_disk_full (TRUE);

      g_assert_null (try_revoke (self, gone->jti, &error));
      g_assert_nonnull (error);
      g_assert_cmpint (check (self, token), ==, BIPE_TOKEN_INVALID);
      g_assert_cmpstr (self->revoked->str, ==, told);
      g_assert_nonnull (strstr (error->message, "it counts"));
      g_clear_error (&error);
      /* Once more changes nothing. */
      g_assert_null (try_revoke (self, gone->jti, &error));
      g_assert_nonnull (error);
      g_clear_error (&error);
      g_assert_cmpstr (self->revoked->str, ==, told);
      g_assert_null (try_revoke (self, "nothing", &error));
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
      g_clear_error (&error);

      g_assert_null (try_change (self, less->jti, "gate", BIPE_SCOPE_READ, &error));
      g_assert_nonnull (strstr (error->message, "it counts"));
      g_clear_error (&error);
      g_assert_cmpuint (held->scopes, ==, BIPE_SCOPE_READ);
      g_assert_cmpstr (held->name, ==, "door");
      g_assert_cmpuint (self->n_changed, ==, 1);

      /* What would give, or only names, does not count. */
      g_assert_null (try_change (self, less->jti, NULL, BIPE_SCOPE_VOID, &error));
      g_assert_null (strstr (error->message, "it counts"));
      g_clear_error (&error);
      g_assert_null (try_change (self, less->jti, "gate", 0, &error));
      g_clear_error (&error);
      g_assert_cmpuint (held->scopes, ==, BIPE_SCOPE_READ);
      g_assert_cmpstr (held->name, ==, "door");
      g_assert_cmpuint (self->n_changed, ==, 1);
      g_assert_cmpint (check (self, token), ==, BIPE_TOKEN_INVALID);

      flush_now (self);
      assert_n_owed (2);
      set_disk_full (FALSE);
      if (!is_at_end)
        {
          flush_now (self);
          /* Nothing is left for the end. */
          set_disk_full (TRUE);
        }
      close_registry (self);
      assert_n_owed (0);
      set_disk_full (FALSE);

      open_registry (self);
      g_assert_cmpint (check (self, token), ==, BIPE_TOKEN_INVALID);
      g_clear_pointer (&held, bipe_grant_unref);
      bipe_registry_check (self->registry, narrowed, strlen (narrowed), &held);
      g_assert_cmpuint (held->scopes, ==, BIPE_SCOPE_READ);
      again = try_restore (self, gone->jti, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (again->scopes, ==, BIPE_SCOPE_SCAN);
      given = try_change (self, less->jti, NULL, BIPE_SCOPE_SCAN | BIPE_SCOPE_READ, &error);
      g_assert_no_error (error);
    }
}

/* The last word of a disk that takes nothing to the end. */
static void
test_disk_full_at_end (Fixture *self, gconstpointer data)
{
  g_autoptr(BipeGrant) grant = NULL;
  g_autoptr(GError) error = NULL;

  g_free (issue (self, "till", BIPE_SCOPE_SCAN, 1, &grant));
  set_disk_full (TRUE);
  g_assert_null (try_revoke (self, grant->jti, &error));
  close_registry (self);
  assert_n_owed (1);
  set_disk_full (FALSE);
}

/* A revocation that the disk does not have can be taken back, for which it needs no room; but not
 * while it is under way there. */
static void
test_owed_and_restored (Fixture *self, gconstpointer data)
{
  g_autoptr(BipeGrant) grant = NULL, restored = NULL, again = NULL;
  g_autofree char *token = issue (self, "till", BIPE_SCOPE_SCAN, 1, &grant);
  g_autoptr(GError) error = NULL;

  set_disk_full (TRUE);
  g_assert_null (try_revoke (self, grant->jti, &error));
  g_clear_error (&error);
  restored = try_restore (self, grant->jti, &error);
  g_assert_no_error (error);
  g_assert_null (try_revoke (self, grant->jti, &error));
  g_clear_error (&error);
  set_disk_full (FALSE);

  g_source_set_ready_time (g_main_context_find_source_by_id (NULL, find_flush ()), 0);
  g_assert_null (try_restore (self, grant->jti, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_clear_error (&error);
  g_assert_cmpint (check (self, token), ==, BIPE_TOKEN_INVALID);
  close_registry (self);
  open_registry (self);
  g_assert_cmpint (check (self, token), ==, BIPE_TOKEN_INVALID);
  again = try_restore (self, grant->jti, &error);
  g_assert_no_error (error);

  /* Taken back before the disk was asked again: that takes nothing. */
  set_disk_full (TRUE);
  g_assert_null (try_revoke (self, grant->jti, &error));
  g_clear_error (&error);
  g_clear_pointer (&again, bipe_grant_unref);
  again = try_restore (self, grant->jti, &error);
  set_disk_full (FALSE);
  close_registry (self);
  open_registry (self);
  g_assert_cmpint (check (self, token), ==, BIPE_TOKEN_VALID);
}

/* Signed with the key and yet in no list: as if it had been removed from there. */
static void
test_unknown (Fixture *self, gconstpointer data)
{
  g_autofree char *token
      = forge ("{\"alg\":\"HS256\"}",
               "{\"sub\":\"till\",\"scopes\":[\"admin\"],\"iat\":1,\"exp\":1800000000,"
               "\"jti\":\"0190a0b0-0000-4000-8000-000000000001\"}",
               G_CHECKSUM_SHA256, KEY, 32);

  g_assert_cmpint (check (self, token), ==, BIPE_TOKEN_INVALID);
}

/* What the program signs for itself counts for a minute, and for one thing. */
static void
test_own (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *scopes;
    gint64 exp;
    BipeTokenVerdict verdict;
  } cases[] = {
    { "\"admin\"", 60, BIPE_TOKEN_VALID },  { "\"admin\"", 61, BIPE_TOKEN_INVALID },
    { "\"admin\"", 0, BIPE_TOKEN_EXPIRED }, { "\"admin\",\"void\"", 60, BIPE_TOKEN_INVALID },
    { "\"scan\"", 60, BIPE_TOKEN_INVALID },
  };
  g_autofree char *own = bipe_registry_issue_own (self->key, self->clock);
  g_autoptr(BipeGrant) grant = NULL;
  g_autoptr(GPtrArray) grants = NULL;

  g_assert_cmpint (bipe_registry_check (self->registry, own, strlen (own), &grant), ==,
                   BIPE_TOKEN_VALID);
  g_assert_cmpuint (grant->scopes, ==, BIPE_SCOPE_ADMIN);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *claims = g_strdup_printf (
          "{\"sub\":\"x\",\"scopes\":[%s],\"iat\":1,\"exp\":%" G_GINT64_FORMAT ",\"jti\":\"own\"}",
          cases[i].scopes, START / G_USEC_PER_SEC + cases[i].exp);
      g_autofree char *token = forge ("{\"alg\":\"HS256\"}", claims, G_CHECKSUM_SHA256, KEY, 32);

      g_test_message ("%s", claims);
      g_assert_cmpint (check (self, token), ==, cases[i].verdict);
    }
  bipe_clock_advance (self->clock, G_TIME_SPAN_MINUTE);
  g_assert_cmpint (check (self, own), ==, BIPE_TOKEN_EXPIRED);
  g_assert_false (bipe_registry_is_live (self->registry, grant));
  grants = list (self);
  g_assert_cmpuint (grants->len, ==, 0);
}

static void
test_list (Fixture *self, gconstpointer data)
{
  static const char *const names[] = { "one", "two", "three" };
  g_autoptr(GPtrArray) grants = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(BipeGrant) grant = NULL;

      g_free (issue (self, names[i], BIPE_SCOPE_READ, 1, &grant));
      bipe_clock_advance (self->clock, G_USEC_PER_SEC);
    }
  for (guint round = 0; round < 2; round++)
    {
      g_clear_pointer (&grants, g_ptr_array_unref);
      grants = list (self);
      g_assert_cmpuint (grants->len, ==, G_N_ELEMENTS (names));
      for (guint i = 0; i < grants->len; i++)
        g_assert_cmpstr (((BipeGrant *)grants->pdata[i])->name, ==, names[i]);
      close_registry (self);
      open_registry (self);
    }
}

/* The last use is there at once for whoever asks, and on the disk at the end. */
static void
test_use (Fixture *self, gconstpointer data)
{
  g_autoptr(BipeGrant) grant = NULL;
  g_autofree char *token = issue (self, "till", BIPE_SCOPE_SCAN, 1, &grant);
  const gint64 expected[] = { 0, START + G_USEC_PER_SEC, START + G_USEC_PER_SEC };

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr(GPtrArray) grants = list (self);

      g_assert_cmpint (((BipeGrant *)grants->pdata[0])->used_at, ==, expected[i]);
      if (i == 0)
        {
          bipe_clock_advance (self->clock, G_USEC_PER_SEC);
          g_assert_cmpint (check (self, token), ==, BIPE_TOKEN_VALID);
        }
      else
        {
          close_registry (self);
          open_registry (self);
        }
    }
}

static void
fill (Fixture *self, guint n, gint64 expires_at)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeDatabase) database = NULL;
  g_autofree char *sql = g_strdup_printf (
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %u) "
      "INSERT INTO access_grant SELECT 'jti-' || i, 'name', 1, i, %" G_GINT64_FORMAT
      " + i, 0, 0, 0 FROM n",
      n, expires_at);

  close_registry (self);
  database = bipe_database_open (self->path, "access", &error);
  g_assert_no_error (error);
  bipe_database_exec (database, sql, &error);
  g_assert_no_error (error);
  g_clear_pointer (&database, bipe_database_free);
  open_registry (self);
}

/* At the bound the dead make room, the longest dead first; the living do not. */
static void
test_bound (Fixture *self, gconstpointer data)
{
  g_autoptr(BipeGrant) grant = NULL, revoked = NULL, next = NULL;
  g_autoptr(GError) error = NULL, full = NULL;
  g_autofree char *token = NULL;
  g_autoptr(GPtrArray) grants = NULL;

  fill (self, BIPE_REGISTRY_MAX, START + DAY);
  g_assert_null (try_issue (self, "one more", BIPE_SCOPE_SCAN, 1, &grant, &full));
  g_assert_error (full, BIPE_ERROR, BIPE_ERROR_CONFLICT);

  revoked = try_revoke (self, "jti-77", &error);
  g_assert_no_error (error);
  token = issue (self, "one more", BIPE_SCOPE_SCAN, 2, &grant);
  g_assert_cmpint (check (self, token), ==, BIPE_TOKEN_VALID);
  grants = list (self);
  g_assert_cmpuint (grants->len, ==, BIPE_REGISTRY_MAX);
  for (guint i = 0; i < grants->len; i++)
    g_assert_cmpstr (((BipeGrant *)grants->pdata[i])->jti, !=, "jti-77");

  g_clear_error (&full);
  g_assert_null (try_issue (self, "two more", BIPE_SCOPE_SCAN, 1, &next, &full));
  g_assert_error (full, BIPE_ERROR, BIPE_ERROR_CONFLICT);
  bipe_clock_step (self->clock, START + DAY + G_USEC_PER_SEC);
  g_free (issue (self, "two more", BIPE_SCOPE_SCAN, 1, &next));
  g_clear_pointer (&grants, g_ptr_array_unref);
  close_registry (self);
  open_registry (self);
  grants = list (self);
  g_assert_cmpuint (grants->len, ==, BIPE_REGISTRY_MAX);
  g_assert_cmpstr (((BipeGrant *)grants->pdata[0])->jti, ==, "jti-2");
}

/* Without the key nobody comes in, and nobody gets a token. */
static void
test_no_key (Fixture *self, gconstpointer data)
{
  g_autoptr(BipeGrant) grant = NULL, none = NULL;
  g_autofree char *token = issue (self, "till", BIPE_SCOPE_SCAN, 1, &grant);
  g_autoptr(GError) error = NULL;

  close_registry (self);
  self->registry = bipe_registry_open (self->path, NULL, self->clock, &error);
  g_assert_no_error (error);
  g_assert_cmpint (check (self, token), ==, BIPE_TOKEN_INVALID);
  g_assert_null (try_issue (self, "till", BIPE_SCOPE_SCAN, 1, &none, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_CONFLICT);
}

static void
test_foreign (Fixture *self, gconstpointer data)
{
  g_autofree char *path = folder_join (&self->folder, "diary.db");
  g_autoptr(GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "dear diary", -1, NULL));
  g_assert_null (bipe_registry_open (path, self->key, self->clock, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNREADABLE);
}

/* From another thread, whose callbacks are its own. */
static gpointer
use_elsewhere (gpointer data)
{
  Fixture *self = data;
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeGrant) grant = NULL;

  g_main_context_push_thread_default (context);
  bipe_registry_issue_async (self->registry, "elsewhere", BIPE_SCOPE_READ, 1, result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (context, TRUE);
  g_free (bipe_registry_issue_finish (self->registry, result, &grant, &error));
  g_assert_no_error (error);
  g_clear_object (&result);
  bipe_registry_revoke_async (self->registry, grant->jti, result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (context, TRUE);
  g_clear_pointer (&grant, bipe_grant_unref);
  grant = bipe_registry_revoke_finish (self->registry, result, &error);
  g_assert_no_error (error);
  g_main_context_pop_thread_default (context);
  g_main_context_wakeup (NULL);
  return g_steal_pointer (&grant);
}

static void
test_threads (Fixture *self, gconstpointer data)
{
  GThread *thread = g_thread_new ("elsewhere", use_elsewhere, self);
  g_autoptr(BipeGrant) grant = NULL;

  while (self->revoked->len == 0)
    g_main_context_iteration (NULL, TRUE);
  grant = g_thread_join (thread);
  g_assert_true (g_str_has_prefix (self->revoked->str, grant->jti));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*func) (Fixture *self, gconstpointer data);
  } tests[] = {
    { "/registry/issue", test_issue },
    { "/registry/refused", test_refused },
    { "/registry/revoke", test_revoke },
    { "/registry/unknown", test_unknown },
    { "/registry/own", test_own },
    { "/registry/list", test_list },
    { "/registry/use", test_use },
    { "/registry/bound", test_bound },
    { "/registry/no-key", test_no_key },
    { "/registry/foreign", test_foreign },
    { "/registry/threads", test_threads },
    { "/registry/change", test_change },
    { "/registry/restore", test_restore },
    { "/registry/scans", test_scans },
    { "/registry/migration", test_migration },
    { "/registry/disk-full", test_disk_full },
    { "/registry/disk-full-at-end", test_disk_full_at_end },
    { "/registry/owed-and-restored", test_owed_and_restored },
  };

  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (writer, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].func, tear_down);
  return g_test_run ();
}
