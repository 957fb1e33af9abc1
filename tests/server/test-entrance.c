/* test-entrance.c: a server that listens elsewhere, or otherwise, while it runs. */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "live.h"
#include "server/interfaces.h"

/* How long a client waits to see whether it is put out. */
#define WAIT_SECONDS 20

typedef struct
{
  const char *listen;
  const char *tls;
  guint16 port;
  BipeReach *reach;
  GError *error;
} Change;

static void
change_cb (Live *live, gpointer data)
{
  Change *self = data;
  const BipeReachWish wish = { (char *)self->listen, (char *)self->tls, self->port };

  bipe_server_listen (live_get_server (live), &wish, &self->error);
  self->reach = bipe_server_dup_reach (live_get_server (live));
}

static BipeReach *
change (Live *live, const char *listen, const char *tls)
{
  Change self = { .listen = listen, .tls = tls };

  live_run (live, change_cb, &self);
  g_assert_no_error (self.error);
  return self.reach;
}

static Live *
start (void)
{
  BipeServerOptions options = live_options ();

  options.needs_token_when_open = TRUE;
  return live_start (&options, FALSE);
}

static guint16
port_of (const BipeReach *reach)
{
  return (guint16)atoi (strrchr (reach->addresses[0], ':') + 1);
}

/* An address of this machine that is not loopback's, or NULL. */
static char *
find_address (void)
{
  g_autoptr(GPtrArray) list = bipe_interfaces_list ();

  for (guint i = 0; i < list->len; i++)
    if (!g_inet_address_get_is_loopback (list->pdata[i])
        && g_inet_address_get_family (list->pdata[i]) == G_SOCKET_FAMILY_IPV4)
      return g_inet_address_to_string (list->pdata[i]);
  return NULL;
}

static gboolean
accept_certificate_cb (GTlsConnection *connection,
                       GTlsCertificate *certificate,
                       GTlsCertificateFlags flaws,
                       gpointer user_data)
{
  return TRUE;
}

static void
event_cb (GSocketClient *client,
          GSocketClientEvent event,
          GSocketConnectable *connectable,
          GIOStream *connection,
          gpointer user_data)
{
  if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING)
    g_signal_connect (connection, "accept-certificate", G_CALLBACK (accept_certificate_cb), NULL);
}

/* NULL: nobody listens there. */
static GIOStream *
dial (const char *host, guint16 port, gboolean is_secure)
{
  g_autoptr(GSocketClient) client = g_socket_client_new ();
  g_autoptr(GError) error = NULL;
  GSocketConnection *connection;

  g_socket_client_set_tls (client, is_secure);
  g_socket_client_set_timeout (client, WAIT_SECONDS);
  g_signal_connect (client, "event", G_CALLBACK (event_cb), NULL);
  connection = g_socket_client_connect_to_host (client, host, port, NULL, &error);
  if (connection == NULL)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
  return G_IO_STREAM (connection);
}

/* The status of an answer; 0: the connection is gone. */
static guint
ask (GIOStream *stream, const char *path)
{
  g_autofree char *request = g_strdup_printf ("GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
  char buffer[4096];
  gssize n;
  g_autoptr(GError) error = NULL;

  if (!g_output_stream_write_all (g_io_stream_get_output_stream (stream), request, strlen (request),
                                  NULL, NULL, NULL))
    return 0;
  n = g_input_stream_read (g_io_stream_get_input_stream (stream), buffer, sizeof buffer - 1, NULL,
                           &error);
  g_assert_false (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT));
  if (n <= 0)
    return 0;
  buffer[n] = '\0';
  return (guint)atoi (buffer + strlen ("HTTP/1.1 "));
}

static gboolean
is_put_out (GIOStream *stream)
{
  char byte;
  g_autoptr(GError) error = NULL;
  gssize n = g_input_stream_read (g_io_stream_get_input_stream (stream), &byte, 1, NULL, &error);

  g_assert_false (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT));
  return n <= 0;
}

