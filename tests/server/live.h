/* live.h: a real server over a real station, journal and store in a temporary folder, on a thread
 * of its own, and a client that speaks raw bytes to it. */
#pragma once

#include "server/server.h"

G_BEGIN_DECLS

typedef struct _Live Live;

/* Servers differ in @options (addresses and port are the fixture's) and in the queue's mode. */
Live *live_start (const BipeServerOptions *options, gboolean is_review);

/* Likewise, with web pages that may come in: as of bipe_origins_new(). */
Live *live_start_for_pages (const BipeServerOptions *options, const char *const *allowed);

/* Only those functions of it that any thread may call. */
BipeOrigins *live_get_origins (Live *self);

/* To be used within live_run(). */
BipeServer *live_get_server (Live *self);
BipeStation *live_get_station (Live *self);

/* Stops it in order, and asserts that everything has gone. In two steps: begin returns when nobody
 * new is accepted any more. */
void live_stop (Live *self);
void live_stop_begin (Live *self);
void live_stop_end (Live *self);

/* Has it listen elsewhere, as of BipeReachWish, at the same port. */
void live_listen (Live *self, const char *listen, const char *tls);

/* The options that most tests want. */
BipeServerOptions live_options (void);

/* Runs @func on the engine's thread, and waits for its end. */
void live_run (Live *self, void (*func) (Live *self, gpointer data), gpointer data);

/* Accepts @n scans with the codes @prefix0, @prefix1, …, and waits until the store has them all. */
void live_fill (Live *self, const char *prefix, guint n);

/* What signs the server's tokens: 32 bytes. */
#define LIVE_KEY "0123456789abcdef0123456789abcdef"

/* A token for a day; *jti (nullable) is what it is revoked by. */
char *live_issue (Live *self, const char *name, guint scopes, char **jti) G_GNUC_WARN_UNUSED_RESULT;
void live_revoke (Live *self, const char *jti);

void live_change (Live *self, const char *jti, guint scopes);
void live_restore (Live *self, const char *jti);

/* (element-type BipeGrant), and (element-type BipeVisitor): who was let in, and who is here. */
GPtrArray *live_list_grants (Live *self) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray *live_list_visitors (Live *self) G_GNUC_WARN_UNUSED_RESULT;
void live_disconnect (Live *self, guint64 id);

/* Lets time pass for the tokens. */
void live_advance (Live *self, gint64 microseconds);

/* Takes the store's table away: every query fails from now on, the next page of one under way too.
 */
void live_break_store (Live *self);

typedef struct
{
  guint status;
  char *head; /* status line and headers */
  char *body; /* without its chunks' frames */
  gsize length;
  gboolean is_whole; /* as long as announced, or with its last chunk */
} Answer;

void answer_free (Answer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Answer, answer_free)

/* A connected socket; every wait on it ends after 60 s with an error. */
GSocket *live_connect (Live *self);
void live_send (GSocket *socket, const char *bytes, gssize length);

/* What still comes until the server closes. */
GString *live_receive (GSocket *socket);
Answer *answer_parse (const GString *bytes);

/* Sends @bytes (length −1: up to the NUL) and reads all that comes until the server closes. */
Answer *live_talk (Live *self, const char *bytes, gssize length);

/* An ordinary request on a connection of its own. @headers: whole lines, or NULL; a Host is given
 * where they have none. @body: JSON, or NULL. */
Answer *live_ask (Live *self,
                  const char *method,
                  const char *target,
                  const char *headers,
                  const char *body);

/* The answer is JSON, a failure with @error_code. */
void assert_failure (const Answer *answer, guint status, int error_code);

/* The member of `data` at @name of a success, as text; a null is "null". */
char *answer_dup_member (const Answer *answer, const char *name);

gboolean answer_has_header (const Answer *self, const char *line);

/* Sockets without a server: as of bipe_listener_move(). */
GPtrArray *live_open_sockets (char *const *addresses, guint16 port, GError **error);

G_END_DECLS
