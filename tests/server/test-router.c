#include "config.h"

#include "live.h"
#include "server/router.h"

static const struct
{
  const char *pattern;
  const char *path;
  gboolean is_match;
  const char *variable;
} matches[] = {
  { "/v1/scans", "/v1/scans", TRUE, NULL },
  { "/v1/scans", "/v1/scans/", FALSE, NULL },
  { "/v1/scans/{ref}", "/v1/scans/7", TRUE, "7" },
  { "/v1/scans/{ref}", "/v1/scans/", FALSE, NULL },
  { "/v1/scans/{ref}", "/v1/scans/7/restore", FALSE, NULL },
  { "/v1/scans/{ref}/restore", "/v1/scans/7/restore", TRUE, "7" },
  { "/v1/scans/{ref}/restore", "/v1/scans//restore", FALSE, NULL },
  { "/v1/speech/{name}.mp3", "/v1/speech/a.mp3", TRUE, "a" },
  { "/v1/speech/{name}.mp3", "/v1/speech/a.mp3.mp3", TRUE, "a.mp3" },
  { "/v1/speech/{name}.mp3", "/v1/speech/.mp3", FALSE, NULL },
  { "/v1/speech/{name}.mp3", "/v1/speech/a", FALSE, NULL },
  { "/v1/speech/{name}.mp3", "/v1/speech/mp3", FALSE, NULL },
  { "/v1/speech/{name}.mp3", "/v1/speech/a.mp3/b", FALSE, NULL },
  { "/v1/speech/{name}.mp3", "/v1/speech/a/b.mp3", FALSE, NULL },
  { "/qrcode/id={id}", "/qrcode/id=-1", TRUE, "-1" },
  { "/qrcode/id={id}", "/qrcode/id=", FALSE, NULL },
  { "/qrcode/id={id}", "/qrcode/all", FALSE, NULL },
};

static void
test_match (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (matches); i++)
    {
      g_autofree char *variable = NULL;

      g_assert_cmpint (bipe_router_match (matches[i].pattern, matches[i].path, &variable), ==,
                       matches[i].is_match);
      g_assert_cmpstr (variable, ==, matches[i].variable);
    }
}

static const struct
{
  const char *method;
  const char *target;
  const char *headers;
  const char *body;
  guint status;
  int error_code; /* 0: no failure */
} requests[] = {
  { "GET", "/v1/health", NULL, NULL, 200, 0 },
  { "GET", "/v1/health?x=%zz", NULL, NULL, 400, 1001 },
  { "HEAD", "/v1/health", NULL, NULL, 200, 0 },
  { "GET", "/v1/%68ealth", NULL, NULL, 200, 0 },
  { "GET", "/", NULL, NULL, 200, 0 },
  { "GET", "/nothing", NULL, NULL, 404, 1002 },
  { "GET", "/v1/scans/1/nothing", NULL, NULL, 404, 1002 },
  { "GET", "/v1/scans%2F1", NULL, NULL, 404, 1002 },
  { "GET", "/%00", NULL, NULL, 400, 1001 },
  { "GET", "/%zz", NULL, NULL, 400, 1001 },
  { "DELETE", "/v1/health", NULL, NULL, 405, 1007 },
  { "PUT", "/v1/scans", NULL, "{}", 405, 1007 },
  { "GET", "/codigo/", NULL, NULL, 405, 1007 },
  { "OPTIONS", "/v1/scans", NULL, NULL, 204, 0 },
  { "OPTIONS", "/nothing", NULL, NULL, 404, 1002 },
  /* The order: route, method, scope, type. */
  { "POST", "/nothing", "Content-Type: text/plain\r\n", "x", 404, 1002 },
  { "PUT", "/v1/scans", "Content-Type: text/plain\r\n", "x", 405, 1007 },
  { "DELETE", "/v1/scans/1", "Content-Type: text/plain\r\n", "x", 403, 1004 },
  { "POST", "/v1/scans", "Content-Type: text/plain\r\n", "x", 415, 1007 },
  { "POST", "/v1/scans", "Content-Type: application/jsonp\r\n", "{}", 415, 1007 },
  { "POST", "/v1/scans", "Content-Type: Application/JSON; charset=utf-8\r\n", "{\"code\":\"1\"}",
    201, 0 },
  /* Legacy routes take any type, and none. */
  { "POST", "/codigo", "Content-Type: text/plain\r\n", "x", 200, 0 },
  { "POST", "/codigo/", NULL, NULL, 200, 0 },
  /* Scopes that nobody has without a token. */
  { "DELETE", "/v1/scans/1", NULL, NULL, 403, 1004 },
  { "POST", "/v1/scans/1/restore", NULL, NULL, 403, 1004 },
  { "PATCH", "/v1/queue/018f0000-0000-7000-8000-000000000000", NULL, "{\"code\":\"1\"}", 403,
    1004 },
  { "DELETE", "/v1/queue/018f0000-0000-7000-8000-000000000000", NULL, NULL, 403, 1004 },
  /* What came through a proxy is not from this machine; health is for everybody. */
  { "GET", "/v1/scans", "X-Forwarded-For: 10.0.0.1\r\n", NULL, 401, 1003 },
  { "GET", "/v1/scans", "x-forwarded-anything: 1\r\n", NULL, 401, 1003 },
  { "GET", "/v1/scans", "Forwarded: for=10.0.0.1\r\n", NULL, 401, 1003 },
  { "POST", "/codigo/", "Via: 1.1 proxy\r\n", NULL, 401, 1003 },
  { "GET", "/v1/health", "Via: 1.1 proxy\r\n", NULL, 200, 0 },
};

static void
test_route (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      g_autoptr(Answer) answer = live_ask (live, requests[i].method, requests[i].target,
                                            requests[i].headers, requests[i].body);

      g_test_message ("%s %s", requests[i].method, requests[i].target);
      if (requests[i].error_code != 0)
        assert_failure (answer, requests[i].status, requests[i].error_code);
      else
        g_assert_cmpuint (answer->status, ==, requests[i].status);
      if (g_str_equal (requests[i].method, "HEAD"))
        g_assert_cmpstr (answer->body, ==, "");
    }
  live_stop (live);
}

static void
test_allow (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(Answer) answer = live_ask (live, "PUT", "/v1/scans?secret=1", NULL, NULL);

  assert_failure (answer, 405, 1007);
  g_assert_true (answer_has_header (answer, "Allow: POST, GET, HEAD, OPTIONS"));
  g_assert_nonnull (strstr (answer->body, "\"request\":\"PUT /v1/scans\"}"));
  live_stop (live);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/router/match", test_match);
  g_test_add_func ("/router/route", test_route);
  g_test_add_func ("/router/allow", test_allow);
  return g_test_run ();
}
