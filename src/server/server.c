/* server.c: libsoup's server, with everything that decides about a request taken into our own
 * hands: one early handler and one handler for all paths, since libsoup runs only the handler with
 * the longest matching path. Owned and run by the engine. */
#include "config.h"

#include "server/server.h"

#include <libsoup/soup.h>
#include <sys/resource.h>

#include "server/acceptor.h"
#include "server/exchange.h"
#include "server/listener.h"
#include "server/metrics.h"
#include "server/peer.h"
#include "server/router.h"
#include "server/service.h"

/* What is under way at a stop may take as long as this. */
#define STOP_SECONDS 5

/* Descriptors that are not for clients: files, databases, pipes, those who are turned away. */
#define RESERVED_FILES 192

struct _BipeServer
{
  GObject parent_instance;

  BipeService service;
  SoupServer *soup;
  BipePeers *peers;
  BipeAcceptor *acceptor; /* while it listens */
  char *address;

  GTask *stop;
  GSource *stop_timeout;
};

G_DEFINE_FINAL_TYPE (BipeServer, bipe_server, G_TYPE_OBJECT)

static void
copy_options (BipeServerOptions *copy, const BipeServerOptions *options)
{
  struct rlimit files;

  *copy = *options;
  copy->addresses = g_strdupv (options->addresses);
  copy->allowed_origins = g_strdupv (options->allowed_origins);
  copy->allowed_hosts = g_strdupv (options->allowed_hosts);

  if (getrlimit (RLIMIT_NOFILE, &files) == 0 && files.rlim_cur > 2 * RESERVED_FILES)
    copy->max_connections
        = (guint)MIN ((rlim_t)copy->max_connections, files.rlim_cur - RESERVED_FILES);
}

static void
wrote_headers_cb (SoupServerMessage *message, gpointer user_data)
{
  BipePeer *peer = user_data;

  if (peer->exchange != NULL)
    bipe_exchange_explain (peer->exchange);
}

/* Once for a connection's first request, when it is accepted; for later ones, at their first byte.
 */
static void
request_started_cb (SoupServer *soup, SoupServerMessage *message, gpointer user_data)
{
  BipeServer *self = user_data;
  BipePeer *peer = bipe_peers_begin (self->peers, message);

  g_signal_connect (message, "wrote-headers", G_CALLBACK (wrote_headers_cb), peer);
}

static void
early_cb (SoupServer *soup,
          SoupServerMessage *message,
          const char *path,
          GHashTable *query,
          gpointer user_data)
{
  BipeServer *self = user_data;

  bipe_exchange_take_headers (bipe_peers_find (self->peers, message)->exchange);
}

static void
handler_cb (SoupServer *soup,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer user_data)
{
  BipeServer *self = user_data;

  bipe_exchange_take_body (bipe_peers_find (self->peers, message)->exchange);
}

static void
end_request (BipeServer *self, SoupServerMessage *message, gboolean is_aborted)
{
  BipePeer *peer = bipe_peers_find (self->peers, message);

  if (peer != NULL)
    bipe_peer_end (peer, message, is_aborted);
}

static void
request_finished_cb (SoupServer *soup, SoupServerMessage *message, gpointer user_data)
{
  end_request (user_data, message, FALSE);
}

static void
request_aborted_cb (SoupServer *soup, SoupServerMessage *message, gpointer user_data)
{
  end_request (user_data, message, TRUE);
}

static void
finish_stop (BipeServer *self)
{
  g_autoptr(GTask) task = g_steal_pointer (&self->stop);

  if (task == NULL)
    return;
  g_source_destroy (self->stop_timeout);
  g_clear_pointer (&self->stop_timeout, g_source_unref);
  g_task_return_boolean (task, TRUE);
}

static void
emptied_cb (gpointer user_data)
{
  finish_stop (user_data);
}

static gboolean
stop_timeout_cb (gpointer user_data)
{
  finish_stop (user_data);
  return G_SOURCE_REMOVE;
}

static void
bipe_server_dispose (GObject *object)
{
  BipeServer *self = BIPE_SERVER (object);

  if (self->soup != NULL)
    soup_server_disconnect (self->soup);
  g_clear_object (&self->soup);
  g_clear_pointer (&self->peers, bipe_peers_free);
  g_clear_pointer (&self->service.hub, bipe_hub_free);
  g_clear_pointer (&self->acceptor, bipe_acceptor_free);
  g_clear_pointer (&self->service.gate, bipe_gate_free);
  g_clear_object (&self->service.registry);
  g_clear_object (&self->service.station);
  G_OBJECT_CLASS (bipe_server_parent_class)->dispose (object);
}

