/* wire.c: three classes that belong together: the stream, and its two ends. What the client has not
 * taken yet when the stream is closed still goes out, and keeps the wire alive until then. */
#include "config.h"

#include "server/wire.h"

#include <string.h>
#include <sys/socket.h>

#include "server/framing.h"

struct _BipeWire
{
  GIOStream parent_instance;

  GIOStream *base;
  GInputStream *input;
  GOutputStream *output;
  GMainContext *context;
  void (*ended) (gpointer user_data);
  gpointer user_data;

  gint64 moved;
  gboolean is_idle;
  gboolean expects_requests;
  BipeFraming framing; /* of these */
  GByteArray *ahead;   /* what has come behind a request's end */
  gboolean is_corked;
  gboolean is_closing;
  GSource *ending; /* to tell the owner */
  GByteArray *held;
  GSource *flushing; /* while `held` waits for the client; it has a reference to the wire */
};

G_DEFINE_FINAL_TYPE (BipeWire, bipe_wire, G_TYPE_IO_STREAM)

/* The input. */

#define BIPE_TYPE_WIRE_INPUT (bipe_wire_input_get_type ())
G_DECLARE_FINAL_TYPE (BipeWireInput, bipe_wire_input, BIPE, WIRE_INPUT, GInputStream)

struct _BipeWireInput
{
  GInputStream parent_instance;

  BipeWire *wire; /* borrowed; NULL once it has gone */
  GPollableInputStream *base;
};

static gboolean
ending_cb (gpointer user_data)
{
  BipeWire *self = user_data;

  g_clear_pointer (&self->ending, g_source_unref);
  if (self->ended != NULL)
    self->ended (self->user_data);
  return G_SOURCE_REMOVE;
}

/* Not from within a read: the owner steals the connection. Ahead of the reader, whom the end of the
 * stream would wake again and again. */
static void
tell_end (BipeWire *self)
{
  if (self->ending != NULL)
    return;
  self->ending = g_idle_source_new ();
  g_source_set_priority (self->ending, G_PRIORITY_HIGH);
  g_source_set_callback (self->ending, ending_cb, g_object_ref (self), g_object_unref);
  g_source_attach (self->ending, self->context);
}

const char *
bipe_wire_get_fault (BipeWire *self, BipeFault *fault)
{
  return self->expects_requests ? bipe_framing_get_fault (&self->framing, fault) : NULL;
}

static gboolean
is_refused (BipeWire *self)
{
  BipeFault fault;

  return bipe_wire_get_fault (self, &fault) != NULL;
}

/* How many of the @length bytes the reader may have. */
static gsize
take (BipeWire *self, const char *bytes, gsize length)
{
  return self->expects_requests ? bipe_framing_feed (&self->framing, bytes, length) : length;
}

/* Sees to it that libsoup begins a request, which it does with its first line, be that an empty
 * one, and that can then be refused. */
static gssize
read_refused (BipeWire *self, char *buffer, GError **error)
{
  if (self->framing.part == BIPE_FRAMING_HEAD && !self->framing.head.has_line)
    {
      self->framing.head.has_line = TRUE;
      buffer[0] = '\n';
      return 1;
    }
  tell_end (self);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "the request is refused");
  return -1;
}

static gssize
read_ahead (BipeWire *self, char *buffer, gsize count)
{
  gsize n = take (self, (const char *)self->ahead->data, MIN (count, self->ahead->len));

  memcpy (buffer, self->ahead->data, n);
  g_byte_array_remove_range (self->ahead, 0, (guint)n);
  return (gssize)n;
}

static gssize
read_base (BipeWire *self, char *buffer, gsize count, GError **error)
{
  GPollableInputStream *base = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (self->base));
  g_autoptr(GError) cause = NULL;
  gssize n = g_pollable_input_stream_read_nonblocking (base, buffer, count, NULL, &cause);
  gsize n_good;

  if (n > 0)
    {
      self->moved = g_get_monotonic_time ();
      n_good = take (self, buffer, (gsize)n);
      g_byte_array_append (self->ahead, (guint8 *)buffer + n_good, (guint)((gsize)n - n_good));
      return (gssize)n_good;
    }
  if (n == 0 && self->expects_requests)
    bipe_framing_end (&self->framing);
  if (is_refused (self))
    return 0;
  if (self->is_idle && !g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      tell_end (self);
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "there is no more to read");
      return -1;
    }
  if (cause != NULL)
    g_propagate_error (error, g_steal_pointer (&cause));
  return n;
}

