/* test-store.c: what every store owes, as a table of cases that is run on each of them. */
#include "config.h"

#include "backends.h"
#include "base/error.h"
#include "calls.h"

static GPtrArray *
write_all (BipeStore *store, GPtrArray *scans)
{
  g_autoptr(GError) error = NULL;
  GPtrArray *results = call_write (store, scans, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (results->len, ==, scans->len);
  return results;
}

static BipeScan *
write_one (BipeStore *store, const BipeScan *scan)
{
  g_autoptr(GPtrArray) scans = bipe_scan_array_new ();
  g_autoptr(GPtrArray) results = NULL;

  g_ptr_array_add (scans, bipe_scan_ref (scan));
  results = write_all (store, scans);
  return bipe_scan_ref (results->pdata[0]);
}

static void
assert_same (const BipeScan *a, const BipeScan *b)
{
  g_autoptr(GString) left = g_string_new (NULL);
  g_autoptr(GString) right = g_string_new (NULL);

  bipe_scan_append_json (a, left);
  bipe_scan_append_json (b, right);
  g_assert_cmpstr (left->str, ==, right->str);
}

static void
assert_stored (const BipeScan *result, const BipeScan *given)
{
  BipeScan expected = *given;

  g_assert_cmpint (result->id, >, 0);
  g_assert_cmpint (result->stored_at, >, 0);
  expected.state = BIPE_SCAN_STORED;
  expected.id = result->id;
  expected.stored_at = result->stored_at;
  assert_same (result, &expected);
}

static BipeScan *
find_known (BipeStore *store, BipeScanRef ref)
{
  g_autoptr(GError) error = NULL;
  BipeScan *scan = call_find (store, &ref, &error);

  g_assert_no_error (error);
  return scan;
}

/* Everything in it, read page by page. */
static GPtrArray *
read_pages (BipeStore *store, const BipeQuery *wanted)
{
  g_autoptr(BipeQuery) query = bipe_query_copy (wanted);
  GPtrArray *all = bipe_scan_array_new ();

  for (;;)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GPtrArray) page = call_query (store, query, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (page->len, <=, query->limit);
      if (page->len == 0)
        return all;
      *(query->is_descending ? &query->before : &query->after)
          = ((BipeScan *)page->pdata[page->len - 1])->id;
      g_ptr_array_extend_and_steal (all, g_steal_pointer (&page));
    }
}

static guint
count (BipeStore *store)
{
  g_autoptr(BipeQuery) query = bipe_query_new ();
  g_autoptr(GPtrArray) all = NULL;

  query->limit = BIPE_QUERY_LIMIT_MAX;
  all = read_pages (store, query);
  return all->len;
}

static void
test_every_field (BipeStore *store, const Backend *backend)
{
  g_autoptr(BipeScan) plain = make_scan ("4006381333931");
  BipeScan fields = {
    .uuid = plain->uuid,
    .code = "0104006381333931",
    .key = "order 7, line 3",
    .aim = "]C1",
    .symbology = "GS1-128",
    .source = BIPE_SOURCE_HID_POS,
    .device = "scanner at dock 4",
    .station = "gate",
    .operator= "Ana",
    .code_read = "0104006381333932",
    .scanned_at = plain->scanned_at,
    .collected_at = plain->scanned_at + 1,
  };
  g_autoptr(BipeScan) full = NULL;
  g_autoptr(GPtrArray) scans = bipe_scan_array_new ();
  g_autoptr(GPtrArray) results = NULL;

  fields.uuid.bytes[15] ^= 1;
  full = bipe_scan_new (&fields);
  g_ptr_array_add (scans, g_steal_pointer (&plain));
  g_ptr_array_add (scans, g_steal_pointer (&full));
  results = write_all (store, scans);
  for (guint i = 0; i < scans->len; i++)
    {
      const BipeScan *result = results->pdata[i];
      g_autoptr(BipeScan) found = find_known (store, (BipeScanRef){ .id = result->id });

      assert_stored (result, scans->pdata[i]);
      assert_same (found, result);
    }
}

