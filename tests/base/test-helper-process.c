/* test-helper-process.c: the helper is this program itself, which knows what it is by its standard
 * input, and does what the first byte of a message says. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/confinement.h"
#include "base/error.h"
#include "base/helper-process.h"

#define GIVEN 7 /* the number of a descriptor that is given */
#define MESSAGE_MAX 64

static const BipeHelperProgram program
    = { "bipe-parrot", "aviary", "BIPE_PARROT", "cannot start the parrot" };

/* The helper. */

static void
tell_given (void)
{
  char text[MESSAGE_MAX];
  ssize_t n = read (GIVEN, text, sizeof text);

  if (n < 0)
    n = g_snprintf (text, sizeof text, "%s", errno == EBADF ? "none" : "another error");
  send (STDIN_FILENO, text, (gsize)n, MSG_NOSIGNAL);
}

/* The exit status, or −1: there is more to do. */
static int
obey (void)
{
  char message[MESSAGE_MAX + 1] = "";
  ssize_t n = recv (STDIN_FILENO, message, MESSAGE_MAX, 0);

  if (n <= 0)
    return 0;
  switch (message[0])
    {
    case 'e': /* echo */
      send (STDIN_FILENO, message, (gsize)n, MSG_NOSIGNAL);
      break;
    case 'g': /* given */
      tell_given ();
      break;
    case 'l': /* long */
      send (STDIN_FILENO, message, MESSAGE_MAX + 1, MSG_NOSIGNAL);
      break;
    case 'd': /* die */
      return 3;
    case 's': /* stuck */
      signal (SIGTERM, SIG_IGN);
      send (STDIN_FILENO, message, (gsize)n, MSG_NOSIGNAL);
      for (;;)
        pause ();
    }
  return -1;
}

static int
be_helper (void)
{
  int status;

  do
    status = obey ();
  while (status < 0);
  return status;
}

/* The station. */

static BipeHelperProcess *
start (int given)
{
  g_autoptr(GError) error = NULL;
  BipeHelperProcess *process = bipe_helper_process_new (&program, given, GIVEN, &error);

  g_assert_no_error (error);
  g_assert_nonnull (process);
  g_assert_cmpint (bipe_helper_process_get_number (process), >, 1);
  return process;
}

static gssize
ask (BipeHelperProcess *process, const char *message, char answer[MESSAGE_MAX + 1])
{
  struct pollfd file = { .fd = bipe_helper_process_get_socket (process), .events = POLLIN };
  gssize n;

  memset (answer, 0, MESSAGE_MAX + 1);
  g_assert_true (bipe_helper_process_send (process, message, strlen (message)));
  do
    {
      g_assert_cmpint (poll (&file, 1, 20000), ==, 1);
      n = bipe_helper_process_receive (process, (guint8 *)answer, MESSAGE_MAX);
    }
  while (n < 0);
  return n;
}

static void
test_says (void)
{
  static const char *const messages[] = { "e", "echo", "echo again" };
  g_autoptr(BipeHelperProcess) process = start (-1);
  char answer[MESSAGE_MAX + 1];

  g_assert_cmpint (bipe_helper_process_receive (process, (guint8 *)answer, MESSAGE_MAX), ==, -1);
  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_assert_cmpint (ask (process, messages[i], answer), ==, (gssize)strlen (messages[i]));
      g_assert_cmpstr (answer, ==, messages[i]);
    }
  g_assert_cmpint (bipe_helper_process_receive (process, (guint8 *)answer, MESSAGE_MAX), ==, -1);
}

static void
test_says_too_much (void)
{
  g_autoptr(BipeHelperProcess) process = start (-1);
  char answer[MESSAGE_MAX + 1];

  g_assert_cmpint (ask (process, "long", answer), ==, 0);
}

static void
test_dies (void)
{
  g_autoptr(BipeHelperProcess) process = start (-1);
  char answer[MESSAGE_MAX + 1];

  g_assert_cmpint (ask (process, "die", answer), ==, 0);
  g_assert_false (bipe_helper_process_send (process, "e", 1));
}

