#include "config.h"

#include "base/error.h"
#include "journal/tables.h"
#include "tests/journal/fixture.h"

static Fixture fixture;
static BipeTables *tables;

static void
begin (void)
{
  g_autoptr(GError) error = NULL;

  bipe_tables_begin (tables, &error);
  g_assert_no_error (error);
}

static void
commit (void)
{
  g_autoptr(GError) error = NULL;

  bipe_tables_commit (tables, &error);
  g_assert_no_error (error);
}

static void
assert_commit_refused (const char *message)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (bipe_tables_commit (tables, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_FULL);
  if (message != NULL)
    g_assert_cmpstr (error->message, ==, message);
}

static gboolean
insert (gint64 seq, BipePlace place, BipeScan *scan, GError **error)
{
  const BipeRow row = { .seq = seq,
                        .accepted_at = NOON + seq,
                        .place = place,
                        .collecting = BIPE_COLLECTING_WAITS,
                        .scan = scan };

  return bipe_tables_insert (tables, &row, row.accepted_at, error);
}

static void
assert_there (const BipeScan *scan, gboolean is_there)
{
  g_autoptr(GError) error = NULL;
  g_auto(BipeRow) row = { 0 };

  g_assert_cmpint (bipe_tables_find (tables, &scan->uuid, &row, &error), ==, is_there);
  g_assert_no_error (error);
}

