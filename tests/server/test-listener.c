#include "config.h"

#include <string.h>

#include "base/error.h"
#include "server/listener.h"

static const struct
{
  const char *address;
  int code;
} refused[] = {
  { "0.0.0.0", BIPE_ERROR_SETTING },     { "::", BIPE_ERROR_SETTING },
  { "192.168.1.5", BIPE_ERROR_SETTING }, { "localhost", BIPE_ERROR_SETTING },
  { "lan", BIPE_ERROR_SETTING },         { "", BIPE_ERROR_SETTING },
};

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      char *addresses[] = { (char *)"127.0.0.1", (char *)refused[i].address, NULL };
      g_autoptr(GError) error = NULL;

      g_assert_null (bipe_listener_open (addresses, 0, &error));
      g_assert_error (error, BIPE_ERROR, refused[i].code);
    }
}

static guint16
port_of (GSocket *socket)
{
  g_autoptr(GSocketAddress) local = g_socket_get_local_address (socket, NULL);

  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
}

static void
test_same_port (void)
{
  g_auto(GStrv) addresses = g_strsplit ("127.0.0.1,::1", ",", 0);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) sockets = bipe_listener_open (addresses, 0, &error);
  g_autofree char *url = NULL;
  g_autofree char *expected = NULL;

  g_assert_no_error (error);
  for (guint i = 0; i < sockets->len; i++)
    g_assert_cmpuint (port_of (sockets->pdata[i]), ==, port_of (sockets->pdata[0]));
  url = bipe_listener_dup_url (sockets->pdata[0]);
  expected = g_strdup_printf ("http://127.0.0.1:%u", port_of (sockets->pdata[0]));
  g_assert_cmpstr (url, ==, expected);
}

static void
test_in_use (void)
{
  g_auto(GStrv) addresses = g_strsplit ("127.0.0.1", ",", 0);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) first = bipe_listener_open (addresses, 0, &error);
  g_autofree char *port = NULL;

  g_assert_no_error (error);
  g_assert_null (bipe_listener_open (addresses, port_of (first->pdata[0]), &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_IN_USE);
  port = g_strdup_printf ("%u", port_of (first->pdata[0]));
  g_assert_nonnull (strstr (error->message, port));
  g_assert_nonnull (strstr (error->message, "--port="));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/listener/refused", test_refused);
  g_test_add_func ("/listener/same-port", test_same_port);
  g_test_add_func ("/listener/in-use", test_in_use);
  return g_test_run ();
}