static void
test_retry (BipeStore *store, const Backend *backend)
{
  g_autoptr(GPtrArray) scans = make_scans ("retry", 20);
  g_autoptr(GPtrArray) some = bipe_scan_array_new ();
  g_autoptr(GPtrArray) first = NULL;
  g_autoptr(GPtrArray) again = NULL;
  g_autoptr(GPtrArray) once_more = NULL;

  for (guint i = 0; i < scans->len; i += 2)
    g_ptr_array_add (some, bipe_scan_ref (scans->pdata[i]));
  first = write_all (store, some);
  again = write_all (store, scans);
  once_more = write_all (store, scans);

  g_assert_cmpuint (count (store), ==, 20);
  for (guint i = 0; i < scans->len; i++)
    {
      assert_stored (again->pdata[i], scans->pdata[i]);
      assert_same (once_more->pdata[i], again->pdata[i]);
      if (i % 2 == 0)
        assert_same (again->pdata[i], first->pdata[i / 2]);
    }
}

static void
test_same_uuid_twice (BipeStore *store, const Backend *backend)
{
  g_autoptr(GPtrArray) scans = make_scans ("twice", 2);
  g_autoptr(GPtrArray) results = NULL;

  g_ptr_array_add (scans, bipe_scan_ref (scans->pdata[0]));
  results = write_all (store, scans);
  g_assert_cmpuint (count (store), ==, 2);
  assert_stored (results->pdata[0], scans->pdata[0]);
  assert_stored (results->pdata[1], scans->pdata[1]);
  assert_same (results->pdata[2], results->pdata[0]);
}

static void
test_order (BipeStore *store, const Backend *backend)
{
  g_autoptr(GPtrArray) scans = make_scans ("order", 3000);
  g_autoptr(GPtrArray) results = write_all (store, scans);
  g_autoptr(GPtrArray) empty = bipe_scan_array_new ();
  g_autoptr(GPtrArray) nothing = write_all (store, empty);

  g_assert_cmpuint (nothing->len, ==, 0);
  for (guint i = 0; i < scans->len; i++)
    {
      assert_stored (results->pdata[i], scans->pdata[i]);
      if (i > 0)
        g_assert_cmpint (((BipeScan *)results->pdata[i])->id, >,
                         ((BipeScan *)results->pdata[i - 1])->id);
    }
}

static gboolean
is_poisoned (guint i)
{
  return i == 0 || i == 17 || i == 18 || i == 150 || i == 299;
}

static void
test_poison (BipeStore *store, const Backend *backend)
{
  g_autoptr(GPtrArray) scans = bipe_scan_array_new ();
  g_autoptr(GPtrArray) results = NULL;
  gint64 last = 0;

  g_assert_true (call_ping (store, NULL));
  backend->run (backend->refuse_poison);
  for (guint i = 0; i < 300; i++)
    g_ptr_array_add (scans, make_scan (is_poisoned (i) ? "poison" : "good"));
  results = write_all (store, scans);

  for (guint i = 0; i < scans->len; i++)
    {
      const BipeScan *result = results->pdata[i];

      if (is_poisoned (i))
        {
          BipeScan expected = *(BipeScan *)scans->pdata[i];

          expected.state = BIPE_SCAN_REJECTED;
          expected.reason = "no poison";
          assert_same (result, &expected);
          continue;
        }
      assert_stored (result, scans->pdata[i]);
      g_assert_cmpint (result->id, >, last);
      last = result->id;
    }
  g_assert_cmpuint (count (store), ==, 295);
}

static void
test_swallowed (BipeStore *store, const Backend *backend)
{
  g_autoptr(GPtrArray) scans = make_scans ("swallow", 5);
  g_autoptr(GPtrArray) results = NULL;

  g_assert_true (call_ping (store, NULL));
  backend->run (backend->swallow);
  g_ptr_array_insert (scans, 2, make_scan ("swallowed"));
  results = write_all (store, scans);
  for (guint i = 0; i < scans->len; i++)
    if (i != 2)
      assert_stored (results->pdata[i], scans->pdata[i]);
  g_assert_cmpint (((BipeScan *)results->pdata[2])->state, ==, BIPE_SCAN_REJECTED);
  g_assert_nonnull (((BipeScan *)results->pdata[2])->reason);
  g_assert_cmpuint (count (store), ==, 5);
}

