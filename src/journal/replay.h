/* replay.h: reads events again, each with its scan as it was then. */
#pragma once

#include "journal/journal.h"
#include "journal/row.h"
#include "sqlite/database.h"

G_BEGIN_DECLS

/* Text of the scans that one page may hold, in bytes: a page of long codes ends early. */
#define BIPE_REPLAY_BYTES (1024 * 1024)

/* Beside the kind, in the table event: the scan went back into the queue, where it had not been
 * stored; without it a RESTORED one went back into the store. No stamp tells the two apart for
 * sure: stored_at is of the store's clock. */
#define BIPE_REPLAY_UNSTORED 16

typedef struct _BipeReplay BipeReplay;

/* @database must outlive it. */
BipeReplay *bipe_replay_new (BipeDatabase *database) G_GNUC_WARN_UNUSED_RESULT;
void bipe_replay_free (BipeReplay *self);

/* @newest: the last number given. For the rest, see bipe_journal_list_events_async(). */
BipeEventPage *bipe_replay_read (BipeReplay *self,
                                 gint64 after,
                                 gint64 newest,
                                 guint limit,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeReplay, bipe_replay_free)

G_END_DECLS
