#include "config.h"

#include "base/status.h"

static void
test_copies (void)
{
  char store[] = "this computer", why[] = "it is away", problem[] = "the disk is full";
  BipeStatus fields = { .store = store,
                        .store_state = BIPE_STORE_OFFLINE,
                        .store_since = 5,
                        .store_problem = why,
                        .n_queued = 4,
                        .n_held = 3,
                        .n_rejected = 2,
                        .n_today = 1,
                        .is_review = TRUE,
                        .problem = problem };
  g_autoptr(BipeStatus) status = bipe_status_new (&fields);
  g_autoptr(BipeStatus) again = bipe_status_ref (status);

  store[0] = why[0] = problem[0] = '\0';
  g_clear_pointer (&status, bipe_status_unref);
  g_assert_cmpstr (again->store, ==, "this computer");
  g_assert_cmpstr (again->store_problem, ==, "it is away");
  g_assert_cmpstr (again->problem, ==, "the disk is full");
  g_assert_cmpint (again->store_state, ==, BIPE_STORE_OFFLINE);
  g_assert_cmpint (again->store_since, ==, 5);
  g_assert_cmpint (again->n_queued, ==, 4);
  g_assert_cmpint (again->n_held, ==, 3);
  g_assert_cmpint (again->n_rejected, ==, 2);
  g_assert_cmpint (again->n_today, ==, 1);
  g_assert_true (again->is_review);
}

static void
test_without_strings (void)
{
  g_autoptr(BipeStatus) status = bipe_status_new (&(BipeStatus){ .n_today = 1 });

  g_assert_null (status->store);
  g_assert_null (status->store_problem);
  g_assert_null (status->problem);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/status/copies", test_copies);
  g_test_add_func ("/status/without-strings", test_without_strings);
  return g_test_run ();
}
