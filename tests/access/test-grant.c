#include "config.h"

#include <string.h>

#include "access/grant.h"
#include "access/scopes.h"
#include "base/error.h"
#include "base/json.h"

static void
test_name (void)
{
  g_autofree char *longest = g_strnfill (BIPE_GRANT_NAME_MAX, 'n');
  g_autofree char *longer = g_strnfill (BIPE_GRANT_NAME_MAX + 1, 'n');
  const struct
  {
    const char *name;
    gboolean is_good;
  } cases[] = {
    { "till 2", TRUE },    { "客户 \"é\"", TRUE }, { longest, TRUE },        { "", FALSE },
    { longer, FALSE },     { "a\nb", FALSE },      { "\033[31mred", FALSE }, { "a\177", FALSE },
    { "\302\205", FALSE }, /* U+0085, a line break */
    { "\377", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;

      g_test_message ("case %u", i);
      g_assert_cmpint (bipe_grant_check_name (cases[i].name, &error), ==, cases[i].is_good);
      if (!cases[i].is_good)
        g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
    }
}

static void
test_scopes (void)
{
  static const struct
  {
    const char *json;
    guint scopes; /* 0: refused */
  } cases[] = {
    { "[\"scan\",\"read\"]", BIPE_SCOPE_SCAN | BIPE_SCOPE_READ },
    { "[\"admin\"]", BIPE_SCOPE_ADMIN },
    { "[]", 0 },
    { "[\"scan\",\"root\"]", 0 },
    { "[1]", 0 },
    { "[null]", 0 },
    { "\"scan\"", 0 },
    { "{\"scan\":true}", 0 },
    { "null", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(json_t) list = bipe_json_parse (cases[i].json, strlen (cases[i].json), NULL);

      g_test_message ("%s", cases[i].json);
      g_assert_cmpuint (bipe_grant_read_scopes (list, &error), ==, cases[i].scopes);
      if (cases[i].scopes == 0)
        g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
    }
}

static void
test_json (void)
{
  BipeGrant fields = {
    .jti = "0190a0b0-0000-4000-8000-000000000001",
    .name = (char *)"a \"till\"",
    .scopes = BIPE_SCOPE_SCAN | BIPE_SCOPE_ADMIN,
    .issued_at = G_GINT64_CONSTANT (1700000000000000),
    .expires_at = G_GINT64_CONSTANT (1700000060000000),
    .used_at = G_GINT64_CONSTANT (1700000030500000),
    .n_scans = 12,
  };
  g_autoptr(BipeGrant) grant = bipe_grant_new (&fields);
  g_autoptr(GString) json = g_string_new (NULL);

  bipe_grant_append_json (grant, json);
  g_assert_cmpstr (json->str, ==,
                   "{\"jti\":\"0190a0b0-0000-4000-8000-000000000001\",\"name\":\"a \\\"till\\\"\","
                   "\"scopes\":[\"scan\",\"admin\"],\"issued_at\":\"2023-11-14T22:13:20.000000Z\","
                   "\"expires_at\":\"2023-11-14T22:14:20.000000Z\","
                   "\"last_used_at\":\"2023-11-14T22:13:50.500000Z\",\"revoked_at\":null,"
                   "\"scans\":12}");
}

static void
test_live (void)
{
  BipeGrant grant = { .expires_at = 100 };

  g_assert_true (bipe_grant_is_live (&grant, 99));
  g_assert_false (bipe_grant_is_live (&grant, 100));
  grant.revoked_at = 1;
  g_assert_false (bipe_grant_is_live (&grant, 99));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/grant/name", test_name);
  g_test_add_func ("/grant/scopes", test_scopes);
  g_test_add_func ("/grant/json", test_json);
  g_test_add_func ("/grant/live", test_live);
  return g_test_run ();
}
