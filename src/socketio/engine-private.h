/* engine-private.h: what the engine, its sessions and the Socket.IO above share with nobody else.
 */
#pragma once

#include "socketio/deadlines.h"
#include "socketio/engine-dialect.h"
#include "socketio/engine.h"
#include "socketio/newcomers.h"

G_BEGIN_DECLS

/* ms that a WebSocket may take from its opening to the `5` that completes the upgrade. */
#define BIPE_ENGINE_UPGRADE_TIMEOUT 10000

struct _BipeEngine
{
  BipeEngineOptions options;
  BipeClock *clock;
  const BipeEngineListener *listener;
  gpointer user_data;

  GHashTable *sessions;      /* sid → session: those that live, with a reference each */
  BipeEngineSession *latest; /* that bipe_engine_open() has returned: it may have ended within */
  BipeDeadlines pings;       /* each living session waits in one of these three */
  BipeDeadlines pongs;
  BipeDeadlines silences; /* of clients that ping */
  BipeDeadlines probes;
  BipeNewcomers newcomers; /* sessions that are not settled */
};

/* A living one, with its open packet; not in the table yet. */
BipeEngineSession *bipe_engine_session_new (BipeEngine *engine,
                                            const BipeEngineDialect *dialect,
                                            const BipeEngineRequest *request,
                                            gpointer client,
                                            GDestroyNotify destroy) G_GNUC_WARN_UNUSED_RESULT;

/* Whether it lives; ends it where its ping or pong is late, though no tick has come. */
gboolean bipe_engine_session_is_alive (BipeEngineSession *self);

gboolean bipe_engine_session_is_polling (BipeEngineSession *self);
gboolean bipe_engine_session_may_upgrade (BipeEngineSession *self);

/* What falls due. */
void bipe_engine_session_ping (BipeEngineSession *self);
void bipe_engine_session_miss_heartbeat (BipeEngineSession *self);
void bipe_engine_session_give_up_probe (BipeEngineSession *self);

/* Ends it without the protocol's own goodbye, after which python3-socketio would never come back.
 */
void bipe_engine_session_interrupt (BipeEngineSession *self);

/* Between these a hanging GET is not answered, so that one answer takes all that comes. They nest.
 */
void bipe_engine_session_hold (BipeEngineSession *self);
void bipe_engine_session_release (BipeEngineSession *self);

G_END_DECLS
