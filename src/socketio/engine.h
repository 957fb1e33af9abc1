/* engine.h: Engine.IO, protocol 4, and 3 where that is allowed: sessions over HTTP long-polling and
 * WebSocket, and the upgrade between them. No network and no main loop: the transports bring what
 * came, and a clock tells the time. Follows https://github.com/socketio/engine.io-protocol
 * (revisions 4 and 3, without JSONP). Not to cross threads. */
#pragma once

#include <glib.h>

#include "base/types.h"

G_BEGIN_DECLS

typedef struct _BipeEngine BipeEngine;
typedef struct _BipeEngineSession BipeEngineSession;

typedef enum
{
  BIPE_ENGINE_TEXT,
  BIPE_ENGINE_BINARY,
} BipeEngineKind;

/**
 * BipeEngineOptions:
 * @ping_interval: ms between pings
 * @ping_timeout: ms that a pong may take
 * @max_payload: bytes that a POST's body, or a WebSocket message, may have
 * @max_outbox: bytes that may wait for a slow client, 64 for each packet counted in; past it the
 *   session is closed
 * @max_sessions: at once; past it the oldest newcomer makes way
 * @max_newcomers: sessions of one key that are not settled, at once; 0: no bound of their own
 * @allow_eio3: whether clients of protocol 3 are served, too
 */
typedef struct
{
  guint ping_interval;
  guint ping_timeout;
  gsize max_payload;
  gsize max_outbox;
  guint max_sessions;
  guint max_newcomers;
  gboolean allow_eio3;
} BipeEngineOptions;

/**
 * BipeEngineListener: what the layer above hears. It may close sessions and send to them from here.
 * @opened: a session has begun
 * @message: a whole message; @data is borrowed, ends with a NUL that is not counted, and is valid
 *   UTF-8 where it is text, U+0000 being a character like any other
 * @closed: the session has gone, for whatever reason; the last that is heard of it. @reason is one
 *   of the protocol's words: "transport close", "ping timeout", "forced close", "parse error",
 *   "outbox full"
 */
typedef struct
{
  void (*opened) (BipeEngineSession *session, gpointer user_data);
  void (*message) (BipeEngineSession *session,
                   BipeEngineKind kind,
                   const char *data,
                   gsize length,
                   gpointer user_data);
  void (*closed) (BipeEngineSession *session, const char *reason, gpointer user_data);
} BipeEngineListener;

