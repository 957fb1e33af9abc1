#include "config.h"

#include <string.h>

#include "socketio/greeting.h"

static void
test_answers (void)
{
  static const struct
  {
    guint engine_version;
    gboolean is_implied;
    const char *welcome;
    const char *refusal;
    const char *refusal_with_data;
  } cases[] = {
    { 4, FALSE, "{\"sid\":\"abc\"}", "{\"message\":\"not \\\"you\\\"\"}",
      "{\"message\":\"no\",\"data\":{\"error_code\":1}}" },
    { 3, TRUE, NULL, "\"not \\\"you\\\"\"", "\"no\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const BipeGreeting *greeting = bipe_greeting_find (cases[i].engine_version);
      g_autofree char *welcome = greeting->print_welcome ("abc");
      g_autofree char *refusal = greeting->print_refusal ("not \"you\"", NULL);
      g_autofree char *with_data = greeting->print_refusal ("no", "{\"error_code\":1}");

      g_assert_cmpint (greeting->is_implied, ==, cases[i].is_implied);
      g_assert_cmpstr (welcome, ==, cases[i].welcome);
      g_assert_cmpstr (refusal, ==, cases[i].refusal);
      g_assert_cmpstr (with_data, ==, cases[i].refusal_with_data);
    }
}

/* CONNECT packets of version 4, and the auth that is read from them. */
static const struct
{
  const char *text;
  gboolean is_good;
  const char *auth;
} connects[] = {
  { "0", TRUE, NULL },
  { "0/ns", TRUE, NULL },
  { "0/ns,", TRUE, NULL },
  { "0/ns?,", TRUE, "{}" },
  { "0/ns?token=x,", TRUE, "{\"token\":\"x\"}" },
  { "0/ns?token=x", TRUE, "{\"token\":\"x\"}" },
  { "0/ns?a=1&b=two,", TRUE, "{\"a\":\"1\",\"b\":\"two\"}" },
  { "0/ns?a=1&a=2,", TRUE, "{\"a\":\"2\"}" },
  { "0/ns?a=,", TRUE, "{\"a\":\"\"}" },
  { "0/ns?a=%C3%BC%20b+c%2C,", TRUE, "{\"a\":\"\303\274 b c,\"}" },
  { "0/ns?%22=%22,", TRUE, "{\"\\\"\":\"\\\"\"}" },
  { "0/ns?a=b?c,", TRUE, "{\"a\":\"b?c\"}" },
  { "0/ns?a,", FALSE, NULL },
  { "0/ns?a=%,", FALSE, NULL },
  { "0/ns?a=%zz,", FALSE, NULL },
  { "0/ns?a=%00,", FALSE, NULL },
  { "0/ns?a=%ff,", FALSE, NULL },
  { "0/ns,{\"token\":\"x\"}", FALSE, NULL },
};

static gboolean
read_auth (const char *text, char **auth)
{
  g_autoptr(BipePacket) packet = bipe_packet_parse (text, strlen (text), NULL);
  gboolean is_good;

  g_assert_nonnull (packet);
  is_good = bipe_greeting_find (3)->read_auth (packet, text, strlen (text));
  *auth = g_strdup (packet->json);
  return is_good;
}

static void
test_auth (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (connects); i++)
    {
      g_autofree char *auth = NULL;

      g_test_message ("%s", connects[i].text);
      g_assert_cmpint (read_auth (connects[i].text, &auth), ==, connects[i].is_good);
      if (connects[i].is_good)
        g_assert_cmpstr (auth, ==, connects[i].auth);
    }
  g_assert_null (bipe_greeting_find (4)->read_auth);
}

static void
test_parameters_max (void)
{
  for (guint more = 0; more < 2; more++)
    {
      g_autoptr(GString) text = g_string_new ("0/ns?a=1");
      g_autofree char *auth = NULL;

      for (guint i = 1; i < BIPE_GREETING_PARAMETERS_MAX + more; i++)
        g_string_append_printf (text, "&a%u=1", i);
      g_assert_cmpint (read_auth (text->str, &auth), ==, more == 0);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/greeting/answers", test_answers);
  g_test_add_func ("/greeting/auth", test_auth);
  g_test_add_func ("/greeting/parameters-max", test_parameters_max);
  return g_test_run ();
}
