/* ledger.h: what becomes of the scans in the journal: their numbers and events, what waits, and who
 * holds which. Its file is in tables.h. Blocking, used from one thread: the journal's. Writing goes
 * on between begin and commit; a commit makes it durable and its events known, or undoes all of it.
 */
#pragma once

#include "journal/journal.h"

G_BEGIN_DECLS

typedef struct _BipeLedger BipeLedger;

BipeLedger *bipe_ledger_open (const char *path,
                              const BipeJournalLimits *limits,
                              BipeClock *clock,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bipe_ledger_free (BipeLedger *self);

BipeJournalCounts bipe_ledger_get_counts (BipeLedger *self);
gboolean bipe_ledger_get_last_uuid (BipeLedger *self, BipeUuid *uuid);

gboolean bipe_ledger_begin (BipeLedger *self, GError **error);

/* Whether the disk has failed since the begin: nothing more may be written, the commit will fail.
 */
gboolean bipe_ledger_is_lost (BipeLedger *self);

/* Returns (nullable) (element-type BipeEvent): what has become durable; NULL with BIPE_ERROR_FULL:
 * all is as it was before the begin. */
GPtrArray *bipe_ledger_commit (BipeLedger *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The functions below are those of journal.h, without waiting. */

BipeAppend *bipe_ledger_append (BipeLedger *self,
                                GPtrArray *scans,
                                gboolean is_held,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
BipeScan *bipe_ledger_change (BipeLedger *self,
                              const BipeChange *change,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
BipeScan *
bipe_ledger_find (BipeLedger *self, const BipeUuid *uuid, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* @places: bits, `1 << BipePlace`, of all but NONE; see row.h. */
GPtrArray *bipe_ledger_list (BipeLedger *self,
                             guint places,
                             const BipeUuid *after,
                             guint limit,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* As of the last commit; not between begin and commit. */
BipeEventPage *bipe_ledger_list_events (BipeLedger *self, gint64 after, guint limit, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* NULL without @error: nothing waits. */
BipeScan *bipe_ledger_take (BipeLedger *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bipe_ledger_give_back (BipeLedger *self, const BipeUuid *uuid);
GPtrArray *
bipe_ledger_collected (BipeLedger *self, guint limit, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean bipe_ledger_forget_collected (BipeLedger *self, GPtrArray *scans, GError **error);

gint64 bipe_ledger_count_since (BipeLedger *self, gint64 since, GError **error);

/* Looks at some rows, those of the table scan behind @cursor, and moves it; 0 to start with.
 * @is_done is set where nothing is left to look at. */
gboolean bipe_ledger_prune (BipeLedger *self, gint64 *cursor, gboolean *is_done, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeLedger, bipe_ledger_free)

G_END_DECLS
