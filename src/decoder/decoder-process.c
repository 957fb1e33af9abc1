/* decoder-process.c: that the process has died is told by the socket, at once, so nobody here meets
 * SIGCHLD. It is reaped by a thread that does nothing else and ends with it: GSubprocess (GLib
 * 2.74) now and then left a zombie where many were killed quickly. Each process gets memory of its
 * own: one that is being ended may still write to its. */
#define _GNU_SOURCE /* memfd_create, F_ADD_SEALS */
#include "config.h"

#include "decoder/decoder-process.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

#define PROGRAM "bipe-decoder"

struct _BipeDecoderProcess
{
  BipeDecoderProcessFunc func;
  gpointer user_data;

  GPid process; /* 0: none */
  guint8 *memory;
  int socket;
  GSource *source;
  guint8 message[BIPE_PROTOCOL_ANSWER_MAX];
};

/* Beside the program that runs, where it runs from its build folder; else where it is installed.
 * BIPE_DECODER names another one: a test's. */
static char *
find_program (void)
{
  const char *named = g_getenv ("BIPE_DECODER");
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : NULL;
  g_autofree char *beside = NULL;

  if (named != NULL && *named != '\0')
    return g_strdup (named);
  if (folder != NULL)
    beside = g_build_filename (folder, "decoder", "helper", PROGRAM, NULL);
  if (beside != NULL && g_file_test (beside, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&beside);
  return g_build_filename (BIPE_LIBEXEC_DIR, PROGRAM, NULL);
}

static gboolean
fail (const char *step, GError **error)
{
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "cannot start the decoder: %s: %s", step,
               g_strerror (errno));
  return FALSE;
}

static gboolean
make_memory (BipeDecoderProcess *self, int *memory_fd, GError **error)
{
  void *memory;

  *memory_fd = memfd_create (PROGRAM, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (*memory_fd < 0 || ftruncate (*memory_fd, BIPE_PROTOCOL_MEMORY) < 0
      || fcntl (*memory_fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
    return fail ("no shared memory", error);
  memory = mmap (NULL, BIPE_PROTOCOL_MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, *memory_fd, 0);
  if (memory == MAP_FAILED)
    return fail ("shared memory can't be mapped", error);
  self->memory = memory;
  return TRUE;
}

static gboolean
spawn (BipeDecoderProcess *self, int memory_fd, int theirs, GError **error)
{
  g_autofree char *program = find_program ();
  const char *const words[] = { program, NULL };
  const int target = BIPE_PROTOCOL_MEMORY_FD;
  g_autoptr(GError) cause = NULL;

  if (g_spawn_async_with_pipes_and_fds (
          NULL, words, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
          theirs, -1, -1, &memory_fd, &target, 1, &self->process, NULL, NULL, NULL, &cause))
    return TRUE;
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "cannot start the decoder: %s",
               cause->message);
  return FALSE;
}

/* An answer that comes while the one before is worked on waits in the socket. */
static gboolean
readable_cb (int fd, GIOCondition condition, gpointer user_data)
{
  BipeDecoderProcess *self = user_data;
  ssize_t n = recv (fd, self->message, sizeof self->message, MSG_DONTWAIT | MSG_TRUNC);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (n <= 0 || (gsize)n > sizeof self->message)
    {
      /* The function need not free it, and a dead socket is readable for ever. */
      g_source_destroy (self->source);
      self->func (NULL, 0, self->user_data);
    }
  else
    self->func (self->message, (gsize)n, self->user_data);
  return G_SOURCE_CONTINUE;
}

/* The descriptors are the child's, if there is one. */
static gboolean
start (BipeDecoderProcess *self, int *memory_fd, int *theirs, GError **error)
{
  int ends[2];

  if (!make_memory (self, memory_fd, error))
    return FALSE;
  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
    return fail ("no socket", error);
  self->socket = ends[0];
  *theirs = ends[1];
  return spawn (self, *memory_fd, *theirs, error);
}

BipeDecoderProcess *
bipe_decoder_process_new (GMainContext *context,
                          BipeDecoderProcessFunc func,
                          gpointer user_data,
                          GError **error)
{
  g_autoptr(BipeDecoderProcess) self = g_new0 (BipeDecoderProcess, 1);
  int memory_fd = -1, theirs = -1;
  gboolean is_started;

  self->func = func;
  self->user_data = user_data;
  self->socket = -1;
  is_started = start (self, &memory_fd, &theirs, error);
  if (memory_fd >= 0)
    close (memory_fd);
  if (theirs >= 0)
    close (theirs);
  if (!is_started)
    return NULL;
  self->source = g_unix_fd_source_new (self->socket, G_IO_IN | G_IO_HUP | G_IO_ERR);
  g_source_set_callback (self->source, G_SOURCE_FUNC (readable_cb), self, NULL);
  g_source_attach (self->source, context);
  return g_steal_pointer (&self);
}

static gpointer
reap (gpointer data)
{
  while (waitpid (GPOINTER_TO_INT (data), NULL, 0) < 0 && errno == EINTR)
    ;
  return NULL;
}

/* It can only die now, but that may take it a moment. */
static void
end (GPid process)
{
  g_autoptr(GThread) reaper = NULL;

  kill (process, SIGKILL);
  reaper = g_thread_try_new ("reaper", reap, GINT_TO_POINTER (process), NULL);
  if (reaper == NULL)
    reap (GINT_TO_POINTER (process));
}

void
bipe_decoder_process_free (BipeDecoderProcess *self)
{
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  if (self->process > 0)
    end (self->process);
  if (self->socket >= 0)
    close (self->socket);
  if (self->memory != NULL)
    munmap (self->memory, BIPE_PROTOCOL_MEMORY);
  g_free (self);
}

guint8 *
bipe_decoder_process_get_memory (BipeDecoderProcess *self)
{
  return self->memory;
}

gboolean
bipe_decoder_process_send (BipeDecoderProcess *self,
                           const guint8 request[BIPE_PROTOCOL_REQUEST_SIZE])
{
  return send (self->socket, request, BIPE_PROTOCOL_REQUEST_SIZE, MSG_DONTWAIT | MSG_NOSIGNAL)
         == BIPE_PROTOCOL_REQUEST_SIZE;
}

int
bipe_decoder_process_get_number (BipeDecoderProcess *self)
{
  return self->process;
}
