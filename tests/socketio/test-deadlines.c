#include "config.h"

#include "socketio/deadlines.h"

static void
test_order (void)
{
  BipeDeadlines queue;
  BipeDeadline a, b;

  bipe_deadlines_init (&queue, 2);
  bipe_deadline_init (&a, &a);
  bipe_deadline_init (&b, &b);
  g_assert_cmpint (bipe_deadlines_get_first (&queue), ==, -1);
  g_assert_null (bipe_deadlines_get_due (&queue, G_MAXINT64));

  bipe_deadline_start (&a, &queue, 10);
  bipe_deadline_start (&b, &queue, 20);
  g_assert_cmpint (bipe_deadlines_get_first (&queue), ==, 2010);
  g_assert_null (bipe_deadlines_get_due (&queue, 2009));
  g_assert_true (bipe_deadlines_get_due (&queue, 2010) == &a);

  /* Anew: to the end. */
  bipe_deadline_start (&a, &queue, 30);
  g_assert_true (bipe_deadlines_get_due (&queue, 2020) == &b);
  bipe_deadline_stop (&b);
  bipe_deadline_stop (&b);
  g_assert_false (bipe_deadline_is_past (&b, &queue, G_MAXINT64));
  g_assert_cmpint (bipe_deadlines_get_first (&queue), ==, 2030);
  bipe_deadline_stop (&a);
  g_assert_cmpint (bipe_deadlines_get_first (&queue), ==, -1);
}

static void
test_two_queues (void)
{
  BipeDeadlines soon, late;
  BipeDeadline one;

  bipe_deadlines_init (&soon, 1);
  bipe_deadlines_init (&late, G_MAXUINT);
  bipe_deadline_init (&one, &one);
  g_assert_false (bipe_deadline_is_past (&one, &soon, G_MAXINT64));

  bipe_deadline_start (&one, &soon, 0);
  g_assert_false (bipe_deadline_is_past (&one, &soon, 999));
  g_assert_true (bipe_deadline_is_past (&one, &soon, 1000));
  g_assert_false (bipe_deadline_is_past (&one, &late, G_MAXINT64));

  bipe_deadline_start (&one, &late, 0);
  g_assert_cmpint (bipe_deadlines_get_first (&soon), ==, -1);
  g_assert_cmpint (bipe_deadlines_get_first (&late), ==, G_GINT64_CONSTANT (4294967295000));
  bipe_deadline_stop (&one);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/deadlines/order", test_order);
  g_test_add_func ("/deadlines/two-queues", test_two_queues);
  return g_test_run ();
}