static void
test_moves (void)
{
  g_autofree char *address = find_address ();
  Live *live = start ();
  /* A port that is free everywhere. */
  g_autoptr(BipeReach) closed = change (live, "none", "off");
  g_autoptr(BipeReach) all = change (live, "lan", "off");
  g_autoptr(BipeReach) near = change (live, "127.0.0.1,::1", "auto");
  guint16 port = port_of (near);
  g_autoptr(GIOStream) local = dial ("127.0.0.1", port, FALSE);
  g_autoptr(GIOStream) far = NULL, plain = NULL, gone = NULL, insecure = NULL, begun = NULL;
  g_autoptr(BipeReach) open = NULL, off = NULL, again = NULL, back = NULL, nowhere = NULL;

  g_assert_null (closed->addresses[0]);
  g_assert_null (all->problem);
  g_assert_false (near->is_open);
  g_assert_null (near->fingerprint);
  g_assert_cmpuint (ask (local, "/v1/scans"), ==, 200);
  if (address == NULL)
    {
      g_test_skip ("this machine has no network");
      g_clear_object (&local);
      live_stop (live);
      return;
    }
  gone = dial (address, port, FALSE);
  g_assert_null (gone);

  /* Others, by TLS; who is here stays, and needs a token now. */
  open = change (live, "lan", "auto");
  g_assert_true (open->is_open);
  g_assert_cmpuint (port_of (open), ==, port);
  g_assert_cmpuint (strlen (open->fingerprint), ==, 64);
  g_assert_true (g_str_has_prefix (open->addresses[0], "https://"));
  g_assert_cmpuint (ask (local, "/v1/health"), ==, 200);
  g_assert_cmpuint (ask (local, "/v1/scans"), ==, 401);
  far = dial (address, port, TRUE);
  g_assert_cmpuint (ask (far, "/v1/health"), ==, 200);
  insecure = dial (address, port, FALSE);
  g_assert_cmpuint (ask (insecure, "/v1/health"), ==, 426);

  /* Knowingly without: who has come by TLS stays. */
  off = change (live, "lan", "off");
  g_assert_null (off->fingerprint);
  g_assert_true (g_str_has_prefix (off->addresses[0], "http://"));
  g_assert_cmpuint (ask (far, "/v1/health"), ==, 200);
  begun = dial (address, port, FALSE); /* accepted before the next */
  plain = dial (address, port, FALSE);
  g_assert_cmpuint (ask (plain, "/v1/health"), ==, 200);

  /* And with, again: the plain ones are put out, those that have said nothing yet, too. */
  again = change (live, "lan", "auto");
  g_assert_cmpstr (again->fingerprint, ==, open->fingerprint);
  g_assert_true (is_put_out (plain));
  g_assert_true (is_put_out (begun));
  g_assert_cmpuint (ask (far, "/v1/health"), ==, 200);

  /* Back home: others are put out. */
  back = change (live, "127.0.0.1", "auto");
  g_assert_false (back->is_open);
  g_assert_true (is_put_out (far));
  g_assert_cmpuint (ask (local, "/v1/scans"), ==, 200);

  nowhere = change (live, "none", "auto");
  g_assert_null (nowhere->addresses[0]);
  g_assert_true (is_put_out (local));
  g_clear_object (&local);
  g_assert_null (dial ("127.0.0.1", port, FALSE));
  live_stop (live);
}

static const struct
{
  const char *listen;
  const char *tls;
  int code;
} refused[] = {
  { "localhost", "auto", BIPE_ERROR_SETTING },
  { "198.51.100.7", "auto", BIPE_ERROR_SETTING },
  { "127.0.0.1", "auto", BIPE_ERROR_IN_USE }, /* on the port that is taken */
};

static void
test_refused (void)
{
  Live *live = start (), *other = start ();
  g_autoptr(BipeReach) before = change (live, "127.0.0.1", "auto");
  g_autoptr(BipeReach) taken = change (other, "127.0.0.1", "auto");
  g_autoptr(GIOStream) local = dial ("127.0.0.1", port_of (before), FALSE);

  g_assert_cmpuint (ask (local, "/v1/scans"), ==, 200);
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      Change self = { refused[i].listen, refused[i].tls, port_of (taken) };
      g_autoptr(GIOStream) fresh = NULL;

      live_run (live, change_cb, &self);
      g_assert_error (self.error, BIPE_ERROR, refused[i].code);
      g_assert_cmpstr (self.reach->addresses[0], ==, before->addresses[0]);
      g_assert_cmpuint (ask (local, "/v1/scans"), ==, 200);
      fresh = dial ("127.0.0.1", port_of (before), FALSE);
      g_assert_cmpuint (ask (fresh, "/v1/scans"), ==, 200);
      if (refused[i].code == BIPE_ERROR_IN_USE)
        {
          const BipeReachWish wish = { (char *)self.listen, (char *)self.tls, self.port };

          g_assert_cmpuint (bipe_entrance_find_free_port (&wish), >, self.port);
        }
      bipe_reach_free (self.reach);
      g_error_free (self.error);
    }
  g_clear_object (&local);
  live_stop (live);
  live_stop (other);
}

