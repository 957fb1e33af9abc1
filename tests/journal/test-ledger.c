#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "journal/ledger.h"
#include "journal/row.h"
#include "tests/journal/fixture.h"

#define ALL_PLACES                                                                                 \
  (1 << BIPE_PLACE_FREE | 1 << BIPE_PLACE_HELD | 1 << BIPE_PLACE_REJECTED | 1 << BIPE_PLACE_REMOVED)

static Fixture fixture;
static BipeLedger *ledger;

static void
open_ledger (void)
{
  g_autoptr(GError) error = NULL;

  ledger = bipe_ledger_open (fixture.path, &fixture.limits, fixture.clock, &error);
  g_assert_no_error (error);
}

static void
reopen (void)
{
  bipe_ledger_free (ledger);
  open_ledger ();
}

static void
begin (void)
{
  g_autoptr(GError) error = NULL;

  bipe_ledger_begin (ledger, &error);
  g_assert_no_error (error);
}

/* Returns what has happened, as "queued 1, stored 2": kinds and codes. */
static char *
commit (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) events = bipe_ledger_commit (ledger, &error);
  GString *text = g_string_new (NULL);
  gint64 seq = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < events->len; i++)
    {
      const BipeEvent *event = events->pdata[i];

      g_assert_cmpint (event->seq, >, seq);
      seq = event->seq;
      g_string_append_printf (text, "%s%s %s", i > 0 ? ", " : "",
                              bipe_event_kind_name (event->kind), event->scan->code);
    }
  return g_string_free (text, FALSE);
}

static void
assert_committed (const char *expected)
{
  g_autofree char *text = commit ();

  g_assert_cmpstr (text, ==, expected);
}

static void
assert_counts (gint64 n_queued, gint64 n_held, gint64 n_rejected)
{
  BipeJournalCounts counts = bipe_ledger_get_counts (ledger);

  g_assert_cmpint (counts.n_queued, ==, n_queued);
  g_assert_cmpint (counts.n_held, ==, n_held);
  g_assert_cmpint (counts.n_rejected, ==, n_rejected);
}

/* The codes of @scans, with blanks between; takes @scans over. */
static char *
codes (GPtrArray *scans)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < scans->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", ((BipeScan *)scans->pdata[i])->code);
  g_ptr_array_unref (scans);
  return g_string_free (text, FALSE);
}

static void
assert_listed (guint places, const BipeUuid *after, guint limit, const char *expected)
{
  g_autofree char *text = codes (bipe_ledger_list (ledger, places, after, limit, NULL));

  g_assert_cmpstr (text, ==, expected);
}

static BipeAppend *
append_array (GPtrArray *scans, gboolean is_held, GError **error)
{
  return bipe_ledger_append (ledger, scans, is_held, error);
}

/* Appends one in a commit of its own. */
static BipeScan *
append (const char *code, gboolean is_held)
{
  g_autoptr(GPtrArray) scans = bipe_scan_array_new ();
  g_autoptr(BipeAppend) kept = NULL;
  g_autoptr(GError) error = NULL;

  g_ptr_array_add (scans, fixture_scan (&fixture, code, NULL));
  begin ();
  kept = append_array (scans, is_held, &error);
  g_assert_no_error (error);
  g_free (commit ());
  return bipe_scan_ref (kept->scans->pdata[0]);
}

static void
append_only (const char *code, gboolean is_held)
{
  bipe_scan_unref (append (code, is_held));
}

static BipeScan *
change_with (BipeEventKind kind, const BipeScan *scan, BipeScan *row, GError **error)
{
  const BipeChange change = { .kind = kind,
                              .uuid = scan->uuid,
                              .at = bipe_clock_real (fixture.clock),
                              .id = 100,
                              .code = "edited",
                              .reason = "why",
                              .scan = row };
  BipeScan *after;

  begin ();
  after = bipe_ledger_change (ledger, &change, error);
  g_free (commit ());
  return after;
}

static void
change (BipeEventKind kind, const BipeScan *scan)
{
  g_autoptr(GError) error = NULL;
  BipeScan *after = change_with (kind, scan, NULL, &error);

  g_assert_no_error (error);
  bipe_scan_unref (after);
}

/* What is taken next, or NULL. */
static char *
take (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeScan) scan = NULL;

  begin ();
  scan = bipe_ledger_take (ledger, &error);
  g_free (commit ());
  g_assert_no_error (error);
  return scan != NULL ? g_strdup_printf ("%s %s%s", scan->code, bipe_scan_state_name (scan->state),
                                         scan->collected_at != 0 ? " collected" : "")
                      : NULL;
}