static gssize
input_read_nonblocking (GPollableInputStream *stream, void *buffer, gsize count, GError **error)
{
  BipeWireInput *self = BIPE_WIRE_INPUT (stream);
  BipeWire *wire = self->wire;
  gssize n = 0;

  if (wire == NULL)
    return g_pollable_input_stream_read_nonblocking (self->base, buffer, count, NULL, error);
  if (!is_refused (wire))
    n = wire->ahead->len > 0 ? read_ahead (wire, buffer, count)
                             : read_base (wire, buffer, count, error);
  return n == 0 && is_refused (wire) ? read_refused (wire, buffer, error) : n;
}

static gboolean
input_is_readable (GPollableInputStream *stream)
{
  BipeWireInput *self = BIPE_WIRE_INPUT (stream);

  return (self->wire != NULL && self->wire->ahead->len > 0)
         || g_pollable_input_stream_is_readable (self->base);
}

static GSource *
input_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  BipeWireInput *self = BIPE_WIRE_INPUT (stream);
  gboolean has_more = self->wire != NULL && self->wire->ahead->len > 0;
  g_autoptr(GSource) base = has_more ? g_timeout_source_new (0)
                                      : g_pollable_input_stream_create_source (self->base, NULL);

  return g_pollable_source_new_full (self, base, cancellable);
}

static gssize
input_read (GInputStream *stream,
            void *buffer,
            gsize count,
            GCancellable *cancellable,
            GError **error)
{
  return g_input_stream_read (G_INPUT_STREAM (BIPE_WIRE_INPUT (stream)->base), buffer, count,
                              cancellable, error);
}

static void
bipe_wire_input_pollable_init (GPollableInputStreamInterface *interface)
{
  interface->is_readable = input_is_readable;
  interface->create_source = input_create_source;
  interface->read_nonblocking = input_read_nonblocking;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BipeWireInput,
                               bipe_wire_input,
                               G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      bipe_wire_input_pollable_init))

static void
bipe_wire_input_finalize (GObject *object)
{
  BipeWireInput *self = BIPE_WIRE_INPUT (object);

  g_clear_weak_pointer (&self->wire);
  g_clear_object (&self->base);
  G_OBJECT_CLASS (bipe_wire_input_parent_class)->finalize (object);
}

static void
bipe_wire_input_class_init (BipeWireInputClass *class)
{
  G_OBJECT_CLASS (class)->finalize = bipe_wire_input_finalize;
  G_INPUT_STREAM_CLASS (class)->read_fn = input_read;
}

static void
bipe_wire_input_init (BipeWireInput *self)
{
}

/* The output. */

#define BIPE_TYPE_WIRE_OUTPUT (bipe_wire_output_get_type ())
G_DECLARE_FINAL_TYPE (BipeWireOutput, bipe_wire_output, BIPE, WIRE_OUTPUT, GOutputStream)

struct _BipeWireOutput
{
  GOutputStream parent_instance;

  BipeWire *wire; /* borrowed; NULL once it has gone */
  GPollableOutputStream *base;
};

/* FALSE with G_IO_ERROR_WOULD_BLOCK: some of it is still held. */
static gboolean
flush (BipeWire *self, GError **error)
{
  GOutputStream *base = g_io_stream_get_output_stream (self->base);

  while (self->held->len > 0)
    {
      gssize n = g_pollable_output_stream_write_nonblocking (
          G_POLLABLE_OUTPUT_STREAM (base), self->held->data, self->held->len, NULL, error);

      if (n < 0)
        return FALSE;
      g_byte_array_remove_range (self->held, 0, (guint)n);
      self->moved = g_get_monotonic_time ();
    }
  return TRUE;
}

static void
stop_flushing (BipeWire *self)
{
  if (self->flushing == NULL)
    return;
  g_source_destroy (self->flushing);
  g_clear_pointer (&self->flushing, g_source_unref);
}

