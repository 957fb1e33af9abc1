/* test-pair.c: /v1/pair and /v1/pairing as they answer on a server that nobody can be paired with,
 * since it has no certificate. The rest is in tests/live, over TLS. */
#include "config.h"

#include <string.h>

#include "access/scopes.h"
#include "live.h"

#define ASK                                                                                        \
  "{\"code\":\"000102030405060708090a0b0c0d0e0f\",\"nonce\":\"000102030405060708090a0b0c0d0e0f\"," \
  "\"name\":\"phone\"}"

static const struct
{
  const char *method;
  const char *path;
  const char *body;
  gboolean is_admin;
  guint status;
  int error_code; /* 0: a success */
} cases[] = {
  { "POST", "/v1/pair", ASK, FALSE, 403, 1004 },
  { "POST", "/v1/pair", "{}", FALSE, 403, 1004 },
  { "GET", "/v1/pair", NULL, FALSE, 405, 1007 },
  { "POST", "/v1/pairing", NULL, TRUE, 403, 1004 },
  { "GET", "/v1/pairing", NULL, TRUE, 404, 1002 },
  { "DELETE", "/v1/pairing", NULL, TRUE, 200, 0 },
  { "POST", "/v1/pairing/approve", "{\"digits\":\"000000\",\"scopes\":[\"scan\"]}", TRUE, 404,
    1002 },
  { "POST", "/v1/pairing/approve", "{\"scopes\":[\"scan\"]}", TRUE, 400, 1001 },
  { "POST", "/v1/pairing/approve", "{\"digits\":0,\"scopes\":[\"scan\"]}", TRUE, 400, 1001 },
  { "POST", "/v1/pairing/approve", "{\"digits\":\"000000\"}", TRUE, 400, 1001 },
  { "POST", "/v1/pairing/approve", "{\"digits\":\"000000\",\"scopes\":[\"root\"]}", TRUE, 400,
    1001 },
  { "POST", "/v1/pairing/approve", "{\"digits\":\"000000\",\"scopes\":[\"scan\"],\"name\":1}", TRUE,
    400, 1001 },
  { "POST", "/v1/pairing/approve", "{\"digits\":\"000000\",\"scopes\":[\"scan\"],\"days\":\"1\"}",
    TRUE, 400, 1001 },
  { "POST", "/v1/pairing/approve", "[]", TRUE, 400, 1001 },
  { "POST", "/v1/pairing", NULL, FALSE, 403, 1004 },
  { "GET", "/v1/pairing", NULL, FALSE, 403, 1004 },
  { "DELETE", "/v1/pairing", NULL, FALSE, 403, 1004 },
  { "POST", "/v1/pairing/approve", "{}", FALSE, 403, 1004 },
};

static void
test_answers (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autofree char *token = live_issue (live, "admin", BIPE_SCOPE_ADMIN, NULL);
  g_autofree char *header = g_strdup_printf ("Authorization: Bearer %s\r\n", token);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(Answer) answer = live_ask (live, cases[i].method, cases[i].path,
                                            cases[i].is_admin ? header : NULL, cases[i].body);

      g_test_message ("%s %s %s: %u %s", cases[i].method, cases[i].path,
                      cases[i].body != NULL ? cases[i].body : "", answer->status, answer->body);
      g_assert_cmpuint (answer->status, ==, cases[i].status);
      if (cases[i].error_code != 0)
        assert_failure (answer, cases[i].status, cases[i].error_code);
    }
  live_stop (live);
}

/* Anybody may ask, so little of it is read; whether its length is told or not. */
static void
test_size (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autofree char *long_name = g_strnfill (2048, 'a');
  g_autofree char *body = g_strdup_printf ("{\"name\":\"%s\"}", long_name);
  g_autofree char *chunks = g_strdup_printf (
      "POST /v1/pair HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n",
      (guint)strlen (body), body);
  g_autoptr(Answer) told = live_ask (live, "POST", "/v1/pair", NULL, body);
  g_autoptr(Answer) untold = live_talk (live, chunks, -1);
  g_autoptr(Answer) other = live_ask (live, "POST", "/v1/scans", NULL, body);

  assert_failure (told, 413, 1005);
  g_assert_cmpuint (untold->status, >=, 400);
  assert_failure (other, 400, 1001);
  live_stop (live);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pair/answers", test_answers);
  g_test_add_func ("/pair/size", test_size);
  return g_test_run ();
}
