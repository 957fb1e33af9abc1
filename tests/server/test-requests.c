/* test-requests.c: what each handler answers. */
#include "config.h"

#include <string.h>

#include "base/json.h"
#include "live.h"

#define POST(body) "POST", "/v1/scans", NULL, body

typedef struct
{
  const char *method;
  const char *target;
  const char *headers;
  const char *body;
  guint status;
  int error_code;   /* 0: no failure */
  const char *part; /* of the answer's body; NULL: not looked at */
} Case;

static void
run_cases (Live *live, const Case *cases, gsize n_cases)
{
  for (gsize i = 0; i < n_cases; i++)
    {
      g_autoptr(Answer) answer = live_ask (live, cases[i].method, cases[i].target,
                                            cases[i].headers, cases[i].body);

      g_test_message ("case %" G_GSIZE_FORMAT ", %s %s: %u %.200s", i, cases[i].method,
                      cases[i].target, answer->status, answer->body);
      if (cases[i].error_code != 0)
        assert_failure (answer, cases[i].status, cases[i].error_code);
      else
        g_assert_cmpuint (answer->status, ==, cases[i].status);
      if (cases[i].part != NULL)
        g_assert_nonnull (strstr (answer->body, cases[i].part));
    }
}

static const Case posts[] = {
  { POST ("{\"code\":\"4006381333931\"}"), 201, 0, "\"code\":\"4006381333931\"" },
  { POST ("[{\"code\":\"1\"},{\"code\":\"2\"}]"), 201, 0, "{\"code\":200,\"data\":[{\"uuid\":" },
  { POST ("{\"code\":4006381333931}"), 201, 0, "\"code\":\"4006381333931\"" },
  { POST ("{\"code\":9007199254740992}"), 201, 0, "\"code\":\"9007199254740992\"" },
  { POST ("{\"code\":\"a\\u001db\"}"), 201, 0, "\"code\":\"a\\u001db\"" },
  { POST ("{\"code\":\"1\",\"unknown\":[1]}"), 201, 0, NULL },
  /* What only the station gives does not count. */
  { POST ("{\"code\":\"1\",\"source\":\"wedge\",\"operator\":\"eve\",\"station\":\"x\","
          "\"state\":\"voided\",\"id\":77,\"reason\":\"r\"}"),
    201, 0, "\"source\":\"remote\",\"device\":null,\"station\":\"test\",\"operator\":null" },
  { POST ("{\"code\":\"1\",\"device\":\"gun\",\"symbology\":\"EAN-13\",\"aim\":\"]E0\","
          "\"scanned_at\":\"2026-01-31T10:00:00+01:00\"}"),
    201, 0, "\"scanned_at\":\"2026-01-31T09:00:00.000000Z\"" },

  { POST ("{\"code\":\"\"}"), 400, 1001, "code" },
  { POST ("{}"), 400, 1001, "code" },
  { POST ("[]"), 400, 1001, "1 to 1000" },
  { POST ("[{\"code\":\"1\"},{\"code\":\"\"}]"), 400, 1001, "scan 2" },
  { POST ("\"1\""), 400, 1001, NULL },
  { POST ("null"), 400, 1001, NULL },
  { POST (""), 400, 1001, NULL },
  { POST (NULL), 400, 1001, NULL },
  { POST ("{\"code\":\"1\""), 400, 1001, NULL },
  { POST ("{\"code\":\"1\"}x"), 400, 1001, NULL },
  { POST ("{\"code\":\"1\",\"code\":\"2\"}"), 400, 1001, NULL },
  { POST ("{\"code\":\"a\\u0000b\"}"), 400, 1001, NULL },
  { POST ("{\"code\":\"\xc3\x28\"}"), 400, 1001, NULL },
  { POST ("{\"code\":\"\\ud800\"}"), 400, 1001, NULL },
  { POST ("{\"code\":9007199254740993}"), 400, 1001, "code" },
  { POST ("{\"code\":-1}"), 400, 1001, "code" },
  { POST ("{\"code\":1.5}"), 400, 1001, "code" },
  { POST ("{\"code\":true}"), 400, 1001, "code" },
  { POST ("{\"code\":\"1\",\"key\":\"\"}"), 400, 1001, "key" },
  { POST ("{\"code\":\"1\",\"scanned_at\":\"yesterday\"}"), 400, 1001, "scanned_at" },

  { "POST", "/v1/scans", "Idempotency-Key: k1\r\n", "{\"code\":\"5\"}", 201, 0, "\"key\":\"k1\"" },
  { "POST", "/v1/scans", "Idempotency-Key: k1\r\n", "{\"code\":\"5\"}", 200, 0, "\"key\":\"k1\"" },
  { POST ("{\"code\":\"5\",\"key\":\"k1\"}"), 200, 0, "\"key\":\"k1\"" },
  { POST ("{\"code\":\"6\",\"key\":\"k1\"}"), 409, 1007, NULL },
  { POST ("[{\"code\":\"5\",\"key\":\"k1\"},{\"code\":\"7\"}]"), 201, 0, NULL },
  { POST ("[{\"code\":\"8\",\"key\":\"k2\"},{\"code\":\"6\",\"key\":\"k1\"}]"), 409, 1007, NULL },
  { "POST", "/v1/scans", "Idempotency-Key: a\r\n", "{\"code\":\"5\",\"key\":\"a\"}", 201, 0, NULL },
  { "POST", "/v1/scans", "Idempotency-Key: b\r\n", "{\"code\":\"5\",\"key\":\"c\"}", 400, 1001,
    NULL },
  { "POST", "/v1/scans", "Idempotency-Key: b\r\n", "[{\"code\":\"5\"}]", 400, 1001, NULL },
  { "POST", "/v1/scans", "Idempotency-Key: \xff\r\n", "{\"code\":\"5\"}", 400, 1001, NULL },
  { "POST", "/v1/scans",
    "Idempotency-Key: 12345678901234567890123456789012345678901234567890123456789012345\r\n",
    "{\"code\":\"5\"}", 400, 1001, "key" },
  /* All or nothing: the list with the conflict has left nothing. */
  { "POST", "/v1/scans", "Idempotency-Key: k2\r\n", "{\"code\":\"9\"}", 201, 0, NULL },
};

