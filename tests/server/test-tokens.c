/* test-tokens.c: tokens as clients give them: what is let in, what is refused and in which words,
 * on every route; and the routes that give them out. */
#include "config.h"

#include <string.h>

#include "access/scopes.h"
#include "base/json.h"
#include "live.h"
#include "server/router.h"

#define FORWARDED "X-Forwarded-For: 192.0.2.1\r\n"

static char *
bearer (const char *token)
{
  return g_strdup_printf ("Authorization: Bearer %s\r\n", token);
}

static Answer *
ask_with (Live *live, const char *method, const char *target, const char *token, const char *body)
{
  g_autofree char *header = bearer (token);

  return live_ask (live, method, target, header, body);
}

/* As a header: a token that is signed with @key by HMAC-SHA256. */
static char *
sign (const char *header, const char *claims, const char *key)
{
  g_autoptr(GString) token = g_string_new (NULL);
  const char *const parts[] = { header, claims };
  guint8 digest[32];
  gsize size = sizeof digest;
  GHmac *hmac = g_hmac_new (G_CHECKSUM_SHA256, (const guint8 *)key, strlen (key));
  g_autofree char *signature = NULL;

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *part = g_base64_encode ((const guchar *)parts[i], strlen (parts[i]));

      part[strcspn (part, "=")] = '\0';
      g_string_append_printf (token, "%s%s", i > 0 ? "." : "", part);
    }
  g_hmac_update (hmac, (const guint8 *)token->str, (gssize)token->len);
  g_hmac_get_digest (hmac, digest, &size);
  g_hmac_unref (hmac);
  signature = g_base64_encode (digest, size);
  signature[strcspn (signature, "=")] = '\0';
  g_string_append_printf (token, ".%s", signature);
  g_strdelimit (token->str, "+", '-');
  g_strdelimit (token->str, "/", '_');
  return bearer (token->str);
}

#define CLAIMS "{\"sub\":\"x\",\"scopes\":[\"admin\"],\"iat\":1,\"exp\":9000000000,\"jti\":\"%s\"}"

/* From this machine, which without a token could do as much: who shows a wrong one can't. */
static void
test_attacks (void)
{
  BipeServerOptions options = live_options ();
  Live *live;
  g_autofree char *jti = NULL, *revoked_jti = NULL;
  g_autofree char *good = NULL, *revoked = NULL, *claims = NULL;

  options.rate_limit = 1000;
  options.body_limit = 4 * 1024 * 1024;
  live = live_start (&options, FALSE);
  good = live_issue (live, "till", BIPE_SCOPES_ALL, &jti);
  revoked = live_issue (live, "gone", BIPE_SCOPES_ALL, &revoked_jti);
  live_revoke (live, revoked_jti);
  claims = g_strdup_printf (CLAIMS, jti);
  {
    g_autofree char *flipped = g_strdup (good);
    g_autofree char *cut = g_strndup (good, strlen (good) - 1);
    g_autofree char *unsigned_token = g_strndup (good, (gsize)(strrchr (good, '.') + 1 - good));
    g_autofree char *megabyte = g_strnfill (1024 * 1024, 'A');
    g_autofree char *five_thousand = g_strnfill (5000, 'A');
    const struct
    {
      const char *name;
      char *header; /* taken */
      guint status;
      int error_code; /* 0: it is let in */
    } cases[] = {
      { "good", bearer (good), 200, 0 },
      { "another case of Bearer", g_strdup_printf ("Authorization: bEARER %s\r\n", good), 200, 0 },
      { "revoked", bearer (revoked), 401, 10031 },
      { "a bit changed", bearer ((flipped[40] ^= 1, flipped)), 401, 10031 },
      { "cut off", bearer (cut), 401, 10031 },
      { "without a signature", bearer (unsigned_token), 401, 10031 },
      { "of another key", sign ("{\"alg\":\"HS256\"}", claims, "another"), 401, 10031 },
      { "alg none", sign ("{\"alg\":\"none\"}", claims, LIVE_KEY), 401, 10031 },
      { "alg RS256", sign ("{\"alg\":\"RS256\"}", claims, LIVE_KEY), 401, 10031 },
      { "alg HS384", sign ("{\"alg\":\"HS384\"}", claims, LIVE_KEY), 401, 10031 },
      { "alg hs256", sign ("{\"alg\":\"hs256\"}", claims, LIVE_KEY), 401, 10031 },
      { "alg missing", sign ("{}", claims, LIVE_KEY), 401, 10031 },
      { "signed, of no list",
        sign ("{\"alg\":\"HS256\"}",
              "{\"sub\":\"x\",\"scopes\":[\"admin\"],\"iat\":1,\"exp\":9000000000,"
              "\"jti\":\"0\"}",
              LIVE_KEY),
        401, 10031 },
      { "signed, over",
        sign ("{\"alg\":\"HS256\"}",
              "{\"sub\":\"x\",\"scopes\":[\"admin\"],\"iat\":1,\"exp\":2,\"jti\":\"0\"}", LIVE_KEY),
        401, 10032 },
      { "empty", bearer (""), 401, 10031 },
      { "a word", bearer ("token"), 401, 10031 },
      { "5,000 bytes", bearer (five_thousand), 401, 10031 },
      { "a megabyte", bearer (megabyte), 431, 1007 },
      { "of another scheme", g_strdup ("Authorization: Basic dXNlcjpwYXNz\r\n"), 401, 10031 },
      { "without a scheme", g_strdup_printf ("Authorization: %s\r\n", good), 401, 10031 },
      { "twice",
        g_strdup_printf ("Authorization: Bearer %s\r\nAuthorization: Bearer %s\r\n", good, good),
        401, 10031 },
      { "two in one", g_strdup_printf ("Authorization: Bearer %s, %s\r\n", good, good), 401,
        10031 },
    };

    for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
      {
        g_autofree char *header = cases[i].header;
        g_autoptr(Answer) answer = live_ask (live, "GET", "/v1/queue", header, NULL);

        g_test_message ("%s: %u %s", cases[i].name, answer->status, answer->body);
        if (cases[i].error_code != 0)
          assert_failure (answer, cases[i].status, cases[i].error_code);
        else
          g_assert_cmpuint (answer->status, ==, 200);
        if (cases[i].status == 401)
          g_assert_true (
              answer_has_header (answer, "WWW-Authenticate: Bearer error=\"invalid_token\""));
        g_assert_null (strstr (answer->body, "eyJ"));
      }
  }
  live_stop (live);
}

