/* test-csv.c: the history as a table. */
#include "config.h"

#include <string.h>
#include <sys/socket.h>

#include "access/scopes.h"
#include "base/json.h"
#include "live.h"

#define PATH "/v1/scans.csv"
#define HEAD                                                                                       \
  "uuid,key,id,code,aim,symbology,source,device,station,operator,scanned_at,stored_at,"            \
  "collected_at,voided_at,state,code_read,reason\r\n"

static Live *
start (void)
{
  BipeServerOptions options = live_options ();

  return live_start (&options, FALSE);
}

static Answer *
ask (Live *live, const char *query)
{
  g_autofree char *target = g_strconcat (PATH, query, NULL);

  return live_ask (live, "GET", target, NULL, NULL);
}

static void
test_empty (void)
{
  static const char *const headers[] = {
    "Content-Type: text/csv; charset=utf-8; header=present",
    "X-Content-Type-Options: nosniff",
  };
  Live *live = start ();
  g_autoptr(Answer) answer = ask (live, "");
  g_autoptr(Answer) marked = ask (live, "?bom=1");
  g_autoptr(Answer) head = live_ask (live, "HEAD", PATH, NULL, NULL);

  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_cmpstr (answer->body, ==, HEAD);
  g_assert_true (answer->is_whole);
  g_assert_cmpstr (marked->body, ==, "\357\273\277" HEAD);
  g_assert_cmpuint (head->status, ==, 200);
  g_assert_cmpstr (head->body, ==, "");
  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      g_assert_true (answer_has_header (answer, headers[i]));
      g_assert_true (answer_has_header (head, headers[i]));
    }
  g_assert_true (g_regex_match_simple (
      "\r\nContent-Disposition: attachment; filename=\"scans-test-\\d{4}-\\d\\d-\\d\\d\\.csv\"\r\n",
      answer->head, 0, 0));
  live_stop (live);
}

/* What is sent as a code (JSON), and the cell that comes of it, as it is (raw=1) and made safe. */
static const struct
{
  const char *code;
  const char *raw;
  const char *safe;
} cells[] = {
  { "4006381333931", "4006381333931", "4006381333931" },
  { "a,b", "\"a,b\"", "\"a,b\"" },
  { "a\\\"b\\\"", "\"a\"\"b\"\"\"", "\"a\"\"b\"\"\"" },
  { "\\\"", "\"\"\"\"", "\"\"\"\"" },
  { "a\\nb", "\"a\nb\"", "\"a\nb\"" },
  { "a\\r\\nb", "\"a\r\nb\"", "\"a\r\nb\"" },
  { "01\\u001d10", "01\03510", "01\03510" },
  { "caf\303\251 \346\235\241\347\240\201 \360\237\223\246",
    "caf\303\251 \346\235\241\347\240\201 \360\237\223\246",
    "caf\303\251 \346\235\241\347\240\201 \360\237\223\246" },
  { "=1+1", "=1+1", "'=1+1" },
  { "+1", "+1", "'+1" },
  { "-1", "-1", "'-1" },
  { "@SUM(A1)", "@SUM(A1)", "'@SUM(A1)" },
  { "\\tx", "\tx", "'\tx" },
  { "\\rx", "\"\rx\"", "\"'\rx\"" },
  { " =1", " =1", "' =1" },
  { "\\n=1", "\"\n=1\"", "\"'\n=1\"" },
  { "\302\240=1", "\302\240=1", "'\302\240=1" },
  { "\357\274\2351+1", "\357\274\2351+1", "'\357\274\2351+1" },
  { "\357\274\240x", "\357\274\240x", "'\357\274\240x" },
  { "=HYPERLINK(\\\"x\\\",1)", "\"=HYPERLINK(\"\"x\"\",1)\"", "\"'=HYPERLINK(\"\"x\"\",1)\"" },
  { "a=1", "a=1", "a=1" },
  { "'", "'", "'" },
  { " x", " x", " x" },
};

