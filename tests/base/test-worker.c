/* test-worker.c: each task carries a number, which the worker notes down. A gate holds the worker
 * so that tasks gather behind it. */
#include "config.h"

#include "base/error.h"
#include "base/worker.h"

#define N_THREADS 4
#define N_EACH 2000

typedef struct
{
  BipeWorker *worker;
  GThread *owner;
  GThread *thread; /* the worker's, as its first task has found it */
  GMutex gate;
  GArray *done; /* of int, the worker's thread only until it is joined */
  guint largest;
  guint n_batches;
  guint n_refused; /* this and the next: the main thread's */
  guint n_finished;
} Fixture;

static void
work (GPtrArray *tasks, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_mutex_lock (&fixture->gate);
  g_mutex_unlock (&fixture->gate);
  if (fixture->thread == NULL)
    fixture->thread = g_thread_self ();
  g_assert_true (g_thread_self () == fixture->thread && fixture->thread != fixture->owner);
  g_assert_cmpuint (tasks->len, >, 0);
  fixture->n_batches++;
  fixture->largest = MAX (fixture->largest, tasks->len);
  for (guint i = 0; i < tasks->len; i++)
    {
      int number = GPOINTER_TO_INT (g_task_get_task_data (tasks->pdata[i]));

      g_array_append_val (fixture->done, number);
      g_task_return_int (tasks->pdata[i], number);
    }
}

static void
set_up (Fixture *fixture, guint capacity, guint batch)
{
  *fixture
      = (Fixture){ .owner = g_thread_self (), .done = g_array_new (FALSE, FALSE, sizeof (int)) };
  g_mutex_init (&fixture->gate);
  g_mutex_lock (&fixture->gate);
  fixture->worker = bipe_worker_new ("test", capacity, batch, work, fixture);
  g_mutex_unlock (&fixture->gate);
}

/* The pointer stays as it is while the worker's thread may look at it. */
static void
end_worker (Fixture *fixture)
{
  bipe_worker_free (fixture->worker);
  fixture->worker = NULL;
}

static void
tear_down (Fixture *fixture)
{
  if (fixture->worker != NULL)
    end_worker (fixture);
  g_array_unref (fixture->done);
  g_mutex_clear (&fixture->gate);
}

static void
finished_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autoptr(GError) error = NULL;
  gssize number = g_task_propagate_int (G_TASK (result), &error);

  fixture->n_finished++;
  if (number >= 0)
    return;
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_FULL);
  fixture->n_refused++;
}

static void
push (Fixture *fixture, int number, GAsyncReadyCallback callback)
{
  GTask *task = g_task_new (NULL, NULL, callback, fixture);

  g_task_set_task_data (task, GINT_TO_POINTER (number), NULL);
  bipe_worker_push (fixture->worker, task);
}

static void
insist (Fixture *fixture, int number, GAsyncReadyCallback callback)
{
  GTask *task = g_task_new (NULL, NULL, callback, fixture);

  g_task_set_task_data (task, GINT_TO_POINTER (number), NULL);
  bipe_worker_insist (fixture->worker, task);
}

