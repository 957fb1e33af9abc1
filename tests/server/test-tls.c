/* test-tls.c: a GnuTLS client and ours at the two ends of a pair of sockets. */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>

#include "server/tls.h"

#define LARGE (4 * 1024 * 1024)

typedef struct
{
  BipeCertificate *certificate;
  BipeTls *tls;
  GSocket *near;
  GSocket *far;
  gnutls_session_t client;
  gnutls_certificate_credentials_t credentials;
} Fixture;

static void
set_up (Fixture *self, gconstpointer priority)
{
  g_autofree char *folder = g_dir_make_tmp ("test-tls-XXXXXX", NULL);
  g_autofree char *crt = g_build_filename (folder, "tls.crt", NULL);
  g_autofree char *key = g_build_filename (folder, "tls.key", NULL);
  g_autoptr(GError) error = NULL;
  int pair[2];

  self->certificate
      = bipe_certificate_open_own (folder, g_get_real_time () / G_USEC_PER_SEC, &error);
  g_assert_no_error (error);
  g_unlink (crt);
  g_unlink (key);
  g_rmdir (folder);

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
  self->near = g_socket_new_from_fd (pair[0], NULL);
  self->far = g_socket_new_from_fd (pair[1], NULL);
  g_socket_set_blocking (self->near, FALSE);
  g_socket_set_blocking (self->far, FALSE);
  self->tls = bipe_tls_new (self->certificate, self->near);

  gnutls_certificate_allocate_credentials (&self->credentials);
  gnutls_init (&self->client, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
  g_assert_cmpint (gnutls_priority_set_direct (self->client, priority, NULL), ==, 0);
  gnutls_credentials_set (self->client, GNUTLS_CRD_CERTIFICATE, self->credentials);
  gnutls_transport_set_int (self->client, pair[1]);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gnutls_deinit (self->client);
  gnutls_certificate_free_credentials (self->credentials);
  bipe_tls_free (self->tls);
  bipe_certificate_unref (self->certificate);
  g_assert_finalize_object (self->near);
  g_object_unref (self->far);
}

/* −1: nothing has come. */
static gssize
read_some (Fixture *self, char *buffer, gsize count)
{
  g_autoptr(GError) error = NULL;
  gssize n = bipe_tls_read (self->tls, buffer, count, &error);

  if (n < 0)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  return n;
}

/* The client's result, where it is not to go on. */
static int
shake_hands (Fixture *self)
{
  char buffer[16];
  int result;

  for (;;)
    {
      g_autoptr(GError) error = NULL;

      result = gnutls_handshake (self->client);
      if (result == 0 || gnutls_error_is_fatal (result))
        break;
      bipe_tls_read (self->tls, buffer, sizeof buffer, &error);
    }
  if (result == 0 && !bipe_tls_is_open (self->tls))
    g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, -1);
  return result;
}

