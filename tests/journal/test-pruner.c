#include "config.h"

#include "base/clock.h"
#include "base/error.h"
#include "journal/ledger.h"
#include "journal/pruner.h"
#include "tests/journal/fixture.h"

/* What becomes of one scan when the journal is pruned so many days after it was accepted. */
static const struct
{
  const char *name;
  guint collect_days;
  guint event_days;
  BipeEventKind changes[4]; /* one after the other, at once; QUEUED ends them */
  gboolean is_told;         /* the store knows of the collecting */
  guint days;               /* then */
  gboolean is_kept;
} cases[] = {
  { "queued stays", 3, 5, { 0 }, FALSE, 400, TRUE },
  { "rejected stays", 3, 5, { BIPE_EVENT_REJECTED }, FALSE, 400, TRUE },
  { "stored, may be collected", 3, 1, { BIPE_EVENT_STORED }, FALSE, 2, TRUE },
  { "stored, events needed", 3, 5, { BIPE_EVENT_STORED }, FALSE, 4, TRUE },
  { "stored, too old for both", 3, 5, { BIPE_EVENT_STORED }, FALSE, 6, FALSE },
  { "collected, not told", 3, 5, { BIPE_EVENT_STORED, BIPE_EVENT_COLLECTED }, FALSE, 400, TRUE },
  { "collected, told, events", 3, 5, { BIPE_EVENT_STORED, BIPE_EVENT_COLLECTED }, TRUE, 4, TRUE },
  { "collected, told", 3, 1, { BIPE_EVENT_STORED, BIPE_EVENT_COLLECTED }, TRUE, 2, FALSE },
  { "voided", 9, 5, { BIPE_EVENT_STORED, BIPE_EVENT_VOIDED }, FALSE, 6, FALSE },
  { "voided, events", 9, 5, { BIPE_EVENT_STORED, BIPE_EVENT_VOIDED }, FALSE, 4, TRUE },
  { "removed", 9, 5, { BIPE_EVENT_REMOVED }, FALSE, 8, TRUE },
  { "removed, too old", 9, 5, { BIPE_EVENT_REMOVED }, FALSE, 10, FALSE },
};

static GPtrArray *
commit (BipeLedger *ledger)
{
  g_autoptr(GError) error = NULL;
  GPtrArray *events = bipe_ledger_commit (ledger, &error);

  g_assert_no_error (error);
  return events;
}

static gint64
append (BipeLedger *ledger, GPtrArray *scans)
{
  g_autoptr(BipeAppend) kept = NULL;
  g_autoptr(GPtrArray) events = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (bipe_ledger_begin (ledger, &error));
  kept = bipe_ledger_append (ledger, scans, TRUE, &error);
  g_assert_no_error (error);
  events = commit (ledger);
  return events->len > 0 ? ((BipeEvent *)events->pdata[events->len - 1])->seq : 0;
}

static void
change (BipeLedger *ledger, BipeEventKind kind, const BipeScan *scan, gint64 at)
{
  const BipeChange step = { .kind = kind, .uuid = scan->uuid, .at = at, .id = 1 };
  g_autoptr(BipeScan) after = NULL;
  g_autoptr(GError) error = NULL;

  after = bipe_ledger_change (ledger, &step, &error);
  g_assert_no_error (error);
}

/* Returns how many steps it took. */
static guint
prune (BipeLedger *ledger)
{
  g_autoptr(GError) error = NULL;
  gboolean is_done = FALSE;
  gint64 cursor = 0;
  guint n_steps;

  for (n_steps = 0; !is_done; n_steps++)
    {
      g_assert_true (bipe_ledger_begin (ledger, &error));
      bipe_ledger_prune (ledger, &cursor, &is_done, &error);
      g_assert_no_error (error);
      g_ptr_array_unref (commit (ledger));
    }
  return n_steps;
}

static void
test_case (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  Fixture fixture;
  g_autoptr(GPtrArray) scans = NULL;
  g_autoptr(BipeScan) found = NULL;
  g_autoptr(GError) error = NULL;
  BipeLedger *ledger;

  fixture_set_up (&fixture);
  fixture.limits.collect_days = cases[i].collect_days;
  fixture.limits.event_days = cases[i].event_days;
  ledger = bipe_ledger_open (fixture.path, &fixture.limits, fixture.clock, &error);
  g_assert_no_error (error);
  scans = fixture_scans (&fixture, 1);
  append (ledger, scans);

  g_assert_true (bipe_ledger_begin (ledger, &error));
  for (guint j = 0; cases[i].changes[j] != BIPE_EVENT_QUEUED; j++)
    change (ledger, cases[i].changes[j], scans->pdata[0], NOON);
  if (cases[i].is_told)
    g_assert_true (bipe_ledger_forget_collected (ledger, scans, &error));
  g_ptr_array_unref (commit (ledger));

  bipe_clock_advance (fixture.clock, cases[i].days * DAY);
  prune (ledger);
  found = bipe_ledger_find (ledger, &((BipeScan *)scans->pdata[0])->uuid, &error);
  g_assert_cmpint (found != NULL, ==, cases[i].is_kept);
  bipe_ledger_free (ledger);
  fixture_tear_down (&fixture);
}

