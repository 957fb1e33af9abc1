/* test-carrier.c: plain clients and one of GnuTLS, at the other end of a pair of sockets. */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>

#include "server/carrier.h"

typedef enum
{
  PLAIN,
  OFFERED,
  REQUIRED,
} Manner;

typedef struct
{
  BipeCertificate *certificate;
  BipeCarrier *carrier;
  GSocket *near; /* the carrier's */
  GSocket *far;  /* the client's */
} Fixture;

static BipeCertificate *
new_certificate (void)
{
  g_autofree char *folder = g_dir_make_tmp ("test-carrier-XXXXXX", NULL);
  g_autofree char *crt = g_build_filename (folder, "tls.crt", NULL);
  g_autofree char *key = g_build_filename (folder, "tls.key", NULL);
  g_autoptr(GError) error = NULL;
  BipeCertificate *certificate
      = bipe_certificate_open_own (folder, g_get_real_time () / G_USEC_PER_SEC, &error);

  g_assert_no_error (error);
  g_unlink (crt);
  g_unlink (key);
  g_rmdir (folder);
  return certificate;
}

static void
set_up (Fixture *self, gconstpointer manner)
{
  g_autoptr(GSocketConnection) base = NULL;
  int pair[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
  self->near = g_socket_new_from_fd (pair[0], NULL);
  self->far = g_socket_new_from_fd (pair[1], NULL);
  g_socket_set_blocking (self->near, FALSE);
  g_socket_set_blocking (self->far, FALSE);
  base = g_socket_connection_factory_create_connection (self->near);
  self->carrier = bipe_carrier_new (G_IO_STREAM (base));
  self->certificate = new_certificate ();
  if (GPOINTER_TO_INT (manner) != PLAIN)
    bipe_carrier_offer_tls (self->carrier, self->certificate, GPOINTER_TO_INT (manner) == REQUIRED);
}

static void
tear_down (Fixture *self, gconstpointer manner)
{
  bipe_carrier_free (self->carrier);
  bipe_certificate_unref (self->certificate);
  g_assert_finalize_object (self->near);
  g_object_unref (self->far);
}

static void
send_text (Fixture *self, const char *text)
{
  g_assert_cmpint (g_socket_send (self->far, text, strlen (text), NULL, NULL), ==, strlen (text));
}

static void
assert_received (Fixture *self, const char *text)
{
  char buffer[64];
  gssize n = g_socket_receive (self->far, buffer, sizeof buffer, NULL, NULL);

  g_assert_cmpmem (buffer, MAX (n, 0), text, strlen (text));
}

/* −1: nothing has come. */
static gssize
look (Fixture *self)
{
  g_autoptr(GError) error = NULL;
  gssize n = bipe_carrier_look (self->carrier, &error);

  if (n < 0)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  return n;
}

/* −1: nothing has come. */
static gssize
read_some (Fixture *self, char *buffer, gsize count)
{
  g_autoptr(GError) error = NULL;
  gssize n = bipe_carrier_read (self->carrier, buffer, count, &error);

  if (n < 0)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  return n;
}

static void
test_plain (Fixture *self, gconstpointer manner)
{
  char buffer[16];

  g_assert_true (bipe_carrier_is_plain (self->carrier));
  g_assert_true (bipe_carrier_can_write (self->carrier));
  g_assert_cmpint (look (self), ==, 1);
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, -1);
  send_text (self, "\x16");
  g_assert_cmpint (look (self), ==, 1);
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, 1);
  g_assert_true (bipe_carrier_is_plain (self->carrier));
  g_assert_false (bipe_carrier_is_insecure (self->carrier));
  g_socket_close (self->far, NULL);
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, 0);
}

