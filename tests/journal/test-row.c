#include "config.h"

#include "journal/row.h"
#include "sqlite/database.h"
#include "tests/journal/fixture.h"

static const struct
{
  const char *name;
  BipeRow row;
  BipeScan scan;
} cases[] = {
  { "full",
    { .seq = 7,
      .accepted_at = NOON,
      .place = BIPE_PLACE_REJECTED,
      .collecting = BIPE_COLLECTING_UNTOLD },
    { .uuid = { { 1, 0, 3, 255 } },
      .id = G_MAXINT64,
      .state = BIPE_SCAN_REJECTED,
      .source = BIPE_SOURCE_HID_POS,
      .key = "key",
      .code = "a\035b \303\251 \360\237\230\200",
      .aim = "]C1",
      .symbology = "GS1-128",
      .device = "scanner",
      .station = "dock",
      .operator= "ana",
      .code_read = "first",
      .reason = "why",
      .scanned_at = 1,
      .stored_at = 2,
      .collected_at = 3,
      .voided_at = 4 } },
  { "smallest",
    { .seq = 1, .place = BIPE_PLACE_NONE },
    { .state = BIPE_SCAN_STORED, .station = "" } },
  { "free",
    { .seq = 2, .accepted_at = 1, .place = BIPE_PLACE_FREE, .collecting = BIPE_COLLECTING_WAITS },
    { .code = "x", .station = "s" } },
};

static void
assert_same (const BipeScan *a, const BipeScan *b)
{
  g_autoptr(GString) left = g_string_new (NULL), right = g_string_new (NULL);

  bipe_scan_append_json (a, left);
  bipe_scan_append_json (b, right);
  g_assert_cmpstr (left->str, ==, right->str);
}

static void
test_there_and_back (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr(GError) error = NULL;
  Fixture fixture;
  BipeDatabase *database;
  sqlite3_stmt *insert, *select;
  g_auto(BipeRow) row = cases[i].row, back = { 0 };

  fixture_set_up (&fixture);
  database = bipe_database_open (fixture.path, "journal", &error);
  g_assert_no_error (error);
  insert = bipe_database_prepare (database, BIPE_ROW_INSERT);
  select = bipe_database_prepare (database, "SELECT " BIPE_ROW_COLUMNS " FROM scan");
  row.scan = bipe_scan_new (&cases[i].scan);

  bipe_row_bind (&row, insert, NOON);
  g_assert_true (bipe_database_run (database, insert, "insert", &error));
  g_assert_cmpint (sqlite3_step (select), ==, SQLITE_ROW);
  bipe_row_read (&back, select);

  g_assert_cmpint (back.seq, ==, row.seq);
  g_assert_cmpint (back.accepted_at, ==, row.accepted_at);
  g_assert_cmpint (back.place, ==, row.place);
  g_assert_cmpint (back.collecting, ==, row.collecting);
  assert_same (back.scan, row.scan);
  bipe_database_free (database);
  fixture_tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("/row/%s", cases[i].name);
      g_test_add_data_func (name, GUINT_TO_POINTER (i), test_there_and_back);
    }
  return g_test_run ();
}
