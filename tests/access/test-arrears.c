#include "config.h"

#include "access/arrears.h"

static BipeGrant *
make (const char *name)
{
  const BipeGrant grant = { .name = (char *)name };

  return bipe_grant_new (&grant);
}

static void
test_used (void)
{
  g_autoptr(BipeArrears) arrears = bipe_arrears_new ();
  g_autoptr(BipeGrant) till = make ("till"), door = make ("door");
  g_autoptr(GPtrArray) used = NULL;

  g_assert_null (bipe_arrears_take_used (arrears));
  bipe_arrears_use (arrears, till);
  bipe_arrears_use (arrears, door);
  bipe_arrears_use (arrears, till);
  till->n_scans = 7; /* as it is when it is taken */
  used = bipe_arrears_take_used (arrears);
  g_assert_cmpuint (used->len, ==, 2);
  for (guint i = 0; i < used->len; i++)
    {
      const BipeGrant *copy = used->pdata[i];

      g_assert_true (copy != till && copy != door);
      g_assert_cmpint (copy->n_scans, ==, g_str_equal (copy->name, "till") ? 7 : 0);
    }
  g_assert_null (bipe_arrears_take_used (arrears));
  g_assert_null (bipe_arrears_take_owed (arrears));
}

static void
test_owed (void)
{
  g_autoptr(BipeArrears) arrears = bipe_arrears_new ();
  g_autoptr(BipeGrant) till = make ("till"), door = make ("door");
  g_autoptr(GPtrArray) first = NULL, more = NULL, again = NULL;

  g_assert_null (bipe_arrears_take_owed (arrears));
  bipe_arrears_owe (arrears, till);
  bipe_arrears_owe (arrears, till);
  g_assert_false (bipe_arrears_is_under_way (arrears, NULL));
  first = bipe_arrears_take_owed (arrears);
  g_assert_cmpuint (first->len, ==, 1);
  g_assert_null (bipe_arrears_take_owed (arrears));
  g_assert_true (bipe_arrears_is_under_way (arrears, till));
  g_assert_false (bipe_arrears_is_under_way (arrears, door));

  /* One more meanwhile: what fails comes again with it. */
  bipe_arrears_owe (arrears, door);
  g_assert_true (bipe_arrears_settle (arrears, FALSE));
  g_assert_false (bipe_arrears_is_under_way (arrears, NULL));
  more = bipe_arrears_take_owed (arrears);
  g_assert_cmpuint (more->len, ==, 2);

  /* What succeeds takes nothing along that has come since. */
  bipe_arrears_owe (arrears, till);
  g_assert_true (bipe_arrears_settle (arrears, TRUE));
  again = bipe_arrears_take_owed (arrears);
  g_assert_cmpuint (again->len, ==, 1);
  g_assert_cmpstr (((BipeGrant *)again->pdata[0])->name, ==, "till");
  g_assert_false (bipe_arrears_settle (arrears, TRUE));
  g_assert_null (bipe_arrears_take_owed (arrears));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/arrears/used", test_used);
  g_test_add_func ("/arrears/owed", test_owed);
  return g_test_run ();
}