/* Who waits for something is put out, too: a stream, a handshake that is not over. */
static void
test_put_out (void)
{
  static const char stream[]
      = "GET /v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";
  static const char *const requests[] = { stream, "GET / HT", "\x16\x03\x01" };
  Live *live = start ();
  g_autoptr(BipeReach) before = change (live, "127.0.0.1,127.0.0.2", "on");
  g_autoptr(BipeReach) after = NULL;
  g_autoptr(GPtrArray) clients = g_ptr_array_new_with_free_func (g_object_unref);
  char buffer[4096];

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      GIOStream *client = dial ("127.0.0.2", port_of (before), FALSE);

      g_ptr_array_add (clients, client);
      g_assert_true (g_output_stream_write_all (g_io_stream_get_output_stream (client), requests[i],
                                                strlen (requests[i]), NULL, NULL, NULL));
      if (i == 0)
        g_assert_cmpint (g_input_stream_read (g_io_stream_get_input_stream (client), buffer,
                                              sizeof buffer, NULL, NULL),
                         >, 0);
    }
  after = change (live, "127.0.0.1", "on");
  for (guint i = 0; i < clients->len; i++)
    {
      gssize n;

      while ((n = g_input_stream_read (g_io_stream_get_input_stream (clients->pdata[i]), buffer,
                                       sizeof buffer, NULL, NULL))
             > 0)
        ;
      g_assert_cmpint (n, <=, 0);
    }
  live_stop (live);
}

static void
accepted_cb (GSocket *socket, gpointer user_data)
{
}

static void
renewed_cb (gpointer user_data)
{
  ++*(guint *)user_data;
}

static GSource *
find_renewal (BipeEntrance *entrance)
{
  return g_main_context_find_source_by_funcs_user_data (NULL, &g_timeout_funcs, entrance);
}

/* Has the day come that there is until the next look. */
static void
renew_now (BipeEntrance *entrance)
{
  GSource *source = find_renewal (entrance);

  g_source_set_ready_time (source, 0);
  while (g_source_get_ready_time (source) == 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_renewed (void)
{
  static const BipeEntranceListener listener = { accepted_cb, renewed_cb };
  static const BipeReachWish wish = { (char *)"127.0.0.1", (char *)"on", 0 };
  g_autofree char *folder = g_dir_make_tmp ("test-entrance-XXXXXX", NULL);
  g_autofree char *crt = g_build_filename (folder, "tls.crt", NULL);
  g_autofree char *key = g_build_filename (folder, "tls.key", NULL);
  const BipeCertificateFiles files = { .folder = folder };
  guint n_renewed = 0;
  g_autoptr(BipeEntrance) entrance = bipe_entrance_new (&files, &listener, &n_renewed);
  g_autoptr(BipeReach) first = NULL, second = NULL, third = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_null (find_renewal (entrance));
  g_assert_true (bipe_entrance_open (entrance, &wish, &error));
  g_assert_no_error (error);
  first = bipe_entrance_dup_reach (entrance);
  renew_now (entrance);
  g_assert_cmpuint (n_renewed, ==, 0);

  g_unlink (crt);
  renew_now (entrance);
  second = bipe_entrance_dup_reach (entrance);
  g_assert_cmpuint (n_renewed, ==, 1);
  g_assert_cmpstr (first->fingerprint, !=, second->fingerprint);
  g_assert_cmpstr (first->addresses[0], ==, second->addresses[0]);

  /* One that can't be had leaves the old one. */
  g_unlink (crt);
  g_unlink (key);
  g_rmdir (folder);
  renew_now (entrance);
  g_assert_cmpuint (n_renewed, ==, 1);
  third = bipe_entrance_dup_reach (entrance);
  g_assert_cmpstr (second->fingerprint, ==, third->fingerprint);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  g_test_add_func ("/entrance/renewed", test_renewed);
  g_test_add_func ("/entrance/moves", test_moves);
  g_test_add_func ("/entrance/refused", test_refused);
  g_test_add_func ("/entrance/put-out", test_put_out);
  return g_test_run ();
}
