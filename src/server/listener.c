/* listener.c: libsoup's own listening has a backlog of 10, at which the eleventh of many clients
 * that come at once waits a second for its next try; so it is given sockets that already listen. */
#include "config.h"

#include "server/listener.h"

#include <glib/gi18n-lib.h>
#include <netinet/in.h>

#include "base/error.h"
#include "server/interfaces.h"

/* A thousand clients come back at once when a station starts again; the kernel has its own bound.
 */
#define BACKLOG 4096

/* Ports that are tried where any will do. */
#define FREE_PORT_TRIES 16

/* Ports that are looked at for a free one. */
#define TRIED_PORTS 100

static GInetSocketAddress *
get_local (GSocket *socket)
{
  return G_INET_SOCKET_ADDRESS (g_socket_get_local_address (socket, NULL));
}

static guint16
get_port (GSocket *socket)
{
  g_autoptr(GInetSocketAddress) local = get_local (socket);

  return g_inet_socket_address_get_port (local);
}

static gboolean
is_at (GSocket *socket, GInetAddress *address)
{
  g_autoptr(GInetSocketAddress) local = get_local (socket);

  return g_inet_address_equal (g_inet_socket_address_get_address (local), address);
}

/* Addresses as text. */

static gboolean
add_address (GPtrArray *list, const char *text, GError **error)
{
  g_autoptr(GInetAddress) address = g_inet_address_new_from_string (text);

  if (address == NULL)
    {
      g_set_error (
          error, BIPE_ERROR, BIPE_ERROR_SETTING,
          _ ("cannot listen on \"%s\": it is no IP address. Set listen to addresses of this "
             "machine with commas, to lan, or to none"),
          text);
      return FALSE;
    }
  g_ptr_array_add (list, g_steal_pointer (&address));
  return TRUE;
}

static gboolean
add_word (GPtrArray *list, const char *word, GError **error)
{
  if (!g_str_equal (word, "lan"))
    return add_address (list, word, error);
  return add_address (list, "0.0.0.0", error) && add_address (list, "::", error);
}

/* Whether one before it in @list, or one that stands for all of its family, makes it needless. */
static gboolean
is_needless (GPtrArray *list, guint index)
{
  GInetAddress *address = list->pdata[index];

  for (guint i = 0; i < list->len; i++)
    {
      GInetAddress *other = list->pdata[i];

      if (i < index && g_inet_address_equal (other, address))
        return TRUE;
      if (g_inet_address_get_is_any (other) && !g_inet_address_get_is_any (address)
          && g_inet_address_get_family (other) == g_inet_address_get_family (address))
        return TRUE;
    }
  return FALSE;
}

GStrv
bipe_listener_expand (const char *listen, GError **error)
{
  g_auto(GStrv) words = g_strsplit (listen, ",", -1);
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GStrvBuilder) addresses = g_strv_builder_new ();

  if (words[0] != NULL && words[1] == NULL && g_str_equal (g_strstrip (words[0]), "none"))
    return g_strv_builder_end (addresses);
  for (guint i = 0; words[i] != NULL; i++)
    if (!add_word (list, g_strstrip (words[i]), error))
      return NULL;
  if (list->len == 0)
    {
      add_address (list, "", error);
      return NULL;
    }
  for (guint i = 0; i < list->len; i++)
    {
      g_autofree char *text = g_inet_address_to_string (list->pdata[i]);

      if (!is_needless (list, i))
        g_strv_builder_add (addresses, text);
    }
  return g_strv_builder_end (addresses);
}

gboolean
bipe_listener_is_open (char *const *addresses)
{
  for (guint i = 0; addresses[i] != NULL; i++)
    {
      g_autoptr(GInetAddress) address = g_inet_address_new_from_string (addresses[i]);

      if (address != NULL && !g_inet_address_get_is_loopback (address))
        return TRUE;
    }
  return FALSE;
}

/* Sockets. */

static GSocket *
bind_socket (GInetAddress *address, guint16 port, GError **error)
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
  return g_socket_bind (socket, local, TRUE, error) ? g_steal_pointer (&socket) : NULL;
}

static GSocket *
open_socket (GInetAddress *address, guint16 port, GError **error)
{
  g_autoptr(GSocket) socket = bind_socket (address, port, error);

  if (socket == NULL)
    return NULL;
  g_socket_set_listen_backlog (socket, BACKLOG);
  return g_socket_listen (socket, error) ? g_steal_pointer (&socket) : NULL;
}