static void
test_expired (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autofree char *token = live_issue (live, "till", BIPE_SCOPE_READ, NULL);
  g_autoptr(Answer) before = ask_with (live, "GET", "/v1/queue", token, NULL);
  g_autoptr(Answer) after = NULL;

  g_assert_cmpuint (before->status, ==, 200);
  live_advance (live, G_TIME_SPAN_DAY);
  after = ask_with (live, "GET", "/v1/queue", token, NULL);
  assert_failure (after, 401, 10032);
  g_assert_nonnull (strstr (after->body, "\"token is expired\""));
  live_stop (live);
}

/* Somewhere that leads to @pattern. */
static char *
dup_target (const char *pattern)
{
  const char *open = strchr (pattern, '{');

  if (open == NULL)
    return g_strdup (pattern);
  return g_strdup_printf ("%.*s0190a0b0-0000-7000-8000-000000000000%s", (int)(open - pattern),
                          pattern, strchr (open, '}') + 1);
}

/* Pairing is refused to everybody here, for another reason. */
static void
assert_let_in (const Answer *answer)
{
  g_assert_cmpuint (answer->status, !=, 0);
  g_assert_cmpuint (answer->status, !=, 401);
  if (strstr (answer->body, "pairing needs TLS") == NULL)
    g_assert_cmpuint (answer->status, !=, 403);
}

/* Each route: without a token 1003, with all scopes but its own 1004, with its own alone more than
 * that; a wrong token is refused everywhere. */