/* In order, and once; nothing of it where it is forgotten. */
static void
test_held (Fixture *self, gconstpointer manner)
{
  g_autoptr(GError) error = NULL;

  bipe_carrier_hold (self->carrier, "head ", 5);
  bipe_carrier_hold (self->carrier, "body", 4);
  g_assert_cmpuint (bipe_carrier_get_n_held (self->carrier), ==, 9);
  assert_received (self, "");
  g_assert_true (bipe_carrier_flush (self->carrier, FALSE));
  g_assert_cmpuint (bipe_carrier_get_n_held (self->carrier), ==, 0);
  assert_received (self, "head body");

  bipe_carrier_hold (self->carrier, "head ", 5);
  g_assert_cmpint (bipe_carrier_write (self->carrier, "body", 4, &error), ==, 4);
  assert_received (self, "head body");

  bipe_carrier_hold (self->carrier, "lost", 4);
  bipe_carrier_drop (self->carrier);
  g_assert_true (bipe_carrier_flush (self->carrier, TRUE));
  assert_received (self, "");
}

/* A client that takes nothing; and one that has gone. */
static void
test_full (Fixture *self, gconstpointer manner)
{
  g_autoptr(GError) error = NULL;

  while (bipe_carrier_write (self->carrier, "xxxxxxxxxxxxxxxx", 16, &error) > 0)
    continue;
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  bipe_carrier_hold (self->carrier, "end", 3);
  g_assert_false (bipe_carrier_flush (self->carrier, FALSE));
  g_assert_cmpuint (bipe_carrier_get_n_held (self->carrier), ==, 3);
  g_socket_close (self->far, NULL);
  g_assert_true (bipe_carrier_flush (self->carrier, FALSE));
  g_assert_cmpuint (bipe_carrier_get_n_held (self->carrier), ==, 0);
}

static void
test_moved (Fixture *self, gconstpointer manner)
{
  gint64 at = bipe_carrier_get_moved (self->carrier), next;
  char buffer[16];

  g_usleep (1000);
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, -1);
  g_assert_cmpint (bipe_carrier_get_moved (self->carrier), ==, at);
  send_text (self, "a");
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, 1);
  next = bipe_carrier_get_moved (self->carrier);
  g_assert_cmpint (next, >, at);
  g_usleep (1000);
  bipe_carrier_hold (self->carrier, "a", 1);
  g_assert_cmpint (bipe_carrier_get_moved (self->carrier), ==, next);
  g_assert_true (bipe_carrier_flush (self->carrier, FALSE));
  g_assert_cmpint (bipe_carrier_get_moved (self->carrier), >, next);
}

