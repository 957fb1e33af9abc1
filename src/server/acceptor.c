#include "config.h"

#include "server/acceptor.h"

/* Connections taken at once, before others have their turn: each may bring a handshake, which costs
 * the thread more than anything else that a stranger can ask for. */
#define BURST 2

/* How long it waits for descriptors. */
#define WAIT_MS 200

struct _BipeAcceptor
{
  GPtrArray *sockets;
  GPtrArray *sources; /* of GSource, one a socket; empty while it waits */
  GSource *wait;
  GMainContext *context;
  void (*accepted) (GSocket *socket, gpointer user_data);
  gpointer user_data;
  gboolean is_short; /* of descriptors, and has said so */
};

static void
free_source (gpointer source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

static void watch (BipeAcceptor *self);

static gboolean
wait_cb (gpointer user_data)
{
  BipeAcceptor *self = user_data;

  g_clear_pointer (&self->wait, g_source_unref);
  watch (self);
  return G_SOURCE_REMOVE;
}

/* A socket that can't be accepted from stays ready: asked on and on it would stop everything else.
 */
static void
wait_for_descriptors (BipeAcceptor *self, const GError *cause)
{
  if (!self->is_short)
    g_warning ("cannot accept connections: %s. Trying on; raise the limit of open files, or lower "
               "max-connections",
               cause->message);
  self->is_short = TRUE;
  g_ptr_array_set_size (self->sources, 0);
  self->wait = g_timeout_source_new (WAIT_MS);
  g_source_set_callback (self->wait, wait_cb, self, NULL);
  g_source_attach (self->wait, self->context);
}

static gboolean
ready_cb (GSocket *listening, GIOCondition condition, gpointer user_data)
{
  BipeAcceptor *self = user_data;

  for (guint i = 0; i < BURST; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GSocket) socket = g_socket_accept (listening, NULL, &error);

      if (socket != NULL)
        {
          self->is_short = FALSE;
          self->accepted (socket, self->user_data);
          continue;
        }
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)
          || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
        return G_SOURCE_CONTINUE;
      wait_for_descriptors (self, error);
      return G_SOURCE_REMOVE;
    }
  return G_SOURCE_CONTINUE;
}

static void
watch (BipeAcceptor *self)
{
  for (guint i = 0; i < self->sockets->len; i++)
    {
      GSource *source = g_socket_create_source (self->sockets->pdata[i], G_IO_IN, NULL);

      /* Those who are in go first. */
      g_source_set_priority (source, G_PRIORITY_DEFAULT + 1);
      g_source_set_callback (source, G_SOURCE_FUNC (ready_cb), self, NULL);
      g_source_attach (source, self->context);
      g_ptr_array_add (self->sources, source);
    }
}

BipeAcceptor *
bipe_acceptor_new (GPtrArray *sockets,
                   void (*accepted) (GSocket *socket, gpointer user_data),
                   gpointer user_data)
{
  BipeAcceptor *self = g_new0 (BipeAcceptor, 1);

  self->sockets = g_ptr_array_ref (sockets);
  self->sources = g_ptr_array_new_with_free_func (free_source);
  self->context = g_main_context_ref_thread_default ();
  self->accepted = accepted;
  self->user_data = user_data;
  for (guint i = 0; i < sockets->len; i++)
    g_socket_set_blocking (sockets->pdata[i], FALSE);
  watch (self);
  return self;
}

GPtrArray *
bipe_acceptor_steal (BipeAcceptor *self)
{
  GPtrArray *sockets = self->sockets;

  if (self->wait != NULL)
    free_source (self->wait);
  g_ptr_array_unref (self->sources);
  g_main_context_unref (self->context);
  g_free (self);
  return sockets;
}

void
bipe_acceptor_free (BipeAcceptor *self)
{
  g_autoptr(GPtrArray) sockets = bipe_acceptor_steal (self);

  for (guint i = 0; i < sockets->len; i++)
    g_socket_close (sockets->pdata[i], NULL);
}