static void
test_routes (void)
{
  BipeServerOptions options = live_options ();
  Live *live;
  guint n_guarded = 0;

  options.rate_limit = 1000;
  options.needs_token = TRUE;
  live = live_start (&options, TRUE);
  for (const BipeRoute *route = bipe_routes; route->method != NULL; route++)
    {
      g_autofree char *target = dup_target (route->pattern);
      g_autofree char *own = NULL, *others = NULL;
      g_autoptr(Answer) nobody = live_ask (live, route->method, target, NULL, NULL);
      g_autoptr(Answer) forged = ask_with (live, route->method, target, "e30.e30.x", NULL);
      g_autoptr(Answer) without = NULL, with = NULL;

      g_test_message ("%s %s", route->method, target);
      assert_failure (forged, 401, 10031);
      if (route->scope == BIPE_SCOPE_NONE)
        {
          assert_let_in (nobody);
          continue;
        }
      n_guarded++;
      assert_failure (nobody, 401, 1003);
      g_assert_true (answer_has_header (nobody, "WWW-Authenticate: Bearer"));
      own = live_issue (live, "own", route->scope, NULL);
      others = live_issue (live, "others", BIPE_SCOPES_ALL & ~(guint)route->scope, NULL);
      without = ask_with (live, route->method, target, others, NULL);
      assert_failure (without, 403, 1004);
      with = ask_with (live, route->method, target, own, NULL);
      assert_let_in (with);
    }
  g_assert_cmpuint (n_guarded, >, 15);
  live_stop (live);
}

/* A token counts in the place of what this machine may do without: it may be more, and less. */
static void
test_loopback (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autofree char *scanner = live_issue (live, "scanner", BIPE_SCOPE_SCAN, NULL);
  g_autofree char *admin = live_issue (live, "admin", BIPE_SCOPE_ADMIN, NULL);
  g_autofree char *header = bearer (scanner);
  g_autofree char *forwarded = g_strconcat (header, FORWARDED, NULL);
  const struct
  {
    const char *target;
    const char *headers;
    guint status;
    int error_code;
  } cases[] = {
    { "/v1/queue", NULL, 200, 0 },      { "/v1/queue", FORWARDED, 401, 1003 },
    { "/v1/queue", header, 403, 1004 }, { "/v1/queue", forwarded, 403, 1004 },
    { "/v1/tokens", NULL, 403, 1004 },  { "/v1/health", FORWARDED, 200, 0 },
  };
  g_autoptr(Answer) listed = ask_with (live, "GET", "/v1/tokens", admin, NULL);

  g_assert_cmpuint (listed->status, ==, 200);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(Answer) answer = live_ask (live, "GET", cases[i].target, cases[i].headers, NULL);

      g_test_message ("%s %s", cases[i].target, cases[i].headers);
      if (cases[i].error_code != 0)
        assert_failure (answer, cases[i].status, cases[i].error_code);
      else
        g_assert_cmpuint (answer->status, ==, cases[i].status);
    }
  live_stop (live);
}

/* In the query it counts for a WebSocket and an EventSource, and for nothing else. */
static void
test_query (void)
{
#define SOCKET                                                                                     \
  "Upgrade: websocket\r\nConnection: Upgrade, close\r\nSec-WebSocket-Version: 13\r\n"              \
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
  BipeServerOptions options = live_options ();
  Live *live;
  g_autofree char *token = NULL, *other = NULL;

  options.needs_token = TRUE;
  live = live_start (&options, FALSE);
  token = live_issue (live, "page", BIPE_SCOPE_READ, NULL);
  other = live_issue (live, "scanner", BIPE_SCOPE_SCAN, NULL);
  {
    const struct
    {
      const char *method;
      const char *target;
      const char *headers;
      const char *token;
      const char *status; /* how the answer begins */
    } cases[] = {
      { "GET", "/v1/events", SOCKET, token, "HTTP/1.1 101" },
      { "GET", "/v1/events", SOCKET, other, "HTTP/1.1 403" },
      { "GET", "/v1/events", SOCKET, "wrong", "HTTP/1.1 401" },
      { "GET", "/v1/events", "Accept: text/event-stream\r\n", token, "HTTP/1.1 200" },
      { "GET", "/v1/events", "Accept: text/event-stream\r\n", "wrong", "HTTP/1.1 401" },
      { "GET", "/socket.io/", SOCKET, token, "HTTP/1.1 101" },
      { "GET", "/v1/queue", "Accept: application/json\r\n", token, "HTTP/1.1 401" },
      { "GET", "/v1/queue", "Accept: text/html\r\n", token, "HTTP/1.1 401" },
      { "POST", "/v1/scans", "Accept: text/event-stream\r\n", other, "HTTP/1.1 401" },
    };

    for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
      {
        g_autoptr(GSocket) socket = live_connect (live);
        g_autofree char *request = g_strdup_printf (
            "%s %s?EIO=4&transport=websocket&token=%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n",
            cases[i].method, cases[i].target, cases[i].token, cases[i].headers);
        char buffer[12] = { 0 };

        live_send (socket, request, -1);
        g_assert_cmpint (g_socket_receive (socket, buffer, sizeof buffer, NULL, NULL), ==, 12);
        g_test_message ("%s", request);
        g_assert_true (strncmp (buffer, cases[i].status, sizeof buffer) == 0);
      }
  }
  live_stop (live);
}

