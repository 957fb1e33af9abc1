/* server.h: HTTP on this machine's loopback addresses: what the world outside may ask of a station.
 * Runs in the thread-default context of the thread that makes it: the engine's. */
#pragma once

#include <gio/gio.h>

#include "access/registry.h"
#include "decoder/symbology.h"
#include "station/station.h"

G_BEGIN_DECLS

typedef struct _BipeRoute BipeRoute;

#define BIPE_TYPE_SERVER (bipe_server_get_type ())
G_DECLARE_FINAL_TYPE (BipeServer, bipe_server, BIPE, SERVER, GObject)

/**
 * BipeServerOptions:
 * @addresses: where to listen, such as { "127.0.0.1", "::1", NULL }; { "none", NULL }: nowhere
 * @port: the same for all addresses; 0: one that is free
 * @allowed_origins: (nullable): web origins that may call, besides those of this machine, exact, or
 * "*"
 * @allowed_hosts: (nullable): names that clients may call this server by, besides this machine's
 * @time_limit: seconds for receiving a request and giving the first byte of its answer, and for
 * which a stream or a kept connection may stand still
 * @body_limit: bytes of a request's body
 * @symbologies: read in pictures where a client does not say
 * @max_connections: at once
 * @max_connections_per_address: of these, from one client's address; 0: all of them
 * @rate_limit: wrong tokens a minute, from one address, that are told one by one
 * @token_days: how long a token lives where nobody says
 * @needs_token: who comes from this machine needs a token, too
 * @allow_eio3: whether Socket.IO's clients of version 2 are served, too
 * @is_development: an unexpected fault tells its message to the client
 * @is_logging: a line a request at level info; FALSE where nobody would see it, and none is written
 */
typedef struct
{
  GStrv addresses;
  guint16 port;
  GStrv allowed_origins;
  GStrv allowed_hosts;
  guint time_limit;
  gsize body_limit;
  BipeSymbologies symbologies;
  guint max_connections;
  guint max_connections_per_address;
  guint rate_limit;
  guint token_days;
  gboolean needs_token;
  gboolean allow_eio3;
  gboolean is_development;
  gboolean is_logging;
} BipeServerOptions;

/* Copies @options. */
BipeServer *bipe_server_new (const BipeServerOptions *options,
                             BipeStation *station,
                             BipeRegistry *registry) G_GNUC_WARN_UNUSED_RESULT;

/* Serves @routes alone, which live as long, and no station: they never ask for it, nor for the hub
 * or the registry. No token is valid there. */
BipeServer *bipe_server_new_with_routes (const BipeServerOptions *options,
                                         const BipeRoute *routes) G_GNUC_WARN_UNUSED_RESULT;

/* BIPE_ERROR_IN_USE: the port is taken; BIPE_ERROR_SETTING: an address that is none, or not this
 * machine's own. IPv6 that the machine does not have is no failure where another address works. */
gboolean bipe_server_listen (BipeServer *self, GError **error);

/* "http://127.0.0.1:5000", the first that it listens on; NULL where it does not listen. */
const char *bipe_server_get_address (BipeServer *self);

/* Accepts nobody any more, answers what is under way within a bound, and closes. */
void bipe_server_stop_async (BipeServer *self, GAsyncReadyCallback callback, gpointer user_data);
void bipe_server_stop_finish (BipeServer *self, GAsyncResult *result);

G_END_DECLS
