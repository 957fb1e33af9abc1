/* tables.h: the journal's tables: the statements that read and write them, and the transaction in
 * which they are written. A failure of the disk loses the whole of it. Which row may become what,
 * the ledger knows. */
#pragma once

#include "journal/change.h"
#include "journal/row.h"
#include "sqlite/database.h"

G_BEGIN_DECLS

typedef struct _BipeTables BipeTables;

BipeTables *bipe_tables_open (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bipe_tables_free (BipeTables *self);

/* For those who have statements of their own; who changes a row by them says so afterwards. */
BipeDatabase *bipe_tables_get_database (BipeTables *self);
void bipe_tables_forget_fresh (BipeTables *self);

/* Both fail with BIPE_ERROR_FULL, whatever the cause: a scan that can't be written can't be kept. A
 * commit that fails has undone all since the begin. */
gboolean bipe_tables_begin (BipeTables *self, GError **error);
gboolean bipe_tables_commit (BipeTables *self, GError **error);

/* Whether the disk has failed since the begin; the commit will fail, and say the first cause. */
gboolean bipe_tables_is_lost (BipeTables *self);

/* For a failure that somebody else's statement met. */
void bipe_tables_set_lost (BipeTables *self, const GError *cause);

/* Inside a transaction: what is written behind a save is undone together, or released. */
gboolean bipe_tables_save (BipeTables *self, GError **error);
void bipe_tables_undo (BipeTables *self);
gboolean bipe_tables_release (BipeTables *self, GError **error);

/* The functions that write fail with BIPE_ERROR_REJECTED where the row breaks a constraint, which
 * is no loss. */

gboolean
bipe_tables_insert (BipeTables *self, const BipeRow *row, gint64 changed_at, GError **error);
gboolean bipe_tables_update (BipeTables *self,
                             const BipeRow *before,
                             const BipeRow *after,
                             gint64 changed_at,
                             GError **error);

/* @seq: the event's number; @row: the scan as it is after it. */
gboolean bipe_tables_insert_event (BipeTables *self,
                                   gint64 seq,
                                   const BipeChange *change,
                                   const BipeRow *row,
                                   GError **error);

/* Remembers the scan's key, and the scan as it is. */
gboolean bipe_tables_insert_key (BipeTables *self, const BipeRow *row, GError **error);

/* These three return 1: found; 0: there is none; −1: @error. */

int bipe_tables_find (BipeTables *self, const BipeUuid *uuid, BipeRow *row, GError **error);

/* @first: (out): the scan as it was when it came with the key */
int bipe_tables_find_key (BipeTables *self, const char *key, BipeScan **first, GError **error);

/* The oldest that waits to be collected, accepted at @since or later and not in @except, which has
 * BipeUuids as keys. */
int bipe_tables_find_waiting (BipeTables *self,
                              gint64 since,
                              GHashTable *except,
                              BipeRow *row,
                              GError **error);

/* As in ledger.h. */

GPtrArray *bipe_tables_list (BipeTables *self,
                             guint places,
                             const BipeUuid *after,
                             guint limit,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray *
bipe_tables_collected (BipeTables *self, guint limit, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean bipe_tables_forget_collected (BipeTables *self, GPtrArray *scans, GError **error);
gint64 bipe_tables_count_since (BipeTables *self, gint64 since, GError **error);
gboolean bipe_tables_get_last_uuid (BipeTables *self, BipeUuid *uuid);

/* For the opening, once: the last number given, and how many scans are in each place. */
gboolean bipe_tables_load_newest (BipeTables *self, gint64 *seq, GError **error);
gboolean
bipe_tables_load_places (BipeTables *self, gint64 n_scans[BIPE_PLACE_NONE], GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeTables, bipe_tables_free)

G_END_DECLS
