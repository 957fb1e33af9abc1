#include "config.h"

#include "server/tls.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* A record's content type, the first byte on the wire: a handshake. */
#define HANDSHAKE 0x16

/* Of a client who sends nothing but warnings. */
#define WARNINGS_MAX 8

/* No resumption (a full handshake takes half a millisecond), no old protocol, no cipher without
 * authentication and forward secrecy. Who is first in the client's list is taken: it knows whether
 * it has AES in hardware. */
#define PRIORITY                                                                                   \
  "NONE:+VERS-TLS1.3:+VERS-TLS1.2:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:+AEAD"              \
  ":+ECDHE-ECDSA:+ECDHE-RSA:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1"                       \
  ":+SIGN-ECDSA-SECP256R1-SHA256:+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SECP384R1-SHA384"                  \
  ":+SIGN-ECDSA-SHA384:+SIGN-EDDSA-ED25519:+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-PSS-RSAE-SHA384"    \
  ":+SIGN-RSA-PSS-RSAE-SHA512:+SIGN-RSA-SHA256:+SIGN-RSA-SHA384:+SIGN-RSA-SHA512:+COMP-NULL"       \
  ":+CTYPE-SRV-X509:+CTYPE-CLI-X509"

struct _BipeTls
{
  BipeCertificate *certificate;
  GSocket *socket;
  gnutls_session_t session;
  GByteArray *unsent; /* NULL: nothing */
  gint64 moved;
  gboolean is_open;
  gboolean is_finished;
  gboolean is_broken;
};

static void
keep_unsent (BipeTls *self, const giovec_t *pieces, int n_pieces, gsize n_sent)
{
  if (self->unsent == NULL)
    self->unsent = g_byte_array_new ();
  for (int i = 0; i < n_pieces; i++)
    {
      gsize skipped = MIN (n_sent, pieces[i].iov_len);

      g_byte_array_append (self->unsent, (guint8 *)pieces[i].iov_base + skipped,
                           (guint)(pieces[i].iov_len - skipped));
      n_sent -= skipped;
    }
}