/* Copies @options; @listener and @user_data must live as long as the engine. */
BipeEngine *bipe_engine_new (const BipeEngineOptions *options,
                             BipeClock *clock,
                             const BipeEngineListener *listener,
                             gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;

/* Closes what is left. */
void bipe_engine_free (BipeEngine *self);

guint bipe_engine_get_count (BipeEngine *self);
gsize bipe_engine_get_max_payload (BipeEngine *self);

/* Monotonic µs at which bipe_engine_tick() is to be called next; −1: never. It may change with
 * every call into this room. */
gint64 bipe_engine_get_deadline (BipeEngine *self);

/* Does what is due: pings, and ends sessions whose pong is late. */
void bipe_engine_tick (BipeEngine *self);

/* The server ends: closes all sessions, in a way that has each client come back when it can. */
void bipe_engine_close_all (BipeEngine *self);

/**
 * BipeEngineRequest: what a request says about itself
 * @method: the HTTP method; "GET" for a WebSocket
 * @is_websocket: whether it asks for one
 * @eio, @transport, @sid, @b64: (nullable): from the query
 * @key: (nullable): as whom the session that it opens is counted until it is settled; %NULL: as
 * nobody
 * @is_stranger: whether who opens one has yet to show who it is, for the layer above
 */
typedef struct
{
  const char *method;
  gboolean is_websocket;
  const char *eio;
  const char *transport;
  const char *sid;
  const char *b64;
  const char *key;
  gboolean is_stranger;
} BipeEngineRequest;

/**
 * bipe_engine_check:
 * @session: (out): the one that @request names; %NULL: it opens one
 *
 * Judges a request before anything is done. Returns: %FALSE with BIPE_ERROR_INVALID, for status
 * 400, or with BIPE_ERROR_FULL: too many sessions that are settled, or too many of its key's that
 * are not
 */
gboolean bipe_engine_check (BipeEngine *self,
                            const BipeEngineRequest *request,
                            BipeEngineSession **session,
                            GError **error);

/**
 * bipe_engine_open:
 * @request: that bipe_engine_check() has found good
 * @client: (nullable): who opens it, as the layers above know him; let go of by @destroy (nullable)
 * with the session's struct
 *
 * Begins a session. Its open packet is the first that a poll, or the link, gets: a polling one is
 * polled next, one by WebSocket gets its link next. Returns a borrowed one, the engine's.
 */
BipeEngineSession *bipe_engine_open (BipeEngine *self,
                                     const BipeEngineRequest *request,
                                     gpointer client,
                                     GDestroyNotify destroy);

const char *bipe_engine_session_get_sid (BipeEngineSession *self);

/* Of the protocol: 3 or 4. */
guint bipe_engine_session_get_version (BipeEngineSession *self);
gpointer bipe_engine_session_get_client (BipeEngineSession *self);

/* As its request said. */
gboolean bipe_engine_session_is_stranger (BipeEngineSession *self);

/* The layer above knows who it is: it counts for its key no more, and does not make way for
 * another. To open a session costs its client nothing, so one that is not settled is worth little.
 */
void bipe_engine_session_settle (BipeEngineSession *self);

/* Bytes that its client has not taken yet. */
gsize bipe_engine_session_get_backlog (BipeEngineSession *self);

/* What the layer above keeps with it; freed after `closed`. */
void bipe_engine_session_set_data (BipeEngineSession *self, gpointer data, GDestroyNotify destroy);
gpointer bipe_engine_session_get_data (BipeEngineSession *self);

/* To keep a session's struct over its end, as a transport does; all calls on an ended one do
 * nothing. */
BipeEngineSession *bipe_engine_session_ref (BipeEngineSession *self) G_GNUC_WARN_UNUSED_RESULT;
void bipe_engine_session_unref (BipeEngineSession *self);

/**
 * BipeEnginePollFunc:
 * @status: 200, or 400 with a sentence as body
 * @kind: binary: its Content-Type is application/octet-stream
 * @body: taken
 *
 * The answer to a GET, called once, perhaps from within bipe_engine_session_poll().
 */
typedef void (*BipeEnginePollFunc) (guint status,
                                    BipeEngineKind kind,
                                    GString *body,
                                    gpointer user_data);

/* A GET: answered as soon as there is something to tell. A second one while one hangs ends both,
 * and the session. */
void
bipe_engine_session_poll (BipeEngineSession *self, BipeEnginePollFunc func, gpointer user_data);

/* The client of the hanging GET that has this @user_data has gone: func is not called any more, and
 * what it would have got waits for the next. Nothing where it does not hang. */
void bipe_engine_session_leave_poll (BipeEngineSession *self, gpointer user_data);

/* Answers the hanging GET that has this @user_data with nothing but a noop, since its client hardly
 * waits for it any more: what else there is to tell waits for the next. Nothing where it does not
 * hang. */
void bipe_engine_session_end_poll (BipeEngineSession *self, gpointer user_data);

/* A POST's body: packets; @kind: binary where its Content-Type is application/octet-stream. FALSE:
 * BIPE_ERROR_INVALID (status 400), and the session has gone. */
gboolean bipe_engine_session_post (BipeEngineSession *self,
                                   BipeEngineKind kind,
                                   const char *body,
                                   gsize length,
                                   GError **error);

/**
 * BipeEngineLink: a WebSocket, as the session uses it.
 * @send: one message; @bytes is borrowed. Never calls back into the session
 * @close: says goodbye and closes; `unlink` may follow, or not
 * @hold: (nullable): the peer's messages are not read for now, or are again
 */
typedef struct
{
  void (*send) (gpointer link, BipeEngineKind kind, GBytes *bytes);
  void (*close) (gpointer link);
  gsize (*get_backlog) (gpointer link); /* bytes given to send that are not on the wire yet */
  void (*hold) (gpointer link, gboolean holds);
} BipeEngineLink;

/* A WebSocket for this session: its first transport, or one that probes for an upgrade. FALSE: it
 * has one already, and @link is to be closed. */
gboolean
bipe_engine_session_link (BipeEngineSession *self, const BipeEngineLink *funcs, gpointer link);

/* A whole message came by @link. */
void bipe_engine_session_receive (BipeEngineSession *self,
                                  gpointer link,
                                  BipeEngineKind kind,
                                  const char *data,
                                  gsize length);

/* @link has gone; it is not used any more. */
void bipe_engine_session_unlink (BipeEngineSession *self, gpointer link);

/**
 * bipe_engine_session_send:
 * @frame: for text the whole packet as it stands on a WebSocket, that is with its leading "4"; for
 *   binary the bytes themselves. Shared, never copied, so that one frame serves any number of
 *   sessions
 */
void bipe_engine_session_send (BipeEngineSession *self, BipeEngineKind kind, GBytes *frame);

/* @waits: the peer has sent more than can be taken now, and has to wait. Its WebSocket alone: a
 * POST waits for its answer by itself. */
void bipe_engine_session_make_wait (BipeEngineSession *self, gboolean waits);

/* Sends what waits where that can be done at once, tells the peer, and ends the session. */
void bipe_engine_session_close (BipeEngineSession *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeEngine, bipe_engine_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeEngineSession, bipe_engine_session_unref)

G_END_DECLS
