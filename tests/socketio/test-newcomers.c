#include "config.h"

#include "socketio/newcomers.h"

static void
test_order (void)
{
  BipeNewcomers all;
  BipeNewcomer a, b;

  bipe_newcomers_init (&all, 1);
  g_assert_null (bipe_newcomers_get_oldest (&all));
  bipe_newcomer_join (&a, &all, &a, NULL);
  bipe_newcomer_join (&b, &all, &b, "b");
  g_assert_true (bipe_newcomers_get_oldest (&all) == &a);
  bipe_newcomer_leave (&a);
  bipe_newcomer_leave (&a);
  g_assert_true (bipe_newcomers_get_oldest (&all) == &b);
  bipe_newcomer_leave (&b);
  g_assert_null (bipe_newcomers_get_oldest (&all));
  bipe_newcomers_clear (&all);
}

static void
test_limit (void)
{
  BipeNewcomers all;
  BipeNewcomer one, two, other, nobody;

  bipe_newcomers_init (&all, 2);
  g_assert_true (bipe_newcomers_has_room (&all, "key"));
  bipe_newcomer_join (&one, &all, NULL, "key");
  g_assert_true (bipe_newcomers_has_room (&all, "key"));
  bipe_newcomer_join (&two, &all, NULL, "key");
  g_assert_false (bipe_newcomers_has_room (&all, "key"));

  /* Others feel nothing of it, and who counts as nobody has no bound. */
  g_assert_true (bipe_newcomers_has_room (&all, "other"));
  bipe_newcomer_join (&other, &all, NULL, "other");
  bipe_newcomer_join (&nobody, &all, NULL, NULL);
  g_assert_true (bipe_newcomers_has_room (&all, NULL));

  bipe_newcomer_leave (&one);
  g_assert_true (bipe_newcomers_has_room (&all, "key"));
  bipe_newcomer_leave (&two);
  bipe_newcomer_leave (&other);
  bipe_newcomer_leave (&nobody);
  /* No key is remembered for longer than it is needed. */
  g_assert_cmpuint (g_hash_table_size (all.n_by_key), ==, 0);
  bipe_newcomers_clear (&all);
}

static void
test_no_limit (void)
{
  BipeNewcomers all;
  BipeNewcomer many[100];

  bipe_newcomers_init (&all, 0);
  for (guint i = 0; i < G_N_ELEMENTS (many); i++)
    {
      g_assert_true (bipe_newcomers_has_room (&all, "key"));
      bipe_newcomer_join (&many[i], &all, NULL, "key");
    }
  for (guint i = 0; i < G_N_ELEMENTS (many); i++)
    bipe_newcomer_leave (&many[i]);
  bipe_newcomers_clear (&all);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/newcomers/order", test_order);
  g_test_add_func ("/newcomers/limit", test_limit);
  g_test_add_func ("/newcomers/no-limit", test_no_limit);
  return g_test_run ();
}