static void
test_length (BipeStore *store, const Backend *backend)
{
  static const struct
  {
    guint n;
    BipeScanState state;
  } cases[] = {
    { 0, BIPE_SCAN_REJECTED },
    { 1, BIPE_SCAN_STORED },
    { BIPE_SCAN_CODE_MAX, BIPE_SCAN_STORED },
    { BIPE_SCAN_CODE_MAX + 1, BIPE_SCAN_REJECTED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GString) code = g_string_new (NULL);
      g_autoptr(BipeScan) scan = NULL;
      g_autoptr(BipeScan) result = NULL;

      /* Random letters, so that compression is no help where a row must be short. */
      for (guint j = 0; j < cases[i].n; j++)
        g_string_append_unichar (code, 0x20000 + (gunichar)g_random_int_range (0, 0xa000));
      scan = make_scan (code->str);
      result = write_one (store, scan);
      g_assert_cmpint (result->state, ==, cases[i].state);
      g_assert_cmpstr (result->code, ==, code->str);
      if (result->state == BIPE_SCAN_STORED)
        {
          g_autoptr(BipeScan) found = find_known (store, ref_to (scan));
          assert_same (found, result);
        }
    }
}

static void
test_characters (BipeStore *store, const Backend *backend)
{
  static const char *const codes[] = {
    "\x1d"
    "0104006381333931\x1d"
    "21A\x1e\x04",
    "\x01\x02\x7f\r\n\t\b\x1b",
    " ",
    "ação",
    "\xc2\x80\xe2\x80\xa8\xef\xbb\xbf",
    "\xef\xbf\xbe",
    "漢字",
    "\xf0\x9f\x93\xa6",
    "\xf4\x8f\xbf\xbd",
    "'; DROP TABLE scan; --",
    "\\x00",
    "{\"a\":1}",
    "$1",
    "%s",
    "NULL",
    "{NULL,\"\"}",
  };
  g_autoptr(GPtrArray) scans = bipe_scan_array_new ();
  g_autoptr(GPtrArray) results = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    g_ptr_array_add (scans, make_scan (codes[i]));
  for (gunichar plane = 0; plane <= 16; plane++)
    {
      char code[7] = "";

      g_unichar_to_utf8 (plane * 0x10000 + 0xa123, code);
      g_ptr_array_add (scans, make_scan (code));
    }
  results = write_all (store, scans);
  for (guint i = 0; i < scans->len; i++)
    {
      g_autoptr(BipeScan) found = find_known (store, ref_to (scans->pdata[i]));

      assert_stored (found, scans->pdata[i]);
      assert_same (found, results->pdata[i]);
    }
}

static void
test_find (BipeStore *store, const Backend *backend)
{
  enum
  {
    N = 300
  };
  g_autoptr(GPtrArray) scans = make_scans ("find", N);
  g_autoptr(GPtrArray) written = write_all (store, scans);
  GAsyncResult *results[N] = { NULL };

  /* Every third by id, every third by uuid, every third one that is not there. */
  for (guint i = 0; i < N; i++)
    {
      const BipeScan *scan = written->pdata[i % 100];
      g_autoptr(BipeScan) stranger = make_scan ("stranger");
      const BipeScanRef refs[] = { { .id = scan->id }, ref_to (scan), ref_to (stranger) };

      bipe_store_find_async (store, &refs[i % 3], NULL, keep_cb, &results[i]);
    }
  for (guint i = 0; i < N; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(BipeScan) found = bipe_store_find_finish (store, wait_for (&results[i]), &error);

      if (i % 3 == 2)
        g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
      else
        assert_same (found, written->pdata[i % 100]);
      g_object_unref (results[i]);
    }
  for (gint64 id = -1; id < G_MAXINT64; id = id < 0 ? G_MAXINT64 - 1 : id + 1)
    {
      g_autoptr(GError) error = NULL;
      const BipeScanRef ref = { .id = id };

      g_assert_null (call_find (store, &ref, &error));
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
    }
}