static void
assert_cell (Live *live, guint id, const char *query, const char *cell)
{
  g_autofree char *page = g_strdup_printf ("?after=%u&limit=1%s", id - 1, query);
  g_autofree char *start = g_strdup_printf (",,%u,%s,,,remote,,test,,", id, cell);
  g_autoptr(Answer) answer = ask (live, page);
  const char *row = answer->body + strlen (HEAD) + BIPE_UUID_STRING_SIZE - 1;

  g_assert_true (g_str_has_prefix (answer->body, HEAD));
  if (!g_str_has_prefix (row, start))
    g_assert_cmpstr (row, ==, start);
  g_assert_true (g_str_has_suffix (row, "Z,,,stored,,\r\n"));
}

static void
test_cells (void)
{
  Live *live = start ();

  for (guint i = 0; i < G_N_ELEMENTS (cells); i++)
    {
      g_autofree char *body = g_strdup_printf ("{\"code\":\"%s\"}", cells[i].code);
      g_autoptr(Answer) answer = live_ask (live, "POST", "/v1/scans", NULL, body);

      g_assert_cmpuint (answer->status, ==, 201);
    }
  live_fill (live, "last", 1);
  for (guint i = 0; i < G_N_ELEMENTS (cells); i++)
    {
      assert_cell (live, i + 1, "&raw=1", cells[i].raw);
      assert_cell (live, i + 1, "", cells[i].safe);
      assert_cell (live, i + 1, "&raw=0", cells[i].safe);
    }
  live_stop (live);
}

/* Every column that a client may fill, formulas in each. */
static void
test_columns (void)
{
  Live *live = start ();
  g_autofree char *token = live_issue (live, "-till", BIPE_SCOPE_SCAN | BIPE_SCOPE_VOID, NULL);
  g_autofree char *header = g_strdup_printf ("Authorization: Bearer %s\r\n", token);
  g_autoptr(Answer) sent = NULL;
  g_autoptr(Answer) voided = NULL;
  g_autoptr(Answer) answer = NULL;
  g_autofree char *uuid = NULL;
  g_autofree char *start = NULL;

  sent = live_ask (live, "POST", "/v1/scans", header,
                   "{\"code\":\"c\",\"key\":\"=k\",\"aim\":\"+a\",\"symbology\":\"@s\","
                   "\"device\":\"=d,\",\"scanned_at\":\"2026-01-31T10:00:00Z\"}");
  g_assert_cmpuint (sent->status, ==, 201);
  uuid = answer_dup_member (sent, "uuid");
  live_fill (live, "last", 1);
  voided = live_ask (live, "DELETE", "/v1/scans/1", header, "{\"reason\":\"=r\"}");
  g_assert_cmpuint (voided->status, ==, 200);

  answer = ask (live, "?state=voided");
  start = g_strdup_printf (HEAD "%s,'=k,1,c,'+a,'@s,remote,\"'=d,\",test,'-till,"
                                "2026-01-31T10:00:00.000000Z,",
                           uuid);
  if (!g_str_has_prefix (answer->body, start))
    g_assert_cmpstr (answer->body, ==, start);
  g_assert_true (g_str_has_suffix (answer->body, "Z,voided,,'=r\r\n"));
  live_stop (live);
}

/* The ids of the rows in their order. */
static GArray *
read_ids (const Answer *answer)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint));
  g_auto(GStrv) lines = g_strsplit (answer->body, "\r\n", -1);

  g_assert_true (answer->is_whole);
  for (guint i = 1; lines[i][0] != '\0'; i++)
    {
      g_auto(GStrv) fields = g_strsplit (lines[i], ",", 4);
      guint id = (guint)g_ascii_strtoull (fields[2], NULL, 10);

      g_array_append_val (ids, id);
    }
  return ids;
}

#define N_ROWS 2500

