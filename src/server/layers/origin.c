#include "config.h"

#include "server/layers/origin.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

/* The length of a host without its port, or 0 where it is no host: letters, digits, '-', '.', '_',
 * or an IPv6 address in brackets. */
static gsize
measure_host (const char *host)
{
  gsize length = 0;
  gsize digits;

  if (host[0] == '[')
    {
      length = strcspn (host, "]");
      if (host[length] != ']')
        return 0;
      length++;
    }
  else
    while (g_ascii_isalnum (host[length]) || (host[length] != '\0' && strchr ("-._", host[length])))
      length++;

  if (host[length] == '\0')
    return length;
  if (host[length] != ':')
    return 0;
  digits = strspn (host + length + 1, "0123456789");
  return host[length + 1 + digits] == '\0' && digits <= 5 ? length : 0;
}

static gboolean
equals (const char *text, gsize length, const char *other)
{
  return strlen (other) == length && g_ascii_strncasecmp (text, other, length) == 0;
}

static gboolean
is_local (const char *host, gsize length)
{
  return equals (host, length, "localhost") || equals (host, length, "127.0.0.1")
         || equals (host, length, "[::1]");
}

/* Asked anew each time: addresses come and go. */
static gboolean
is_interface (const char *host, gsize length)
{
  g_autofree char *text
      = host[0] == '[' ? g_strndup (host + 1, length - 2) : g_strndup (host, length);
  g_autoptr(GInetAddress) wanted = g_inet_address_new_from_string (text);
  struct ifaddrs *interfaces = NULL;
  gboolean is_found = FALSE;

  if (wanted == NULL || getifaddrs (&interfaces) < 0)
    return FALSE;
  for (struct ifaddrs *i = interfaces; i != NULL && !is_found; i = i->ifa_next)
    {
      g_autoptr(GSocketAddress) address = NULL;

      if (i->ifa_addr == NULL
          || (i->ifa_addr->sa_family != AF_INET && i->ifa_addr->sa_family != AF_INET6))
        continue;
      address = g_socket_address_new_from_native (i->ifa_addr, sizeof (struct sockaddr_in6));
      is_found = address != NULL
                 && g_inet_address_equal (
                     wanted, g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
    }
  freeifaddrs (interfaces);
  return is_found;
}

gboolean
bipe_host_is_allowed (const BipeServerOptions *options, const char *host)
{
  gsize length = measure_host (host);

  if (length == 0)
    return FALSE;
  if (is_local (host, length) || equals (host, length, g_get_host_name ()))
    return TRUE;
  for (guint i = 0; options->allowed_hosts != NULL && options->allowed_hosts[i] != NULL; i++)
    if (equals (host, length, options->allowed_hosts[i])
        || g_ascii_strcasecmp (host, options->allowed_hosts[i]) == 0)
      return TRUE;
  return is_interface (host, length);
}

gboolean
bipe_origin_is_allowed (const BipeServerOptions *options, const char *origin, const char *host)
{
  const char *authority = NULL;
  gsize length;

  for (guint i = 0; options->allowed_origins != NULL && options->allowed_origins[i] != NULL; i++)
    if (strcmp (options->allowed_origins[i], "*") == 0
        || g_ascii_strcasecmp (options->allowed_origins[i], origin) == 0)
      return TRUE;

  if (g_str_has_prefix (origin, "http://"))
    {
      authority = origin + strlen ("http://");
      if (host != NULL && g_ascii_strcasecmp (authority, host) == 0)
        return TRUE;
    }
  else if (g_str_has_prefix (origin, "https://"))
    authority = origin + strlen ("https://");
  if (authority == NULL)
    return FALSE;
  length = measure_host (authority);
  return length > 0 && is_local (authority, length);
}