/* Past the limit wrong tokens are told no more, and a right one counts as ever. */
static void
test_rate_limit (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autofree char *token = live_issue (live, "till", BIPE_SCOPE_READ, NULL);

  for (guint i = 0; i < 14; i++)
    {
      g_autoptr(Answer) wrong = ask_with (live, "GET", "/v1/queue", "wrong", NULL);
      g_autoptr(Answer) right = ask_with (live, "GET", "/v1/queue", token, NULL);
      g_autoptr(Answer) none = live_ask (live, "GET", "/v1/queue", NULL, NULL);
      const char *retry = strstr (wrong->head, "Retry-After: ");

      assert_failure (wrong, i < 10 ? 401 : 429, i < 10 ? 10031 : 1008);
      g_assert_cmpint (retry != NULL, ==, i >= 10);
      if (retry != NULL)
        {
          g_assert_cmpint (atoi (retry + strlen ("Retry-After: ")), >, 30);
          g_assert_cmpint (atoi (retry + strlen ("Retry-After: ")), <=, 60);
        }
      g_assert_cmpuint (right->status, ==, 200);
      g_assert_cmpuint (none->status, ==, 200);
    }
  live_stop (live);
}

static void
test_operator (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autofree char *token = live_issue (live, "till 2", BIPE_SCOPE_SCAN, NULL);
  const struct
  {
    const char *token; /* NULL: none */
    const char *body;
    const char *expected;
  } cases[] = {
    { token, "{\"code\":\"1\"}", "\"operator\":\"till 2\"" },
    { token, "{\"code\":\"2\",\"operator\":null}", "\"operator\":\"till 2\"" },
    { token, "{\"code\":\"3\",\"operator\":\"ana\",\"device\":\"gun\"}", "\"operator\":\"ana\"" },
    { token, "[{\"code\":\"4\"}]", "\"operator\":\"till 2\"" },
    { NULL, "{\"code\":\"5\"}", "\"operator\":null" },
    { NULL, "{\"code\":\"6\",\"operator\":\"ana\"}", "\"operator\":null" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *header = cases[i].token != NULL ? bearer (cases[i].token) : g_strdup ("");
      g_autoptr(Answer) answer = live_ask (live, "POST", "/v1/scans", header, cases[i].body);

      g_test_message ("%s", answer->body);
      g_assert_cmpuint (answer->status, ==, 201);
      g_assert_nonnull (strstr (answer->body, cases[i].expected));
    }
  live_stop (live);
}

static void
test_api (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autofree char *jti = NULL;
  g_autofree char *admin = live_issue (live, "admin", BIPE_SCOPE_ADMIN, &jti);
  g_autoptr(Answer) made
             = ask_with (live, "POST", "/v1/tokens", admin,
                         "{\"name\":\"till 2\",\"scopes\":[\"scan\",\"read\"],\"days\":3}");
  g_autofree char *token = answer_dup_member (made, "token");
  g_autofree char *made_jti = answer_dup_member (made, "jti");
  g_autofree char *target = g_strconcat ("/v1/tokens/", made_jti, NULL);
  g_autofree char *listed_jti = g_strdup_printf ("\"jti\":\"%s\"", made_jti);
  g_autoptr(Answer) used = NULL, listed = NULL, revoked = NULL, again = NULL, late = NULL;

  g_assert_cmpuint (made->status, ==, 201);
  g_assert_true (answer_has_header (made, "Cache-Control: no-store"));
  used = ask_with (live, "GET", "/v1/queue", token, NULL);
  g_assert_cmpuint (used->status, ==, 200);

  listed = ask_with (live, "GET", "/v1/tokens", admin, NULL);
  g_assert_cmpuint (listed->status, ==, 200);
  g_assert_nonnull (strstr (listed->body, listed_jti));
  g_assert_nonnull (strstr (listed->body, jti));
  g_assert_null (strstr (listed->body, token));
  g_assert_null (strstr (listed->body, "\"last_used_at\":null"));

  revoked = ask_with (live, "DELETE", target, admin, NULL);
  g_assert_cmpuint (revoked->status, ==, 200);
  g_assert_nonnull (strstr (revoked->body, listed_jti));
  g_assert_null (strstr (revoked->body, "\"revoked_at\":null"));
  late = ask_with (live, "GET", "/v1/queue", token, NULL);
  assert_failure (late, 401, 10031);
  again = ask_with (live, "DELETE", target, admin, NULL);
  g_assert_cmpstr (again->body, ==, revoked->body);
  live_stop (live);
}

static const struct
{
  const char *method;
  const char *target;
  const char *body;
  guint status;
  int error_code; /* 0: 201 */
} requests[] = {
  { "POST", "/v1/tokens", "{\"name\":\"a\",\"scopes\":[\"scan\"]}", 201, 0 },
  { "POST", "/v1/tokens", "{\"name\":\"a\",\"scopes\":[\"scan\"],\"days\":null}", 201, 0 },
  { "POST", "/v1/tokens", "{\"name\":\"a\",\"scopes\":[\"scan\"],\"days\":3650}", 201, 0 },
  { "POST", "/v1/tokens", "{\"name\":\"a\",\"scopes\":[\"scan\"],\"days\":3651}", 400, 1001 },
  { "POST", "/v1/tokens", "{\"name\":\"a\",\"scopes\":[\"scan\"],\"days\":0}", 400, 1001 },
  { "POST", "/v1/tokens", "{\"name\":\"a\",\"scopes\":[\"scan\"],\"days\":-1}", 400, 1001 },
  { "POST", "/v1/tokens", "{\"name\":\"a\",\"scopes\":[\"scan\"],\"days\":\"1\"}", 400, 1001 },
  { "POST", "/v1/tokens", "{\"name\":\"a\",\"scopes\":[]}", 400, 1001 },
  { "POST", "/v1/tokens", "{\"name\":\"a\",\"scopes\":\"scan\"}", 400, 1001 },
  { "POST", "/v1/tokens", "{\"name\":\"a\",\"scopes\":[\"root\"]}", 400, 1001 },
  { "POST", "/v1/tokens", "{\"name\":\"a\"}", 400, 1001 },
  { "POST", "/v1/tokens", "{\"name\":\"\",\"scopes\":[\"scan\"]}", 400, 1001 },
  { "POST", "/v1/tokens", "{\"name\":\"a\\nb\",\"scopes\":[\"scan\"]}", 400, 1001 },
  { "POST", "/v1/tokens", "{\"name\":1,\"scopes\":[\"scan\"]}", 400, 1001 },
  { "POST", "/v1/tokens", "{\"scopes\":[\"scan\"]}", 400, 1001 },
  { "POST", "/v1/tokens", "[]", 400, 1001 },
  { "POST", "/v1/tokens", NULL, 400, 1001 },
  { "DELETE", "/v1/tokens/0190a0b0-0000-4000-8000-000000000000", NULL, 404, 1002 },
  { "DELETE", "/v1/tokens/'%20OR%201=1", NULL, 404, 1002 },
  { "GET", "/v1/tokens/0190a0b0-0000-4000-8000-000000000000", NULL, 405, 1007 },
};

static void
test_requests (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autofree char *admin = live_issue (live, "admin", BIPE_SCOPE_ADMIN, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      g_autoptr(Answer) answer
                 = ask_with (live, requests[i].method, requests[i].target, admin, requests[i].body);

      g_test_message ("%s %s %s: %s", requests[i].method, requests[i].target, requests[i].body,
                      answer->body);
      if (requests[i].error_code != 0)
        assert_failure (answer, requests[i].status, requests[i].error_code);
      else
        g_assert_cmpuint (answer->status, ==, requests[i].status);
    }
  live_stop (live);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tokens/attacks", test_attacks);
  g_test_add_func ("/tokens/expired", test_expired);
  g_test_add_func ("/tokens/routes", test_routes);
  g_test_add_func ("/tokens/loopback", test_loopback);
  g_test_add_func ("/tokens/query", test_query);
  g_test_add_func ("/tokens/rate-limit", test_rate_limit);
  g_test_add_func ("/tokens/operator", test_operator);
  g_test_add_func ("/tokens/api", test_api);
  g_test_add_func ("/tokens/requests", test_requests);
  return g_test_run ();
}