/* Goes on until all is out, or the connection has failed: its reader then hears of it. */
static gboolean
flushing_cb (GObject *stream, gpointer user_data)
{
  g_autoptr(BipeWire) self = g_object_ref (user_data);
  g_autoptr(GError) error = NULL;

  if (!flush (self, &error) && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;
  g_byte_array_set_size (self->held, 0);
  stop_flushing (self);
  if (self->is_closing)
    g_io_stream_close (self->base, NULL, NULL);
  return G_SOURCE_REMOVE;
}

static void
start_flushing (BipeWire *self)
{
  GOutputStream *base = g_io_stream_get_output_stream (self->base);

  if (self->flushing != NULL)
    return;
  self->flushing = g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM (base), NULL);
  g_source_set_callback (self->flushing, G_SOURCE_FUNC (flushing_cb), g_object_ref (self),
                         g_object_unref);
  g_source_attach (self->flushing, self->context);
}

static gssize
output_write_nonblocking (GPollableOutputStream *stream,
                          const void *buffer,
                          gsize count,
                          GError **error)
{
  BipeWireOutput *self = BIPE_WIRE_OUTPUT (stream);
  BipeWire *wire = self->wire;
  gssize n;

  if (wire == NULL)
    return g_pollable_output_stream_write_nonblocking (self->base, buffer, count, NULL, error);
  if (wire->is_corked && wire->held->len + count <= BIPE_WIRE_CORK_MAX)
    {
      g_byte_array_append (wire->held, buffer, (guint)count);
      return (gssize)count;
    }
  if (!flush (wire, error))
    return -1;
  n = g_pollable_output_stream_write_nonblocking (self->base, buffer, count, NULL, error);
  if (n > 0)
    wire->moved = g_get_monotonic_time ();
  return n;
}

static gboolean
output_is_writable (GPollableOutputStream *stream)
{
  BipeWireOutput *self = BIPE_WIRE_OUTPUT (stream);

  return (self->wire != NULL && self->wire->is_corked)
         || g_pollable_output_stream_is_writable (self->base);
}

static GSource *
output_create_source (GPollableOutputStream *stream, GCancellable *cancellable)
{
  BipeWireOutput *self = BIPE_WIRE_OUTPUT (stream);
  g_autoptr(GSource) base = g_pollable_output_stream_create_source (self->base, NULL);

  return g_pollable_source_new_full (self, base, cancellable);
}

static gssize
output_write (GOutputStream *stream,
              const void *buffer,
              gsize count,
              GCancellable *cancellable,
              GError **error)
{
  return g_output_stream_write (G_OUTPUT_STREAM (BIPE_WIRE_OUTPUT (stream)->base), buffer, count,
                                cancellable, error);
}

static void
bipe_wire_output_pollable_init (GPollableOutputStreamInterface *interface)
{
  interface->is_writable = output_is_writable;
  interface->create_source = output_create_source;
  interface->write_nonblocking = output_write_nonblocking;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BipeWireOutput,
                               bipe_wire_output,
                               G_TYPE_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM,
                                                      bipe_wire_output_pollable_init))

static void
bipe_wire_output_finalize (GObject *object)
{
  BipeWireOutput *self = BIPE_WIRE_OUTPUT (object);

  g_clear_weak_pointer (&self->wire);
  g_clear_object (&self->base);
  G_OBJECT_CLASS (bipe_wire_output_parent_class)->finalize (object);
}

static void
bipe_wire_output_class_init (BipeWireOutputClass *class)
{
  G_OBJECT_CLASS (class)->finalize = bipe_wire_output_finalize;
  G_OUTPUT_STREAM_CLASS (class)->write_fn = output_write;
}

static void
bipe_wire_output_init (BipeWireOutput *self)
{
}

/* The stream. */

static GInputStream *
wire_get_input (GIOStream *stream)
{
  return BIPE_WIRE (stream)->input;
}

static GOutputStream *
wire_get_output (GIOStream *stream)
{
  return BIPE_WIRE (stream)->output;
}

static gboolean
wire_close (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  BipeWire *self = BIPE_WIRE (stream);

  self->is_corked = FALSE;
  self->is_closing = TRUE;
  if (self->held->len > 0)
    bipe_wire_uncork (self);
  return self->flushing != NULL || g_io_stream_close (self->base, cancellable, error);
}

