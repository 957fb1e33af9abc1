/* feed.c: BipeEvents calls as often as it has something; a timeout of one frame gathers the calls.
 * (A frame clock's tick would not come for a window that is minimized, and the events would pile
 * up.) */
#include "config.h"

#include "app/feed.h"

#define FRAME_MS 16

struct _BipeFeed
{
  GObject parent_instance;

  BipeEvents *events;
  guint subscription;
  GPtrArray *gathered;
  gboolean has_gap;
  gboolean flows;
  guint frame;
};

enum
{
  ARRIVED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BipeFeed, bipe_feed, G_TYPE_OBJECT)

static gboolean
frame_cb (gpointer user_data)
{
  g_autoptr(BipeFeed) self = g_object_ref (user_data);
  g_autoptr(GPtrArray) gathered = g_steal_pointer (&self->gathered);
  gboolean has_gap = self->has_gap;

  self->frame = 0;
  self->gathered = bipe_event_array_new ();
  self->has_gap = FALSE;
  g_signal_emit (self, signals[ARRIVED], 0, gathered, has_gap);
  return G_SOURCE_REMOVE;
}

static void
await_frame (BipeFeed *self)
{
  if (self->flows && self->frame == 0 && (self->has_gap || self->gathered->len > 0))
    self->frame = g_timeout_add (FRAME_MS, frame_cb, self);
}

static void
events_cb (GPtrArray *events, gboolean has_gap, gpointer user_data)
{
  BipeFeed *self = user_data;

  if (has_gap || self->gathered->len + events->len > BIPE_EVENTS_BACKLOG_MAX)
    {
      g_ptr_array_set_size (self->gathered, 0);
      self->has_gap = TRUE;
    }
  for (guint i = 0; i < events->len; i++)
    g_ptr_array_add (self->gathered, bipe_event_ref (events->pdata[i]));
  await_frame (self);
}

static void
bipe_feed_dispose (GObject *object)
{
  BipeFeed *self = BIPE_FEED (object);

  g_clear_handle_id (&self->frame, g_source_remove);
  if (self->subscription != 0)
    bipe_events_unsubscribe (self->events, self->subscription);
  self->subscription = 0;
  g_clear_pointer (&self->gathered, g_ptr_array_unref);
  g_clear_object (&self->events);
  G_OBJECT_CLASS (bipe_feed_parent_class)->dispose (object);
}

static void
bipe_feed_class_init (BipeFeedClass *class)
{
  G_OBJECT_CLASS (class)->dispose = bipe_feed_dispose;

  signals[ARRIVED] = g_signal_new ("arrived", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 2, G_TYPE_PTR_ARRAY, G_TYPE_BOOLEAN);
}

static void
bipe_feed_init (BipeFeed *self)
{
  self->gathered = bipe_event_array_new ();
}

BipeFeed *
bipe_feed_new (BipeEvents *events)
{
  BipeFeed *self = g_object_new (BIPE_TYPE_FEED, NULL);

  self->events = g_object_ref (events);
  self->subscription = bipe_events_subscribe (events, NULL, events_cb, self);
  return self;
}

void
bipe_feed_start (BipeFeed *self)
{
  self->flows = TRUE;
  await_frame (self);
}
