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

static const struct
{
  const char *message;
  gboolean has_chooser;
  const char *text;
} failures[] = {
  { "cannot write the data folder /a. b: Not a directory. Choose another with --data-dir=, or go",
    TRUE, "Cannot write the data folder /a. b: Not a directory" },
  { "cannot write the data folder /a: Not a directory. Choose another with --data-dir=", FALSE,
    "Cannot write the data folder /a: Not a directory. Choose another with --data-dir=" },
  { "/a. b 正被使用。请使用 --data-dir= 选择", TRUE, "/a. b 正被使用" },
  { "élan. No advice", TRUE, "Élan. No advice" },
  { "", TRUE, "" },
};

static void
test_failure (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      g_autoptr(GError) error
                 = g_error_new_literal (BIPE_ERROR, BIPE_ERROR_LOCKED, failures[i].message);
      g_autofree char *text = bipe_format_failure (error, failures[i].has_chooser);

      g_assert_cmpstr (text, ==, failures[i].text);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/format/error", test_error);
  g_test_add_func ("/format/failure", test_failure);
  return g_test_run ();
}