static const struct
{
  const char *query;
  guint first, last, n;
} pages[] = {
  { "", 1, N_ROWS, N_ROWS },
  { "?order=desc", N_ROWS, 1, N_ROWS },
  { "?limit=1", 1, 1, 1 },
  { "?limit=1000", 1, 1000, 1000 },
  { "?limit=1001", 1, 1001, 1001 },
  { "?limit=2000&order=desc", N_ROWS, N_ROWS - 1999, 2000 },
  { "?limit=2147483647", 1, N_ROWS, N_ROWS },
  { "?after=100&before=1200", 101, 1199, 1099 },
  { "?after=100&before=1200&order=desc", 1199, 101, 1099 },
  { "?after=1500", 1501, N_ROWS, 1000 },
  { "?before=2&order=desc", 1, 1, 1 },
};

/* Over the store's pages, both ways. */
static void
test_pages (void)
{
  Live *live = start ();

  live_fill (live, "c", N_ROWS);
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      g_autoptr(Answer) answer = ask (live, pages[i].query);
      g_autoptr(GArray) ids = read_ids (answer);
      gboolean is_descending = pages[i].first > pages[i].last;

      g_assert_cmpuint (ids->len, ==, pages[i].n);
      for (guint j = 0; j < ids->len; j++)
        g_assert_cmpuint (g_array_index (ids, guint, j), ==,
                          is_descending ? pages[i].first - j : pages[i].first + j);
      g_assert_cmpuint (g_array_index (ids, guint, ids->len - 1), ==, pages[i].last);
    }
  live_stop (live);
}

/* A failure is one as any other, and no download. */
static void
test_refused (void)
{
  static const char *const queries[] = {
    "?limit=0", "?limit=2147483648", "?limit=1&limit=1", "?raw=2",
    "?raw=",    "?raw=1&raw=1",      "?bom=yes",         "?order=up",
    "?after=",  "?state=queued",     "?since=monday",
  };
  Live *live = start ();

  for (guint i = 0; i < G_N_ELEMENTS (queries); i++)
    {
      g_autoptr(Answer) answer = ask (live, queries[i]);

      assert_failure (answer, 400, 1001);
      g_assert_null (strstr (answer->head, "Content-Disposition"));
    }
  live_stop (live);
}

/* The store goes away: what has begun is visibly torn, whichever way it is read. */
static void
test_store_away (void)
{
  static const char *const queries[] = { "", "?order=desc" };

  for (guint i = 0; i < G_N_ELEMENTS (queries); i++)
    {
      Live *live = start ();
      g_autofree char *request = g_strdup_printf (
          "GET " PATH "%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", queries[i]);
      g_autoptr(GSocket) socket = NULL;
      g_autoptr(GString) received = NULL;
      g_autoptr(Answer) torn = NULL;
      g_autoptr(Answer) refused = NULL;
      char first;

      live_fill (live, "a code that is long enough to fill the buffers between two programs ",
                 50000);
      socket = live_connect (live);
      g_socket_set_option (socket, SOL_SOCKET, SO_RCVBUF, 4096, NULL);
      live_send (socket, request, -1);
      g_assert_cmpint (g_socket_receive (socket, &first, 1, NULL, NULL), ==, 1);
      live_break_store (live);
      received = live_receive (socket);
      g_string_prepend_c (received, first);
      torn = answer_parse (received);
      g_assert_cmpuint (torn->status, ==, 200);
      g_assert_false (torn->is_whole);

      refused = ask (live, queries[i]);
      assert_failure (refused, 503, 1009);
      g_assert_null (strstr (refused->head, "Content-Disposition"));
      live_stop (live);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/csv/empty", test_empty);
  g_test_add_func ("/csv/cells", test_cells);
  g_test_add_func ("/csv/columns", test_columns);
  g_test_add_func ("/csv/pages", test_pages);
  g_test_add_func ("/csv/refused", test_refused);
  g_test_add_func ("/csv/store-away", test_store_away);
  return g_test_run ();
}
