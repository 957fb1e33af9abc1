#include "config.h"

#include "server/layers/origin.h"

#include <string.h>

#include "server/interfaces.h"

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

static gboolean
is_interface (const char *host, gsize length)
{
  g_autofree char *text
      = host[0] == '[' ? g_strndup (host + 1, length - 2) : g_strndup (host, length);
  g_autoptr(GInetAddress) wanted = g_inet_address_new_from_string (text);

  return wanted != NULL && bipe_interfaces_have (wanted);
}

/* As itself, and as devices find it that have no name server: "host.local". */
static gboolean
is_host_name (const char *host, gsize length)
{
  const char *name = g_get_host_name ();
  g_autofree char *local = g_strdup_printf ("%.*s.local", (int)strcspn (name, "."), name);

  return equals (host, length, name) || equals (host, length, local);
}

gboolean
bipe_host_is_allowed (const BipeServerOptions *options, const char *host)
{
  gsize length = measure_host (host);

  if (length == 0)
    return FALSE;
  if (is_local (host, length) || is_host_name (host, length))
    return TRUE;
  for (guint i = 0; options->allowed_hosts != NULL && options->allowed_hosts[i] != NULL; i++)
    if (equals (host, length, options->allowed_hosts[i])
        || g_ascii_strcasecmp (host, options->allowed_hosts[i]) == 0)
      return TRUE;
  return is_interface (host, length);
}

gboolean
bipe_origin_is_allowed (const BipeServerOptions *options,
                        const char *origin,
                        const char *host,
                        gboolean is_secure)
{
  const char *authority = NULL;
  gboolean is_https = g_str_has_prefix (origin, "https://");
  gsize length;

  if (bipe_origins_have (options->origins, origin))
    return TRUE;
  if (is_https)
    authority = origin + strlen ("https://");
  else if (g_str_has_prefix (origin, "http://"))
    authority = origin + strlen ("http://");
  if (authority == NULL)
    return FALSE;
  if (is_https == is_secure && host != NULL && g_ascii_strcasecmp (authority, host) == 0)
    return TRUE;
  length = measure_host (authority);
  return length > 0 && is_local (authority, length);
}
