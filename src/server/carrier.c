#include "config.h"

#include "server/carrier.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "server/tls.h"

struct _BipeCarrier
{
  GIOStream *base;
  BipeTls *tls; /* over the base's socket, in the place of its streams; NULL: plain */
  gboolean needs_tls;
  gboolean has_begun; /* the client, and so it is known whether by TLS */
  GByteArray *held;
  gint64 moved;
};

BipeCarrier *
bipe_carrier_new (GIOStream *base)
{
  BipeCarrier *self = g_new0 (BipeCarrier, 1);

  self->base = g_object_ref (base);
  self->held = g_byte_array_new ();
  self->moved = g_get_monotonic_time ();
  return self;
}

void
bipe_carrier_free (BipeCarrier *self)
{
  g_clear_pointer (&self->tls, bipe_tls_free);
  g_byte_array_unref (self->held);
  g_object_unref (self->base);
  g_free (self);
}

static GSocket *
get_socket (BipeCarrier *self)
{
  return g_socket_connection_get_socket (G_SOCKET_CONNECTION (self->base));
}

void
bipe_carrier_offer_tls (BipeCarrier *self, BipeCertificate *certificate, gboolean is_required)
{
  self->tls = bipe_tls_new (certificate, get_socket (self));
  self->needs_tls = is_required;
}

gboolean
bipe_carrier_is_secure (BipeCarrier *self)
{
  return self->tls != NULL && bipe_tls_is_open (self->tls);
}

gboolean
bipe_carrier_is_plain (BipeCarrier *self)
{
  return self->tls == NULL;
}

gboolean
bipe_carrier_is_insecure (BipeCarrier *self)
{
  return self->needs_tls && self->has_begun && self->tls == NULL;
}

gboolean
bipe_carrier_can_write (BipeCarrier *self)
{
  return self->tls == NULL || bipe_tls_is_open (self->tls)
         || (!self->has_begun && !self->needs_tls);
}

static void
become_plain (BipeCarrier *self)
{
  self->has_begun = TRUE;
  g_clear_pointer (&self->tls, bipe_tls_free);
}

/* What comes. */

gssize
bipe_carrier_look (BipeCarrier *self, GError **error)
{
  guint8 first;
  gssize n;
  int code;

  if (self->tls == NULL || self->has_begun)
    return 1;
  n = recv (g_socket_get_fd (get_socket (self)), &first, 1, MSG_PEEK | MSG_DONTWAIT);
  code = errno;
  if (n == 1 && bipe_tls_is_hello (first))
    self->has_begun = TRUE;
  else if (n == 1)
    become_plain (self);
  else if (n < 0)
    g_set_error_literal (error, G_IO_ERROR, (int)g_io_error_from_errno (code), g_strerror (code));
  return n;
}

gssize
bipe_carrier_read (BipeCarrier *self, void *buffer, gsize count, GError **error)
{
  GInputStream *base = g_io_stream_get_input_stream (self->base);
  gssize n;

  if (self->tls != NULL)
    return bipe_tls_read (self->tls, buffer, count, error);
  n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (base), buffer, count, NULL,
                                                error);
  if (n > 0)
    self->moved = g_get_monotonic_time ();
  return n;
}

gboolean
bipe_carrier_has_pending (BipeCarrier *self)
{
  return self->tls != NULL && bipe_tls_has_pending (self->tls);
}

/* What goes out. */

void
bipe_carrier_hold (BipeCarrier *self, const void *buffer, gsize count)
{
  g_byte_array_append (self->held, buffer, (guint)count);
}

gsize
bipe_carrier_get_n_held (BipeCarrier *self)
{
  return self->held->len;
}

void
bipe_carrier_drop (BipeCarrier *self)
{
  g_byte_array_set_size (self->held, 0);
}

static gssize
write_raw (BipeCarrier *self, const void *buffer, gsize count, GError **error)
{
  GOutputStream *base = g_io_stream_get_output_stream (self->base);
  gssize n;

  /* Who has said nothing in all his time is told so in plain, where that is spoken, too. */
  if (!self->has_begun && !self->needs_tls)
    become_plain (self);
  if (self->tls != NULL)
    return bipe_tls_write (self->tls, buffer, count, error);
  n = g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (base), buffer, count,
                                                  NULL, error);
  if (n > 0)
    self->moved = g_get_monotonic_time ();
  return n;
}

/* FALSE with G_IO_ERROR_WOULD_BLOCK: some of it is still held. */
static gboolean
write_held (BipeCarrier *self, GError **error)
{
  while (self->held->len > 0)
    {
      gssize n = write_raw (self, self->held->data, self->held->len, error);

      if (n < 0)
        return FALSE;
      g_byte_array_remove_range (self->held, 0, (guint)n);
    }
  return self->tls == NULL || bipe_tls_flush (self->tls, error);
}

gssize
bipe_carrier_write (BipeCarrier *self, const void *buffer, gsize count, GError **error)
{
  return write_held (self, error) ? write_raw (self, buffer, count, error) : -1;
}

gboolean
bipe_carrier_has_unsent (BipeCarrier *self)
{
  return self->tls != NULL && bipe_tls_has_unsent (self->tls);
}

gboolean
bipe_carrier_flush (BipeCarrier *self, gboolean is_end)
{
  g_autoptr(GError) error = NULL;
  gboolean is_out = write_held (self, &error);

  if (is_out && self->tls != NULL && is_end)
    {
      bipe_tls_finish (self->tls);
      is_out = write_held (self, &error);
    }
  if (!is_out && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return FALSE;
  bipe_carrier_drop (self);
  return TRUE;
}

gint64
bipe_carrier_get_moved (BipeCarrier *self)
{
  return self->tls != NULL ? bipe_tls_get_moved (self->tls) : self->moved;
}
