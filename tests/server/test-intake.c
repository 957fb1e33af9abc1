/* test-intake.c: what a reader may have of what has come, and what of it is held. */
#include "config.h"

#include <string.h>

#include "server/intake.h"

#define GET "GET / HTTP/1.1\r\n\r\n"
#define POST "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab"

static gsize
take (BipeIntake *self, const char *text)
{
  return bipe_intake_take (self, text, strlen (text));
}

/* Each by itself, in as many pieces as its reader likes. */
static void
test_requests (void)
{
  BipeIntake intake;
  char buffer[256];

  bipe_intake_init (&intake);
  intake.expects_requests = TRUE;
  g_assert_cmpuint (take (&intake, GET POST GET "GET"), ==, strlen (GET));
  g_assert_true (bipe_intake_has_ahead (&intake));
  g_assert_cmpuint (bipe_intake_read_ahead (&intake, buffer, 20), ==, 20);
  g_assert_cmpmem (buffer, 20, POST, 20);
  g_assert_cmpuint (bipe_intake_read_ahead (&intake, buffer, sizeof buffer), ==,
                    strlen (POST) - 20);
  g_assert_cmpmem (buffer, strlen (POST) - 20, &POST[20], strlen (POST) - 20);
  g_assert_cmpuint (bipe_intake_read_ahead (&intake, buffer, sizeof buffer), ==, strlen (GET));
  g_assert_true (bipe_intake_has_ahead (&intake));
  g_assert_cmpuint (bipe_intake_read_ahead (&intake, buffer, sizeof buffer), ==, 3);
  g_assert_false (bipe_intake_has_ahead (&intake));
  bipe_intake_clear (&intake);
}

/* As at first, and once none is expected any more. */
static void
test_anything (void)
{
  BipeIntake intake;
  BipeFault fault;
  char buffer[16];

  bipe_intake_init (&intake);
  g_assert_cmpuint (take (&intake, " \x81\n\n"), ==, 4);
  g_assert_null (bipe_intake_get_fault (&intake, &fault));
  intake.expects_requests = TRUE;
  g_assert_cmpuint (take (&intake, GET " \x81"), ==, strlen (GET));
  intake.expects_requests = FALSE;
  g_assert_cmpuint (bipe_intake_read_ahead (&intake, buffer, sizeof buffer), ==, 2);
  g_assert_cmpmem (buffer, 2, " \x81", 2);
  bipe_intake_end (&intake);
  g_assert_null (bipe_intake_get_fault (&intake, &fault));
  bipe_intake_clear (&intake);
}

static void
test_faults (void)
{
  static const struct
  {
    const char *bytes;
    gsize n_good;
    gboolean is_end;
    gboolean is_fault;
    gboolean needs_line;
  } cases[] = {
    { "", 0, TRUE, FALSE, TRUE },
    { GET, 18, TRUE, FALSE, TRUE },
    { " GET", 0, FALSE, TRUE, TRUE },
    { "GE", 2, TRUE, TRUE, TRUE },
    { "GE", 2, FALSE, FALSE, TRUE },
    { "GET / HTTP/1.1\r\n x", 16, FALSE, TRUE, FALSE },
    { "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx", 47, FALSE, TRUE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BipeIntake intake;
      BipeFault fault;
      char line = 'x';

      g_test_message ("%s", cases[i].bytes);
      bipe_intake_init (&intake);
      intake.expects_requests = TRUE;
      g_assert_cmpuint (take (&intake, cases[i].bytes), ==, cases[i].n_good);
      if (cases[i].is_end)
        bipe_intake_end (&intake);
      g_assert_cmpint (bipe_intake_get_fault (&intake, &fault) != NULL, ==, cases[i].is_fault);
      if (cases[i].is_fault)
        g_assert_cmpint (fault, ==, BIPE_FAULT_MALFORMED);
      /* Once. */
      g_assert_cmpuint (bipe_intake_finish_line (&intake, &line), ==, cases[i].needs_line);
      g_assert_cmpint (line, ==, cases[i].needs_line ? '\n' : 'x');
      g_assert_cmpuint (bipe_intake_finish_line (&intake, &line), ==, 0);
      /* Whoever takes it over, to answer, is not held up. */
      intake.expects_requests = FALSE;
      g_assert_null (bipe_intake_get_fault (&intake, &fault));
      bipe_intake_clear (&intake);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/intake/requests", test_requests);
  g_test_add_func ("/intake/anything", test_anything);
  g_test_add_func ("/intake/faults", test_faults);
  return g_test_run ();
}
