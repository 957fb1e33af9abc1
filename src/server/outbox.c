#include "config.h"

#include "server/outbox.h"

#define READ_SIZE 65536

/* What the client may still send, and how long it may take to close, after a finish. */
#define FINISH_BYTES_MAX (64 * 1024 * 1024)
#define FINISH_SECONDS 5

struct _BipeOutbox
{
  guint n_refs; /* the owner's, and that of a call to the listener */
  GIOStream *stream;
  BipeWire *wire;
  GPollableInputStream *input;
  GPollableOutputStream *output;
  const BipeOutboxListener *listener; /* NULL once nobody listens */
  gpointer user_data;
  GMainContext *context;

  GByteArray *waiting;
  gsize n_sent; /* of the bytes in `waiting` */
  gboolean is_finishing;
  gsize n_dropped;

  GSource *reading;
  GSource *writing;  /* while the client does not take what waits */
  GSource *flushing; /* ready where something was appended */
  GSource *timeout;
};

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
unref (BipeOutbox *self)
{
  if (--self->n_refs > 0)
    return;
  clear_source (&self->reading);
  clear_source (&self->writing);
  clear_source (&self->flushing);
  clear_source (&self->timeout);
  g_io_stream_close (G_IO_STREAM (self->wire), NULL, NULL);
  g_object_unref (self->stream);
  g_object_unref (self->wire);
  g_byte_array_unref (self->waiting);
  g_main_context_unref (self->context);
  g_free (self);
}

/* Only from a source, so never from within a caller's call. */
static void
end (BipeOutbox *self)
{
  const BipeOutboxListener *listener = g_steal_pointer (&self->listener);

  clear_source (&self->reading);
  clear_source (&self->writing);
  clear_source (&self->flushing);
  if (self->is_finishing)
    unref (self);
  else if (listener != NULL)
    listener->ended (self->user_data);
}

static gboolean
timeout_cb (gpointer user_data)
{
  end (user_data);
  return G_SOURCE_REMOVE;
}

/* Returns what is left, −1: the connection has failed. */
static gssize
send_waiting (BipeOutbox *self)
{
  while (self->n_sent < self->waiting->len)
    {
      g_autoptr(GError) error = NULL;
      gssize n = g_pollable_output_stream_write_nonblocking (
          self->output, self->waiting->data + self->n_sent, self->waiting->len - self->n_sent, NULL,
          &error);

      if (n > 0)
        self->n_sent += (gsize)n;
      else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        return self->waiting->len - self->n_sent;
      else
        return -1;
    }
  g_byte_array_set_size (self->waiting, 0);
  self->n_sent = 0;
  if (self->is_finishing)
    bipe_wire_end_output (self->wire);
  return 0;
}

static gboolean
writable_cb (GObject *stream, gpointer user_data)
{
  BipeOutbox *self = user_data;
  gssize left = send_waiting (self);

  if (left > 0)
    return G_SOURCE_CONTINUE;
  clear_source (&self->writing);
  if (left < 0)
    end (self);
  return G_SOURCE_REMOVE;
}

static gboolean
flushing_cb (gpointer user_data)
{
  BipeOutbox *self = user_data;
  gssize left;

  g_source_set_ready_time (self->flushing, -1);
  if (self->writing != NULL)
    return G_SOURCE_CONTINUE;
  left = send_waiting (self);
  if (left < 0)
    {
      end (self);
      return G_SOURCE_REMOVE;
    }
  if (left == 0)
    return G_SOURCE_CONTINUE;
  self->writing = g_pollable_output_stream_create_source (self->output, NULL);
  g_source_set_callback (self->writing, G_SOURCE_FUNC (writable_cb), self, NULL);
  g_source_attach (self->writing, self->context);
  return G_SOURCE_CONTINUE;
}

static gboolean
readable_cb (GObject *stream, gpointer user_data)
{
  BipeOutbox *self = user_data;
  static char buffer[READ_SIZE]; /* all outboxes are of one thread */
  g_autoptr(GError) error = NULL;
  gssize n
      = g_pollable_input_stream_read_nonblocking (self->input, buffer, sizeof buffer, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;
  self->n_dropped += self->is_finishing ? (gsize)MAX (n, 0) : 0;
  if (n <= 0 || self->n_dropped > FINISH_BYTES_MAX)
    {
      end (self);
      return G_SOURCE_REMOVE;
    }
  if (self->listener == NULL)
    return G_SOURCE_CONTINUE;
  self->n_refs++;
  self->listener->received (buffer, (gsize)n, self->user_data);
  unref (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs flushing_funcs = { .dispatch = dispatch };

BipeOutbox *
bipe_outbox_new (GIOStream *stream,
                 BipeWire *wire,
                 const BipeOutboxListener *listener,
                 gpointer user_data)
{
  BipeOutbox *self = g_new0 (BipeOutbox, 1);

  self->n_refs = 1;
  self->stream = g_object_ref (stream);
  self->wire = g_object_ref (wire);
  self->input = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (stream));
  self->output = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (stream));
  self->listener = listener;
  self->user_data = user_data;
  self->context = g_main_context_ref_thread_default ();
  self->waiting = g_byte_array_new ();

  self->reading = g_pollable_input_stream_create_source (self->input, NULL);
  g_source_set_callback (self->reading, G_SOURCE_FUNC (readable_cb), self, NULL);
  g_source_attach (self->reading, self->context);
  self->flushing = g_source_new (&flushing_funcs, sizeof (GSource));
  g_source_set_callback (self->flushing, flushing_cb, self, NULL);
  g_source_attach (self->flushing, self->context);
  return self;
}

void
bipe_outbox_free (BipeOutbox *self)
{
  self->listener = NULL;
  clear_source (&self->reading);
  clear_source (&self->writing);
  clear_source (&self->flushing);
  unref (self);
}

GByteArray *
bipe_outbox_get_buffer (BipeOutbox *self)
{
  return self->waiting;
}

void
bipe_outbox_flush (BipeOutbox *self)
{
  if (self->flushing != NULL && self->waiting->len > 0)
    g_source_set_ready_time (self->flushing, 0);
}

gsize
bipe_outbox_get_backlog (BipeOutbox *self)
{
  return self->waiting->len - self->n_sent;
}

void
bipe_outbox_finish (BipeOutbox *self)
{
  self->listener = NULL;
  if (self->flushing == NULL)
    {
      unref (self); /* it has ended already */
      return;
    }
  self->is_finishing = TRUE;
  if (self->waiting->len == 0)
    bipe_wire_end_output (self->wire);
  bipe_outbox_flush (self);
  self->timeout = g_timeout_source_new_seconds (FINISH_SECONDS);
  g_source_set_callback (self->timeout, timeout_cb, self, NULL);
  g_source_attach (self->timeout, self->context);
}
