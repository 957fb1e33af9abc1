#include "config.h"

#include "access/grant.h"

#include "access/scopes.h"
#include "base/error.h"
#include "base/json.h"
#include "base/timestamp.h"

BipeGrant *
bipe_grant_new (const BipeGrant *grant)
{
  BipeGrant *self = g_atomic_rc_box_new (BipeGrant);

  *self = *grant;
  self->name = g_strdup (grant->name);
  return self;
}

BipeGrant *
bipe_grant_ref (BipeGrant *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_grant (gpointer data)
{
  BipeGrant *self = data;

  g_free (self->name);
}

void
bipe_grant_unref (BipeGrant *self)
{
  g_atomic_rc_box_release_full (self, clear_grant);
}

gboolean
bipe_grant_is_live (const BipeGrant *self, gint64 now)
{
  return self->revoked_at == 0 && now < self->expires_at;
}

gboolean
bipe_grant_check_name (const char *name, GError **error)
{
  glong length = g_utf8_validate (name, -1, NULL) ? g_utf8_strlen (name, -1) : 0;
  gboolean is_good = length >= 1 && length <= BIPE_GRANT_NAME_MAX;

  for (const char *at = name; is_good && *at != '\0'; at = g_utf8_next_char (at))
    is_good = !g_unichar_iscntrl (g_utf8_get_char (at));
  if (!is_good)
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID,
                 "name must have 1 to %d characters, and no control characters",
                 BIPE_GRANT_NAME_MAX);
  return is_good;
}

guint
bipe_grant_read_scopes (const json_t *list, GError **error)
{
  guint scopes = 0;
  gsize i;
  json_t *name;

  json_array_foreach (list, i, name)
  {
    BipeScope scope
        = json_is_string (name) ? bipe_scope_find (json_string_value (name)) : BIPE_SCOPE_NONE;

    if (scope == BIPE_SCOPE_NONE)
      {
        scopes = 0;
        break;
      }
    scopes |= scope;
  }
  if (scopes == 0)
    {
      g_autofree char *known = bipe_scopes_format (BIPE_SCOPES_ALL);

      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "scopes must be a list, of any of %s",
                   known);
    }
  return scopes;
}

void
bipe_grant_append_scopes (guint scopes, GString *out)
{
  gboolean is_first = TRUE;

  g_string_append_c (out, '[');
  for (guint scope = 1; scope <= BIPE_SCOPES_ALL; scope <<= 1)
    if (scopes & scope)
      {
        if (!is_first)
          g_string_append_c (out, ',');
        bipe_json_append_string (out, bipe_scope_name ((BipeScope)scope));
        is_first = FALSE;
      }
  g_string_append_c (out, ']');
}

static void
append_time (GString *out, const char *name, gint64 time)
{
  char text[BIPE_TIMESTAMP_SIZE];

  if (time != 0)
    bipe_timestamp_format (time, text);
  g_string_append_printf (out, ",\"%s\":", name);
  bipe_json_append_string (out, time != 0 ? text : NULL);
}

void
bipe_grant_append_json (const BipeGrant *self, GString *out)
{
  g_string_append (out, "{\"jti\":");
  bipe_json_append_string (out, self->jti);
  g_string_append (out, ",\"name\":");
  bipe_json_append_string (out, self->name);
  g_string_append (out, ",\"scopes\":");
  bipe_grant_append_scopes (self->scopes, out);
  append_time (out, "issued_at", self->issued_at);
  append_time (out, "expires_at", self->expires_at);
  append_time (out, "last_used_at", self->used_at);
  append_time (out, "revoked_at", self->revoked_at);
  g_string_append (out, ",\"scans\":");
  bipe_json_append_integer (out, self->n_scans);
  g_string_append_c (out, '}');
}
