/* decoder-process.c: each process gets memory of its own: one that is being ended may still write
 * to its. */
#define _GNU_SOURCE /* memfd_create, F_ADD_SEALS */
#include "config.h"

#include "decoder/decoder-process.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/helper-process.h"

static const BipeHelperProgram program
    = { "bipe-decoder", "decoder", "BIPE_DECODER", N_ ("cannot start the decoder") };

struct _BipeDecoderProcess
{
  BipeDecoderProcessFunc func;
  gpointer user_data;

  BipeHelperProcess *helper;
  guint8 *memory;
  GSource *source;
  guint8 message[BIPE_PROTOCOL_ANSWER_MAX];
};

static gboolean
fail (const char *step, GError **error)
{
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "%s: %s: %s", program.failure, step,
               g_strerror (errno));
  return FALSE;
}

static gboolean
make_memory (BipeDecoderProcess *self, int *memory_fd, GError **error)
{
  void *memory;

  *memory_fd = memfd_create (program.file, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (*memory_fd < 0 || ftruncate (*memory_fd, BIPE_PROTOCOL_MEMORY) < 0
      || fcntl (*memory_fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
    return fail ("no shared memory", error);
  memory = mmap (NULL, BIPE_PROTOCOL_MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, *memory_fd, 0);
  if (memory == MAP_FAILED)
    return fail ("shared memory can't be mapped", error);
  self->memory = memory;
  return TRUE;
}

/* An answer that comes while the one before is worked on waits in the socket. */
static gboolean
readable_cb (int fd, GIOCondition condition, gpointer user_data)
{
  BipeDecoderProcess *self = user_data;
  gssize n = bipe_helper_process_receive (self->helper, self->message, sizeof self->message);

  if (n < 0)
    return G_SOURCE_CONTINUE;
  if (n == 0)
    {
      /* The function need not free it, and a dead socket is readable for ever. */
      g_source_destroy (self->source);
      self->func (NULL, 0, self->user_data);
    }
  else
    self->func (self->message, (gsize)n, self->user_data);
  return G_SOURCE_CONTINUE;
}

BipeDecoderProcess *
bipe_decoder_process_new (GMainContext *context,
                          BipeDecoderProcessFunc func,
                          gpointer user_data,
                          GError **error)
{
  g_autoptr(BipeDecoderProcess) self = g_new0 (BipeDecoderProcess, 1);
  int memory_fd = -1;

  self->func = func;
  self->user_data = user_data;
  if (make_memory (self, &memory_fd, error))
    self->helper = bipe_helper_process_new (&program, memory_fd, BIPE_PROTOCOL_MEMORY_FD, error);
  if (memory_fd >= 0)
    close (memory_fd);
  if (self->helper == NULL)
    return NULL;
  self->source = g_unix_fd_source_new (bipe_helper_process_get_socket (self->helper),
                                       G_IO_IN | G_IO_HUP | G_IO_ERR);
  g_source_set_callback (self->source, G_SOURCE_FUNC (readable_cb), self, NULL);
  g_source_attach (self->source, context);
  return g_steal_pointer (&self);
}

void
bipe_decoder_process_free (BipeDecoderProcess *self)
{
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  g_clear_pointer (&self->helper, bipe_helper_process_free);
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
  return bipe_helper_process_send (self->helper, request, BIPE_PROTOCOL_REQUEST_SIZE);
}

int
bipe_decoder_process_get_number (BipeDecoderProcess *self)
{
  return bipe_helper_process_get_number (self->helper);
}