static void
wait_for (Fixture *fixture, guint n)
{
  while (fixture->n_finished < n)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_order (void)
{
  Fixture fixture;

  set_up (&fixture, 1000, 7);
  g_mutex_lock (&fixture.gate);
  for (int i = 0; i < 100; i++)
    push (&fixture, i, finished_cb);
  g_mutex_unlock (&fixture.gate);
  wait_for (&fixture, 100);
  end_worker (&fixture);

  g_assert_cmpuint (fixture.n_refused, ==, 0);
  g_assert_cmpuint (fixture.done->len, ==, 100);
  for (int i = 0; i < 100; i++)
    g_assert_cmpint (g_array_index (fixture.done, int, (guint)i), ==, i);
  /* The first batch may have been cut off by the gate. */
  g_assert_cmpuint (fixture.largest, ==, 7);
  g_assert_cmpuint (fixture.n_batches, <=, 16);
  tear_down (&fixture);
}

static void
test_bound (void)
{
  Fixture fixture;

  set_up (&fixture, 10, 1);
  g_mutex_lock (&fixture.gate);
  for (int i = 0; i < 30; i++)
    push (&fixture, i, finished_cb);
  g_mutex_unlock (&fixture.gate);
  wait_for (&fixture, 30);
  /* Ten wait, and one may be before the gate. */
  g_assert_cmpuint (fixture.n_refused, >=, 19);
  g_assert_cmpuint (fixture.n_refused, <=, 20);
  push (&fixture, 30, finished_cb);
  wait_for (&fixture, 31);
  g_assert_cmpuint (fixture.n_refused, <=, 20);
  tear_down (&fixture);
}

/* What insists has its turn even so, behind those that wait. */
static void
test_insist (void)
{
  Fixture fixture;

  set_up (&fixture, 1, 1);
  g_mutex_lock (&fixture.gate);
  for (int i = 0; i < 10; i++)
    push (&fixture, i, finished_cb);
  insist (&fixture, 10, finished_cb);
  g_mutex_unlock (&fixture.gate);
  wait_for (&fixture, 11);
  g_assert_cmpuint (fixture.n_refused, >=, 8);
  g_assert_cmpint (g_array_index (fixture.done, int, fixture.done->len - 1), ==, 10);
  tear_down (&fixture);
}

static gpointer
free_thread (gpointer data)
{
  bipe_worker_free (data);
  return NULL;
}

static void
test_free_works_off (void)
{
  Fixture fixture;
  GThread *thread;

  set_up (&fixture, 1000, 10);
  g_mutex_lock (&fixture.gate);
  for (int i = 0; i < 500; i++)
    push (&fixture, i, finished_cb);
  thread = g_thread_new ("free", free_thread, fixture.worker);
  g_mutex_unlock (&fixture.gate);
  g_thread_join (thread);
  fixture.worker = NULL;
  g_assert_cmpuint (fixture.done->len, ==, 500);
  wait_for (&fixture, 500);
  g_assert_cmpuint (fixture.n_refused, ==, 0);
  tear_down (&fixture);
}

static void
test_free_idle (void)
{
  for (guint i = 0; i < 200; i++)
    {
      Fixture fixture;

      set_up (&fixture, 1, 1);
      tear_down (&fixture);
    }
}

static gpointer
push_thread (gpointer data)
{
  static int n_threads;
  int first = g_atomic_int_add (&n_threads, 1) * N_EACH;

  for (int i = 0; i < N_EACH; i++)
    push (data, first + i, NULL);
  return NULL;
}

static void
test_threads (void)
{
  Fixture fixture;
  GThread *threads[N_THREADS];
  int last[N_THREADS];

  set_up (&fixture, N_THREADS * N_EACH, 64);
  for (guint i = 0; i < N_THREADS; i++)
    {
      last[i] = -1;
      threads[i] = g_thread_new ("push", push_thread, &fixture);
    }
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  end_worker (&fixture);

  g_assert_cmpuint (fixture.done->len, ==, N_THREADS * N_EACH);
  for (guint i = 0; i < fixture.done->len; i++)
    {
      int number = g_array_index (fixture.done, int, i);

      g_assert_cmpint (number, >, last[number / N_EACH]);
      last[number / N_EACH] = number;
    }
  tear_down (&fixture);
}

/* What a thread with a main loop of its own asks for comes back to that thread, in its order; what
 * it asks for in one iteration is one batch. */
typedef struct
{
  BipeWorker *worker;
  GMainContext *context;
  GThread *thread;
  int next;
  guint n_given;
} Caller;

static void
give (GTask *task)
{
  g_task_return_int (task, GPOINTER_TO_INT (g_task_get_task_data (task)));
}

static guint largest_batch;

static void
deliver (GPtrArray *tasks, gpointer user_data)
{
  largest_batch = MAX (largest_batch, tasks->len);
  bipe_worker_deliver (tasks, give);
}

static void
given_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Caller *caller = user_data;

  g_assert_true (g_main_context_is_owner (caller->context));
  g_assert_cmpint (g_task_propagate_int (G_TASK (result), NULL), ==, (int)caller->n_given);
  caller->n_given++;
}

static gboolean
ask_cb (gpointer data)
{
  Caller *caller = data;

  for (guint i = 0; i < 10; i++)
    {
      GTask *task = g_task_new (NULL, NULL, given_cb, caller);

      g_task_set_task_data (task, GINT_TO_POINTER (caller->next++), NULL);
      bipe_worker_push (caller->worker, task);
    }
  return caller->next < N_EACH ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gpointer
caller_thread (gpointer data)
{
  Caller *caller = data;
  g_autoptr(GSource) source = g_idle_source_new ();

  g_main_context_push_thread_default (caller->context);
  g_source_set_callback (source, ask_cb, caller, NULL);
  g_source_attach (source, caller->context);
  while (caller->n_given < N_EACH)
    g_main_context_iteration (caller->context, TRUE);
  g_main_context_pop_thread_default (caller->context);
  return NULL;
}

static void
test_deliver (void)
{
  g_autoptr(BipeWorker) worker = bipe_worker_new ("test", N_THREADS * N_EACH, 64, deliver, NULL);
  Caller callers[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    {
      callers[i] = (Caller){ .worker = worker, .context = g_main_context_new () };
      callers[i].thread = g_thread_new ("caller", caller_thread, &callers[i]);
    }
  for (guint i = 0; i < N_THREADS; i++)
    {
      g_thread_join (callers[i].thread);
      g_assert_cmpuint (callers[i].n_given, ==, N_EACH);
      g_main_context_unref (callers[i].context);
    }
  g_assert_cmpuint (largest_batch, >=, 10);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker/order", test_order);
  g_test_add_func ("/worker/bound", test_bound);
  g_test_add_func ("/worker/insist", test_insist);
  g_test_add_func ("/worker/free-works-off", test_free_works_off);
  g_test_add_func ("/worker/free-idle", test_free_idle);
  g_test_add_func ("/worker/threads", test_threads);
  g_test_add_func ("/worker/deliver", test_deliver);
  return g_test_run ();
}
