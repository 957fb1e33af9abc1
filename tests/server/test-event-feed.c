/* test-event-feed.c: what readers may leave untaken, alone and together. */
#include "config.h"

#include "live.h"
#include "server/event-feed.h"

#define KIB 1024
#define MIB (1024 * KIB)

typedef struct
{
  guint n_readers;
  gsize backlog; /* of each */
  guint n_dropped;
} Case;

static const Case cases[] = {
  { 1, 4 * MIB, 0 },
  { 1, 4 * MIB + 1, 1 },
  { 16, 4 * MIB, 0 },
  { 16, 4 * MIB + 1, 16 },
  { 32, 2 * MIB, 0 },
  { 32, 2 * MIB + 1, 1 }, /* which leaves more for the others */
  { 256, 256 * KIB, 0 },
  { 1000, 256 * KIB, 0 },
  { 1000, 256 * KIB + 1, 745 },
};

typedef struct
{
  guint n_readers;
  gint64 after;
  gsize backlog;
  BipeEventFeed *feed;
  BipeEventFeedReader *readers[1000];
  guint n_events;
  guint n_dropped;
  gboolean is_level;
} Audience;

static void
event_cb (GBytes *bytes, gpointer user_data)
{
  Audience *self = user_data;

  self->n_events++;
}

static gsize
get_backlog_cb (gpointer user_data)
{
  Audience *self = user_data;

  return self->backlog;
}

static void
dropped_cb (gpointer user_data)
{
  Audience *self = user_data;

  self->n_dropped++;
}

static const BipeEventFeedListener listener
    = { BIPE_EVENT_FEED_JSON, event_cb, get_backlog_cb, dropped_cb };

static void
join (Live *live, gpointer data)
{
  Audience *self = data;

  self->feed = bipe_event_feed_new (live_get_station (live));
  for (guint i = 0; i < self->n_readers; i++)
    self->readers[i] = bipe_event_feed_join (self->feed, self->after, &listener, self);
}

static void
leave (Live *live, gpointer data)
{
  Audience *self = data;

  for (guint i = 0; i < self->n_readers; i++)
    bipe_event_feed_leave (self->readers[i]);
  bipe_event_feed_free (self->feed);
}

static void
test_backlog (void)
{
  BipeServerOptions options = live_options ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Live *live = live_start (&options, FALSE);
      Audience audience = { .n_readers = cases[i].n_readers, .after = -1 };

      live_run (live, join, &audience);
      live_fill (live, "first", 1);
      g_assert_cmpuint (audience.n_dropped, ==, 0);
      audience.backlog = cases[i].backlog;
      live_fill (live, "second", 1);
      live_run (live, leave, &audience);
      g_test_message ("%u readers: %u events, %u dropped", cases[i].n_readers, audience.n_events,
                      audience.n_dropped);
      g_assert_cmpuint (audience.n_dropped, ==, cases[i].n_dropped);
      live_stop (live);
    }
}

static void
count_events (Live *live, gpointer data)
{
  Audience *self = data;

  self->is_level = self->n_events == self->n_readers * 2;
}

/* Who has just had a page of old events may take more time over it than for what follows. */
static void
test_late (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  Audience audience = { .n_readers = 300 };

  live_fill (live, "old", 1);
  live_run (live, join, &audience);
  while (!audience.is_level)
    live_run (live, count_events, &audience);
  audience.backlog = 427 * KIB;
  live_fill (live, "first", 1);
  g_assert_cmpuint (audience.n_dropped, ==, 0);
  audience.backlog = 0;
  live_fill (live, "second", 1);
  audience.backlog = 427 * KIB;
  live_fill (live, "third", 1);
  live_run (live, leave, &audience);
  g_assert_cmpuint (audience.n_dropped, ==, 147);
  live_stop (live);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/event-feed/backlog", test_backlog);
  g_test_add_func ("/event-feed/late", test_late);
  return g_test_run ();
}