/* One that does not read is not waited for. */
static void
test_does_not_read (void)
{
  g_autoptr(BipeHelperProcess) process = start (-1);
  char answer[MESSAGE_MAX + 1];
  guint n_sent = 0;

  g_assert_cmpint (ask (process, "stuck", answer), ==, 5);
  while (n_sent < 100000 && bipe_helper_process_send (process, "e", 1))
    n_sent++;
  g_assert_cmpuint (n_sent, >, 0);
  g_assert_cmpuint (n_sent, <, 100000);
}

static void
test_given (void)
{
  char answer[MESSAGE_MAX + 1];
  int ends[2];

  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  g_assert_cmpint (write (ends[1], "seed", 4), ==, 4);
  {
    g_autoptr(BipeHelperProcess) process = start (ends[0]);

    g_assert_cmpint (ask (process, "given?", answer), ==, 4);
    g_assert_cmpstr (answer, ==, "seed");
  }
  {
    g_autoptr(BipeHelperProcess) process = start (-1);

    ask (process, "given?", answer);
    g_assert_cmpstr (answer, ==, "none");
  }
  close (ends[0]);
  close (ends[1]);
}

/* A zombie would still have its number. */
static void
test_is_waited_for (void)
{
  char answer[MESSAGE_MAX + 1];
  BipeHelperProcess *process = start (-1);
  int number = bipe_helper_process_get_number (process);

  g_assert_cmpint (ask (process, "stuck", answer), ==, 5);
  bipe_helper_process_free_and_wait (process);
  g_assert_cmpint (kill (number, 0), ==, -1);
  g_assert_cmpint (errno, ==, ESRCH);
}

static void
test_is_ended_and_reaped (void)
{
  char answer[MESSAGE_MAX + 1];
  BipeHelperProcess *process = start (-1);
  int number = bipe_helper_process_get_number (process);
  guint n_looks = 0;

  g_assert_cmpint (ask (process, "stuck", answer), ==, 5);
  g_assert_cmpint (kill (number, 0), ==, 0);
  bipe_helper_process_free (process);
  while (kill (number, 0) == 0 && n_looks++ < 2000)
    g_usleep (10000);
  g_assert_cmpint (kill (number, 0), ==, -1);
  g_assert_cmpint (errno, ==, ESRCH);
}

static void
assert_no_start (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (bipe_helper_process_new (&program, -1, -1, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_assert_true (g_str_has_prefix (error->message, "cannot start the parrot: "));
}

/* By its variable, else beside the program that runs, else where it is installed; an empty variable
 * is none. */
static void
test_found (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = g_path_get_dirname (self);
  g_autofree char *room = g_build_filename (folder, program.room, NULL);
  g_autofree char *helper = g_build_filename (room, "helper", NULL);
  g_autofree char *beside = g_build_filename (helper, program.file, NULL);
  char answer[MESSAGE_MAX + 1];

  g_setenv (program.variable, "", TRUE);
  assert_no_start ();
  g_assert_cmpint (g_mkdir_with_parents (helper, 0700), ==, 0);
  g_assert_cmpint (symlink (self, beside), ==, 0);
  {
    g_autoptr(BipeHelperProcess) process = start (-1);

    g_assert_cmpint (ask (process, "e", answer), ==, 1);
  }
  g_setenv (program.variable, "/nowhere/bipe-parrot", TRUE);
  assert_no_start ();
  g_setenv (program.variable, self, TRUE);
  g_assert_cmpint (unlink (beside), ==, 0);
  g_assert_cmpint (rmdir (helper), ==, 0);
  g_assert_cmpint (rmdir (room), ==, 0);
}

int
main (int argc, char *argv[])
{
  if (bipe_confinement_is_started_by_the_station ())
    return be_helper ();
  g_test_init (&argc, &argv, NULL);
  g_setenv (program.variable, "/proc/self/exe", TRUE);
  g_test_add_func ("/helper-process/says", test_says);
  g_test_add_func ("/helper-process/says-too-much", test_says_too_much);
  g_test_add_func ("/helper-process/dies", test_dies);
  g_test_add_func ("/helper-process/does-not-read", test_does_not_read);
  g_test_add_func ("/helper-process/given", test_given);
  g_test_add_func ("/helper-process/is-ended-and-reaped", test_is_ended_and_reaped);
  g_test_add_func ("/helper-process/is-waited-for", test_is_waited_for);
  g_test_add_func ("/helper-process/found", test_found);
  return g_test_run ();
}