/* Rows that differ in every way that a filter can ask for. */
static GPtrArray *
write_history (BipeStore *store)
{
  static const struct
  {
    const char *code;
    const char *symbology;
    const char *station;
    BipeScanSource source;
    gint64 minute;
  } rows[] = {
    { "4006381333931", "EAN-13", "gate", BIPE_SOURCE_WEDGE, 0 },
    { "ABC-abc", "Code 128", "gate", BIPE_SOURCE_CAMERA, 1 },
    { "100%", "QR Code", "dock", BIPE_SOURCE_CAMERA, 2 },
    { "100 percent", NULL, "dock", BIPE_SOURCE_MANUAL, 3 },
    { "a_b", NULL, "gate", BIPE_SOURCE_REMOTE, 4 },
    { "aXb", "QR Code", "gate", BIPE_SOURCE_IMPORT, 5 },
    { "back\\slash", "Data Matrix", "", BIPE_SOURCE_SERIAL, 6 },
    { "o'clock", "EAN-13", "d'or", BIPE_SOURCE_WEDGE, 7 },
    { "xAbCx", "EAN-8", "gate", BIPE_SOURCE_EVDEV, 8 },
    { "\x1d"
      "0104006381333931",
      "EAN-13", "dock", BIPE_SOURCE_HID_POS, 9 },
  };
  g_autoptr(GPtrArray) scans = bipe_scan_array_new ();
  GPtrArray *written;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(BipeScan) scan = make_scan (rows[i].code);
      BipeScan fields = *scan;

      fields.symbology = rows[i].symbology;
      fields.station = rows[i].station;
      fields.source = rows[i].source;
      fields.scanned_at += rows[i].minute * 60 * G_USEC_PER_SEC;
      g_ptr_array_add (scans, bipe_scan_new (&fields));
    }
  written = write_all (store, scans);
  for (guint i = 1; i < written->len; i += 4)
    {
      BipeScan **scan = (BipeScan **)&written->pdata[i];
      const BipeScanRef ref = ref_to (*scan);

      bipe_scan_unref (*scan);
      *scan = call_amend (store, &ref, 1790000000000000, "wrong", NULL);
      g_assert_nonnull (*scan);
    }
  return written;
}

#define MINUTE(n) (G_GINT64_CONSTANT (1780000000123456) + (n)*60 * G_USEC_PER_SEC)
#define ANY .source = -1, .state = -1
#define BORROW(text) ((char *)(text)) /* a query owns its strings; these are only copied */

static const struct
{
  BipeQuery query;
  guint n_rows;
} filters[] = {
  { { ANY }, 10 },
  { { ANY, .text = BORROW ("4006381333931") }, 2 },
  { { ANY, .text = BORROW ("aBc") }, 2 },
  { { ANY, .text = BORROW ("%") }, 1 },
  { { ANY, .text = BORROW ("_") }, 1 },
  { { ANY, .text = BORROW ("\\") }, 1 },
  { { ANY, .text = BORROW ("'") }, 1 },
  { { ANY, .text = BORROW ("\x1d") }, 1 },
  { { ANY, .text = BORROW ("nowhere") }, 0 },
  { { ANY, .symbology = BORROW ("EAN-13") }, 3 },
  { { ANY, .symbology = BORROW ("ean-13") }, 0 },
  { { ANY, .symbology = BORROW ("' OR TRUE --") }, 0 },
  { { ANY, .station = BORROW ("gate") }, 5 },
  { { ANY, .station = BORROW ("d'or") }, 1 },
  { { ANY, .station = BORROW ("") }, 1 },
  { { ANY, .since = MINUTE (3) }, 7 },
  { { ANY, .until = MINUTE (3) }, 3 },
  { { ANY, .since = MINUTE (3), .until = MINUTE (4) }, 1 },
  { { ANY, .since = MINUTE (3) + 1, .until = MINUTE (4) }, 0 },
  { { .source = BIPE_SOURCE_WEDGE, .state = -1 }, 2 },
  { { .source = BIPE_SOURCE_CAMERA, .state = -1 }, 2 },
  { { .source = BIPE_SOURCE_IMPORT, .state = -1 }, 1 },
  { { .source = -1, .state = BIPE_SCAN_STORED }, 7 },
  { { .source = -1, .state = BIPE_SCAN_VOIDED }, 3 },
  { { .source = -1, .state = BIPE_SCAN_QUEUED }, 0 },
  { { .source = BIPE_SOURCE_CAMERA,
      .state = BIPE_SCAN_VOIDED,
      .text = BORROW ("abc"),
      .symbology = BORROW ("Code 128"),
      .station = BORROW ("gate"),
      .since = MINUTE (1),
      .until = MINUTE (2) },
    1 },
};

