/* listener.c: libsoup's own listening has a backlog of 10, at which the eleventh of many clients
 * that come at once waits a second for its next try; so it is given sockets that already listen. */
#include "config.h"

#include "server/listener.h"

#include <netinet/in.h>

#include "base/error.h"

/* A thousand clients come back at once when a station starts again; the kernel has its own bound.
 */
#define BACKLOG 4096

static GInetSocketAddress *
get_local (GSocket *socket)
{
  return G_INET_SOCKET_ADDRESS (g_socket_get_local_address (socket, NULL));
}

char *
bipe_listener_dup_url (GSocket *socket)
{
  g_autoptr(GInetSocketAddress) local = get_local (socket);
  GInetAddress *address = g_inet_socket_address_get_address (local);
  g_autofree char *text = g_inet_address_to_string (address);
  gboolean is_ipv6 = g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6;

  return g_strdup_printf ("http://%s%s%s:%u", is_ipv6 ? "[" : "", text, is_ipv6 ? "]" : "",
                          g_inet_socket_address_get_port (local));
}

static GInetAddress *
parse_address (const char *text, GError **error)
{
  g_autoptr(GInetAddress) address = g_inet_address_new_from_string (text);

  if (address == NULL)
    g_set_error (
        error, BIPE_ERROR, BIPE_ERROR_SETTING,
        "cannot listen on \"%s\": it is no IP address. Set listen to 127.0.0.1,::1 or none", text);
  else if (!g_inet_address_get_is_loopback (address))
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_SETTING,
                 "cannot listen on %s: this version serves its own machine only. Set listen to "
                 "127.0.0.1,::1 or none",
                 text);
  else
    return g_steal_pointer (&address);
  return NULL;
}

static GSocket *
open_socket (GInetAddress *address, guint16 port, GError **error)
{
  g_autoptr(GSocketAddress) local = g_inet_socket_address_new (address, port);
  g_autoptr(GSocket) socket = NULL;

  socket = g_socket_new (g_inet_address_get_family (address), G_SOCKET_TYPE_STREAM,
                         G_SOCKET_PROTOCOL_TCP, error);
  if (socket == NULL)
    return NULL;
  /* IPv4 has a socket of its own on the same port. */
  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6)
    g_socket_set_option (socket, IPPROTO_IPV6, IPV6_V6ONLY, TRUE, NULL);
  g_socket_set_listen_backlog (socket, BACKLOG);
  if (!g_socket_bind (socket, local, TRUE, error) || !g_socket_listen (socket, error))
    return NULL;
  return g_steal_pointer (&socket);
}

/* An address that the machine does not have counts as skipped, a taken port as a failure. */
static gboolean
add_socket (GPtrArray *sockets, GInetAddress *address, guint16 port, GError **error)
{
  g_autofree char *text = g_inet_address_to_string (address);
  g_autoptr(GError) cause = NULL;
  GSocket *socket = open_socket (address, port, &cause);

  if (socket != NULL)
    g_ptr_array_add (sockets, socket);
  else if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    {
      g_set_error (
          error, BIPE_ERROR, BIPE_ERROR_IN_USE,
          "cannot listen on %s: port %u is in use by another program. End that program, or "
          "choose another port with --port=",
          text, port);
      return FALSE;
    }
  else
    g_message ("not listening on %s: %s", text, cause->message);
  return TRUE;
}

GPtrArray *
bipe_listener_open (char *const *addresses, guint16 port, GError **error)
{
  g_autoptr(GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; addresses[i] != NULL; i++)
    {
      g_autoptr(GInetAddress) address = parse_address (addresses[i], error);

      if (address == NULL || !add_socket (sockets, address, port, error))
        return NULL;
      if (port == 0 && sockets->len > 0)
        {
          g_autoptr(GInetSocketAddress) local = get_local (sockets->pdata[0]);

          port = g_inet_socket_address_get_port (local);
        }
    }
  if (sockets->len > 0)
    return g_steal_pointer (&sockets);
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_SETTING,
               "cannot listen on any of the addresses in the setting listen (port %u)", port);
  return NULL;
}
