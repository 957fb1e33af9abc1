/* wire.c: three classes that belong together: the stream, and its two ends, over a carrier, which
 * knows TLS from plain, and an intake, which knows where a request ends. What the client has not
 * taken yet when the stream is closed still goes out, and keeps the wire alive until then. */
#include "config.h"

#include "server/wire.h"

#include <sys/socket.h>

#include "server/carrier.h"
#include "server/intake.h"

struct _BipeWire
{
  GIOStream parent_instance;

  GIOStream *base;
  BipeCarrier *carrier; /* over the base */
  BipeIntake intake;
  GInputStream *input;
  GOutputStream *output;
  GMainContext *context;
  void (*ended) (gpointer user_data);
  gpointer user_data;

  gboolean is_idle;
  gboolean is_corked;
  gboolean is_closing;
  gboolean is_ending; /* its output, alone */
  gboolean is_cut;    /* nothing more is said */
  gboolean is_muted;  /* what is written goes nowhere */
  GSource *ending;    /* to tell the owner */
  GSource *flushing;  /* while something waits for the client; it has a reference to the wire */
};

G_DEFINE_FINAL_TYPE (BipeWire, bipe_wire, G_TYPE_IO_STREAM)

/* What goes out. */

static GSocket *
get_socket (BipeWire *self)
{
  return g_socket_connection_get_socket (G_SOCKET_CONNECTION (self->base));
}

static void
stop_flushing (BipeWire *self)
{
  if (self->flushing == NULL)
    return;
  g_source_destroy (self->flushing);
  g_clear_pointer (&self->flushing, g_source_unref);
}

/* FALSE: the client is to take some of it first. */
static gboolean
drain (BipeWire *self)
{
  return bipe_carrier_flush (self->carrier, self->is_ending || self->is_closing);
}

static gboolean
flushing_cb (GObject *stream, gpointer user_data)
{
  g_autoptr(BipeWire) self = g_object_ref (user_data);

  if (!drain (self))
    return G_SOURCE_CONTINUE;
  stop_flushing (self);
  if (self->is_ending)
    g_socket_shutdown (get_socket (self), FALSE, TRUE, NULL);
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
  if (!self->intake.expects_requests || !bipe_carrier_is_insecure (self->carrier))
    return bipe_intake_get_fault (&self->intake, fault);
  *fault = BIPE_FAULT_INSECURE;
  return "this station speaks TLS alone here: use https:// in place of http://";
}

static gboolean
is_refused (BipeWire *self)
{
  BipeFault fault;

  return bipe_wire_get_fault (self, &fault) != NULL;
}

static gssize
read_refused (BipeWire *self, char *buffer, GError **error)
{
  if (bipe_intake_finish_line (&self->intake, buffer) > 0)
    return 1;
  tell_end (self);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "the request is refused");
  return -1;
}

/* What libsoup reads, and whoever has taken the connection over. */
static gssize
read_base (BipeWire *self, char *buffer, gsize count, GError **error)
{
  g_autoptr(GError) cause = NULL;
  gssize n = bipe_carrier_look (self->carrier, &cause);

  if (is_refused (self))
    return 0;
  if (n > 0)
    {
      n = bipe_carrier_read (self->carrier, buffer, count, &cause);
      if (bipe_carrier_has_unsent (self->carrier)) /* of the handshake */
        start_flushing (self);
    }
  if (n > 0)
    return (gssize)bipe_intake_take (&self->intake, buffer, (gsize)n);
  if (n == 0)
    bipe_intake_end (&self->intake);
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
    n = bipe_intake_has_ahead (&wire->intake)
            ? (gssize)bipe_intake_read_ahead (&wire->intake, buffer, count)
            : read_base (wire, buffer, count, error);
  return n == 0 && is_refused (wire) ? read_refused (wire, buffer, error) : n;
}

/* What has come already, and makes no descriptor ready. */
static gboolean
has_more (BipeWire *self)
{
  return bipe_intake_has_ahead (&self->intake) || bipe_carrier_has_pending (self->carrier);
}

static gboolean
input_is_readable (GPollableInputStream *stream)
{
  BipeWireInput *self = BIPE_WIRE_INPUT (stream);

  return (self->wire != NULL && has_more (self->wire))
         || g_pollable_input_stream_is_readable (self->base);
}

static GSource *
input_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  BipeWireInput *self = BIPE_WIRE_INPUT (stream);
  BipeWire *wire = self->wire;
  g_autoptr(GSource) base = NULL;
  GSource *source;

  if (wire == NULL)
    return g_pollable_input_stream_create_source (self->base, cancellable);
  base = has_more (wire) ? g_timeout_source_new (0)
                         : g_socket_create_source (get_socket (wire), G_IO_IN, NULL);
  source = g_pollable_source_new_full (self, base, cancellable);
  /* They run no main loop; and without this, GLib takes the descriptor out of its list and puts it
   * in again around the dispatch of each, which are two system calls. */
  g_source_set_can_recurse (base, TRUE);
  g_source_set_can_recurse (source, TRUE);
  return source;
}

