/* host-and-origin.c: no web page may speak to the station unless it is allowed to, neither directly
 * nor by giving this machine a name of its own (DNS rebinding); and no request may be read by us in
 * another way than by whatever stands before us. libsoup lets all of this pass. */
#include "config.h"

#include <string.h>

#include "server/chain.h"
#include "server/layers/origin.h"
#include "server/peer.h"

static const char *
check_host (SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *host = soup_message_headers_get_list (headers, "Host");

  if (host != NULL && host[0] == '\0')
    return "the header Host is empty";
  if (host == NULL && soup_server_message_get_http_version (message) != SOUP_HTTP_1_0)
    return "the header Host is missing";
  if (host != NULL && strchr (host, ',') != NULL)
    return "there is more than one header Host";
  return NULL;
}

/* libsoup makes an absolute address of every request, from Host where the client gave a path alone.
 */
static gboolean
is_absolute_elsewhere (BipeExchange *exchange, const char *host)
{
  GUri *uri = soup_server_message_get_uri (bipe_exchange_get_message (exchange));
  const char *name = g_uri_get_host (uri);
  gsize length = strlen (name);
  g_autofree char *authority = NULL;

  if (host != NULL && g_ascii_strncasecmp (host, name, length) == 0
      && (host[length] == '\0' || host[length] == ':'))
    return FALSE;
  authority = strchr (name, ':') != NULL ? g_strdup_printf ("[%s]", name) : g_strdup (name);
  return !bipe_host_is_allowed (bipe_exchange_get_options (exchange), authority);
}

/* No more of a refused header than this goes into the log. */
#define TOLD_LENGTH_MAX 256

/* Told with the setting's name, and nothing in it that could start a line of its own. */
static void
log_refusal (const char *what, const char *value, const char *setting)
{
  g_autofree char *start = g_strndup (value, TOLD_LENGTH_MAX);
  g_autofree char *escaped = g_strescape (start, NULL);

  g_message ("refused a request %s %s; the setting %s can allow it", what, escaped, setting);
}

/* A plain link on another site, that somebody follows: to see the page or the docs, in a window of
 * its own, which shows the other site nothing. Only browsers say so, and no page can make them. */
static gboolean
is_followed_link (BipeExchange *exchange)
{
  const char *mode = bipe_exchange_get_header (exchange, "Sec-Fetch-Mode");
  const char *destination = bipe_exchange_get_header (exchange, "Sec-Fetch-Dest");
  const char *path = bipe_exchange_get_path (exchange);

  return g_str_equal (bipe_exchange_get_method (exchange), "GET")
         && (g_str_equal (path, "/") || g_str_equal (path, "/docs"))
         && g_strcmp0 (mode, "navigate") == 0 && g_strcmp0 (destination, "document") == 0;
}

static void
enter (BipeExchange *exchange)
{
  const BipeServerOptions *options = bipe_exchange_get_options (exchange);
  BipePeer *peer = bipe_exchange_get_peer (exchange);
  const char *fault = check_host (bipe_exchange_get_message (exchange));
  const char *host = bipe_exchange_get_header (exchange, "Host");
  const char *origin = bipe_exchange_get_header (exchange, "Origin");
  const char *site = bipe_exchange_get_header (exchange, "Sec-Fetch-Site");

  if (fault != NULL)
    bipe_exchange_refuse (exchange, BIPE_FAULT_MALFORMED, "%s", fault);
  else if (host != NULL && !bipe_host_is_allowed (options, host))
    {
      if (bipe_refusals_note (bipe_exchange_get_refused_hosts (exchange), host))
        log_refusal ("for the host", host, "allowed-hosts");
      bipe_exchange_refuse (exchange, BIPE_FAULT_MISDIRECTED,
                            "this server does not go by that name");
    }
  else if (is_absolute_elsewhere (exchange, host))
    bipe_exchange_refuse (exchange, BIPE_FAULT_MALFORMED, "the address is another server's");
  else if (origin != NULL
           && !bipe_origin_is_allowed (options, origin, host, bipe_peer_is_secure (peer)))
    {
      if (bipe_origins_refuse (options->origins, origin))
        log_refusal ("of the web page", origin, "allowed-origins");
      bipe_exchange_refuse (exchange, BIPE_FAULT_FORBIDDEN, "this origin is not allowed");
    }
  else if (origin == NULL && site != NULL && g_ascii_strcasecmp (site, "cross-site") == 0
           && !is_followed_link (exchange))
    bipe_exchange_refuse (exchange, BIPE_FAULT_FORBIDDEN,
                          "requests from other sites need an allowed origin");
}

const BipeLayer bipe_layer_host_and_origin = { .name = "host and origin", .enter = enter };