static void
test_post (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);

  run_cases (live, posts, G_N_ELEMENTS (posts));
  live_stop (live);
}

static char *
repeat (const char *before, const char *part, guint n, const char *after)
{
  g_autoptr(GString) text = g_string_new (before);

  for (guint i = 0; i < n; i++)
    g_string_append (text, part);
  g_string_append (text, after);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* @before, @part @n times, @after: a body too long for a table. */
static const struct
{
  const char *before;
  const char *part;
  guint n;
  const char *after;
  guint status;
  int error_code;
} bounds[] = {
  { "{\"code\":\"", "7", 7089, "\"}", 201, 0 },
  { "{\"code\":\"", "ç", 7089, "\"}", 201, 0 },
  { "{\"code\":\"", "7", 7090, "\"}", 400, 1001 },
  { "[{\"code\":\"0\"}", ",{\"code\":\"1\"}", 999, "]", 201, 0 },
  { "[{\"code\":\"0\"}", ",{\"code\":\"1\"}", 1000, "]", 400, 1001 },
  { "", "[", 100000, "", 400, 1001 },
  { "{\"code\":\"1\"", " ", 1048576 - 12, "}", 201, 0 },
  { "{\"code\":\"1\"", " ", 1048576 - 11, "}", 413, 1005 },
  { "", "7", 2 * 1024 * 1024, "", 413, 1005 },
};

static void
test_bounds (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (bounds); i++)
    {
      g_autofree char *body
          = repeat (bounds[i].before, bounds[i].part, bounds[i].n, bounds[i].after);
      g_autoptr(Answer) answer = live_ask (live, "POST", "/v1/scans", NULL, body);

      g_test_message ("%u times %s", bounds[i].n, bounds[i].part);
      if (bounds[i].error_code != 0)
        assert_failure (answer, bounds[i].status, bounds[i].error_code);
      else
        g_assert_cmpuint (answer->status, ==, bounds[i].status);
    }
  live_stop (live);
}

