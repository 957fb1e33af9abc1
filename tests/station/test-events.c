#include "config.h"

#include "station/events.h"

#define N_THREADS 4
#define N_EVENTS 20000

/* A subscriber, on a thread and context of its own. */
typedef struct
{
  BipeEvents *events;
  GMainContext *context;
  GThread *thread;
  gint64 last;
  guint n_events;
  guint n_calls;
  guint n_gaps;
  guint id;
  gboolean leaves; /* at the first call */
} Listener;

static void
heard_cb (GPtrArray *events, gboolean has_gap, gpointer user_data)
{
  Listener *listener = user_data;

  g_assert_true (listener->thread == NULL || g_thread_self () == listener->thread);
  listener->n_calls++;
  listener->n_gaps += has_gap ? 1 : 0;
  for (guint i = 0; i < events->len; i++)
    {
      const BipeEvent *event = events->pdata[i];

      g_assert_cmpint (event->seq, >, listener->last);
      listener->last = event->seq;
      listener->n_events++;
    }
  if (listener->leaves)
    bipe_events_unsubscribe (listener->events, listener->id);
}

static void
publish (BipeEvents *events, gint64 first, guint n_events)
{
  BipeScan fields = { .code = "1", .station = "s" };
  g_autoptr(BipeScan) scan = bipe_scan_new (&fields);
  g_autoptr(GPtrArray) batch = bipe_event_array_new ();

  for (guint i = 0; i < n_events; i++)
    g_ptr_array_add (batch, bipe_event_new (first + i, 0, BIPE_EVENT_QUEUED, scan));
  bipe_events_publish (events, batch);
}

static void
iterate (GMainContext *context)
{
  while (g_main_context_iteration (context, FALSE))
    ;
}

static void
test_many_at_once (void)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  BipeEvents *events = bipe_events_new ();
  Listener listener = { .events = events };

  publish (events, 1, 10);
  listener.id = bipe_events_subscribe (events, context, heard_cb, &listener);
  iterate (context);
  g_assert_cmpuint (listener.n_calls, ==, 0);

  publish (events, 11, 10);
  publish (events, 21, 10);
  g_assert_cmpuint (listener.n_calls, ==, 0);
  iterate (context);
  g_assert_cmpuint (listener.n_calls, ==, 1);
  g_assert_cmpuint (listener.n_events, ==, 20);

  publish (events, 31, 1);
  bipe_events_unsubscribe (events, listener.id);
  iterate (context);
  g_assert_cmpuint (listener.n_calls, ==, 1);
  g_assert_finalize_object (events);
}

static void
test_leaves_when_called (void)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  BipeEvents *events = bipe_events_new ();
  Listener listeners[2] = { { .events = events, .leaves = TRUE }, { .events = events } };

  for (guint i = 0; i < 2; i++)
    listeners[i].id = bipe_events_subscribe (events, context, heard_cb, &listeners[i]);
  for (guint i = 0; i < 10; i++)
    {
      publish (events, i + 1, 1);
      iterate (context);
    }
  g_assert_cmpuint (listeners[0].n_events, ==, 1);
  g_assert_cmpuint (listeners[1].n_events, ==, 10);
  bipe_events_unsubscribe (events, listeners[1].id);
  g_assert_finalize_object (events);
}

/* One that does not keep up loses all that waits and is told once; the others lose nothing. */
static void
test_gap (void)
{
  g_autoptr(GMainContext) slow_context = g_main_context_new ();
  g_autoptr(GMainContext) quick_context = g_main_context_new ();
  BipeEvents *events = bipe_events_new ();
  Listener slow = { .events = events }, quick = { .events = events };

  slow.id = bipe_events_subscribe (events, slow_context, heard_cb, &slow);
  quick.id = bipe_events_subscribe (events, quick_context, heard_cb, &quick);
  for (guint i = 0; i < BIPE_EVENTS_BACKLOG_MAX / 1024 + 1; i++)
    {
      publish (events, 1 + i * 1024, 1024);
      iterate (quick_context);
    }
  iterate (slow_context);
  g_assert_cmpuint (slow.n_gaps, ==, 1);
  g_assert_cmpuint (slow.n_events, ==, 1024);
  g_assert_cmpuint (quick.n_gaps, ==, 0);
  g_assert_cmpuint (quick.n_events, ==, BIPE_EVENTS_BACKLOG_MAX + 1024);
  g_assert_cmpint (slow.last, ==, quick.last);

  publish (events, quick.last + 1, 1);
  iterate (slow_context);
  g_assert_cmpuint (slow.n_gaps, ==, 1);
  bipe_events_unsubscribe (events, slow.id);
  bipe_events_unsubscribe (events, quick.id);
  g_assert_finalize_object (events);
}

static gpointer
listen_thread (gpointer data)
{
  Listener *listener = data;

  listener->thread = g_thread_self ();
  g_main_context_push_thread_default (listener->context);
  listener->id = bipe_events_subscribe (listener->events, listener->context, heard_cb, listener);
  while (listener->last < N_EVENTS)
    g_main_context_iteration (listener->context, TRUE);
  bipe_events_unsubscribe (listener->events, listener->id);
  g_main_context_pop_thread_default (listener->context);
  return NULL;
}

static gpointer
come_and_go_thread (gpointer data)
{
  g_autoptr(GMainContext) context = g_main_context_new ();

  for (guint i = 0; i < 1000; i++)
    {
      Listener listener = { .events = data };

      listener.id = bipe_events_subscribe (data, context, heard_cb, &listener);
      g_main_context_iteration (context, FALSE);
      bipe_events_unsubscribe (data, listener.id);
    }
  iterate (context);
  return NULL;
}

/* Each hears all from its subscription on, in order, while others come and go. */
static void
test_threads (void)
{
  BipeEvents *events = bipe_events_new ();
  Listener listeners[N_THREADS] = { 0 };
  GThread *threads[N_THREADS], *visitor;

  for (guint i = 0; i < N_THREADS; i++)
    {
      listeners[i].events = events;
      listeners[i].context = g_main_context_new ();
      threads[i] = g_thread_new ("listen", listen_thread, &listeners[i]);
    }
  visitor = g_thread_new ("visit", come_and_go_thread, events);
  for (guint i = 0; i < N_EVENTS; i++)
    publish (events, i + 1, 1);
  /* Whoever came too late for the last one. */
  for (guint i = 0, seq = N_EVENTS + 1; i < N_THREADS; i++)
    {
      while (g_atomic_int_get (&listeners[i].id) == 0)
        g_thread_yield ();
      publish (events, seq++, 1);
    }
  for (guint i = 0; i < N_THREADS; i++)
    {
      g_thread_join (threads[i]);
      g_assert_cmpuint (listeners[i].n_gaps, ==, 0);
      g_main_context_unref (listeners[i].context);
    }
  g_thread_join (visitor);
  g_assert_finalize_object (events);
}

/* Who is left when the events go hears nothing any more. */
static void
test_left_behind (void)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  BipeEvents *events = bipe_events_new ();
  Listener listener = { .events = events };

  bipe_events_subscribe (events, context, heard_cb, &listener);
  publish (events, 1, 1);
  g_assert_finalize_object (events);
  iterate (context);
  g_assert_cmpuint (listener.n_calls, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/events/many-at-once", test_many_at_once);
  g_test_add_func ("/events/leaves-when-called", test_leaves_when_called);
  g_test_add_func ("/events/gap", test_gap);
  g_test_add_func ("/events/threads", test_threads);
  g_test_add_func ("/events/left-behind", test_left_behind);
  return g_test_run ();
}
