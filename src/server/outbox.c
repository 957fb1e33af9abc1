#include "config.h"

#include "server/outbox.h"

#define READ_SIZE 65536

/* What the client may still send, and how long it may take to close, after a finish. */
#define FINISH_BYTES_MAX (64 * 1024 * 1024)
#define FINISH_SECONDS 5

struct _BipeOutbox
{
  guint n_refs; /* the owner's, and that of a dispatch */
  GIOStream *stream;
  BipeWire *wire;
  GPollableInputStream *input; /* the wire's, once `stream` has given what it had read ahead */
  const BipeOutboxListener *listener; /* NULL once nobody listens */
  gpointer user_data;

  GByteArray *waiting;
  gsize n_sent; /* of the bytes in `waiting` */
  gboolean is_finishing;
  gsize n_dropped;

  /* One source for all: bytes to read, room to write, something to flush. NULL: it has ended. */
  GSource *source;
  gpointer tag;
  gboolean awaits_room;
  gboolean holds;
  GSource *timeout;
};

typedef struct
{
  GSource parent_instance;

  BipeOutbox *outbox;
} OutboxSource;

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
  clear_source (&self->source);
  clear_source (&self->timeout);
  g_io_stream_close (G_IO_STREAM (self->wire), NULL, NULL);
  g_object_unref (self->stream);
  g_object_unref (self->wire);
  g_byte_array_unref (self->waiting);
  g_free (self);
}

/* Only from a source, so never from within a caller's call. */
static void
end (BipeOutbox *self)
{
  const BipeOutboxListener *listener = g_steal_pointer (&self->listener);

  clear_source (&self->source);
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

static void
update_conditions (BipeOutbox *self)
{
  g_source_modify_unix_fd (self->source, self->tag,
                           (self->holds ? 0 : G_IO_IN) | (self->awaits_room ? G_IO_OUT : 0));
}

static void
await_room (BipeOutbox *self, gboolean awaits_room)
{
  if (self->awaits_room == awaits_room)
    return;
  self->awaits_room = awaits_room;
  update_conditions (self);
}

static void
send_waiting (BipeOutbox *self)
{
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (self->wire));

  while (self->n_sent < self->waiting->len)
    {
      g_autoptr(GError) error = NULL;
      gssize n = g_pollable_output_stream_write_nonblocking (
          G_POLLABLE_OUTPUT_STREAM (output), self->waiting->data + self->n_sent,
          self->waiting->len - self->n_sent, NULL, &error);

      if (n > 0)
        self->n_sent += (gsize)n;
      else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          await_room (self, TRUE);
          return;
        }
      else
        {
          end (self);
          return;
        }
    }
  g_byte_array_set_size (self->waiting, 0);
  self->n_sent = 0;
  await_room (self, FALSE);
  if (self->is_finishing)
    bipe_wire_end_output (self->wire);
}

static gboolean
reads_ahead (BipeOutbox *self)
{
  return self->input == G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (self->stream))
         && self->stream != G_IO_STREAM (self->wire);
}

static void
receive (BipeOutbox *self)
{
  static char buffer[READ_SIZE]; /* all outboxes are of one thread */
  g_autoptr(GError) error = NULL;
  gssize n
      = g_pollable_input_stream_read_nonblocking (self->input, buffer, sizeof buffer, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      self->input
          = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (G_IO_STREAM (self->wire)));
      return;
    }
  self->n_dropped += self->is_finishing ? (gsize)MAX (n, 0) : 0;
  if (n <= 0 || self->n_dropped > FINISH_BYTES_MAX)
    end (self);
  else if (self->listener != NULL)
    self->listener->received (buffer, (gsize)n, self->user_data);
  /* What was read ahead makes no descriptor ready. */
  if (self->source != NULL && reads_ahead (self))
    g_source_set_ready_time (self->source, 0);
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  BipeOutbox *self = ((OutboxSource *)source)->outbox;
  GIOCondition condition = g_source_query_unix_fd (source, self->tag);
  gboolean is_due = g_source_get_ready_time (source) == 0;

  g_source_set_ready_time (source, -1);
  self->n_refs++;
  if (self->waiting->len > 0 && (condition & G_IO_OUT || (is_due && !self->awaits_room)))
    send_waiting (self);
  if (self->source != NULL && (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR) || reads_ahead (self)))
    receive (self);
  unref (self);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = { .dispatch = dispatch };

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
  self->listener = listener;
  self->user_data = user_data;
  self->waiting = g_byte_array_new ();

  self->source = g_source_new (&source_funcs, sizeof (OutboxSource));
  ((OutboxSource *)self->source)->outbox = self;
  self->tag = g_source_add_unix_fd (self->source, bipe_wire_get_fd (wire), G_IO_IN);
  /* It never runs a main loop; and without this, GLib takes the descriptor out of its list and puts
   * it in again around each dispatch, each time by a walk over all of them. */
  g_source_set_can_recurse (self->source, TRUE);
  if (reads_ahead (self))
    g_source_set_ready_time (self->source, 0);
  g_source_attach (self->source, g_main_context_get_thread_default ());
  return self;
}

void
bipe_outbox_free (BipeOutbox *self)
{
  self->listener = NULL;
  clear_source (&self->source);
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
  if (self->source != NULL && self->waiting->len > 0)
    g_source_set_ready_time (self->source, 0);
}

void
bipe_outbox_hold (BipeOutbox *self, gboolean holds)
{
  if (self->source == NULL || self->holds == holds)
    return;
  self->holds = holds;
  update_conditions (self);
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
  if (self->source == NULL)
    {
      unref (self); /* it has ended already */
      return;
    }
  bipe_outbox_hold (self, FALSE);
  self->is_finishing = TRUE;
  if (self->waiting->len == 0)
    bipe_wire_end_output (self->wire);
  bipe_outbox_flush (self);
  self->timeout = g_timeout_source_new_seconds (FINISH_SECONDS);
  g_source_set_callback (self->timeout, timeout_cb, self, NULL);
  g_source_attach (self->timeout, g_main_context_get_thread_default ());
}
