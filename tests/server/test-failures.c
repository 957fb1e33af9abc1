#include "config.h"

#include "base/clock.h"
#include "server/failures.h"

#define SECOND G_USEC_PER_SEC

typedef struct
{
  BipeClock *clock;
  BipeFailures *failures;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->clock = bipe_clock_new_manual (0);
  self->failures = bipe_failures_new (3, self->clock);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  bipe_failures_free (self->failures);
  bipe_clock_free (self->clock);
}

/* The minute begins with the first, and does not grow by those that come after. */
static void
test_minute (Fixture *self, gconstpointer data)
{
  for (guint round = 0; round < 3; round++)
    {
      for (guint i = 0; i < 3; i++)
        g_assert_cmpuint (bipe_failures_note (self->failures, "192.0.2.1"), ==, 0);
      g_assert_cmpuint (bipe_failures_note (self->failures, "192.0.2.1"), ==, 60);
      bipe_clock_advance (self->clock, 20 * SECOND + 1);
      g_assert_cmpuint (bipe_failures_note (self->failures, "192.0.2.1"), ==, 40);
      bipe_clock_advance (self->clock, 40 * SECOND - 2);
      g_assert_cmpuint (bipe_failures_note (self->failures, "192.0.2.1"), ==, 1);
      bipe_clock_advance (self->clock, 1);
    }
}

/* To ask how it stands is no failure. */
static void
test_wait (Fixture *self, gconstpointer data)
{
  for (guint round = 0; round < 2; round++)
    {
      for (guint i = 0; i < 3; i++)
        {
          for (guint k = 0; k < 5; k++)
            g_assert_cmpuint (bipe_failures_get_wait (self->failures, "2001:db8::1"), ==, 0);
          g_assert_cmpuint (bipe_failures_note (self->failures, "2001:db8::2"), ==, 0);
        }
      g_assert_cmpuint (bipe_failures_get_wait (self->failures, "2001:db8::1"), ==, 60);
      g_assert_cmpuint (bipe_failures_get_wait (self->failures, "192.0.2.1"), ==, 0);
      bipe_clock_advance (self->clock, 60 * SECOND - 1);
      g_assert_cmpuint (bipe_failures_get_wait (self->failures, "2001:db8::1"), ==, 1);
      bipe_clock_advance (self->clock, 1);
    }
}

static void
test_addresses (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *address;
    const char *other;
    gboolean is_same;
  } cases[] = {
    { "192.0.2.1", "192.0.2.2", FALSE },
    { "::1", "127.0.0.1", FALSE },
    { "2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", TRUE },
    { "2001:db8:1:3::1", "2001:db8:1:4::1", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      for (guint k = 0; k < 3; k++)
        g_assert_cmpuint (bipe_failures_note (self->failures, cases[i].address), ==, 0);
      g_assert_cmpuint (bipe_failures_note (self->failures, cases[i].other), ==,
                        cases[i].is_same ? 60 : 0);
    }
}

/* However many addresses there are, few are remembered, and those the latest. */
static void
test_bound (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpuint (bipe_failures_note (self->failures, "first"), ==, 0);
      g_assert_cmpuint (bipe_failures_note (self->failures, "second"), ==, 0);
    }
  for (guint i = 2; i < BIPE_FAILURES_ADDRESSES_MAX; i++)
    {
      g_autofree char *address = g_strdup_printf ("address %u", i);

      g_assert_cmpuint (bipe_failures_note (self->failures, address), ==, 0);
    }
  g_assert_cmpuint (bipe_failures_note (self->failures, "first"), ==, 60);
  g_assert_cmpuint (bipe_failures_note (self->failures, "one more"), ==, 0);
  g_assert_cmpuint (bipe_failures_note (self->failures, "second"), ==, 60);
  g_assert_cmpuint (bipe_failures_note (self->failures, "first"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/failures/minute", Fixture, NULL, set_up, test_minute, tear_down);
  g_test_add ("/failures/wait", Fixture, NULL, set_up, test_wait, tear_down);
  g_test_add ("/failures/addresses", Fixture, NULL, set_up, test_addresses, tear_down);
  g_test_add ("/failures/bound", Fixture, NULL, set_up, test_bound, tear_down);
  return g_test_run ();
}
