/* fixture.h: an engine whose clock only moves when told, and that writes down what it says. */
#pragma once

#include "base/clock.h"
#include "network.h"
#include "socketio/engine.h"

G_BEGIN_DECLS

/* What the tests count on. */
#define PING_INTERVAL 300
#define PING_TIMEOUT 200
#define MAX_PAYLOAD 100
#define MAX_OUTBOX 1000
#define MAX_SESSIONS 3
#define MAX_NEWCOMERS 2

typedef struct _Fixture Fixture;

struct _Fixture
{
  BipeClock *clock;
  BipeEngine *engine;
  GPtrArray *wires; /* that outlive it */
  int n_living;     /* opened and not closed */
  GString *heard;   /* "opened", "text:…", "binary:…", "closed:…", a line feed behind each */

  /* What the listener does with each of these, after writing it down; NULL: nothing. */
  void (*on_opened) (Fixture *self, BipeEngineSession *session);
  void (*on_message) (Fixture *self, BipeEngineSession *session, const char *data);
  void (*on_closed) (Fixture *self, BipeEngineSession *session);
};

/* Clients of version 3 are served where @allow_eio3 is not NULL. */
void fixture_set_up (Fixture *self, gconstpointer allow_eio3);
void fixture_tear_down (Fixture *self, gconstpointer unused);

/* Asserts that it heard this since the last time. */
void fixture_assert_heard (Fixture *self, const char *heard);

/* The fixture's. */
Wire *fixture_wire (Fixture *self);

/* Opened, and past the open packet. */
BipeEngineSession *fixture_open_polling (Fixture *self);
BipeEngineSession *fixture_open_linked (Fixture *self, Wire *wire);

/* A request with the default EIO; the transport by @is_websocket. */
gboolean fixture_check (Fixture *self, const char *method, gboolean is_websocket, const char *sid);

void fixture_advance (Fixture *self, guint milliseconds);

/* Both without a NUL behind the text. */
gboolean fixture_post (BipeEngineSession *session, const char *body);
void fixture_send (BipeEngineSession *session, const char *text);
void fixture_send_binary (BipeEngineSession *session, const char *bytes);

G_END_DECLS