/* What breaks a constraint is refused, and the transaction goes on. */
static void
test_constraint (void)
{
  g_autoptr(BipeScan) a = fixture_scan (&fixture, "a", NULL),
                       b = fixture_scan (&fixture, "b", NULL);
  g_autoptr(GError) error = NULL;

  begin ();
  g_assert_true (insert (1, BIPE_PLACE_FREE, a, NULL));
  g_assert_false (insert (2, BIPE_PLACE_FREE, a, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_REJECTED);
  g_assert_false (bipe_tables_is_lost (tables));
  g_assert_true (insert (2, BIPE_PLACE_FREE, b, NULL));
  commit ();
  assert_there (a, TRUE);
  assert_there (b, TRUE);
}

static void
test_undo (void)
{
  g_autoptr(GPtrArray) scans = fixture_scans (&fixture, 3);

  begin ();
  insert (1, BIPE_PLACE_FREE, scans->pdata[0], NULL);
  g_assert_true (bipe_tables_save (tables, NULL));
  insert (2, BIPE_PLACE_FREE, scans->pdata[1], NULL);
  bipe_tables_undo (tables);
  g_assert_true (bipe_tables_save (tables, NULL));
  insert (3, BIPE_PLACE_FREE, scans->pdata[2], NULL);
  g_assert_true (bipe_tables_release (tables, NULL));
  commit ();
  assert_there (scans->pdata[0], TRUE);
  assert_there (scans->pdata[1], FALSE);
  assert_there (scans->pdata[2], TRUE);
}

static void
assert_row (const BipeScan *scan, BipePlace place, BipeCollecting collecting)
{
  g_auto(BipeRow) row = { 0 };

  g_assert_cmpint (bipe_tables_find (tables, &scan->uuid, &row, NULL), ==, 1);
  g_assert_cmpint (row.seq, ==, 1);
  g_assert_cmpint (row.accepted_at, ==, NOON + 1);
  g_assert_cmpint (row.place, ==, place);
  g_assert_cmpint (row.collecting, ==, collecting);
  g_assert_cmpstr (row.scan->code, ==, scan->code);
}

/* A row is the same whether it is remembered or read, and what was changed is not remembered. */
static void
test_fresh (void)
{
  g_autoptr(BipeScan) scan = fixture_scan (&fixture, "a", NULL);
  BipeRow before = { .seq = 1, .place = BIPE_PLACE_FREE, .collecting = BIPE_COLLECTING_WAITS };
  BipeRow after = { .seq = 1, .place = BIPE_PLACE_HELD, .collecting = BIPE_COLLECTING_WAITS };

  before.scan = after.scan = scan;
  begin ();
  insert (1, BIPE_PLACE_FREE, scan, NULL);
  assert_row (scan, BIPE_PLACE_FREE, BIPE_COLLECTING_WAITS);
  bipe_tables_forget_fresh (tables);
  assert_row (scan, BIPE_PLACE_FREE, BIPE_COLLECTING_WAITS);

  g_assert_true (bipe_tables_update (tables, &before, &after, NOON, NULL));
  assert_row (scan, BIPE_PLACE_HELD, BIPE_COLLECTING_WAITS);
  before = after;
  after.collecting = BIPE_COLLECTING_UNTOLD;
  g_assert_true (bipe_tables_update (tables, &before, &after, NOON, NULL));
  assert_row (scan, BIPE_PLACE_HELD, BIPE_COLLECTING_UNTOLD);
  commit ();
}

/* The first cause is told, and the next transaction is a new one. */
static void
test_lost (void)
{
  g_autoptr(BipeScan) a = fixture_scan (&fixture, "a", NULL);
  g_autoptr(GError) first = g_error_new (BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "the first");
  g_autoptr(GError) second = g_error_new (BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "the second");

  begin ();
  insert (1, BIPE_PLACE_FREE, a, NULL);
  bipe_tables_set_lost (tables, first);
  bipe_tables_set_lost (tables, second);
  g_assert_true (bipe_tables_is_lost (tables));
  assert_commit_refused ("the first");
  assert_there (a, FALSE);

  begin ();
  g_assert_false (bipe_tables_is_lost (tables));
  g_assert_true (insert (1, BIPE_PLACE_FREE, a, NULL));
  commit ();
  assert_there (a, TRUE);
}

/* The disk is full before the commit: more is written than the cache keeps. */
static void
test_full_disk (void)
{
  g_autoptr(BipeScan) first = fixture_scan (&fixture, "a", NULL);
  g_autofree char *long_code = g_strnfill (7000, 'x');

  g_assert_true (fixture_limit_disk (&fixture, FALSE));
  begin ();
  insert (1, BIPE_PLACE_FREE, first, NULL);
  bipe_tables_save (tables, NULL);
  for (gint64 seq = 2; seq < 2000 && !bipe_tables_is_lost (tables); seq++)
    {
      g_autoptr(BipeScan) scan = fixture_scan (&fixture, long_code, NULL);

      insert (seq, BIPE_PLACE_FREE, scan, NULL);
    }
  g_assert_true (bipe_tables_is_lost (tables));
  bipe_tables_undo (tables);
  assert_commit_refused (NULL);
  fixture_free_disk (&fixture);
  assert_there (first, FALSE);

  begin ();
  g_assert_true (insert (1, BIPE_PLACE_FREE, first, NULL));
  commit ();
}

static void
test_key (void)
{
  g_autoptr(BipeScan) scan = fixture_scan (&fixture, "a", "k");
  const BipeRow row = { .seq = 1, .accepted_at = NOON, .scan = scan };
  g_autoptr(BipeScan) first = NULL, none = NULL;
  g_autoptr(GError) error = NULL;

  begin ();
  g_assert_true (bipe_tables_insert_key (tables, &row, NULL));
  commit ();
  g_assert_cmpint (bipe_tables_find_key (tables, "l", &none, &error), ==, 0);
  g_assert_cmpint (bipe_tables_find_key (tables, "k", &first, &error), ==, 1);
  g_assert_no_error (error);
  g_assert_true (bipe_uuid_equal (&first->uuid, &scan->uuid));

  bipe_database_exec (bipe_tables_get_database (tables), "UPDATE client_key SET record = '{'",
                      &error);
  g_assert_no_error (error);
  g_assert_cmpint (bipe_tables_find_key (tables, "k", &none, &error), ==, -1);
  g_assert_nonnull (error);
  g_assert_null (none);
  g_assert_false (bipe_tables_is_lost (tables));
}

static void
test_waiting (void)
{
  g_autoptr(GHashTable) except = g_hash_table_new (bipe_uuid_hash, bipe_uuid_equal);
  g_autoptr(GPtrArray) scans = fixture_scans (&fixture, 3);

  begin ();
  for (guint i = 0; i < scans->len; i++)
    insert (i, BIPE_PLACE_FREE, scans->pdata[i], NULL);
  commit ();
  g_hash_table_add (except, &((BipeScan *)scans->pdata[1])->uuid);
  for (gint64 since = 0; since < 4; since++)
    {
      static const char *const expected[] = { "1", "3", "3", NULL };
      g_auto(BipeRow) row = { 0 };
      int has_row = bipe_tables_find_waiting (tables, NOON + since, except, &row, NULL);

      g_assert_cmpint (has_row, ==, expected[since] != NULL);
      g_assert_cmpstr (has_row > 0 ? row.scan->code : NULL, ==, expected[since]);
    }
}

/* What is counted at the opening; a place that is none is not counted. */
static void
test_load (void)
{
  static const BipePlace places[] = { BIPE_PLACE_FREE, BIPE_PLACE_HELD,    BIPE_PLACE_HELD,
                                      BIPE_PLACE_NONE, BIPE_PLACE_REMOVED, BIPE_PLACE_NONE + 1 };
  g_autoptr(GPtrArray) scans = fixture_scans (&fixture, G_N_ELEMENTS (places));
  const BipeRow last = { .seq = 6, .scan = scans->pdata[5] };
  const BipeChange change = { .kind = BIPE_EVENT_STORED, .at = NOON };
  gint64 n_scans[BIPE_PLACE_NONE] = { 0 }, seq = -1;

  g_assert_true (bipe_tables_load_newest (tables, &seq, NULL));
  g_assert_cmpint (seq, ==, 0);
  begin ();
  for (guint i = 0; i < scans->len; i++)
    insert (i + 1, places[i], scans->pdata[i], NULL);
  g_assert_true (bipe_tables_load_newest (tables, &seq, NULL));
  g_assert_cmpint (seq, ==, 6);
  g_assert_true (bipe_tables_insert_event (tables, 9, &change, &last, NULL));
  commit ();
  g_assert_true (bipe_tables_load_newest (tables, &seq, NULL));
  g_assert_cmpint (seq, ==, 9);

  g_assert_true (bipe_tables_load_places (tables, n_scans, NULL));
  g_assert_cmpint (n_scans[BIPE_PLACE_FREE], ==, 1);
  g_assert_cmpint (n_scans[BIPE_PLACE_HELD], ==, 2);
  g_assert_cmpint (n_scans[BIPE_PLACE_REJECTED], ==, 0);
  g_assert_cmpint (n_scans[BIPE_PLACE_REMOVED], ==, 1);
}

static void
run_test (gconstpointer data)
{
  void (*test) (void) = data;
  g_autoptr(GError) error = NULL;

  fixture_set_up (&fixture);
  tables = bipe_tables_open (fixture.path, &error);
  g_assert_no_error (error);
  test ();
  bipe_tables_free (tables);
  fixture_tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*test) (void);
  } tests[] = {
    { "/tables/constraint", test_constraint }, { "/tables/undo", test_undo },
    { "/tables/fresh", test_fresh },           { "/tables/lost", test_lost },
    { "/tables/full-disk", test_full_disk },   { "/tables/key", test_key },
    { "/tables/waiting", test_waiting },       { "/tables/load", test_load },
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_data_func (tests[i].name, tests[i].test, run_test);
  return g_test_run ();
}