/* GnuTLS's output: all of it is taken. */
static ssize_t
push_cb (gnutls_transport_ptr_t data, const giovec_t *pieces, int n_pieces)
{
  BipeTls *self = data;
  struct msghdr message = { .msg_iov = (struct iovec *)pieces, .msg_iovlen = (gsize)n_pieces };
  gsize length = 0;
  gssize n = 0;

  for (int i = 0; i < n_pieces; i++)
    length += pieces[i].iov_len;
  if (self->unsent == NULL)
    do
      n = sendmsg (g_socket_get_fd (self->socket), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
  if (n < 0 && errno != EAGAIN)
    {
      gnutls_transport_set_errno (self->session, errno);
      return -1;
    }
  if (n > 0)
    self->moved = g_get_monotonic_time ();
  if ((gsize)MAX (n, 0) < length)
    keep_unsent (self, pieces, n_pieces, (gsize)MAX (n, 0));
  return (gssize)length;
}

static ssize_t
pull_cb (gnutls_transport_ptr_t data, void *buffer, size_t count)
{
  BipeTls *self = data;
  gssize n = recv (g_socket_get_fd (self->socket), buffer, count, MSG_DONTWAIT);

  if (n < 0)
    gnutls_transport_set_errno (self->session, errno);
  else if (n > 0)
    self->moved = g_get_monotonic_time ();
  return n;
}

BipeTls *
bipe_tls_new (BipeCertificate *certificate, GSocket *socket)
{
  static const gnutls_datum_t protocol = { (guint8 *)"http/1.1", 8 };
  BipeTls *self = g_new0 (BipeTls, 1);

  self->certificate = bipe_certificate_ref (certificate);
  self->socket = g_object_ref (socket);
  self->moved = g_get_monotonic_time ();
  gnutls_init (&self->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS);
  /* Without them, should GnuTLS ever not know one, no handshake succeeds. */
  gnutls_priority_set_direct (self->session, PRIORITY, NULL);
  gnutls_credentials_set (self->session, GNUTLS_CRD_CERTIFICATE,
                          bipe_certificate_get_credentials (certificate));
  gnutls_alpn_set_protocols (self->session, &protocol, 1, GNUTLS_ALPN_MANDATORY);
  gnutls_transport_set_ptr (self->session, self);
  gnutls_transport_set_vec_push_function (self->session, push_cb);
  gnutls_transport_set_pull_function (self->session, pull_cb);
  return self;
}

void
bipe_tls_free (BipeTls *self)
{
  gnutls_deinit (self->session);
  if (self->unsent != NULL)
    g_byte_array_unref (self->unsent);
  g_object_unref (self->socket);
  bipe_certificate_unref (self->certificate);
  g_free (self);
}

gboolean
bipe_tls_is_hello (guint8 byte)
{
  return byte == HANDSHAKE;
}

static gssize
fail (GIOErrorEnum code, const char *why, GError **error)
{
  g_set_error (error, G_IO_ERROR, (int)code, "TLS: %s", why);
  return -1;
}

/* @result is GnuTLS's: the bytes, or a failure, behind which nothing is possible any more. */
static gssize
take_result (BipeTls *self, gssize result, GError **error)
{
  if (result >= 0)
    return result;
  if (result == GNUTLS_E_AGAIN || result == GNUTLS_E_INTERRUPTED)
    return fail (G_IO_ERROR_WOULD_BLOCK, "nothing has come", error);
  self->is_broken = TRUE;
  /* Another version, no cipher in common, a record that is forged: the client is told. */
  gnutls_alert_send_appropriate (self->session, (int)result);
  return fail (G_IO_ERROR_FAILED, gnutls_strerror ((int)result), error);
}

static gssize
shake_hands (BipeTls *self, GError **error)
{
  int result, n_warnings = 0;

  do
    result = gnutls_handshake (self->session);
  while (result == GNUTLS_E_INTERRUPTED
         || (result == GNUTLS_E_WARNING_ALERT_RECEIVED && n_warnings++ < WARNINGS_MAX));
  self->is_open = result == GNUTLS_E_SUCCESS;
  return take_result (self, result, error);
}

static gssize
receive (BipeTls *self, void *buffer, gsize count, GError **error)
{
  gssize n;
  int n_warnings = 0;

  do
    n = gnutls_record_recv (self->session, buffer, count);
  while (n == GNUTLS_E_INTERRUPTED
         || (n == GNUTLS_E_WARNING_ALERT_RECEIVED && n_warnings++ < WARNINGS_MAX));
  return n == GNUTLS_E_PREMATURE_TERMINATION ? 0 : take_result (self, n, error);
}

gssize
bipe_tls_read (BipeTls *self, void *buffer, gsize count, GError **error)
{
  if (self->is_broken)
    return fail (G_IO_ERROR_CLOSED, "the connection has failed", error);
  if (!self->is_open && shake_hands (self, error) < 0)
    return -1;
  return receive (self, buffer, count, error);
}

gboolean
bipe_tls_flush (BipeTls *self, GError **error)
{
  gsize n_sent = 0;
  gssize n = 0;

  if (self->unsent == NULL)
    return TRUE;
  do
    {
      n = send (g_socket_get_fd (self->socket), self->unsent->data + n_sent,
                self->unsent->len - n_sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      n_sent += (gsize)MAX (n, 0);
    }
  while (n_sent < self->unsent->len && (n > 0 || errno == EINTR));
  if (n_sent > 0)
    self->moved = g_get_monotonic_time ();
  if (n_sent == self->unsent->len)
    {
      g_clear_pointer (&self->unsent, g_byte_array_unref);
      return TRUE;
    }
  g_byte_array_remove_range (self->unsent, 0, (guint)n_sent);
  if (errno == EAGAIN)
    fail (G_IO_ERROR_WOULD_BLOCK, "the client takes nothing", error);
  else
    fail (G_IO_ERROR_FAILED, g_strerror (errno), error);
  return FALSE;
}

gssize
bipe_tls_write (BipeTls *self, const void *buffer, gsize count, GError **error)
{
  gssize n;

  if (self->is_broken || self->is_finished || !self->is_open)
    return fail (G_IO_ERROR_CLOSED, "nothing can be sent", error);
  if (!bipe_tls_flush (self, error))
    return -1;
  do
    n = gnutls_record_send (self->session, buffer, count);
  while (n == GNUTLS_E_INTERRUPTED);
  return take_result (self, n, error);
}

gboolean
bipe_tls_has_unsent (BipeTls *self)
{
  return self->unsent != NULL;
}

void
bipe_tls_finish (BipeTls *self)
{
  if (self->is_open && !self->is_broken && !self->is_finished)
    gnutls_bye (self->session, GNUTLS_SHUT_WR);
  self->is_finished = TRUE;
}

gboolean
bipe_tls_has_pending (BipeTls *self)
{
  return self->is_open && gnutls_record_check_pending (self->session) > 0;
}

gboolean
bipe_tls_is_open (BipeTls *self)
{
  return self->is_open;
}

gint64
bipe_tls_get_moved (BipeTls *self)
{
  return self->moved;
}