static void
test_talk (Fixture *self, gconstpointer data)
{
  char buffer[64];
  g_autoptr(GError) error = NULL;

  g_assert_false (bipe_tls_is_open (self->tls));
  g_assert_cmpint (bipe_tls_write (self->tls, "early", 5, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, -1);

  g_assert_cmpint (shake_hands (self), ==, 0);
  g_assert_true (bipe_tls_is_open (self->tls));
  g_assert_false (bipe_tls_has_unsent (self->tls));
  g_assert_cmpint (gnutls_record_send (self->client, "hello", 5), ==, 5);
  /* What of a record is not taken is pending: the socket does not know of it. */
  g_assert_cmpint (read_some (self, buffer, 2), ==, 2);
  g_assert_true (bipe_tls_has_pending (self->tls));
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, 3);
  g_assert_cmpmem (buffer, 3, "llo", 3);
  g_assert_false (bipe_tls_has_pending (self->tls));
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, -1);

  g_assert_cmpint (bipe_tls_write (self->tls, "answer", 6, &error), ==, 6);
  g_assert_cmpint (gnutls_record_recv (self->client, buffer, sizeof buffer), ==, 6);

  /* The end, announced: reading is over, and writing is not. */
  gnutls_bye (self->client, GNUTLS_SHUT_WR);
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, 0);
  g_assert_cmpint (bipe_tls_write (self->tls, "last", 4, &error), ==, 4);
  bipe_tls_finish (self->tls);
  bipe_tls_finish (self->tls);
  g_assert_cmpint (bipe_tls_write (self->tls, "more", 4, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_assert_cmpint (gnutls_record_recv (self->client, buffer, sizeof buffer), ==, 4);
  g_assert_cmpint (gnutls_record_recv (self->client, buffer, sizeof buffer), ==, 0);
}

static void
test_large (Fixture *self, gconstpointer data)
{
  g_autofree char *sent = g_malloc (LARGE);
  g_autofree char *received = g_malloc (LARGE + 1);
  gsize n_sent = 0, n_received = 0;
  guint n_full = 0;

  g_assert_cmpint (shake_hands (self), ==, 0);
  for (gsize i = 0; i < LARGE; i++)
    sent[i] = (char)(i * 7 + i / 251);
  while (n_received < LARGE)
    {
      gssize n;

      while (n_sent < LARGE)
        {
          g_autoptr(GError) error = NULL;

          n = bipe_tls_write (self->tls, sent + n_sent, LARGE - n_sent, &error);
          if (n < 0)
            {
              g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
              g_assert_true (bipe_tls_has_unsent (self->tls));
              n_full++;
              break;
            }
          n_sent += (gsize)n;
          if (n_sent == LARGE)
            bipe_tls_finish (self->tls); /* behind what is unsent */
        }
      bipe_tls_flush (self->tls, NULL);
      n = gnutls_record_recv (self->client, received + n_received, LARGE + 1 - n_received);
      if (n == GNUTLS_E_AGAIN)
        continue;
      g_assert_cmpint (n, >, 0);
      n_received += (gsize)n;
    }
  g_assert_cmpmem (sent, LARGE, received, n_received);
  g_assert_cmpuint (n_full, >, 0);
  g_assert_cmpint (gnutls_record_recv (self->client, received, 1), ==, 0);
  g_assert_false (bipe_tls_has_unsent (self->tls));
}

/* A client that takes nothing moves nothing. */
static void
test_moved (Fixture *self, gconstpointer data)
{
  g_autofree char *block = g_malloc0 (65536);
  gint64 moved;

  g_assert_cmpint (shake_hands (self), ==, 0);
  while (bipe_tls_write (self->tls, block, 65536, NULL) > 0)
    ;
  moved = bipe_tls_get_moved (self->tls);
  g_usleep (2000);
  g_assert_cmpint (bipe_tls_write (self->tls, block, 65536, NULL), ==, -1);
  g_assert_false (bipe_tls_flush (self->tls, NULL));
  g_assert_cmpint (bipe_tls_get_moved (self->tls), ==, moved);
}

static void
test_forged (Fixture *self, gconstpointer data)
{
  static const char forged[] = "\x17\x03\x03\x00\x20"
                               "0123456789abcdef0123456789abcdef";
  g_autoptr(GError) error = NULL;
  char buffer[64];

  g_assert_cmpint (shake_hands (self), ==, 0);
  g_assert_cmpint (g_socket_send (self->far, forged, sizeof forged - 1, NULL, NULL), ==,
                   sizeof forged - 1);
  g_assert_cmpint (bipe_tls_read (self->tls, buffer, sizeof buffer, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_cmpint (bipe_tls_read (self->tls, buffer, sizeof buffer, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_assert_cmpint (bipe_tls_write (self->tls, "x", 1, NULL), ==, -1);
  /* The client hears why. */
  g_assert_cmpint (gnutls_record_recv (self->client, buffer, sizeof buffer), ==,
                   GNUTLS_E_FATAL_ALERT_RECEIVED);
}

static void
test_hung_up (Fixture *self, gconstpointer data)
{
  char buffer[64];

  g_assert_cmpint (shake_hands (self), ==, 0);
  g_socket_close (self->far, NULL);
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, 0);
}

static void
test_hung_up_early (Fixture *self, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  char buffer[64];

  g_assert_cmpint (gnutls_handshake (self->client), ==, GNUTLS_E_AGAIN);
  g_socket_shutdown (self->far, FALSE, TRUE, NULL);
  g_assert_cmpint (bipe_tls_read (self->tls, buffer, sizeof buffer, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_false (bipe_tls_is_open (self->tls));
}

static void
test_refused (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (shake_hands (self), ==, GNUTLS_E_FATAL_ALERT_RECEIVED);
  g_assert_false (bipe_tls_is_open (self->tls));
}

/* A second handshake within TLS 1.2 ends the connection. */
static void
test_renegotiation (Fixture *self, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  char buffer[64];

  g_assert_cmpint (shake_hands (self), ==, 0);
  g_assert_cmpint (gnutls_handshake (self->client), ==, GNUTLS_E_AGAIN);
  g_assert_cmpint (bipe_tls_read (self->tls, buffer, sizeof buffer, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_cmpint (bipe_tls_write (self->tls, "x", 1, NULL), ==, -1);
}

static const struct
{
  const char *name;
  const char *priority;
} refused[] = {
  { "tls-1.0", "NORMAL:-VERS-ALL:+VERS-TLS1.0" },
  { "tls-1.1", "NORMAL:-VERS-ALL:+VERS-TLS1.1" },
  { "cbc", "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC:+AES-256-CBC" },
  { "ccm", "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-CCM" },
  { "rsa", "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA" },
  { "anonymous", "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ANON-ECDH" },
};

#define TLS_1_2 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS_1_3 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/tls/talk/1.2", Fixture, TLS_1_2, set_up, test_talk, tear_down);
  g_test_add ("/tls/talk/1.3", Fixture, TLS_1_3, set_up, test_talk, tear_down);
  g_test_add ("/tls/large/1.2", Fixture, TLS_1_2, set_up, test_large, tear_down);
  g_test_add ("/tls/large/1.3", Fixture, TLS_1_3, set_up, test_large, tear_down);
  g_test_add ("/tls/moved", Fixture, TLS_1_3, set_up, test_moved, tear_down);
  g_test_add ("/tls/forged", Fixture, TLS_1_3, set_up, test_forged, tear_down);
  g_test_add ("/tls/hung-up", Fixture, TLS_1_3, set_up, test_hung_up, tear_down);
  g_test_add ("/tls/hung-up-early", Fixture, TLS_1_3, set_up, test_hung_up_early, tear_down);
  g_test_add ("/tls/renegotiation", Fixture, TLS_1_2, set_up, test_renegotiation, tear_down);
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autofree char *path = g_strconcat ("/tls/refused/", refused[i].name, NULL);

      g_test_add (path, Fixture, refused[i].priority, set_up, test_refused, tear_down);
    }
  return g_test_run ();
}