static const Case lists[] = {
  { "GET", "/v1/scans?limit=2", NULL, NULL, 200, 0, "\"id\":1,\"code\":\"a0\"" },
  { "GET", "/v1/scans?limit=2&after=2", NULL, NULL, 200, 0, "\"data\":[{\"uuid\":" },
  { "GET", "/v1/scans?order=desc&limit=1", NULL, NULL, 200, 0, "\"id\":5,\"code\":\"b1\"" },
  { "GET", "/v1/scans?order=desc&before=3&limit=1", NULL, NULL, 200, 0, "\"id\":2," },
  { "GET", "/v1/scans?q=B", NULL, NULL, 200, 0, "\"data\":[{" },
  { "GET", "/v1/scans?q=zz", NULL, NULL, 200, 0, "\"data\":[]" },
  { "GET", "/v1/scans?source=manual&station=test&state=stored", NULL, NULL, 200, 0, "\"a0\"" },
  { "GET", "/v1/scans?source=wedge", NULL, NULL, 200, 0, "\"data\":[]" },
  { "GET", "/v1/scans?station=other", NULL, NULL, 200, 0, "\"data\":[]" },
  { "GET", "/v1/scans?symbology=QR+Code", NULL, NULL, 200, 0, "\"data\":[]" },
  { "GET", "/v1/scans?state=voided", NULL, NULL, 200, 0, "\"data\":[]" },
  { "GET", "/v1/scans?since=2020-01-01T00:00:00Z", NULL, NULL, 200, 0, "\"a0\"" },
  { "GET", "/v1/scans?until=2020-01-01T00:00:00Z", NULL, NULL, 200, 0, "\"data\":[]" },
  { "GET", "/v1/scans?unknown=1", NULL, NULL, 200, 0, "\"a0\"" },

  { "GET", "/v1/scans?limit=0", NULL, NULL, 400, 1001, "an integer from 1 to 1000" },
  { "GET", "/v1/scans?limit=1001", NULL, NULL, 400, 1001, "limit" },
  { "GET", "/v1/scans?limit=", NULL, NULL, 400, 1001, "limit" },
  { "GET", "/v1/scans?limit=5x", NULL, NULL, 400, 1001, "an integer from 1 to 1000" },
  { "GET", "/v1/scans?limit=1&limit=2", NULL, NULL, 400, 1001, "limit" },
  { "GET", "/v1/scans?after=-1", NULL, NULL, 400, 1001, "after" },
  { "GET", "/v1/scans?after=99999999999999999999", NULL, NULL, 400, 1001, "after" },
  { "GET", "/v1/scans?before=0", NULL, NULL, 400, 1001, "before" },
  { "GET", "/v1/scans?order=up", NULL, NULL, 400, 1001, "order" },
  { "GET", "/v1/scans?since=today", NULL, NULL, 400, 1001, "since" },
  { "GET", "/v1/scans?until=2026", NULL, NULL, 400, 1001, "until" },
  { "GET", "/v1/scans?source=x", NULL, NULL, 400, 1001,
    "source must be one of wedge, evdev, hid-pos, serial, camera, manual, remote, import" },
  { "GET", "/v1/scans?state=queued", NULL, NULL, 400, 1001, "state" },
  { "GET", "/v1/scans?q=%ff", NULL, NULL, 400, 1001, NULL },

  { "GET", "/v1/scans/1", NULL, NULL, 200, 0, "\"data\":{\"uuid\":" },
  { "GET", "/v1/scans/99", NULL, NULL, 404, 1002, NULL },
  { "GET", "/v1/scans/0", NULL, NULL, 404, 1002, NULL },
  { "GET", "/v1/scans/-1", NULL, NULL, 404, 1002, NULL },
  { "GET", "/v1/scans/abc", NULL, NULL, 400, 1001, NULL },
  { "GET", "/v1/scans/99999999999999999999", NULL, NULL, 400, 1001, NULL },
  { "GET", "/v1/scans/018f0000-0000-7000-8000-000000000000", NULL, NULL, 404, 1002, NULL },

  { "GET", "/qrcode/id=1", NULL, NULL, 200, 0, "{\"id\":1,\"codigo_barra\":\"a0\"}" },
  { "GET", "/qrcode/id=99", NULL, NULL, 404, 1002, NULL },
  { "GET", "/qrcode/id=0", NULL, NULL, 404, 1002, NULL },
  { "GET", "/qrcode/id=abc", NULL, NULL, 400, 1001, NULL },
  { "GET", "/qrcode/id=1.0", NULL, NULL, 400, 1001, NULL },
  { "GET", "/qrcode/id=+1", NULL, NULL, 400, 1001, NULL },
  { "GET", "/qrcode/id=99999999999999999999", NULL, NULL, 400, 1001, NULL },
  { "GET", "/qrcode/id=9223372036854775807", NULL, NULL, 404, 1002, NULL },

  { "GET", "/v1/queue", NULL, NULL, 200, 0, "{\"code\":200,\"data\":[],\"message\":\"ok\"}" },
  { "GET", "/v1/queue?state=stored", NULL, NULL, 400, 1001, "state" },
  { "GET", "/v1/queue?limit=0", NULL, NULL, 400, 1001, "limit" },
  { "GET", "/v1/queue?after=1", NULL, NULL, 400, 1001, "after" },
  { "POST", "/v1/queue/release", NULL, NULL, 409, 1007, NULL },
  { "GET", "/v1/health", NULL, NULL, 200, 0, "\"data\":{\"status\":\"ok\",\"store\":{\"name\":" },
};

