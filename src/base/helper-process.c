/* helper-process.c: that the process has died is told by the socket, at once, so nobody here meets
 * SIGCHLD. Where nobody waits until it is gone, it is reaped by a thread that does nothing else and
 * ends with it: GSubprocess (GLib 2.74) now and then left a zombie where many were killed quickly.
 */
#include "config.h"

#include "base/helper-process.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

struct _BipeHelperProcess
{
  GPid process;
  int socket;
};

/* Beside the program that runs, where it runs from its build folder; else where it is installed. */
static char *
find_program (const BipeHelperProgram *program)
{
  const char *named = g_getenv (program->variable);
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : NULL;
  g_autofree char *beside = NULL;

  if (named != NULL && *named != '\0')
    return g_strdup (named);
  if (folder != NULL)
    beside = g_build_filename (folder, program->room, "helper", program->file, NULL);
  if (beside != NULL && g_file_test (beside, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&beside);
  return g_build_filename (BIPE_LIBEXEC_DIR, program->file, NULL);
}

BipeHelperProcess *
bipe_helper_process_new (const BipeHelperProgram *program, int given, int number, GError **error)
{
  g_autofree char *path = find_program (program);
  const char *const words[] = { path, NULL };
  g_autoptr(GError) cause = NULL;
  BipeHelperProcess *self;
  gboolean is_started;
  int ends[2];
  GPid process;

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "%s: %s: %s", program->failure,
                   N_ ("no socket"), g_strerror (errno));
      return NULL;
    }
  is_started = g_spawn_async_with_pipes_and_fds (
      NULL, words, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
      ends[1], -1, -1, &given, &number, given >= 0 ? 1 : 0, &process, NULL, NULL, NULL, &cause);
  close (ends[1]);
  if (!is_started)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "%s: %s", program->failure,
                   cause->message);
      close (ends[0]);
      return NULL;
    }
  self = g_new0 (BipeHelperProcess, 1);
  self->process = process;
  self->socket = ends[0];
  return self;
}

static gpointer
reap (gpointer data)
{
  while (waitpid (GPOINTER_TO_INT (data), NULL, 0) < 0 && errno == EINTR)
    ;
  return NULL;
}

/* It can only die now, but that may take it a moment. */
void
bipe_helper_process_free (BipeHelperProcess *self)
{
  g_autoptr(GThread) reaper = NULL;

  kill (self->process, SIGKILL);
  reaper = g_thread_try_new ("reaper", reap, GINT_TO_POINTER (self->process), NULL);
  if (reaper == NULL)
    reap (GINT_TO_POINTER (self->process));
  close (self->socket);
  g_free (self);
}

void
bipe_helper_process_free_and_wait (BipeHelperProcess *self)
{
  kill (self->process, SIGKILL);
  reap (GINT_TO_POINTER (self->process));
  close (self->socket);
  g_free (self);
}

gboolean
bipe_helper_process_send (BipeHelperProcess *self, const void *bytes, gsize length)
{
  return send (self->socket, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)length;
}

gssize
bipe_helper_process_receive (BipeHelperProcess *self, guint8 *bytes, gsize size)
{
  ssize_t n = recv (self->socket, bytes, size, MSG_DONTWAIT | MSG_TRUNC);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return -1;
  return n > 0 && (gsize)n <= size ? n : 0;
}

int
bipe_helper_process_get_socket (BipeHelperProcess *self)
{
  return self->socket;
}

int
bipe_helper_process_get_number (BipeHelperProcess *self)
{
  return self->process;
}
