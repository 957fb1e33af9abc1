/* server.h: HTTP, with TLS and without: what the world outside may ask of a station.
 * Runs in the thread-default context of the thread that makes it: the engine's. */
#pragma once

#include <gio/gio.h>

#include "access/origins.h"
#include "access/pairing.h"
#include "access/presence.h"
#include "access/registry.h"
#include "decoder/symbology.h"
#include "server/entrance.h"
#include "server/speech-link.h"
#include "speech/speech.h"
#include "station/station.h"

G_BEGIN_DECLS

typedef struct _BipeRoute BipeRoute;

#define BIPE_TYPE_SERVER (bipe_server_get_type ())
G_DECLARE_FINAL_TYPE (BipeServer, bipe_server, BIPE, SERVER, GObject)

/**
 * BipeServerRole:
 * @BIPE_SERVER_ALL: a station
 * @BIPE_SERVER_GATEWAY: seed 001's gateway alone
 * @BIPE_SERVER_SPEECH: seed 001's speech service alone
 */
typedef enum
{
  BIPE_SERVER_ALL,
  BIPE_SERVER_GATEWAY,
  BIPE_SERVER_SPEECH,
} BipeServerRole;

/**
 * BipeServerOptions:
 * @files: of the certificate for TLS
 * @origins: (nullable): web origins that may call, besides those of this machine, and who hears of
 * those that are refused
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
 * @needs_token_when_open: likewise while other machines are served
 * @allow_eio3: whether Socket.IO's clients of version 2 are served, too
 * @is_development: an unexpected fault tells its message to the client
 * @role: which routes are served
 * @speech: what speaks; %NULL where no route needs it
 * @speech_link: (nullable): the service that POST /input passes on to, in the place of @speech
 * @speech_language: where nobody says
 * @is_logging: a line a request at level info; FALSE where nobody would see it, and none is written
 */
typedef struct
{
  BipeCertificateFiles files;
  BipeOrigins *origins;
  GStrv allowed_hosts;
  guint time_limit;
  gsize body_limit;
  BipeSymbologies symbologies;
  guint max_connections;
  guint max_connections_per_address;
  guint rate_limit;
  guint token_days;
  gboolean needs_token;
  gboolean needs_token_when_open;
  gboolean allow_eio3;
  gboolean is_development;
  BipeServerRole role;
  BipeSpeech *speech;
  BipeSpeechLink *speech_link;
  const char *speech_language;
  gboolean is_logging;
} BipeServerOptions;

/* Copies @options. */
BipeServer *bipe_server_new (const BipeServerOptions *options,
                             BipeStation *station,
                             BipeRegistry *registry,
                             BipePairing *pairing,
                             BipePresence *presence) G_GNUC_WARN_UNUSED_RESULT;

/* Serves @routes alone, which live as long, and no station: they never ask for it, nor for the hub
 * or the registry. No token is valid there. */
BipeServer *bipe_server_new_with_routes (const BipeServerOptions *options,
                                         const BipeRoute *routes) G_GNUC_WARN_UNUSED_RESULT;

/* From now on as @wish says: who would not be let in so is put out, the others stay. FALSE: all is
 * as it was; see entrance.h. */
gboolean bipe_server_listen (BipeServer *self, const BipeReachWish *wish, GError **error);

/* Where it can be reached now. */
BipeReach *bipe_server_dup_reach (BipeServer *self) G_GNUC_WARN_UNUSED_RESULT;

/* "http://127.0.0.1:5000": for programs on this machine; NULL where it does not listen. */
const char *bipe_server_get_address (BipeServer *self);

/* Accepts nobody any more, answers what is under way within a bound, and closes. */
void bipe_server_stop_async (BipeServer *self, GAsyncReadyCallback callback, gpointer user_data);
void bipe_server_stop_finish (BipeServer *self, GAsyncResult *result);

G_END_DECLS