/* IPv6 is asked for by default, and not everybody has it. */
static gboolean
may_be_missing (GInetAddress *address)
{
  return g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6
         && (g_inet_address_get_is_loopback (address) || g_inet_address_get_is_any (address));
}

static gboolean
tell_failure (GInetAddress *address, guint16 port, const GError *cause, GError **error)
{
  g_autofree char *text = g_inet_address_to_string (address);

  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    g_set_error (
        error, BIPE_ERROR, BIPE_ERROR_IN_USE,
        _ ("cannot listen on %s: port %u is in use by another program. End that program, or "
           "choose another port with --port="),
        text, port);
  else if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    g_set_error (
        error, BIPE_ERROR, BIPE_ERROR_SETTING,
        _ ("cannot listen on %s: this user may not use port %u. Choose one from 1024 up with "
           "--port="),
        text, port);
  else if (may_be_missing (address))
    {
      g_message ("not listening on %s: %s", text, cause->message);
      return TRUE;
    }
  else
    g_set_error (
        error, BIPE_ERROR, BIPE_ERROR_SETTING,
        _ ("cannot listen on %s: %s. Set listen to addresses that this machine has, or to lan"),
        text, cause->message);
  return FALSE;
}

static GSocket *
find_socket (GPtrArray *sockets, GInetAddress *address, guint16 port)
{
  for (guint i = 0; i < sockets->len; i++)
    if (is_at (sockets->pdata[i], address) && (port == 0 || get_port (sockets->pdata[i]) == port))
      return sockets->pdata[i];
  return NULL;
}

static gboolean
add_socket (GPtrArray *sockets, GInetAddress *address, guint16 port, GError **error)
{
  g_autoptr(GError) cause = NULL;
  GSocket *socket;

  if (find_socket (sockets, address, port) != NULL)
    return TRUE;
  socket = open_socket (address, port, &cause);
  if (socket == NULL)
    return tell_failure (address, port, cause, error);
  g_ptr_array_add (sockets, socket);
  return TRUE;
}

static gboolean
open_each (GPtrArray *sockets, char *const *addresses, guint16 port, GError **error)
{
  for (guint i = 0; addresses[i] != NULL; i++)
    {
      g_autoptr(GInetAddress) address = g_inet_address_new_from_string (addresses[i]);

      if (!add_socket (sockets, address, port, error))
        return FALSE;
      if (port == 0 && sockets->len > 0)
        port = get_port (sockets->pdata[0]);
    }
  if (sockets->len > 0 || addresses[0] == NULL)
    return TRUE;
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_SETTING,
               _ ("cannot listen on any of the addresses in the setting listen (port %u)"), port);
  return FALSE;
}

/* A port that the kernel has found free at the first address may be taken at the next. */
static gboolean
open_missing (GPtrArray *sockets, char *const *addresses, guint16 port, GError **error)
{
  if (port == 0 && sockets->len == 0)
    for (guint i = 1; i < FREE_PORT_TRIES; i++)
      {
        g_autoptr(GError) problem = NULL;

        if (open_each (sockets, addresses, 0, &problem))
          return TRUE;
        if (!g_error_matches (problem, BIPE_ERROR, BIPE_ERROR_IN_USE))
          {
            g_propagate_error (error, g_steal_pointer (&problem));
            return FALSE;
          }
        g_ptr_array_set_size (sockets, 0);
      }
  return open_each (sockets, addresses, port, error);
}

/* Closes those that are not wished for. Returns (element-type GInetSocketAddress): where they were.
 */
static GPtrArray *
close_needless (GPtrArray *sockets, char *const *addresses, guint16 port)
{
  GPtrArray *closed = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = sockets->len; i-- > 0;)
    {
      GSocket *socket = sockets->pdata[i];
      g_autoptr(GInetSocketAddress) local = get_local (socket);
      g_autofree char *text = g_inet_address_to_string (g_inet_socket_address_get_address (local));

      if (g_strv_contains ((const char *const *)addresses, text)
          && g_inet_socket_address_get_port (local) == port)
        continue;
      g_ptr_array_add (closed, g_steal_pointer (&local));
      g_socket_close (socket, NULL);
      g_ptr_array_remove_index (sockets, i);
    }
  return closed;
}

