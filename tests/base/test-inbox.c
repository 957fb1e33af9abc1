/* test-inbox.c: an item is a number, counted when it is freed. */
#include "config.h"

#include "base/inbox.h"

#define N_THREADS 4
#define N_EACH 5000

static int n_freed;

static void
free_item (gpointer item)
{
  g_atomic_int_inc (&n_freed);
  g_free (item);
}

static int *
item_new (int number)
{
  return g_memdup2 (&number, sizeof number);
}

typedef struct
{
  GMainContext *context;
  BipeInbox *inbox;
  GThread *thread; /* where it must be called */
  guint n_calls;
  guint n_items;
  guint n_gaps;
  guint largest;
  int last[N_THREADS];
  gboolean closes; /* when it is called */
} Fixture;

static void
received_cb (GPtrArray *items, gboolean has_gap, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_true (g_thread_self () == fixture->thread);
  fixture->n_calls++;
  fixture->n_items += items->len;
  fixture->n_gaps += has_gap ? 1 : 0;
  fixture->largest = MAX (fixture->largest, items->len);
  for (guint i = 0; i < items->len; i++)
    {
      int number = *(int *)items->pdata[i];
      int thread = number / N_EACH;

      g_assert_cmpint (number, >, fixture->last[thread]);
      fixture->last[thread] = number;
    }
  if (fixture->closes)
    bipe_inbox_close (fixture->inbox);
}

static void
set_up (Fixture *fixture, guint capacity)
{
  *fixture = (Fixture){ .context = g_main_context_new (), .thread = g_thread_self () };
  for (guint i = 0; i < N_THREADS; i++)
    fixture->last[i] = -1;
  n_freed = 0;
  fixture->inbox = bipe_inbox_new (fixture->context, G_PRIORITY_DEFAULT, capacity, free_item,
                                   received_cb, fixture);
}

static void
tear_down (Fixture *fixture)
{
  g_clear_pointer (&fixture->inbox, bipe_inbox_unref);
  g_main_context_unref (fixture->context);
}

static void
drain (Fixture *fixture)
{
  while (g_main_context_iteration (fixture->context, FALSE))
    ;
}

static void
test_together (void)
{
  Fixture fixture;

  set_up (&fixture, 1000);
  for (int i = 0; i < 100; i++)
    bipe_inbox_post (fixture.inbox, item_new (i));
  g_assert_cmpuint (fixture.n_calls, ==, 0);
  drain (&fixture);
  g_assert_cmpuint (fixture.n_calls, ==, 1);
  g_assert_cmpuint (fixture.n_items, ==, 100);
  g_assert_cmpuint (fixture.n_gaps, ==, 0);
  g_assert_cmpint (n_freed, ==, 100);

  bipe_inbox_post (fixture.inbox, item_new (100));
  drain (&fixture);
  g_assert_cmpuint (fixture.n_calls, ==, 2);
  drain (&fixture);
  g_assert_cmpuint (fixture.n_calls, ==, 2);
  tear_down (&fixture);
}

static gpointer
post_thread (gpointer data)
{
  Fixture *fixture = data;
  static int n_threads;
  int first = g_atomic_int_add (&n_threads, 1) * N_EACH;

  for (int i = 0; i < N_EACH; i++)
    bipe_inbox_post (fixture->inbox, item_new (first + i));
  return NULL;
}

static void
test_threads (void)
{
  Fixture fixture;
  GThread *threads[N_THREADS];

  set_up (&fixture, G_MAXUINT);
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("post", post_thread, &fixture);
  while (fixture.n_items < N_THREADS * N_EACH)
    g_main_context_iteration (fixture.context, TRUE);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  drain (&fixture);
  g_assert_cmpuint (fixture.n_items, ==, N_THREADS * N_EACH);
  g_assert_cmpuint (fixture.n_gaps, ==, 0);
  g_assert_cmpint (n_freed, ==, N_THREADS * N_EACH);
  tear_down (&fixture);
}

static void
test_bound (void)
{
  Fixture fixture;

  set_up (&fixture, 10);
  for (int i = 0; i < 10; i++)
    bipe_inbox_post (fixture.inbox, item_new (i));
  drain (&fixture);
  g_assert_cmpuint (fixture.n_items, ==, 10);
  g_assert_cmpuint (fixture.n_gaps, ==, 0);

  /* The eleventh drops the ten before it: 23 come, the last 3 are left. */
  for (int i = 10; i < 33; i++)
    bipe_inbox_post (fixture.inbox, item_new (i));
  drain (&fixture);
  g_assert_cmpuint (fixture.n_items, ==, 13);
  g_assert_cmpuint (fixture.n_gaps, ==, 1);
  g_assert_cmpuint (fixture.largest, ==, 10);
  g_assert_cmpint (fixture.last[0], ==, 32);
  g_assert_cmpint (n_freed, ==, 33);

  bipe_inbox_post (fixture.inbox, item_new (33));
  drain (&fixture);
  g_assert_cmpuint (fixture.n_gaps, ==, 1);
  tear_down (&fixture);
}

static void
test_close (void)
{
  Fixture fixture;

  set_up (&fixture, 10);
  bipe_inbox_post (fixture.inbox, item_new (0));
  bipe_inbox_close (fixture.inbox);
  g_assert_cmpint (n_freed, ==, 1);
  bipe_inbox_post (fixture.inbox, item_new (1));
  g_assert_cmpint (n_freed, ==, 2);
  drain (&fixture);
  g_assert_cmpuint (fixture.n_calls, ==, 0);
  tear_down (&fixture);
}

static void
test_close_inside (void)
{
  Fixture fixture;

  set_up (&fixture, 10);
  fixture.closes = TRUE;
  bipe_inbox_post (fixture.inbox, item_new (0));
  drain (&fixture);
  bipe_inbox_post (fixture.inbox, item_new (1));
  drain (&fixture);
  g_assert_cmpuint (fixture.n_calls, ==, 1);
  tear_down (&fixture);
  g_assert_cmpint (n_freed, ==, 2);
}

static gpointer
endless_thread (gpointer data)
{
  Fixture *fixture = data;
  g_autoptr(BipeInbox) inbox = bipe_inbox_ref (fixture->inbox);

  for (int i = 0; i < N_EACH; i++)
    bipe_inbox_post (inbox, item_new (i));
  return NULL;
}

/* Nothing is called after the close, though another thread goes on posting. */
static void
test_close_under_fire (void)
{
  for (guint round = 0; round < 20; round++)
    {
      Fixture fixture;
      GThread *thread;
      guint n_calls;

      set_up (&fixture, 100);
      thread = g_thread_new ("post", endless_thread, &fixture);
      while (fixture.n_calls < round)
        if (!g_main_context_iteration (fixture.context, FALSE) && fixture.last[0] == N_EACH - 1)
          break;
      bipe_inbox_close (fixture.inbox);
      n_calls = fixture.n_calls;
      g_thread_join (thread);
      drain (&fixture);
      g_assert_cmpuint (fixture.n_calls, ==, n_calls);
      tear_down (&fixture);
      g_assert_cmpint (n_freed, ==, N_EACH);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/inbox/together", test_together);
  g_test_add_func ("/inbox/threads", test_threads);
  g_test_add_func ("/inbox/bound", test_bound);
  g_test_add_func ("/inbox/close", test_close);
  g_test_add_func ("/inbox/close-inside", test_close_inside);
  g_test_add_func ("/inbox/close-under-fire", test_close_under_fire);
  return g_test_run ();
}
