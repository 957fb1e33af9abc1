/* test-acceptor.c: connections are taken, and taken again once there are descriptors. */
#include "config.h"

#include <sys/resource.h>
#include <unistd.h>

#include "live.h"
#include "server/acceptor.h"

/* More than are taken at once. */
#define CLIENTS 100

static guint n_accepted, n_warnings;

static GLogWriterOutput
writer (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  if (level & G_LOG_LEVEL_WARNING)
    n_warnings++;
  return G_LOG_WRITER_HANDLED;
}

static void
accepted_cb (GSocket *socket, gpointer user_data)
{
  g_assert_true (g_socket_is_connected (socket));
  n_accepted++;
}

static GPtrArray *
listen_here (GSocketAddress **address)
{
  g_auto(GStrv) addresses = g_strsplit ("127.0.0.1", ",", 0);
  g_autoptr(GError) error = NULL;
  GPtrArray *sockets = live_open_sockets (addresses, 0, &error);

  g_assert_no_error (error);
  *address = g_socket_get_local_address (sockets->pdata[0], &error);
  g_assert_no_error (error);
  return sockets;
}

static GSocket *
make_client (void)
{
  return g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
}

static void
connect_client (GSocket *client, GSocketAddress *address)
{
  g_autoptr(GError) error = NULL;

  g_socket_connect (client, address, NULL, &error);
  g_assert_no_error (error);
}

static void
test_many (void)
{
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GPtrArray) sockets = listen_here (&address);
  BipeAcceptor *acceptor = bipe_acceptor_new (sockets, accepted_cb, NULL);
  g_autoptr(GPtrArray) clients = g_ptr_array_new_with_free_func (g_object_unref);

  n_accepted = 0;
  for (guint i = 0; i < CLIENTS; i++)
    {
      g_ptr_array_add (clients, make_client ());
      connect_client (clients->pdata[i], address);
    }
  while (n_accepted < CLIENTS)
    g_main_context_iteration (NULL, TRUE);
  bipe_acceptor_free (acceptor);
}

static void
test_descriptors (void)
{
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GPtrArray) sockets = listen_here (&address);
  BipeAcceptor *acceptor = bipe_acceptor_new (sockets, accepted_cb, NULL);
  g_autoptr(GSocket) client = make_client ();
  struct rlimit before, none;
  guint n_rounds = 0;
  int next = dup (0);

  close (next);
  n_accepted = 0;
  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &before));
  none = before;
  none.rlim_cur = (rlim_t)next;
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &none));
  connect_client (client, address);
  for (gint64 end = g_get_monotonic_time () + G_USEC_PER_SEC; g_get_monotonic_time () < end;
       n_rounds++)
    g_main_context_iteration (NULL, TRUE);
  /* Said once, however often it tries. */
  g_assert_cmpuint (n_warnings, ==, 1);
  g_assert_cmpuint (n_accepted, ==, 0);
  g_assert_cmpuint (n_rounds, <, 20);

  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &before));
  while (n_accepted == 0)
    g_main_context_iteration (NULL, TRUE);
  bipe_acceptor_free (acceptor);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (writer, NULL, NULL);
  g_test_add_func ("/acceptor/many", test_many);
  g_test_add_func ("/acceptor/descriptors", test_descriptors);
  return g_test_run ();
}