static void
bipe_server_finalize (GObject *object)
{
  BipeServer *self = BIPE_SERVER (object);

  g_object_unref (self->service.decoder);
  bipe_metrics_free (self->service.metrics);
  g_free (self->address);
  g_strfreev (self->service.options.allowed_hosts);
  g_strfreev (self->service.options.allowed_origins);
  g_strfreev (self->service.options.addresses);
  G_OBJECT_CLASS (bipe_server_parent_class)->finalize (object);
}

static void
bipe_server_class_init (BipeServerClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = bipe_server_dispose;
  object_class->finalize = bipe_server_finalize;
}

static void
bipe_server_init (BipeServer *self)
{
}

static BipeServer *
new_server (const BipeServerOptions *options, const BipeRoute *routes, BipeRegistry *registry)
{
  BipeServer *self = g_object_new (BIPE_TYPE_SERVER, NULL);

  copy_options (&self->service.options, options);
  g_set_object (&self->service.registry, registry);
  self->service.gate = bipe_gate_new (registry, options->rate_limit);
  self->service.routes = routes;
  self->service.decoder = bipe_decoder_new ();
  self->service.metrics = bipe_metrics_new (routes);
  /* Paths as they came: libsoup decodes them leniently, the router strictly. */
  self->soup = soup_server_new ("raw-paths", TRUE, NULL);
  self->peers = bipe_peers_new (&self->service, self->soup, emptied_cb, self);
  soup_server_add_early_handler (self->soup, "/", early_cb, self, NULL);
  soup_server_add_handler (self->soup, "/", handler_cb, self, NULL);
  g_signal_connect_object (self->soup, "request-started", G_CALLBACK (request_started_cb), self, 0);
  g_signal_connect_object (self->soup, "request-finished", G_CALLBACK (request_finished_cb), self,
                           0);
  g_signal_connect_object (self->soup, "request-aborted", G_CALLBACK (request_aborted_cb), self, 0);
  return self;
}

BipeServer *
bipe_server_new_with_routes (const BipeServerOptions *options, const BipeRoute *routes)
{
  return new_server (options, routes, NULL);
}

BipeServer *
bipe_server_new (const BipeServerOptions *options, BipeStation *station, BipeRegistry *registry)
{
  BipeServer *self = new_server (options, bipe_routes, registry);

  self->service.station = g_object_ref (station);
  self->service.hub = bipe_hub_new (station, self->service.gate, options->allow_eio3);
  return self;
}

static void
accepted_cb (GSocket *socket, gpointer user_data)
{
  BipeServer *self = user_data;

  bipe_peers_accept (self->peers, socket);
}

gboolean
bipe_server_listen (BipeServer *self, GError **error)
{
  GStrv addresses = self->service.options.addresses;
  g_autoptr(GPtrArray) sockets = NULL;

  g_return_val_if_fail (self->acceptor == NULL, FALSE);

  if (g_strv_length (addresses) == 1 && g_str_equal (addresses[0], "none"))
    return TRUE;
  sockets = bipe_listener_open (addresses, self->service.options.port, error);
  if (sockets == NULL)
    return FALSE;
  self->acceptor = bipe_acceptor_new (sockets, accepted_cb, self);
  self->address = bipe_listener_dup_url (sockets->pdata[0]);
  return TRUE;
}

const char *
bipe_server_get_address (BipeServer *self)
{
  return self->address;
}

void
bipe_server_stop_async (BipeServer *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (self->stop == NULL);

  self->stop = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->stop, bipe_server_stop_async);
  self->service.is_stopping = TRUE;
  self->stop_timeout = g_timeout_source_new_seconds (STOP_SECONDS);
  g_source_set_callback (self->stop_timeout, stop_timeout_cb, self, NULL);
  g_source_attach (self->stop_timeout, g_main_context_get_thread_default ());

  g_clear_pointer (&self->acceptor, bipe_acceptor_free);
  bipe_peers_close_idle (self->peers);
  if (self->service.hub != NULL)
    bipe_hub_close (self->service.hub);
  if (bipe_peers_get_count (self->peers) == 0)
    finish_stop (self);
}

void
bipe_server_stop_finish (BipeServer *self, GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, self));

  g_task_propagate_boolean (G_TASK (result), NULL);
}