static void
check_filter (BipeStore *store, GPtrArray *rows, const BipeQuery *filter, guint n_rows)
{
  g_autoptr(BipeQuery) query = bipe_query_copy (filter);
  g_autoptr(GPtrArray) up = NULL;
  g_autoptr(GPtrArray) down = NULL;
  guint n_matching = 0;

  query->limit = 2;
  up = read_pages (store, query);
  query->is_descending = TRUE;
  down = read_pages (store, query);
  g_assert_cmpuint (up->len, ==, n_rows);
  g_assert_cmpuint (down->len, ==, n_rows);
  for (guint i = 0; i < rows->len; i++)
    if (bipe_query_matches (filter, rows->pdata[i]))
      {
        assert_same (up->pdata[n_matching], rows->pdata[i]);
        assert_same (down->pdata[n_rows - 1 - n_matching], rows->pdata[i]);
        n_matching++;
      }
  g_assert_cmpuint (n_matching, ==, n_rows);
}

static void
test_query (BipeStore *store, const Backend *backend)
{
  g_autoptr(GPtrArray) rows = write_history (store);
  g_autoptr(BipeQuery) between = bipe_query_new ();
  g_autoptr(GPtrArray) page = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (filters); i++)
    check_filter (store, rows, &filters[i].query, filters[i].n_rows);

  between->after = ((BipeScan *)rows->pdata[2])->id;
  between->before = ((BipeScan *)rows->pdata[6])->id;
  page = call_query (store, between, NULL);
  g_assert_cmpuint (page->len, ==, 3);
  for (guint i = 0; i < page->len; i++)
    assert_same (page->pdata[i], rows->pdata[3 + i]);
}

static void
test_amend (BipeStore *store, const Backend *backend)
{
  g_autoptr(BipeScan) scan = make_scan ("amend");
  g_autoptr(BipeScan) other = make_scan ("other");
  g_autoptr(BipeScan) written = write_one (store, scan);
  g_autoptr(BipeScan) untouched = write_one (store, other);
  const BipeScanRef refs[] = { { .id = written->id }, ref_to (scan) };
  g_autoptr(BipeScan) still = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (refs); i++)
    {
      BipeScan expected = *written;
      g_autoptr(GError) error = NULL;
      g_autoptr(BipeScan) voided = call_amend (store, &refs[i], 1790000000000001, "damaged", NULL);
      g_autoptr(BipeScan) again = call_amend (store, &refs[i], 1790000000000001, "damaged", NULL);
      g_autoptr(BipeScan) found = find_known (store, refs[i]);
      g_autoptr(BipeScan) restored = NULL;

      expected.state = BIPE_SCAN_VOIDED;
      expected.voided_at = 1790000000000001;
      expected.reason = "damaged";
      assert_same (voided, &expected);
      assert_same (again, &expected);
      assert_same (found, &expected);
      g_assert_null (call_amend (store, &refs[i], 1790000000000002, "again", &error));
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_CONFLICT);
      g_clear_error (&error);

      restored = call_amend (store, &refs[i], 0, NULL, NULL);
      assert_same (restored, written);
      g_assert_null (call_amend (store, &refs[i], 0, NULL, &error));
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_CONFLICT);
    }
  still = find_known (store, ref_to (other));
  assert_same (still, untouched);
}

