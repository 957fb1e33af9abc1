/* network.h: what a session speaks to in these tests: GETs and links that keep what they get. */
#pragma once

#include "socketio/engine.h"

G_BEGIN_DECLS

/* Those that open a session. */
extern const BipeEngineRequest polling_request;
extern const BipeEngineRequest websocket_request;

/* A GET; zero it first. */
typedef struct
{
  guint n_answers;
  guint status;
  BipeEngineKind kind;
  char *body;
  gsize length;
} Get;

void get_answered_cb (guint status, BipeEngineKind kind, GString *body, gpointer get);
void get_clear (Get *self);

/* Polls, and waits for the answer, which must be there at once. */
char *get_now (BipeEngineSession *session, guint status) G_GNUC_WARN_UNUSED_RESULT;

/* Asserts that it has been answered so, and clears it. */
void get_assert (Get *self, guint status, const char *body);
void get_assert_hangs (Get *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Get, get_clear)

/* A WebSocket. */
typedef struct
{
  GString *got; /* the messages, each with a line feed behind it; binary ones after "b:" */
  gboolean is_closed;
  gsize backlog;
} Wire;

extern const BipeEngineLink wire_funcs;

Wire *wire_new (void) G_GNUC_WARN_UNUSED_RESULT;
void wire_free (Wire *self);

/* Asserts that it got these since the last time. */
void wire_assert (Wire *self, const char *messages);

void wire_say (Wire *self, BipeEngineSession *session, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Wire, wire_free)

/* The sid in an open packet. */
char *dup_sid (const char *open_packet) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