/* Behind a failure: those up to @n_kept have stayed, the others were new. */
static void
restore (GPtrArray *sockets, guint n_kept, GPtrArray *closed)
{
  for (guint i = n_kept; i < sockets->len; i++)
    g_socket_close (sockets->pdata[i], NULL);
  g_ptr_array_set_size (sockets, (int)n_kept);
  for (guint i = 0; i < closed->len; i++)
    {
      g_autoptr(GError) error = NULL;
      GInetSocketAddress *local = closed->pdata[i];
      GSocket *socket = open_socket (g_inet_socket_address_get_address (local),
                                     g_inet_socket_address_get_port (local), &error);

      if (socket != NULL)
        g_ptr_array_add (sockets, socket);
      else
        g_warning ("cannot listen as before: %s", error->message);
    }
}

gboolean
bipe_listener_move (GPtrArray *sockets, char *const *addresses, guint16 port, GError **error)
{
  g_autoptr(GPtrArray) closed = NULL;
  guint n_kept;

  if (port == 0 && sockets->len > 0)
    port = get_port (sockets->pdata[0]);
  closed = close_needless (sockets, addresses, port);
  n_kept = sockets->len;
  if (open_missing (sockets, addresses, port, error))
    return TRUE;
  restore (sockets, n_kept, closed);
  return FALSE;
}

static gboolean
is_free (char *const *addresses, guint16 port)
{
  for (guint i = 0; addresses[i] != NULL; i++)
    {
      g_autoptr(GInetAddress) address = g_inet_address_new_from_string (addresses[i]);
      g_autoptr(GSocket) socket = bind_socket (address, port, NULL);

      /* Two that are bound may have the same port, as long as none listens. */
      if (socket == NULL ? !may_be_missing (address) : !g_socket_listen (socket, NULL))
        return FALSE;
    }
  return TRUE;
}

guint16
bipe_listener_find_free_port (char *const *addresses, guint16 port)
{
  for (guint next = port + 1u; next <= MIN ((guint)port + TRIED_PORTS, G_MAXUINT16); next++)
    if (is_free (addresses, (guint16)next))
      return (guint16)next;
  return 0;
}

gboolean
bipe_listener_serves (GPtrArray *sockets, GInetAddress *address)
{
  g_autoptr(GInetAddress) any = g_inet_address_new_any (g_inet_address_get_family (address));

  return find_socket (sockets, address, 0) != NULL || find_socket (sockets, any, 0) != NULL;
}

/* Addresses of services. */

static char *
print_url (GInetAddress *address, guint16 port, gboolean is_secure)
{
  g_autofree char *text = g_inet_address_to_string (address);
  gboolean is_ipv6 = g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6;

  return g_strdup_printf ("http%s://%s%s%s:%u", is_secure ? "s" : "", is_ipv6 ? "[" : "", text,
                          is_ipv6 ? "]" : "", port);
}

/* An address that holds on one link alone needs the link's name, which differs on each machine. */
static gboolean
can_be_told (GInetAddress *address)
{
  return g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4
         || !g_inet_address_get_is_link_local (address);
}

static void
add_urls (GStrvBuilder *urls, GSocket *socket, gboolean is_secure, gboolean is_loopback)
{
  g_autoptr(GInetSocketAddress) local = get_local (socket);
  GInetAddress *address = g_inet_socket_address_get_address (local);
  g_autoptr(GPtrArray) list = NULL;

  if (g_inet_address_get_is_any (address))
    list = bipe_interfaces_list ();
  else
    {
      list = g_ptr_array_new_with_free_func (g_object_unref);
      g_ptr_array_add (list, g_object_ref (address));
    }
  for (guint i = 0; i < list->len; i++)
    if (g_inet_address_get_family (list->pdata[i]) == g_inet_address_get_family (address)
        && g_inet_address_get_is_loopback (list->pdata[i]) == is_loopback
        && can_be_told (list->pdata[i]))
      {
        g_autofree char *url = print_url (list->pdata[i], g_inet_socket_address_get_port (local),
                                          is_secure && !is_loopback);

        g_strv_builder_add (urls, url);
      }
}

GStrv
bipe_listener_dup_urls (GPtrArray *sockets, gboolean is_secure)
{
  g_autoptr(GStrvBuilder) urls = g_strv_builder_new ();

  for (guint i = 0; i < sockets->len; i++)
    add_urls (urls, sockets->pdata[i], is_secure, FALSE);
  for (guint i = 0; i < sockets->len; i++)
    add_urls (urls, sockets->pdata[i], is_secure, TRUE);
  return g_strv_builder_end (urls);
}
