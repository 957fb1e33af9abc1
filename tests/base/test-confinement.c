/* test-confinement.c: this program starts itself as a helper, which confines itself as it is told,
 * and tells what has come of it. */
#include "config.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/confinement.h"
#include "base/helper-process.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__
#endif
#endif

static const BipeHelperProgram program
    = { "bipe-monk", "cell", "BIPE_MONK", "cannot start the monk" };

typedef struct
{
  const char *name;
  guint files;
  gsize memory;
} Case;

static const Case cases[] = {
  { .name = "files", .files = 128 },
  { .name = "files-and-memory", .files = 32, .memory = 1024ul * 1024 * 1024 },
};

typedef struct
{
  struct rlimit core, files, memory;
  int niceness;
  int no_new_rights;
} Found;

static void
find (Found *found)
{
  getrlimit (RLIMIT_CORE, &found->core);
  getrlimit (RLIMIT_NOFILE, &found->files);
  getrlimit (RLIMIT_AS, &found->memory);
  found->niceness = getpriority (PRIO_PROCESS, 0);
  found->no_new_rights = prctl (PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
}

static int
be_helper (void)
{
  Case told;
  Found found;

  if (recv (STDIN_FILENO, &told, sizeof told, 0) != sizeof told)
    return 1;
  bipe_confinement_enter (told.files, told.memory);
  find (&found);
  return send (STDIN_FILENO, &found, sizeof found, MSG_NOSIGNAL) == sizeof found ? 0 : 1;
}

static void
assert_limit (const struct rlimit *found, const struct rlimit *before, rlim_t most)
{
  g_assert_cmpuint (found->rlim_max, ==, MIN (most, before->rlim_max));
  g_assert_cmpuint (found->rlim_cur, ==, found->rlim_max);
}

static void
test_enter (gconstpointer data)
{
  const Case *told = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeHelperProcess) process = bipe_helper_process_new (&program, -1, -1, &error);
  struct pollfd file = { .events = POLLIN };
  Found before, found;

  g_assert_no_error (error);
  find (&before);
  g_assert_true (bipe_helper_process_send (process, told, sizeof *told));
  file.fd = bipe_helper_process_get_socket (process);
  g_assert_cmpint (poll (&file, 1, 20000), ==, 1);
  g_assert_cmpint (bipe_helper_process_receive (process, (guint8 *)&found, sizeof found), ==,
                   sizeof found);

  assert_limit (&found.core, &before.core, 0);
  assert_limit (&found.files, &before.files, told->files);
#ifndef __SANITIZE_ADDRESS__
  if (told->memory > 0)
    assert_limit (&found.memory, &before.memory, told->memory);
  else
#endif
    g_assert_cmpuint (found.memory.rlim_max, ==, before.memory.rlim_max);
  /* Who is nicer than that may not be allowed to be less so. */
  g_assert_cmpint (found.niceness, >=, 5);
  g_assert_cmpint (found.no_new_rights, ==, 1);
}

/* Nor is any other socket one of the station's. */
static void
test_started_by_another (void)
{
  int ends[2], before = dup (STDIN_FILENO);

  g_assert_false (bipe_confinement_is_started_by_the_station ());
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
  g_assert_cmpint (dup2 (ends[0], STDIN_FILENO), ==, STDIN_FILENO);
  g_assert_false (bipe_confinement_is_started_by_the_station ());
  g_assert_cmpint (dup2 (before, STDIN_FILENO), ==, STDIN_FILENO);
  close (before);
  close (ends[0]);
  close (ends[1]);
}

int
main (int argc, char *argv[])
{
  if (bipe_confinement_is_started_by_the_station ())
    return be_helper ();
  g_test_init (&argc, &argv, NULL);
  g_setenv (program.variable, "/proc/self/exe", TRUE);
  g_test_add_func ("/confinement/started-by-another", test_started_by_another);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/confinement/%s", cases[i].name);

      g_test_add_data_func (path, &cases[i], test_enter);
    }
  return g_test_run ();
}