static void
bipe_wire_dispose (GObject *object)
{
  BipeWire *self = BIPE_WIRE (object);

  g_byte_array_set_size (self->held, 0);
  /* Closes, where nobody has: its parts must be there still. */
  G_OBJECT_CLASS (bipe_wire_parent_class)->dispose (object);
  bipe_wire_forget_owner (self);
  g_clear_object (&self->input);
  g_clear_object (&self->output);
}

static void
bipe_wire_finalize (GObject *object)
{
  BipeWire *self = BIPE_WIRE (object);

  g_clear_object (&self->base);
  g_byte_array_unref (self->ahead);
  g_byte_array_unref (self->held);
  g_main_context_unref (self->context);
  G_OBJECT_CLASS (bipe_wire_parent_class)->finalize (object);
}

static void
bipe_wire_class_init (BipeWireClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (class);

  object_class->dispose = bipe_wire_dispose;
  object_class->finalize = bipe_wire_finalize;
  stream_class->get_input_stream = wire_get_input;
  stream_class->get_output_stream = wire_get_output;
  stream_class->close_fn = wire_close;
}

static void
bipe_wire_init (BipeWire *self)
{
  self->ahead = g_byte_array_new ();
  self->held = g_byte_array_new ();
  self->moved = g_get_monotonic_time ();
  self->context = g_main_context_ref_thread_default ();
}

BipeWire *
bipe_wire_new (GIOStream *base, void (*ended) (gpointer user_data), gpointer user_data)
{
  BipeWire *self = g_object_new (BIPE_TYPE_WIRE, NULL);
  BipeWireInput *input = g_object_new (BIPE_TYPE_WIRE_INPUT, NULL);
  BipeWireOutput *output = g_object_new (BIPE_TYPE_WIRE_OUTPUT, NULL);

  self->base = g_object_ref (base);
  self->ended = ended;
  self->user_data = user_data;
  g_set_weak_pointer (&input->wire, self);
  input->base = G_POLLABLE_INPUT_STREAM (g_object_ref (g_io_stream_get_input_stream (base)));
  self->input = G_INPUT_STREAM (input);
  g_set_weak_pointer (&output->wire, self);
  output->base = G_POLLABLE_OUTPUT_STREAM (g_object_ref (g_io_stream_get_output_stream (base)));
  self->output = G_OUTPUT_STREAM (output);
  return self;
}

void
bipe_wire_forget_owner (BipeWire *self)
{
  self->ended = NULL;
  if (self->ending == NULL)
    return;
  g_source_destroy (self->ending);
  g_clear_pointer (&self->ending, g_source_unref);
}

void
bipe_wire_set_idle (BipeWire *self, gboolean is_idle)
{
  self->is_idle = is_idle;
}

void
bipe_wire_expect_requests (BipeWire *self, gboolean expects_requests)
{
  self->expects_requests = expects_requests;
}

void
bipe_wire_cork (BipeWire *self)
{
  self->is_corked = TRUE;
}

void
bipe_wire_uncork (BipeWire *self)
{
  g_autoptr(GError) error = NULL;

  self->is_corked = FALSE;
  if (flush (self, &error))
    return;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    start_flushing (self);
  else
    g_byte_array_set_size (self->held, 0); /* the reader hears of it */
}

void
bipe_wire_abort (BipeWire *self)
{
  static const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
  GSocket *socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (self->base));

  g_byte_array_set_size (self->held, 0);
  stop_flushing (self);
  /* Lets go of what the client has not taken, in the kernel too. */
  setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  /* As long as somebody has it open, its descriptor is in the main loop's list, and the next
   * connection would get its number: so it is he who closes it, when he notices. */
  if (self->is_closing)
    g_io_stream_close (self->base, NULL, NULL);
  else
    g_socket_shutdown (socket, TRUE, TRUE, NULL);
}

int
bipe_wire_get_fd (BipeWire *self)
{
  g_return_val_if_fail (G_IS_SOCKET_CONNECTION (self->base), -1);

  return g_socket_get_fd (g_socket_connection_get_socket (G_SOCKET_CONNECTION (self->base)));
}

void
bipe_wire_end_output (BipeWire *self)
{
  if (G_IS_SOCKET_CONNECTION (self->base))
    g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (self->base)), FALSE,
                       TRUE, NULL);
}

gint64
bipe_wire_get_moved (BipeWire *self)
{
  return self->moved;
}