/* Nobody may wait here. */
static gssize
input_read (GInputStream *stream,
            void *buffer,
            gsize count,
            GCancellable *cancellable,
            GError **error)
{
  return input_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream), buffer, count, error);
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
  if (wire->is_muted)
    return (gssize)count;
  if (wire->is_corked && bipe_carrier_get_n_held (wire->carrier) + count <= BIPE_WIRE_CORK_MAX)
    {
      bipe_carrier_hold (wire->carrier, buffer, count);
      return (gssize)count;
    }
  n = bipe_carrier_write (wire->carrier, buffer, count, error);
  if (n >= 0 && bipe_carrier_has_unsent (wire->carrier))
    start_flushing (wire);
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

/* libsoup writes the last chunk of an answer in this way, which must not wait: what the client has
 * no room for is held. */
static gssize
output_write (GOutputStream *stream,
              const void *buffer,
              gsize count,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr(GError) cause = NULL;
  BipeWire *wire = BIPE_WIRE_OUTPUT (stream)->wire;
  gssize n = output_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (stream), buffer, count, &cause);

  if (n >= 0)
    return n;
  if (wire == NULL || !g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)
      || bipe_carrier_get_n_held (wire->carrier) + count > 2 * BIPE_WIRE_CORK_MAX)
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return -1;
    }
  bipe_carrier_hold (wire->carrier, buffer, count);
  start_flushing (wire);
  return (gssize)count;
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
  if (!self->is_cut && !drain (self))
    start_flushing (self);
  return self->flushing != NULL || g_io_stream_close (self->base, cancellable, error);
}

static void
bipe_wire_dispose (GObject *object)
{
  BipeWire *self = BIPE_WIRE (object);

  bipe_carrier_drop (self->carrier);
  self->is_cut = TRUE;
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

  bipe_intake_clear (&self->intake);
  g_clear_pointer (&self->carrier, bipe_carrier_free);
  g_clear_object (&self->base);
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
  bipe_intake_init (&self->intake);
  self->context = g_main_context_ref_thread_default ();
}

BipeWire *
bipe_wire_new (GIOStream *base, void (*ended) (gpointer user_data), gpointer user_data)
{
  BipeWire *self = g_object_new (BIPE_TYPE_WIRE, NULL);
  BipeWireInput *input = g_object_new (BIPE_TYPE_WIRE_INPUT, NULL);
  BipeWireOutput *output = g_object_new (BIPE_TYPE_WIRE_OUTPUT, NULL);

  self->base = g_object_ref (base);
  self->carrier = bipe_carrier_new (base);
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
bipe_wire_offer_tls (BipeWire *self, BipeCertificate *certificate, gboolean is_required)
{
  bipe_carrier_offer_tls (self->carrier, certificate, is_required);
}

gboolean
bipe_wire_is_secure (BipeWire *self)
{
  return bipe_carrier_is_secure (self->carrier);
}

gboolean
bipe_wire_is_plain (BipeWire *self)
{
  return bipe_carrier_is_plain (self->carrier);
}

gboolean
bipe_wire_can_answer (BipeWire *self)
{
  return bipe_carrier_can_write (self->carrier);
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
  self->intake.expects_requests = expects_requests;
}

void
bipe_wire_cork (BipeWire *self)
{
  self->is_corked = TRUE;
}

void
bipe_wire_uncork (BipeWire *self)
{
  self->is_corked = FALSE;
  if (!drain (self))
    start_flushing (self);
}

void
bipe_wire_mute (BipeWire *self)
{
  self->is_muted = TRUE;
}

static void
let_go (BipeWire *self)
{
  static const struct linger reset = { .l_onoff = 1, .l_linger = 0 };

  self->is_cut = TRUE;
  bipe_carrier_drop (self->carrier);
  stop_flushing (self);
  /* Of what the client has not taken, in the kernel too. */
  setsockopt (bipe_wire_get_fd (self), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

void
bipe_wire_abort (BipeWire *self)
{
  let_go (self);
  /* As long as somebody has it open, its descriptor is in the main loop's list, and the next
   * connection would get its number: so it is he who closes it, when he notices. */
  if (self->is_closing)
    g_io_stream_close (self->base, NULL, NULL);
  else
    g_socket_shutdown (get_socket (self), TRUE, TRUE, NULL);
}

void
bipe_wire_cut (BipeWire *self)
{
  let_go (self);
  g_io_stream_close (G_IO_STREAM (self), NULL, NULL);
}

int
bipe_wire_get_fd (BipeWire *self)
{
  return g_socket_get_fd (get_socket (self));
}

void
bipe_wire_end_output (BipeWire *self)
{
  self->is_ending = TRUE;
  if (drain (self))
    g_socket_shutdown (get_socket (self), FALSE, TRUE, NULL);
  else
    start_flushing (self);
}

gint64
bipe_wire_get_moved (BipeWire *self)
{
  return bipe_carrier_get_moved (self->carrier);
}