static void
test_amend_unknown (BipeStore *store, const Backend *backend)
{
  g_autoptr(BipeScan) stranger = make_scan ("stranger");
  const BipeScanRef refs[] = { { .id = 7 }, ref_to (stranger) };

  for (guint i = 0; i < G_N_ELEMENTS (refs); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (call_amend (store, &refs[i], 1790000000000001, NULL, &error));
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
    }
}

static void
test_collected (BipeStore *store, const Backend *backend)
{
  g_autoptr(GPtrArray) scans = make_scans ("collect", 4);
  g_autoptr(GPtrArray) written = write_all (store, scans);
  g_autoptr(GPtrArray) marked = bipe_scan_array_new ();

  /* The last but one, and one that the store does not have. */
  for (guint i = 2; i < 4; i++)
    {
      BipeScan fields = *(BipeScan *)written->pdata[2];

      fields.collected_at = 1790000000000003;
      fields.uuid.bytes[15] ^= i == 3;
      g_ptr_array_add (marked, bipe_scan_new (&fields));
    }
  g_assert_true (call_mark_collected (store, marked, NULL));
  g_assert_true (call_mark_collected (store, marked, NULL));
  g_ptr_array_set_size (marked, 1);
  for (guint i = 0; i < written->len; i++)
    {
      g_autoptr(BipeScan) found = find_known (store, ref_to (written->pdata[i]));
      assert_same (found, i == 2 ? marked->pdata[0] : written->pdata[i]);
    }
}

static void
test_plain_sql (BipeStore *store, const Backend *backend)
{
  g_autoptr(BipeQuery) query = bipe_query_new ();
  g_autoptr(GPtrArray) rows = NULL;

  g_assert_true (call_ping (store, NULL));
  backend->run ("INSERT INTO scan (code) VALUES ('plain')");
  backend->run ("INSERT INTO scan (code, source) VALUES ('strange', 'telepathy')");
  query->source = BIPE_SOURCE_IMPORT;
  rows = read_pages (store, query);
  g_assert_cmpuint (rows->len, ==, 2);
  for (guint i = 0; i < rows->len; i++)
    {
      const BipeScan *row = rows->pdata[i];
      g_autoptr(BipeScan) found = find_known (store, ref_to (row));

      g_assert_cmpstr (row->code, ==, i == 0 ? "plain" : "strange");
      g_assert_cmpint (row->source, ==, BIPE_SOURCE_IMPORT);
      g_assert_cmpint (row->state, ==, BIPE_SCAN_STORED);
      g_assert_cmpstr (row->station, ==, "");
      g_assert_cmpint (row->scanned_at, >, MINUTE (0));
      g_assert_cmpint (row->stored_at, >, MINUTE (0));
      assert_same (found, row);
    }
}

static void
test_legacy_view (BipeStore *store, const Backend *backend)
{
  g_autoptr(GPtrArray) scans = make_scans ("legacy", 2);
  g_autoptr(GPtrArray) written = write_all (store, scans);
  const BipeScanRef ref = ref_to (scans->pdata[0]);
  g_autoptr(BipeScan) voided = call_amend (store, &ref, 1790000000000000, NULL, NULL);
  g_autoptr(BipeScan) copied = NULL;
  const BipeScan *second = written->pdata[1];

  g_assert_nonnull (voided);
  /* What the view shows, read back through the store itself. */
  backend->run ("INSERT INTO scan (code, device) SELECT codigo_barra, id FROM codigo_bipado");
  copied = find_known (store, (BipeScanRef){ .id = second->id + 1 });
  g_assert_cmpstr (copied->code, ==, "legacy1");
  g_assert_cmpint (g_ascii_strtoll (copied->device, NULL, 10), ==, second->id);
  g_assert_cmpuint (count (store), ==, 3);
}

