/* test-figures.c: what events count for, alone and through a whole station. */
#include "config.h"

#include "fixture.h"
#include "station/figures.h"

/* A version 7 of a millisecond. */
static BipeUuid
uuid_of (gint64 milliseconds)
{
  BipeUuid uuid = { .bytes = { [6] = 0x7f, [7] = 0xff, [8] = 0x80 } };

  for (guint i = 0; i < 6; i++)
    uuid.bytes[i] = (guint8)(milliseconds >> (40 - 8 * i));
  return uuid;
}

static const struct
{
  BipeEventKind kind;
  BipeScanState state;
  guint n_accepted, n_stored, n_rejected;
} cases[] = {
  { BIPE_EVENT_QUEUED, BIPE_SCAN_QUEUED, 1, 0, 0 },
  { BIPE_EVENT_QUEUED, BIPE_SCAN_REJECTED, 0, 0, 1 },
  { BIPE_EVENT_RELEASED, BIPE_SCAN_QUEUED, 0, 0, 0 },
  { BIPE_EVENT_EDITED, BIPE_SCAN_QUEUED, 0, 0, 0 },
  { BIPE_EVENT_REMOVED, BIPE_SCAN_VOIDED, 0, 0, 0 },
  { BIPE_EVENT_STORED, BIPE_SCAN_STORED, 0, 1, 0 },
  { BIPE_EVENT_REJECTED, BIPE_SCAN_REJECTED, 0, 0, 1 },
  { BIPE_EVENT_COLLECTED, BIPE_SCAN_STORED, 0, 0, 0 },
  { BIPE_EVENT_VOIDED, BIPE_SCAN_VOIDED, 0, 0, 0 },
  { BIPE_EVENT_RESTORED, BIPE_SCAN_STORED, 0, 0, 0 },
};

static void
test_kinds (void)
{
  static const gint64 came = G_GINT64_CONSTANT (1767225600123);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BipeFigures figures = { 0 };
      BipeJournalCounts counts = { .commit_time = 1500 };
      BipeScan fields
          = { .code = "1", .station = "s", .uuid = uuid_of (came), .state = cases[i].state };
      g_autoptr(BipeScan) scan = bipe_scan_new (&fields);
      g_autoptr(GPtrArray) events = bipe_event_array_new ();

      g_assert_cmpint (bipe_uuid_get_time (&scan->uuid), ==, came * 1000);
      g_ptr_array_add (events, bipe_event_new (1, came * 1000 + 7000, cases[i].kind, scan));
      bipe_figures_note_commit (&figures, events, &counts);
      g_test_message ("%s", bipe_event_kind_name (cases[i].kind));
      g_assert_cmpuint (figures.n_accepted, ==, cases[i].n_accepted);
      g_assert_cmpuint (figures.n_stored, ==, cases[i].n_stored);
      g_assert_cmpuint (figures.n_rejected, ==, cases[i].n_rejected);
      g_assert_cmpuint (bipe_histogram_get_count (&figures.commits), ==, 1);
      g_assert_cmpint (figures.commits.sum, ==, 1500);
      g_assert_cmpuint (bipe_histogram_get_count (&figures.stores), ==, cases[i].n_stored);
      g_assert_cmpint (figures.stores.sum, ==, cases[i].n_stored * 7000);
    }
}

static gboolean
has_stored (Fixture *fixture, gpointer user_data)
{
  return bipe_station_get_figures (fixture->station)->n_stored == GPOINTER_TO_UINT (user_data);
}

static void
test_station (void)
{
  Fixture fixture;
  const BipeFigures *figures;

  fixture_set_up (&fixture);
  fixture_start (&fixture, FALSE);
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr(BipeScan) scan = fixture_accept_code (&fixture, "4006381333931");

      g_assert_nonnull (scan);
    }
  fixture_wait_until (&fixture, has_stored, GUINT_TO_POINTER (5));
  figures = bipe_station_get_figures (fixture.station);
  g_assert_cmpuint (figures->n_accepted, ==, 5);
  g_assert_cmpuint (figures->n_rejected, ==, 0);
  g_assert_cmpuint (bipe_histogram_get_count (&figures->stores), ==, 5);
  /* Each was waited for, so each had a commit of its own; storing them took some, too. */
  g_assert_cmpuint (bipe_histogram_get_count (&figures->commits), >, 5);
  g_assert_cmpint (figures->commits.sum, >, 0);
  fixture_stop (&fixture);
  fixture_tear_down (&fixture);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/figures/kinds", test_kinds);
  g_test_add_func ("/figures/station", test_station);
  return g_test_run ();
}
