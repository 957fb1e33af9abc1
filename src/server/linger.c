#include "config.h"

#include "server/linger.h"

#define BYTES_MAX (64 * 1024 * 1024)
#define SECONDS_MAX 5

typedef struct
{
  GIOStream *stream;
  GSocket *socket;
  GString *answer;
  GCancellable *cancellable;
  GSource *timeout;
  gsize n_dropped;
  char scrap[16384];
} Linger;

static void
finish (Linger *self)
{
  g_source_destroy (self->timeout);
  g_source_unref (self->timeout);
  g_io_stream_close (self->stream, NULL, NULL);
  g_object_unref (self->cancellable);
  g_string_free (self->answer, TRUE);
  g_object_unref (self->stream);
  g_object_unref (self->socket);
  g_free (self);
}

static gboolean
timeout_cb (gpointer data)
{
  Linger *self = data;

  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Linger *self = user_data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  self->n_dropped += (gsize)MAX (n, 0);
  if (n <= 0 || self->n_dropped > BYTES_MAX)
    finish (self);
  else
    g_input_stream_read_async (G_INPUT_STREAM (source), self->scrap, sizeof self->scrap,
                               G_PRIORITY_DEFAULT, self->cancellable, read_cb, self);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Linger *self = user_data;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL)
      || !g_socket_shutdown (self->socket, FALSE, TRUE, NULL))
    {
      finish (self);
      return;
    }
  g_input_stream_read_async (g_io_stream_get_input_stream (self->stream), self->scrap,
                             sizeof self->scrap, G_PRIORITY_DEFAULT, self->cancellable, read_cb,
                             self);
}

void
bipe_linger_start (GIOStream *stream, GSocket *socket, GString *answer)
{
  Linger *self = g_new0 (Linger, 1);

  self->stream = g_object_ref (stream);
  self->socket = g_object_ref (socket);
  self->answer = answer;
  self->cancellable = g_cancellable_new ();
  self->timeout = g_timeout_source_new_seconds (SECONDS_MAX);
  g_source_set_callback (self->timeout, timeout_cb, self, NULL);
  g_source_attach (self->timeout, g_main_context_get_thread_default ());
  g_output_stream_write_all_async (g_io_stream_get_output_stream (stream), answer->str, answer->len,
                                   G_PRIORITY_DEFAULT, self->cancellable, written_cb, self);
}
