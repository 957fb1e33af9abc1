/* server.c: libsoup's server, with everything that decides about a request taken into our own
 * hands: one early handler and one handler for all paths, since libsoup runs only the handler with
 * the longest matching path. Owned and run by the engine. */
#include "config.h"

#include "server/server.h"

#include <libsoup/soup.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "server/entrance.h"
#include "server/exchange.h"
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
  BipeEntrance *entrance;
  gboolean needs_token; /* as the options were; in the service's they follow the entrance */
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
  copy->files = (BipeCertificateFiles){ 0 }; /* the entrance's */
  copy->origins = options->origins != NULL ? g_object_ref (options->origins)
                                           : bipe_origins_new (NULL, bipe_clock_system ());
  copy->allowed_hosts = g_strdupv (options->allowed_hosts);
  copy->speech_language = g_intern_string (options->speech_language);
  if (copy->speech != NULL)
    g_object_ref (copy->speech);
  if (copy->speech_link != NULL)
    g_object_ref (copy->speech_link);

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
accepted_cb (GSocket *socket, gpointer user_data)
{
  BipeServer *self = user_data;

  bipe_peers_accept (self->peers, socket);
}

static void
use_certificate (BipeServer *self)
{
  BipeCertificate *certificate = bipe_entrance_get_certificate (self->entrance);
  g_autoptr(GBytes) fingerprint = NULL;

  if (certificate != NULL)
    fingerprint = g_bytes_new (bipe_certificate_get_fingerprint (certificate),
                               BIPE_CERTIFICATE_FINGERPRINT_SIZE);
  bipe_peers_set_certificate (self->peers, certificate);
  if (self->service.pairing != NULL)
    bipe_pairing_set_fingerprint (self->service.pairing, fingerprint);
}

static void
renewed_cb (gpointer user_data)
{
  use_certificate (user_data);
}

static const BipeEntranceListener entrance_listener = { accepted_cb, renewed_cb };

static void
bipe_server_dispose (GObject *object)
{
  BipeServer *self = BIPE_SERVER (object);

  if (self->soup != NULL)
    soup_server_disconnect (self->soup);
  g_clear_object (&self->soup);
  g_clear_pointer (&self->peers, bipe_peers_free);
  g_clear_pointer (&self->service.hub, bipe_hub_free);
  g_clear_pointer (&self->entrance, bipe_entrance_free);
  g_clear_pointer (&self->service.gate, bipe_gate_free);
  g_clear_object (&self->service.presence);
  g_clear_object (&self->service.pairing);
  g_clear_object (&self->service.registry);
  g_clear_object (&self->service.station);
  G_OBJECT_CLASS (bipe_server_parent_class)->dispose (object);
}

static void
bipe_server_finalize (GObject *object)
{
  BipeServer *self = BIPE_SERVER (object);

  g_object_unref (self->service.decoder);
  bipe_refusals_free (self->service.refused_hosts);
  bipe_metrics_free (self->service.metrics);
  g_free (self->address);
  g_clear_object (&self->service.options.speech_link);
  g_clear_object (&self->service.options.speech);
  g_strfreev (self->service.options.allowed_hosts);
  g_object_unref (self->service.options.origins);
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
  self->needs_token = options->needs_token;
  g_set_object (&self->service.registry, registry);
  self->service.gate = bipe_gate_new (registry, options->rate_limit);
  self->service.routes = routes;
  self->service.decoder = bipe_decoder_new ();
  self->service.metrics = bipe_metrics_new (routes);
  self->service.refused_hosts = bipe_refusals_new (bipe_clock_system ());
  /* Paths as they came: libsoup decodes them leniently, the router strictly. */
  self->soup = soup_server_new ("raw-paths", TRUE, NULL);
  self->peers = bipe_peers_new (&self->service, self->soup, emptied_cb, self);
  self->entrance = bipe_entrance_new (&options->files, &entrance_listener, self);
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
bipe_server_new (const BipeServerOptions *options,
                 BipeStation *station,
                 BipeRegistry *registry,
                 BipePairing *pairing,
                 BipePresence *presence)
{
  BipeServer *self = new_server (options, bipe_routes_of (options->role), registry);

  self->service.station = g_object_ref (station);
  self->service.pairing = g_object_ref (pairing);
  self->service.presence = g_object_ref (presence);
  self->service.hub = bipe_hub_new (station, self->service.gate, presence, options->allow_eio3);
  return self;
}

/* Where programs on this machine find it: at the first address of loopback, or at any other. */
static char *
choose_address (const BipeReach *reach)
{
  for (guint i = 0; reach->addresses[i] != NULL; i++)
    if (g_str_has_prefix (reach->addresses[i], "http://127.")
        || g_str_has_prefix (reach->addresses[i], "http://[::1]"))
      return g_strdup (reach->addresses[i]);
  return g_strdup (reach->addresses[0]);
}

gboolean
bipe_server_listen (BipeServer *self, const BipeReachWish *wish, GError **error)
{
  gboolean is_opened;
  g_autoptr(BipeReach) reach = NULL;

  g_return_val_if_fail (self->stop == NULL, FALSE);

  is_opened = bipe_entrance_open (self->entrance, wish, error);
  reach = bipe_entrance_dup_reach (self->entrance);
  g_free (self->address);
  self->address = choose_address (reach);
  self->service.options.needs_token
      = self->needs_token || (self->service.options.needs_token_when_open && reach->is_open);
  use_certificate (self);
  if (self->service.pairing != NULL)
    bipe_pairing_set_addresses (self->service.pairing, reach->addresses);
  bipe_gate_set_needs_token (self->service.gate, self->service.options.needs_token);
  bipe_peers_end_unserved (self->peers, bipe_entrance_get_sockets (self->entrance));
  return is_opened;
}

BipeReach *
bipe_server_dup_reach (BipeServer *self)
{
  return bipe_entrance_dup_reach (self->entrance);
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

  bipe_entrance_close (self->entrance);
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
