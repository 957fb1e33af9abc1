/* pruner.h: lets go of what the journal need not keep any more, a bounded step at a time. */
#pragma once

#include "journal/journal.h"
#include "sqlite/database.h"

G_BEGIN_DECLS

typedef struct _BipePruner BipePruner;

/* @database must outlive it. */
BipePruner *bipe_pruner_new (BipeDatabase *database,
                             const BipeJournalLimits *limits) G_GNUC_WARN_UNUSED_RESULT;
void bipe_pruner_free (BipePruner *self);

/**
 * bipe_pruner_step:
 * @cursor: (inout): up to which number the table scan has been looked at; 0 to start with
 * @is_done: (out): whether nothing is left to look at
 *
 * To be called inside a transaction.
 */
gboolean
bipe_pruner_step (BipePruner *self, gint64 now, gint64 *cursor, gboolean *is_done, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipePruner, bipe_pruner_free)

G_END_DECLS