/* The first byte is looked at, and stays. */
static void
test_first_byte (void)
{
  static const struct
  {
    Manner manner;
    const char *bytes; /* "": the end */
    gssize seen;
    gboolean is_plain;
    gboolean is_insecure;
    gboolean can_write;
  } cases[] = {
    { OFFERED, NULL, -1, FALSE, FALSE, TRUE },   { REQUIRED, NULL, -1, FALSE, FALSE, FALSE },
    { OFFERED, "", 0, FALSE, FALSE, TRUE },      { REQUIRED, "", 0, FALSE, FALSE, FALSE },
    { OFFERED, "GET", 1, TRUE, FALSE, TRUE },    { REQUIRED, "GET", 1, TRUE, TRUE, TRUE },
    { OFFERED, "\x16", 1, FALSE, FALSE, FALSE }, { REQUIRED, "\x16", 1, FALSE, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Fixture self;
      char buffer[16];

      g_test_message ("case %u", i);
      set_up (&self, GINT_TO_POINTER (cases[i].manner));
      if (cases[i].bytes != NULL && cases[i].bytes[0] != '\0')
        send_text (&self, cases[i].bytes);
      else if (cases[i].bytes != NULL)
        g_socket_close (self.far, NULL);
      for (guint time = 0; time < 2; time++)
        g_assert_cmpint (look (&self), ==, cases[i].seen);
      g_assert_cmpint (bipe_carrier_is_plain (self.carrier), ==, cases[i].is_plain);
      g_assert_cmpint (bipe_carrier_is_insecure (self.carrier), ==, cases[i].is_insecure);
      g_assert_cmpint (bipe_carrier_can_write (self.carrier), ==, cases[i].can_write);
      g_assert_false (bipe_carrier_is_secure (self.carrier));
      if (cases[i].is_plain)
        g_assert_cmpint (read_some (&self, buffer, sizeof buffer), ==, strlen (cases[i].bytes));
      tear_down (&self, NULL);
    }
}

/* Who is written to before he has said anything. */
static void
test_silent (Fixture *self, gconstpointer manner)
{
  gboolean is_required = GPOINTER_TO_INT (manner) == REQUIRED;
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (bipe_carrier_write (self->carrier, "late", 4, &error), ==, is_required ? -1 : 4);
  if (is_required)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_assert_cmpint (bipe_carrier_is_plain (self->carrier), ==, !is_required);
  assert_received (self, is_required ? "" : "late");
}

static void
test_tls (Fixture *self, gconstpointer manner)
{
  gnutls_certificate_credentials_t credentials;
  gnutls_session_t client;
  g_autoptr(GError) error = NULL;
  char buffer[64];

  gnutls_certificate_allocate_credentials (&credentials);
  gnutls_init (&client, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
  gnutls_set_default_priority (client);
  gnutls_credentials_set (client, GNUTLS_CRD_CERTIFICATE, credentials);
  gnutls_transport_set_int (client, g_socket_get_fd (self->far));
  while (gnutls_handshake (client) != 0)
    {
      g_assert_false (bipe_carrier_is_secure (self->carrier));
      g_assert_cmpint (look (self), ==, 1);
      g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, -1);
      g_assert_false (bipe_carrier_has_unsent (self->carrier));
    }
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, -1);
  g_assert_true (bipe_carrier_is_secure (self->carrier));
  g_assert_true (bipe_carrier_can_write (self->carrier));
  g_assert_false (bipe_carrier_is_plain (self->carrier));

  g_assert_cmpint (gnutls_record_send (client, "hello", 5), ==, 5);
  g_assert_cmpint (read_some (self, buffer, 2), ==, 2);
  g_assert_true (bipe_carrier_has_pending (self->carrier));
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, 3);
  g_assert_false (bipe_carrier_has_pending (self->carrier));

  bipe_carrier_hold (self->carrier, "ans", 3);
  g_assert_cmpint (bipe_carrier_write (self->carrier, "wer", 3, &error), ==, 3);
  g_assert_cmpint (gnutls_record_recv (client, buffer, sizeof buffer), ==, 3);
  g_assert_cmpint (gnutls_record_recv (client, buffer, sizeof buffer), ==, 3);
  g_assert_true (bipe_carrier_flush (self->carrier, FALSE));
  g_assert_cmpint (gnutls_record_recv (client, buffer, sizeof buffer), ==, GNUTLS_E_AGAIN);
  /* The end is said. */
  bipe_carrier_hold (self->carrier, "last", 4);
  g_assert_true (bipe_carrier_flush (self->carrier, TRUE));
  g_assert_cmpint (gnutls_record_recv (client, buffer, sizeof buffer), ==, 4);
  g_assert_cmpint (gnutls_record_recv (client, buffer, sizeof buffer), ==, 0);
  gnutls_deinit (client);
  gnutls_certificate_free_credentials (credentials);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, manner, func)                                                                    \
  g_test_add ("/carrier/" name, Fixture, GINT_TO_POINTER (manner), set_up, func, tear_down)
  ADD ("plain", PLAIN, test_plain);
  ADD ("held", PLAIN, test_held);
  ADD ("full", PLAIN, test_full);
  ADD ("moved", PLAIN, test_moved);
  ADD ("silent", OFFERED, test_silent);
  ADD ("silent-required", REQUIRED, test_silent);
  ADD ("tls", OFFERED, test_tls);
  ADD ("tls-required", REQUIRED, test_tls);
#undef ADD
  g_test_add_func ("/carrier/first-byte", test_first_byte);
  return g_test_run ();
}
