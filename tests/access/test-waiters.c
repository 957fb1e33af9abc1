#include "config.h"

#include "access/waiters.h"

typedef struct
{
  BipeWaiters *waiters;
  GString *told; /* a letter for each task that is over, small where it was cancelled */
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->waiters = bipe_waiters_new (g_main_context_default ());
  self->told = g_string_new (NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_assert_true (bipe_waiters_is_empty (self->waiters));
  bipe_waiters_free (self->waiters);
  g_string_free (self->told, TRUE);
}

static void
run_pending (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
told_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;
  gssize letter = g_task_propagate_int (G_TASK (result), &error);

  if (error != NULL)
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      letter = GPOINTER_TO_INT (g_task_get_task_data (G_TASK (result)));
      letter = g_ascii_tolower ((char)letter);
    }
  g_string_append_c (user_data, (char)letter);
}

static void
push (Fixture *self, char letter, GCancellable *cancellable, gint64 deadline)
{
  GTask *task = g_task_new (NULL, cancellable, told_cb, self->told);

  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, GINT_TO_POINTER (letter), NULL);
  bipe_waiters_push (self->waiters, task, deadline);
}

/* Takes @task. FALSE: it is NULL. */
static gboolean
answer (GTask *task)
{
  if (task == NULL)
    return FALSE;
  g_task_return_int (task, GPOINTER_TO_INT (g_task_get_task_data (task)));
  g_object_unref (task);
  return TRUE;
}

static void
test_order (Fixture *self, gconstpointer data)
{
  g_assert_null (bipe_waiters_pop (self->waiters));
  for (guint i = 0; i < BIPE_WAITERS_MAX; i++)
    {
      g_assert_false (bipe_waiters_is_full (self->waiters));
      push (self, (char)('A' + i), NULL, G_MAXINT64);
      g_assert_false (bipe_waiters_is_empty (self->waiters));
    }
  g_assert_true (bipe_waiters_is_full (self->waiters));
  while (answer (bipe_waiters_pop (self->waiters)))
    g_assert_false (bipe_waiters_is_full (self->waiters));
  run_pending ();
  g_assert_cmpstr (self->told->str, ==, "ABCDEFGH");
}

static void
test_due (Fixture *self, gconstpointer data)
{
  push (self, 'A', NULL, 10);
  push (self, 'B', NULL, 20);
  push (self, 'C', NULL, G_MAXINT64);
  g_assert_null (bipe_waiters_pop_due (self->waiters, 9));
  g_assert_true (answer (bipe_waiters_pop_due (self->waiters, 10)));
  g_assert_null (bipe_waiters_pop_due (self->waiters, 19));
  g_assert_true (answer (bipe_waiters_pop_due (self->waiters, 1000)));
  g_assert_null (bipe_waiters_pop_due (self->waiters, 1000));
  g_assert_true (answer (bipe_waiters_pop (self->waiters)));
  run_pending ();
  g_assert_cmpstr (self->told->str, ==, "ABC");
}

/* Who is cancelled is told alone, and makes room. */
static void
test_cancelled (Fixture *self, gconstpointer data)
{
  g_autoptr(GCancellable) one = g_cancellable_new ();
  g_autoptr(GCancellable) other = g_cancellable_new ();

  push (self, 'A', other, G_MAXINT64);
  push (self, 'B', one, G_MAXINT64);
  for (guint i = 2; i < BIPE_WAITERS_MAX; i++)
    push (self, 'C', NULL, G_MAXINT64);
  g_assert_true (bipe_waiters_is_full (self->waiters));
  g_cancellable_cancel (one);
  run_pending ();
  g_assert_cmpstr (self->told->str, ==, "b");
  g_assert_false (bipe_waiters_is_full (self->waiters));

  g_assert_true (answer (bipe_waiters_pop (self->waiters)));
  run_pending ();
  g_assert_cmpstr (self->told->str, ==, "bA");
  /* Who has his answer is told nothing more. */
  g_cancellable_cancel (other);
  run_pending ();
  g_assert_cmpstr (self->told->str, ==, "bA");
  while (answer (bipe_waiters_pop (self->waiters)))
    continue;
  run_pending ();
  g_assert_cmpstr (self->told->str, ==, "bACCCCCC");
}

/* Before he began to wait. */
static void
test_cancelled_before (Fixture *self, gconstpointer data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  push (self, 'A', cancellable, G_MAXINT64);
  run_pending ();
  g_assert_cmpstr (self->told->str, ==, "a");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/waiters/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("order", test_order);
  ADD ("due", test_due);
  ADD ("cancelled", test_cancelled);
  ADD ("cancelled-before", test_cancelled_before);
#undef ADD
  return g_test_run ();
}
