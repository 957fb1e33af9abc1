#include "config.h"

#include "server/interfaces.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

/* NULL: no address of a network that is up. */
static GInetAddress *
read_address (const struct ifaddrs *interface)
{
  const struct sockaddr *address = interface->ifa_addr;
  gsize length = sizeof (struct sockaddr_in);
  g_autoptr(GSocketAddress) whole = NULL;

  if (address == NULL || !(interface->ifa_flags & IFF_UP))
    return NULL;
  if (address->sa_family == AF_INET6)
    length = sizeof (struct sockaddr_in6);
  else if (address->sa_family != AF_INET)
    return NULL;
  whole = g_socket_address_new_from_native ((gpointer)address, length);
  if (whole == NULL)
    return NULL;
  return g_object_ref (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (whole)));
}

static void
add_family (GPtrArray *list, const struct ifaddrs *interfaces, GSocketFamily family)
{
  for (const struct ifaddrs *i = interfaces; i != NULL; i = i->ifa_next)
    {
      g_autoptr(GInetAddress) address = read_address (i);

      if (address != NULL && g_inet_address_get_family (address) == family)
        g_ptr_array_add (list, g_steal_pointer (&address));
    }
}

GPtrArray *
bipe_interfaces_list (void)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_object_unref);
  struct ifaddrs *interfaces = NULL;

  if (getifaddrs (&interfaces) < 0)
    return list;
  add_family (list, interfaces, G_SOCKET_FAMILY_IPV4);
  add_family (list, interfaces, G_SOCKET_FAMILY_IPV6);
  freeifaddrs (interfaces);
  return list;
}

static gboolean
is_same (gconstpointer a, gconstpointer b)
{
  return g_inet_address_equal ((GInetAddress *)a, (GInetAddress *)b);
}

gboolean
bipe_interfaces_have (GInetAddress *address)
{
  g_autoptr(GPtrArray) list = bipe_interfaces_list ();

  return g_ptr_array_find_with_equal_func (list, address, is_same, NULL);
}