static void
test_read (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);

  live_fill (live, "a", 3);
  live_fill (live, "b", 2);
  run_cases (live, lists, G_N_ELEMENTS (lists));
  live_stop (live);
}

static void
test_collect (void)
{
  static const Case cases[] = {
    { "POST", "/codigo/", NULL, NULL, 200, 0, "A rota recebeu: <b>0" },
    { "POST", "/v1/queue/next", NULL, NULL, 200, 0, "\"code\":\"<b>1\"" },
    { "POST", "/v1/queue/next", NULL, NULL, 200, 0, "\"data\":null" },
    { "POST", "/codigo", NULL, NULL, 200, 0, "Nenhuma mensagem recebida..." },
  };
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(Answer) answer = NULL;

  live_fill (live, "<b>", 2);
  run_cases (live, cases, G_N_ELEMENTS (cases));
  answer = live_ask (live, "POST", "/codigo/", NULL, NULL);
  g_assert_true (answer_has_header (answer, "Content-Type: text/html; charset=utf-8"));
  g_assert_true (answer_has_header (answer, "X-Content-Type-Options: nosniff"));
  g_assert_true (
      answer_has_header (answer, "Content-Security-Policy: sandbox; default-src 'none'"));
  live_stop (live);
}

static char *
post_held (Live *live, const char *code)
{
  g_autofree char *body = g_strdup_printf ("{\"code\":\"%s\"}", code);
  g_autoptr(Answer) answer = live_ask (live, "POST", "/v1/scans", NULL, body);

  g_assert_cmpuint (answer->status, ==, 201);
  return answer_dup_member (answer, "uuid");
}

static void
test_review (void)
{
  static const Case wrong[] = {
    { "POST", "/v1/queue/release", NULL, "[]", 400, 1001, NULL },
    { "POST", "/v1/queue/release", NULL, "{\"uuids\":[]}", 400, 1001, NULL },
    { "POST", "/v1/queue/release", NULL, "{\"uuids\":[7]}", 400, 1001, NULL },
    { "POST", "/v1/queue/release", NULL, "{\"uuid\":\"x\"}", 400, 1001, NULL },
    { "POST", "/v1/queue/release", NULL, "{\"all\":false}", 400, 1001, NULL },
    { "POST", "/v1/queue/release", NULL, "{\"all\":true,\"uuids\":[\"x\"]}", 400, 1001, NULL },
    { "POST", "/v1/queue/release", NULL, "{\"uuid\":\"018f0000-0000-7000-8000-000000000000\"}", 404,
      1002, NULL },
  };
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, TRUE);
  g_autofree char *first = post_held (live, "first");
  g_autofree char *second = post_held (live, "second");
  g_autofree char *third = post_held (live, "third");
  g_autofree char *target = g_strdup_printf ("/v1/scans/%s", first);
  g_autofree char *after = g_strdup_printf ("/v1/queue?limit=1&after=%s", first);
  g_autofree char *one = g_strdup_printf ("{\"uuid\":\"%s\"}", first);
  g_autofree char *two = g_strdup_printf ("{\"uuids\":[\"%s\",\"%s\"]}", first, second);
  const Case cases[] = {
    { "GET", target, NULL, NULL, 200, 0, "\"state\":\"queued\"" },
    { "GET", after, NULL, NULL, 200, 0, "\"code\":\"second\"" },
    { "POST", "/v1/queue/release", NULL, one, 200, 0, "\"data\":{\"released\":1}" },
    { "POST", "/v1/queue/release", NULL, one, 409, 1007, NULL },
    /* The second of these alone can still be released. */
    { "POST", "/v1/queue/release", NULL, two, 200, 0, "\"data\":{\"released\":1}" },
    { "POST", "/v1/queue/release", NULL, NULL, 200, 0, "\"data\":{\"released\":1}" },
    { "POST", "/v1/queue/release", NULL, "{}", 200, 0, "\"data\":{\"released\":0}" },
    { "POST", "/v1/queue/release", NULL, "{\"all\":true}", 200, 0, "\"data\":{\"released\":0}" },
  };

  g_assert_cmpstr (second, <, third);
  run_cases (live, wrong, G_N_ELEMENTS (wrong));
  run_cases (live, cases, G_N_ELEMENTS (cases));
  live_stop (live);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/requests/post", test_post);
  g_test_add_func ("/requests/bounds", test_bounds);
  g_test_add_func ("/requests/read", test_read);
  g_test_add_func ("/requests/collect", test_collect);
  g_test_add_func ("/requests/review", test_review);
  return g_test_run ();
}