static void
assert_taken (const char *expected)
{
  g_autofree char *text = take ();

  g_assert_cmpstr (text, ==, expected);
}

static void
assert_collected (const char *expected)
{
  g_autofree char *text = codes (bipe_ledger_collected (ledger, 10, NULL));

  g_assert_cmpstr (text, ==, expected);
}

static void
test_append (void)
{
  g_autoptr(GPtrArray) scans = fixture_scans (&fixture, 3);
  const BipeScan *last = scans->pdata[2];
  g_autoptr(BipeAppend) kept = NULL;
  g_autoptr(BipeScan) found = NULL;
  g_autoptr(GError) error = NULL;
  BipeUuid uuid;

  g_assert_false (bipe_ledger_get_last_uuid (ledger, &uuid));
  begin ();
  kept = append_array (scans, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (kept->n_new, ==, 3);
  assert_counts (0, 0, 0);
  assert_committed ("queued 1, queued 2, queued 3");
  assert_counts (3, 0, 0);

  reopen ();
  assert_counts (3, 0, 0);
  assert_listed (ALL_PLACES, NULL, 10, "1 2 3");
  g_assert_true (bipe_ledger_get_last_uuid (ledger, &uuid));
  g_assert_true (bipe_uuid_equal (&uuid, &last->uuid));
  found = bipe_ledger_find (ledger, &uuid, &error);
  g_assert_cmpstr (found->code, ==, "3");
}

static void
test_find_none (void)
{
  g_autoptr(GError) error = NULL;
  BipeUuid uuid = bipe_uuid_source_next (fixture.uuids);

  g_assert_null (bipe_ledger_find (ledger, &uuid, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
}

/* One request after the other, each with its codes and keys; NULL key: none. */
static const struct
{
  const char *name;
  const char *first[2];   /* code, key: appended before */
  const char *then[3][2]; /* appended in one array, up to a NULL */
  const char *kept;       /* codes of the answer; NULL: a conflict */
  guint n_new;
} key_cases[] = {
  { "same again", { "a", "k" }, { { "a", "k" } }, "a", 0 },
  { "another code", { "a", "k" }, { { "b", "k" } }, NULL, 0 },
  { "another key", { "a", "k" }, { { "a", "l" } }, "a", 1 },
  { "no key", { "a", "k" }, { { "a", NULL } }, "a", 1 },
  { "known and new", { "a", "k" }, { { "b", NULL }, { "a", "k" }, { "c", "l" } }, "b a c", 2 },
  { "all or nothing", { "a", "k" }, { { "b", NULL }, { "c", "l" }, { "d", "k" } }, NULL, 0 },
  { "twice in one", { "a", NULL }, { { "b", "k" }, { "b", "k" } }, "b b", 1 },
  { "conflict in one", { "a", NULL }, { { "b", "k" }, { "c", "k" } }, NULL, 0 },
};

static void
test_keys (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (key_cases); i++)
    {
      g_autoptr(GPtrArray) first = bipe_scan_array_new (), then = bipe_scan_array_new ();
      g_autoptr(BipeAppend) before = NULL, kept = NULL;
      g_autoptr(GError) error = NULL;
      g_autofree char *prefix = g_strdup_printf ("%u", i);
      BipeJournalCounts counts;

      g_test_message ("%s", key_cases[i].name);
      for (int j = -1; j < 3; j++)
        {
          const char *const *pair = j < 0 ? key_cases[i].first : key_cases[i].then[j];
          g_autofree char *key = pair[1] != NULL ? g_strconcat (prefix, pair[1], NULL) : NULL;

          if (pair[0] != NULL)
            g_ptr_array_add (j < 0 ? first : then, fixture_scan (&fixture, pair[0], key));
        }
      begin ();
      before = append_array (first, FALSE, &error);
      g_assert_no_error (error);
      g_free (commit ());
      counts = bipe_ledger_get_counts (ledger);

      begin ();
      kept = append_array (then, FALSE, &error);
      g_free (commit ());
      if (key_cases[i].kept != NULL)
        {
          g_autofree char *text = codes (g_ptr_array_ref (kept->scans));

          g_assert_cmpstr (text, ==, key_cases[i].kept);
          g_assert_cmpuint (kept->n_new, ==, key_cases[i].n_new);
        }
      else
        g_assert_error (error, BIPE_ERROR, BIPE_ERROR_CONFLICT);
      assert_counts (counts.n_queued + key_cases[i].n_new, 0, 0);
      reopen ();
      assert_counts (counts.n_queued + key_cases[i].n_new, 0, 0);
    }
}

/* The answer to a known key is the row as it is now. */
static void
test_key_of_stored (void)
{
  g_autoptr(GPtrArray) first = bipe_scan_array_new (), again = bipe_scan_array_new ();
  g_autoptr(BipeAppend) before = NULL, kept = NULL;
  const BipeScan *scan;

  g_ptr_array_add (first, fixture_scan (&fixture, "a", "k"));
  g_ptr_array_add (again, fixture_scan (&fixture, "a", "k"));
  begin ();
  before = append_array (first, FALSE, NULL);
  g_free (commit ());
  change (BIPE_EVENT_STORED, first->pdata[0]);

  begin ();
  kept = append_array (again, FALSE, NULL);
  assert_committed ("");
  scan = kept->scans->pdata[0];
  g_assert_true (bipe_uuid_equal (&scan->uuid, &((BipeScan *)first->pdata[0])->uuid));
  g_assert_cmpint (scan->state, ==, BIPE_SCAN_STORED);
  g_assert_cmpint (scan->id, ==, 100);
}

/* What is queued and what is rejected counts; an array fits as a whole or not at all. */
static void
test_bound (void)
{
  g_autoptr(BipeScan) first = NULL;
  g_autoptr(GPtrArray) two = NULL, rejected = bipe_scan_array_new ();
  g_autoptr(BipeAppend) kept = NULL, refused = NULL;
  g_autoptr(GError) error = NULL;
  BipeScan fields = { .uuid = bipe_uuid_source_next (fixture.uuids),
                      .state = BIPE_SCAN_REJECTED,
                      .code = "r",
                      .station = "s",
                      .reason = "why" };

  fixture.limits.queue_limit = 3;
  reopen ();
  first = append ("a", FALSE);
  g_ptr_array_add (rejected, bipe_scan_new (&fields));
  begin ();
  kept = append_array (rejected, FALSE, &error);
  assert_committed ("queued r");
  assert_counts (1, 0, 1);

  two = fixture_scans (&fixture, 2);
  begin ();
  refused = append_array (two, FALSE, &error);
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_FULL);
  assert_committed ("");
  assert_counts (1, 0, 1);
  assert_listed (ALL_PLACES, NULL, 10, "a r");

  change (BIPE_EVENT_STORED, first);
  g_clear_error (&error);
  begin ();
  refused = append_array (two, FALSE, &error);
  g_assert_no_error (error);
  assert_committed ("queued 1, queued 2");
  assert_counts (2, 0, 1);
}

/* The four places, merged into the order of acceptance. */
static void
test_list (void)
{
  g_autoptr(BipeScan) b = NULL, c = NULL, d = NULL, e = NULL, f = NULL;

  append_only ("a", FALSE);
  b = append ("b", TRUE);
  c = append ("c", FALSE);
  d = append ("d", TRUE);
  e = append ("e", FALSE);
  f = append ("f", TRUE);

  change (BIPE_EVENT_REJECTED, c);
  change (BIPE_EVENT_REMOVED, d);
  change (BIPE_EVENT_STORED, e);
  for (guint i = 0; i < 2; i++)
    {
      assert_listed (ALL_PLACES, NULL, 10, "a b c d f");
      assert_listed (ALL_PLACES, NULL, 2, "a b");
      assert_listed (ALL_PLACES, &b->uuid, 2, "c d");
      assert_listed (ALL_PLACES, &f->uuid, 2, "");
      assert_listed (1 << BIPE_PLACE_FREE, NULL, 10, "a");
      assert_listed (1 << BIPE_PLACE_HELD, NULL, 10, "b f");
      assert_listed (1 << BIPE_PLACE_REJECTED, NULL, 10, "c");
      assert_listed (1 << BIPE_PLACE_REMOVED, NULL, 10, "d");
      assert_counts (3, 2, 1);
      reopen ();
    }
}

static void
test_review (void)
{
  g_autoptr(BipeScan) scan = append ("a", TRUE);
  g_autoptr(BipeScan) found = NULL;
  g_autoptr(GError) error = NULL;

  change (BIPE_EVENT_EDITED, scan);
  assert_listed (1 << BIPE_PLACE_HELD, NULL, 10, "edited");
  change (BIPE_EVENT_REMOVED, scan);
  assert_counts (0, 0, 0);
  assert_taken (NULL);
  change (BIPE_EVENT_RESTORED, scan);
  assert_counts (1, 1, 0);
  change (BIPE_EVENT_RELEASED, scan);
  assert_counts (1, 0, 0);
  g_assert_null (change_with (BIPE_EVENT_RELEASED, scan, NULL, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_CONFLICT);
  change (BIPE_EVENT_STORED, scan);
  assert_counts (0, 0, 0);

  found = bipe_ledger_find (ledger, &scan->uuid, NULL);
  g_assert_cmpstr (found->code_read, ==, "a");
  g_assert_cmpint (found->id, ==, 100);
  g_assert_cmpint (found->stored_at, ==, NOON);
}

static void
test_take (void)
{
  g_autoptr(BipeScan) a = append ("a", FALSE), c = NULL, d = NULL;
  g_autoptr(GPtrArray) untold = NULL;

  append_only ("b", TRUE);
  c = append ("c", FALSE);
  d = append ("d", FALSE);

  change (BIPE_EVENT_REJECTED, c);
  change (BIPE_EVENT_STORED, d);
  assert_taken ("a queued");
  assert_taken ("b queued");
  assert_taken ("d stored collected");
  assert_taken (NULL);
  bipe_ledger_give_back (ledger, &a->uuid);
  assert_taken ("a queued");

  change (BIPE_EVENT_STORED, a);
  change (BIPE_EVENT_COLLECTED, a);
  assert_taken (NULL);
  assert_collected ("a d");
  untold = bipe_ledger_collected (ledger, 1, NULL);
  begin ();
  g_assert_true (bipe_ledger_forget_collected (ledger, untold, NULL));
  g_free (commit ());
  assert_collected ("d");

  /* What a run held is free in the next one, what it had collected is not. */
  reopen ();
  assert_taken ("b queued");
  assert_collected ("d");
}

/* Voided and restored: collectable again, unless it had been collected. */
static void
test_take_restored (void)
{
  g_autoptr(BipeScan) a = append ("a", FALSE), b = append ("b", FALSE);

  change (BIPE_EVENT_STORED, a);
  change (BIPE_EVENT_STORED, b);
  change (BIPE_EVENT_COLLECTED, a);
  change (BIPE_EVENT_VOIDED, a);
  change (BIPE_EVENT_VOIDED, b);
  assert_taken (NULL);
  assert_collected ("a");
  change (BIPE_EVENT_RESTORED, a);
  change (BIPE_EVENT_RESTORED, b);
  assert_taken ("b stored collected");
  assert_taken (NULL);
  assert_collected ("a b");
}

/* A held one that is voided is held no longer. */
static void
test_take_voided (void)
{
  g_autoptr(BipeScan) a = append ("a", FALSE);

  assert_taken ("a queued");
  change (BIPE_EVENT_STORED, a);
  change (BIPE_EVENT_VOIDED, a);
  change (BIPE_EVENT_RESTORED, a);
  assert_taken ("a stored collected");
}

static void
test_take_too_old (void)
{
  append_only ("a", FALSE);
  bipe_clock_advance (fixture.clock, DAY);
  append_only ("b", FALSE);
  bipe_clock_advance (fixture.clock, 6 * DAY + 1);
  assert_taken ("b queued");
  assert_taken (NULL);
}

/* The store has a scan that this journal has let go, or never had. */
static void
test_adopt (void)
{
  BipeScan fields = { .uuid = bipe_uuid_source_next (fixture.uuids),
                      .id = 55,
                      .state = BIPE_SCAN_VOIDED,
                      .station = "",
                      .voided_at = NOON,
                      .reason = "why" };
  g_autoptr(BipeScan) voided = bipe_scan_new (&fields);
  g_autoptr(BipeScan) restored = NULL, after = NULL;
  g_autoptr(GError) error = NULL;

  append_only ("own", FALSE);
  g_assert_null (change_with (BIPE_EVENT_VOIDED, voided, NULL, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
  g_clear_error (&error);

  after = change_with (BIPE_EVENT_VOIDED, voided, voided, &error);
  g_assert_no_error (error);
  g_assert_cmpint (after->id, ==, 55);
  restored = change_with (BIPE_EVENT_RESTORED, voided, NULL, &error);
  g_assert_cmpint (restored->state, ==, BIPE_SCAN_STORED);

  assert_taken ("own queued");
  assert_taken (NULL);
  assert_counts (1, 0, 0);
  g_assert_cmpint (bipe_ledger_count_since (ledger, 1, NULL), ==, 1);
}

static void
test_count_since (void)
{
  g_autoptr(BipeScan) b = NULL;

  append_only ("a", FALSE);
  bipe_clock_advance (fixture.clock, 10);
  b = append ("b", TRUE);
  bipe_clock_advance (fixture.clock, 10);
  append_only ("c", FALSE);
  change (BIPE_EVENT_STORED, b);
  g_assert_cmpint (bipe_ledger_count_since (ledger, 0, NULL), ==, 3);
  g_assert_cmpint (bipe_ledger_count_since (ledger, NOON + 10, NULL), ==, 2);
  g_assert_cmpint (bipe_ledger_count_since (ledger, NOON + 11, NULL), ==, 1);
  g_assert_cmpint (bipe_ledger_count_since (ledger, NOON + 21, NULL), ==, 0);
}

/* Fills the disk, one commit after the other: the one that fails leaves everything as it was. */
static void
test_full_disk (gboolean is_real)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeScan) after = NULL, taken = NULL;
  g_autofree char *long_code = g_strnfill (7000, 'x');
  gint64 n_kept = 0;

  if (is_real)
    bipe_ledger_free (ledger);
  if (!fixture_limit_disk (&fixture, is_real))
    {
      open_ledger ();
      g_test_skip ("no file system may be mounted here");
      return;
    }
  if (is_real)
    open_ledger ();

  for (gboolean is_full = FALSE; !is_full; n_kept += is_full ? 0 : 10)
    {
      g_autoptr(GPtrArray) scans = bipe_scan_array_new ();
      g_autoptr(GPtrArray) events = NULL;
      g_autoptr(BipeAppend) some = NULL;

      for (guint i = 0; i < 10; i++)
        g_ptr_array_add (scans, fixture_scan (&fixture, long_code, NULL));
      begin ();
      g_clear_pointer (&taken, bipe_scan_unref);
      taken = bipe_ledger_take (ledger, NULL);
      some = append_array (scans, FALSE, NULL);
      events = bipe_ledger_commit (ledger, &error);
      is_full = events == NULL;
      if (!is_full && taken != NULL)
        bipe_ledger_give_back (ledger, &taken->uuid);
    }
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_FULL);
  g_assert_cmpint (n_kept, >, 0);
  assert_counts (n_kept, 0, 0);
  fixture_free_disk (&fixture);

  /* What the failed transaction took was given back. */
  begin ();
  after = bipe_ledger_take (ledger, NULL);
  g_assert_true (bipe_uuid_equal (&after->uuid, &taken->uuid));
  g_free (commit ());
  g_clear_error (&error);
  append_only ("again", FALSE);
  assert_counts (n_kept + 1, 0, 0);
  reopen ();
  assert_counts (n_kept + 1, 0, 0);
}

static void
run_test (gconstpointer data)
{
  void (*test) (void) = data;

  fixture_set_up (&fixture);
  open_ledger ();
  test ();
  bipe_ledger_free (ledger);
  fixture_tear_down (&fixture);
}

static void
test_real_full_disk (void)
{
  test_full_disk (TRUE);
}

static void
test_limited_disk (void)
{
  test_full_disk (FALSE);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*test) (void);
  } tests[] = {
    { "/ledger/append", test_append },
    { "/ledger/find-none", test_find_none },
    { "/ledger/keys", test_keys },
    { "/ledger/key-of-stored", test_key_of_stored },
    { "/ledger/bound", test_bound },
    { "/ledger/list", test_list },
    { "/ledger/review", test_review },
    { "/ledger/take", test_take },
    { "/ledger/take-restored", test_take_restored },
    { "/ledger/take-voided", test_take_voided },
    { "/ledger/take-too-old", test_take_too_old },
    { "/ledger/adopt", test_adopt },
    { "/ledger/count-since", test_count_since },
    { "/ledger/full-disk", test_real_full_disk },
    { "/ledger/limited-disk", test_limited_disk },
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_data_func (tests[i].name, tests[i].test, run_test);
  return g_test_run ();
}