/* Many at once go in steps, in the right ones; numbers never come again, though nothing is left. */
static void
test_all_gone (void)
{
  Fixture fixture;
  g_autoptr(GPtrArray) scans = NULL, more = NULL;
  g_autoptr(GError) error = NULL;
  BipeLedger *ledger;
  BipeUuid uuid;
  gint64 seq;

  fixture_set_up (&fixture);
  ledger = bipe_ledger_open (fixture.path, &fixture.limits, fixture.clock, &error);
  g_assert_no_error (error);
  scans = fixture_scans (&fixture, 2500);
  seq = append (ledger, scans);
  g_assert_cmpint (seq, ==, 2500);
  g_assert_true (bipe_ledger_begin (ledger, &error));
  for (guint i = 0; i < scans->len; i++)
    change (ledger, BIPE_EVENT_STORED, scans->pdata[i], NOON);
  g_ptr_array_unref (commit (ledger));

  g_assert_cmpuint (prune (ledger), ==, 1);
  g_assert_true (bipe_ledger_get_last_uuid (ledger, &uuid));
  bipe_clock_advance (fixture.clock, 8 * DAY);
  g_assert_cmpuint (prune (ledger), >=, 3);
  g_assert_false (bipe_ledger_get_last_uuid (ledger, &uuid));

  bipe_ledger_free (ledger);
  ledger = bipe_ledger_open (fixture.path, &fixture.limits, fixture.clock, &error);
  g_assert_no_error (error);
  more = fixture_scans (&fixture, 1);
  g_assert_cmpint (append (ledger, more), ==, 5001);
  bipe_ledger_free (ledger);
  fixture_tear_down (&fixture);
}

/* What only carries the event of a change in the store goes with that event. */
static void
test_adopted (void)
{
  Fixture fixture;
  g_autoptr(GPtrArray) scans = NULL;
  g_autoptr(BipeScan) found = NULL;
  g_autoptr(GError) error = NULL;
  BipeLedger *ledger;

  fixture_set_up (&fixture);
  ledger = bipe_ledger_open (fixture.path, &fixture.limits, fixture.clock, &error);
  g_assert_no_error (error);
  scans = fixture_scans (&fixture, 1);
  g_assert_true (bipe_ledger_begin (ledger, &error));
  for (guint i = 0; i < 2; i++)
    {
      BipeScan row = *(BipeScan *)scans->pdata[0];
      g_autoptr(BipeScan) voided = NULL, after = NULL;
      BipeChange step = { .kind = i == 0 ? BIPE_EVENT_VOIDED : BIPE_EVENT_RESTORED,
                          .uuid = row.uuid,
                          .at = NOON };

      row.state = BIPE_SCAN_VOIDED;
      row.id = 1;
      voided = bipe_scan_new (&row);
      step.scan = voided;
      after = bipe_ledger_change (ledger, &step, &error);
      g_assert_no_error (error);
      g_assert_cmpint (after->state, ==, i == 0 ? BIPE_SCAN_VOIDED : BIPE_SCAN_STORED);
    }
  g_ptr_array_unref (commit (ledger));

  bipe_clock_advance (fixture.clock, 8 * DAY);
  prune (ledger);
  found = bipe_ledger_find (ledger, &((BipeScan *)scans->pdata[0])->uuid, &error);
  g_assert_null (found);
  bipe_ledger_free (ledger);
  fixture_tear_down (&fixture);
}

/* A key outlives its scan by far, but not 30 days. */
static void
test_keys (void)
{
  static const struct
  {
    guint days;
    gboolean is_known;
  } steps[] = { { 20, TRUE }, { 9, TRUE }, { 2, FALSE } };
  Fixture fixture;
  g_autoptr(GPtrArray) scans = bipe_scan_array_new ();
  g_autoptr(GError) error = NULL;
  BipeLedger *ledger;

  fixture_set_up (&fixture);
  ledger = bipe_ledger_open (fixture.path, &fixture.limits, fixture.clock, &error);
  g_assert_no_error (error);
  g_ptr_array_add (scans, fixture_scan (&fixture, "a", "k"));
  append (ledger, scans);
  g_assert_true (bipe_ledger_begin (ledger, &error));
  change (ledger, BIPE_EVENT_STORED, scans->pdata[0], NOON);
  g_ptr_array_unref (commit (ledger));

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr(GPtrArray) again = bipe_scan_array_new ();
      BipeUuid uuid;

      bipe_clock_advance (fixture.clock, steps[i].days * DAY);
      prune (ledger);
      g_assert_false (bipe_ledger_get_last_uuid (ledger, &uuid));
      g_ptr_array_add (again, fixture_scan (&fixture, "a", "k"));
      g_assert_cmpint (append (ledger, again) == 0, ==, steps[i].is_known);
    }
  bipe_ledger_free (ledger);
  fixture_tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("/pruner/%s", cases[i].name);
      g_test_add_data_func (name, GUINT_TO_POINTER (i), test_case);
    }
  g_test_add_func ("/pruner/all-gone", test_all_gone);
  g_test_add_func ("/pruner/adopted", test_adopted);
  g_test_add_func ("/pruner/keys", test_keys);
  return g_test_run ();
}
