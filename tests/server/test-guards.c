/* test-guards.c: who is let in: hosts, origins, preflights, and requests that two readers could
 * read in two ways. libsoup lets all of it pass. */
#include "config.h"

#include <string.h>

#include "live.h"

typedef struct
{
  const char *name;
  const char *bytes;
  guint status;
  int error_code; /* 0: no failure */
  gboolean leaks;
} Case;

/* libsoup 3.2 loses the path of a request with a length or a coding that it does not know. */
#if defined __SANITIZE_ADDRESS__
#define HAS_LEAK_CHECKER 1
#elif defined __has_feature
#define HAS_LEAK_CHECKER __has_feature (address_sanitizer)
#else
#define HAS_LEAK_CHECKER 0
#endif

#define BODY "{\"code\":\"never\"}"
#define POST "POST /v1/scans HTTP/1.1\r\nContent-Type: application/json\r\n"

/* Each is answered and the connection closed, without the client's asking for it. */
static const Case malformed[] = {
  { "no HTTP", "BROKEN\r\n\r\n", 400, 1001 },
  { "no version", "GET /v1/health\r\n\r\n", 400, 1001 },
  { "another version", "GET /v1/health HTTP/3.0\r\nHost: localhost\r\n\r\n", 505, 1007 },
  { "no host", "GET /v1/health HTTP/1.1\r\n\r\n", 400, 1001 },
  { "empty host", "GET /v1/health HTTP/1.1\r\nHost: \r\n\r\n", 400, 1001 },
  { "two hosts", POST "Host: localhost\r\nHost: localhost\r\nContent-Length: 16\r\n\r\n" BODY, 400,
    1001 },
  { "two hosts in one", POST "Host: localhost, evil\r\nContent-Length: 16\r\n\r\n" BODY, 400,
    1001 },
  { "absolute and foreign", "GET http://evil.example/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    400, 1001 },
  { "absolute and foreign, by a prefix",
    "GET http://local/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, 1001 },
  { "absolute and of another scheme",
    "GET ftp://localhost/v1/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400,
    1001 },
  { "length and chunks",
    POST "Host: localhost\r\nContent-Length: 16\r\nTransfer-Encoding: chunked\r\n\r\n"
         "10\r\n" BODY "\r\n0\r\n\r\n",
    400, 1001 },
  { "two lengths", POST "Host: localhost\r\nContent-Length: 16\r\nContent-Length: 17\r\n\r\n" BODY,
    400, 1001 },
  { "negative length", POST "Host: localhost\r\nContent-Length: -1\r\n\r\n" BODY, 400, 1001 },
  { "signed length", POST "Host: localhost\r\nContent-Length: +16\r\n\r\n" BODY, 400, 1001 },
  { "length that is none", POST "Host: localhost\r\nContent-Length: x\r\n\r\n" BODY, 400, 1001,
    TRUE },
  { "unknown transfer coding",
    POST "Host: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" BODY, 501, 1007, TRUE },
  { "unknown expectation",
    POST "Host: localhost\r\nExpect: wonders\r\nContent-Length: 16\r\n\r\n" BODY, 417, 1007 },
  { "tunnel", "CONNECT evil.example:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, 1001 },
};

static void
test_malformed (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(Answer) next = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (malformed); i++)
    {
      g_autoptr(Answer) answer = NULL;

      if (malformed[i].leaks && HAS_LEAK_CHECKER)
        continue;
      answer = live_talk (live, malformed[i].bytes, -1);

      g_test_message ("%s: %s%s", malformed[i].name, answer->head, answer->body);
      assert_failure (answer, malformed[i].status, malformed[i].error_code);
    }
  /* None of them has left a scan. */
  next = live_ask (live, "POST", "/v1/queue/next", NULL, NULL);
  g_assert_cmpstr (next->body, ==, "{\"code\":200,\"data\":null,\"message\":\"ok\"}");
  live_stop (live);
}

static const struct
{
  const char *headers;
  guint status;
  int error_code;
  const char *allowed_origin; /* told in the answer */
} visits[] = {
  { "Host: localhost\r\n", 200, 0, NULL },
  { "Host: LOCALHOST:5000\r\n", 200, 0, NULL },
  { "Host: 127.0.0.1:80\r\n", 200, 0, NULL },
  { "Host: [::1]:5000\r\n", 200, 0, NULL },
  { "Host: scanner.example\r\n", 200, 0, NULL },
  { "Host: scanner.example:8080\r\n", 200, 0, NULL },
  { "Host: evil.example\r\n", 421, 1007, NULL },
  { "Host: localhost.evil.example\r\n", 421, 1007, NULL },
  { "Host: 127.0.0.1.evil.example\r\n", 421, 1007, NULL },
  { "Host: 8.8.8.8\r\n", 421, 1007, NULL },
  { "Host: localhost:x\r\n", 400, 1001, NULL },

  { "Origin: http://localhost:3000\r\n", 200, 0, "http://localhost:3000" },
  { "Origin: https://localhost\r\n", 200, 0, "https://localhost" },
  { "Origin: http://127.0.0.1:8080\r\n", 200, 0, "http://127.0.0.1:8080" },
  { "Origin: http://[::1]\r\n", 200, 0, "http://[::1]" },
  { "Origin: https://shop.example\r\n", 200, 0, "https://shop.example" },
  { "Host: scanner.example\r\nOrigin: http://scanner.example\r\n", 200, 0,
    "http://scanner.example" },
  { "Origin: http://shop.example\r\n", 403, 1004, NULL },
  { "Origin: https://shop.example.evil\r\n", 403, 1004, NULL },
  { "Origin: http://evil.example\r\n", 403, 1004, NULL },
  { "Origin: http://localhost.evil.example\r\n", 403, 1004, NULL },
  { "Origin: http://localhost@evil.example\r\n", 403, 1004, NULL },
  { "Origin: http://scanner.example\r\n", 403, 1004, NULL },
  { "Origin: null\r\n", 403, 1004, NULL },
  { "Origin: file://\r\n", 403, 1004, NULL },
  { "Origin: \r\n", 403, 1004, NULL },
  { "Sec-Fetch-Site: cross-site\r\n", 403, 1004, NULL },
  { "Sec-Fetch-Site: same-origin\r\n", 200, 0, NULL },
  { "Sec-Fetch-Site: none\r\n", 200, 0, NULL },
  { "Sec-Fetch-Site: cross-site\r\nOrigin: https://shop.example\r\n", 200, 0,
    "https://shop.example" },
  { "Sec-Fetch-Site: cross-site\r\nOrigin: http://evil.example\r\n", 403, 1004, NULL },
  /* A name that an attacker gives this machine: the same origin, and yet refused. */
  { "Host: evil.example\r\nOrigin: http://evil.example\r\n", 421, 1007, "http://evil.example" },
};

static void
test_visits (void)
{
  g_auto(GStrv) origins = g_strsplit ("https://shop.example", ",", 0);
  g_auto(GStrv) hosts = g_strsplit ("scanner.example", ",", 0);
  BipeServerOptions options = live_options ();
  Live *live;

  options.allowed_origins = origins;
  options.allowed_hosts = hosts;
  live = live_start (&options, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (visits); i++)
    {
      g_autoptr(Answer) answer = live_ask (live, "GET", "/v1/scans", visits[i].headers, NULL);
      const char *told = strstr (answer->head, "Access-Control-Allow-Origin: ");

      g_test_message ("%s: %s", visits[i].headers, answer->head);
      if (visits[i].error_code != 0)
        assert_failure (answer, visits[i].status, visits[i].error_code);
      else
        g_assert_cmpuint (answer->status, ==, visits[i].status);
      g_assert_cmpint (told != NULL, ==, visits[i].allowed_origin != NULL);
      if (told != NULL)
        g_assert_true (g_str_has_prefix (told + strlen ("Access-Control-Allow-Origin: "),
                                         visits[i].allowed_origin));
    }
  live_stop (live);
}

static void
test_any_origin (void)
{
  g_auto(GStrv) origins = g_strsplit ("*", ",", 0);
  BipeServerOptions options = live_options ();
  g_autoptr(Answer) answer = NULL;
  Live *live;

  options.allowed_origins = origins;
  live = live_start (&options, FALSE);
  answer = live_ask (live, "GET", "/v1/scans", "Origin: null\r\n", NULL);
  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_true (answer_has_header (answer, "Access-Control-Allow-Origin: null"));
  live_stop (live);
}

/* A page must also be able to read why it failed, whichever layer said so. */
static void
test_failures_are_readable (void)
{
  static const struct
  {
    const char *method;
    const char *target;
    const char *headers;
    const char *body;
    guint status;
  } cases[] = {
    { "GET", "/nothing", "", NULL, 404 },
    { "POST", "/v1/scans", "", "{}", 400 },
    { "POST", "/v1/scans", "Content-Type: text/plain\r\n", "x", 415 },
    { "DELETE", "/v1/scans/1", "", NULL, 403 },
    { "POST", "/v1/scans", "", "12345678901234567890123456789012345678901234567890", 413 },
  };
  BipeServerOptions options = live_options ();
  Live *live;

  options.body_limit = 32;
  live = live_start (&options, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *headers
          = g_strdup_printf ("Origin: http://localhost:3000\r\n%s", cases[i].headers);
      g_autoptr(Answer) answer
                 = live_ask (live, cases[i].method, cases[i].target, headers, cases[i].body);

      g_assert_cmpuint (answer->status, ==, cases[i].status);
      g_assert_true (
          answer_has_header (answer, "Access-Control-Allow-Origin: http://localhost:3000"));
      g_assert_true (answer_has_header (answer, "Vary: Origin"));
    }
  live_stop (live);
}

static void
test_preflight (void)
{
  static const struct
  {
    const char *origin;
    guint status;
    int error_code;
  } cases[] = {
    { "http://localhost:3000", 204, 0 },
    { "http://evil.example", 403, 1004 },
    { "null", 403, 1004 },
  };
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *headers
          = g_strdup_printf ("Origin: %s\r\nAccess-Control-Request-Method: POST\r\n"
                             "Access-Control-Request-Headers: content-type\r\n",
                             cases[i].origin);
      g_autoptr(Answer) answer = live_ask (live, "OPTIONS", "/v1/scans", headers, NULL);

      g_assert_cmpuint (answer->status, ==, cases[i].status);
      if (cases[i].error_code != 0)
        assert_failure (answer, cases[i].status, cases[i].error_code);
      else
        {
          g_assert_true (
              answer_has_header (answer, "Access-Control-Allow-Origin: http://localhost:3000"));
          g_assert_nonnull (strstr (answer->head, "Access-Control-Allow-Methods: "));
          g_assert_nonnull (strstr (answer->head, "Content-Type, Idempotency-Key"));
          g_assert_cmpstr (answer->body, ==, "");
        }
    }
  live_stop (live);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guards/malformed", test_malformed);
  g_test_add_func ("/guards/visits", test_visits);
  g_test_add_func ("/guards/any-origin", test_any_origin);
  g_test_add_func ("/guards/failures-are-readable", test_failures_are_readable);
  g_test_add_func ("/guards/preflight", test_preflight);
  return g_test_run ();
}
