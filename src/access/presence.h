/* presence.h: who is connected just now: sockets, sessions, streams of events, with a token or
 * without. Born in the engine's thread-default context, and used there; the …_async functions may
 * be called from any thread and finish in the caller's context. */
#pragma once

#include <gio/gio.h>

#include "access/grant.h"

G_BEGIN_DECLS

#define BIPE_TYPE_PRESENCE (bipe_presence_get_type ())
G_DECLARE_FINAL_TYPE (BipePresence, bipe_presence, BIPE, PRESENCE, GObject)

/* Who is here, from entering to leaving. */
typedef struct _BipePresenceEntry BipePresenceEntry;

/**
 * BipeVisitor: who was here when the list was made
 * @id: unlike any other's
 * @address: the client's, as text
 * @kind: "Socket.IO", "WebSocket", "events"
 * @jti, @name: of the token; empty: without one
 * @since: microseconds since 1970
 * @n_scans: taken from it so far
 */
typedef struct
{
  guint64 id;
  char *address;
  char *kind;
  char *jti;
  char *name;
  gint64 since;
  guint64 n_scans;
} BipeVisitor;

void bipe_visitor_free (BipeVisitor *visitor);

BipePresence *bipe_presence_new (void) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_presence_enter:
 * @kind: static
 * @grant: (nullable): none: without a token
 * @disconnect: shall end it, and have it left: called from the main loop, at most once
 */
BipePresenceEntry *bipe_presence_enter (BipePresence *self,
                                        const char *kind,
                                        const char *address,
                                        BipeGrant *grant,
                                        void (*disconnect) (gpointer user_data),
                                        gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void bipe_presence_leave (BipePresenceEntry *entry);
void bipe_presence_count_scans (BipePresenceEntry *entry, guint n_scans);

/* finish gives those who are here (element-type BipeVisitor), who came first first; it can't fail.
 */
void
bipe_presence_list_async (BipePresence *self, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *bipe_presence_list_finish (BipePresence *self,
                                      GAsyncResult *result) G_GNUC_WARN_UNUSED_RESULT;

/* Any thread. Who has left meanwhile is gone already. */
void bipe_presence_disconnect (BipePresence *self, guint64 id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeVisitor, bipe_visitor_free)

G_END_DECLS