/* The first use, by all three threads at once. */
static void
test_all_at_once (BipeStore *store, const Backend *backend)
{
  g_autoptr(BipeQuery) query = bipe_query_new ();
  g_autoptr(BipeScan) stranger = make_scan ("stranger");
  const BipeScanRef ref = ref_to (stranger);
  g_autoptr(GAsyncResult) pinged = NULL;
  g_autoptr(GAsyncResult) found = NULL;
  g_autoptr(GAsyncResult) queried = NULL;
  g_autoptr(GPtrArray) page = NULL;
  g_autoptr(GError) error = NULL;

  bipe_store_ping_async (store, NULL, keep_cb, &pinged);
  bipe_store_find_async (store, &ref, NULL, keep_cb, &found);
  bipe_store_query_async (store, query, NULL, keep_cb, &queried);
  bipe_store_ping_finish (store, wait_for (&pinged), &error);
  g_assert_no_error (error);
  page = bipe_store_query_finish (store, wait_for (&queried), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (page->len, ==, 0);
  g_assert_null (bipe_store_find_finish (store, wait_for (&found), &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
}

static void
test_cancelled (BipeStore *store, const Backend *backend)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GPtrArray) scans = make_scans ("cancel", 10);
  g_autoptr(BipeQuery) query = bipe_query_new ();
  const BipeScanRef ref = ref_to (scans->pdata[0]);
  g_autoptr(GAsyncResult) written = NULL;
  g_autoptr(GAsyncResult) found = NULL;
  g_autoptr(GAsyncResult) queried = NULL;
  g_autoptr(GPtrArray) results = NULL;
  GError *error = NULL;

  g_cancellable_cancel (cancellable);
  bipe_store_write_async (store, scans, cancellable, keep_cb, &written);
  bipe_store_find_async (store, &ref, cancellable, keep_cb, &found);
  bipe_store_query_async (store, query, cancellable, keep_cb, &queried);
  g_assert_null (bipe_store_write_finish (store, wait_for (&written), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (bipe_store_find_finish (store, wait_for (&found), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (bipe_store_query_finish (store, wait_for (&queried), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  g_assert_cmpuint (count (store), ==, 0);
  results = write_all (store, scans);
  g_assert_cmpuint (count (store), ==, 10);
}

static void
test_closed (BipeStore *store, const Backend *backend)
{
  g_autoptr(GPtrArray) scans = make_scans ("late", 3);
  g_autoptr(GAsyncResult) asked = NULL;
  g_autoptr(GPtrArray) results = NULL;
  g_autoptr(GError) error = NULL;

  /* What was asked for before is done, what comes after is refused. */
  bipe_store_write_async (store, scans, NULL, keep_cb, &asked);
  bipe_store_close (store);
  results = bipe_store_write_finish (store, wait_for (&asked), &error);
  g_assert_no_error (error);
  assert_stored (results->pdata[2], scans->pdata[2]);
  g_assert_false (call_ping (store, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
}

typedef struct
{
  const char *name;
  void (*test) (BipeStore *store, const Backend *backend);
} Case;

static const Case cases[] = {
  { "every-field", test_every_field },
  { "retry", test_retry },
  { "same-uuid-twice", test_same_uuid_twice },
  { "order", test_order },
  { "poison", test_poison },
  { "swallowed", test_swallowed },
  { "length", test_length },
  { "characters", test_characters },
  { "find", test_find },
  { "query", test_query },
  { "amend", test_amend },
  { "amend-unknown", test_amend_unknown },
  { "collected", test_collected },
  { "plain-sql", test_plain_sql },
  { "legacy-view", test_legacy_view },
  { "all-at-once", test_all_at_once },
  { "cancelled", test_cancelled },
  { "closed", test_closed },
};

typedef struct
{
  const Backend *backend;
  const Case *item;
} Run;

static void
run_case (gconstpointer data)
{
  const Run *run = data;
  BipeStore *store = run->backend->open ();

  run->item->test (store, run->backend);
  finish_store (store);
  run->backend->clean ();
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < N_BACKENDS; i++)
    for (guint j = 0; j < G_N_ELEMENTS (cases); j++)
      {
        g_autofree char *path = g_strdup_printf ("/%s/%s", backends[i].name, cases[j].name);
        Run *run = g_new (Run, 1);

        *run = (Run){ &backends[i], &cases[j] };
        g_test_add_data_func_full (path, run, run_case, g_free);
      }
  backends_start ();
  status = g_test_run ();
  backends_stop ();
  return status;
}
