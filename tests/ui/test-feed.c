/* test-feed.c: the events on their way into the window. */
#include "config.h"

#include "app/feed.h"

#define LATER_MS 100 /* than some frames */

static void
publish (BipeEvents *events, gint64 seq)
{
  BipeScan fields = { .code = "4006381333931", .source = BIPE_SOURCE_WEDGE };
  g_autoptr(BipeScan) scan = bipe_scan_new (&fields);
  g_autoptr(GPtrArray) some = bipe_event_array_new ();

  g_ptr_array_add (some, bipe_event_new (seq, 0, BIPE_EVENT_QUEUED, scan));
  bipe_events_publish (events, some);
}

static void
arrived_cb (BipeFeed *feed, GPtrArray *events, gboolean has_gap, gpointer user_data)
{
  GArray *seen = user_data;

  g_assert_false (has_gap);
  for (guint i = 0; i < events->len; i++)
    g_array_append_val (seen, ((const BipeEvent *)events->pdata[i])->seq);
}

static gboolean
later_cb (gpointer user_data)
{
  *(gboolean *)user_data = TRUE;
  return G_SOURCE_REMOVE;
}

/* What comes before the window listens is not missed. */
static void
test_start (void)
{
  g_autoptr(BipeEvents) events = bipe_events_new ();
  g_autoptr(BipeFeed) feed = bipe_feed_new (events);
  g_autoptr(GArray) seen = g_array_new (FALSE, FALSE, sizeof (gint64));
  gboolean is_later = FALSE;

  publish (events, 1);
  g_timeout_add (LATER_MS, later_cb, &is_later);
  while (!is_later)
    g_main_context_iteration (NULL, TRUE);

  g_signal_connect (feed, "arrived", G_CALLBACK (arrived_cb), seen);
  bipe_feed_start (feed);
  publish (events, 2);
  while (seen->len < 2)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (g_array_index (seen, gint64, 0), ==, 1);
  g_assert_cmpint (g_array_index (seen, gint64, 1), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/feed/start", test_start);
  return g_test_run ();
}
