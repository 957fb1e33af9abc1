/* test-format.c: what is told of a fault: what has happened, and its cause, each once. */
#include "app/format.h"
#include "base/error.h"

static const struct
{
  BipeError code;
  const char *message;
  const char *text;
} errors[] = {
  { BIPE_ERROR_UNAVAILABLE, "cannot connect to the database: connection refused",
    "The database can’t be reached: connection refused" },
  { BIPE_ERROR_UNAVAILABLE, "cannot read scans: server closed the connection",
    "The database can’t be reached: cannot read scans: server closed the connection" },
  { BIPE_ERROR_UNAVAILABLE, "cannot connect to the database: the database does not answer in time",
    "The database can’t be reached: the database does not answer in time" },
  { BIPE_ERROR_FAILED, "cannot connect to the database: out of memory",
    "cannot connect to the database: out of memory" },
};

static void
test_error (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      g_autoptr(GError) error
                 = g_error_new_literal (BIPE_ERROR, errors[i].code, errors[i].message);
      g_autofree char *text = bipe_format_error (error);

      g_assert_cmpstr (text, ==, errors[i].text);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/format/error", test_error);
  return g_test_run ();
}
