/* grant-table.h: all grants there are, in memory, and the file behind it on a thread of its own.
 *
 * Used in the context that was thread-default at its birth; only bipe_grant_table_ask() may be
 * called from any thread. */
#pragma once

#include <gio/gio.h>

#include "access/grant-file.h"

G_BEGIN_DECLS

#define BIPE_TYPE_GRANT_TABLE (bipe_grant_table_get_type ())
G_DECLARE_FINAL_TYPE (BipeGrantTable, bipe_grant_table, BIPE, GRANT_TABLE, GObject)

/**
 * BipeGrantRequest:
 * @write: (nullable): the file's part, on its thread; @request: the task's data
 * @apply: the memory's part, in the context of the birth, which returns the task's result
 * @applies_always: whether @apply also runs where @write has failed, which otherwise fails the task
 * @error: why @write has failed; @apply may take it
 *
 * What a task's data begin with.
 */
typedef struct
{
  gboolean (*write) (BipeGrantFile *file, gpointer request, GError **error);
  void (*apply) (GTask *task);
  gboolean applies_always;
  GError *error;
} BipeGrantRequest;

/* Blocks. NULL with BIPE_ERROR_UNREADABLE. */
BipeGrantTable *bipe_grant_table_open (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Works off what was asked for, writes what is still to be written, and joins the thread. Blocks.
 * To be called before the last reference goes. */
void bipe_grant_table_close (BipeGrantTable *self);

/* Takes @task over, whose data are a request. One is done after the other, in both of its parts. */
void bipe_grant_table_ask (BipeGrantTable *self, GTask *task);

/* (transfer none) (nullable): the grant itself. */
BipeGrant *bipe_grant_table_find (BipeGrantTable *self, const char *jti);

/* @dropped: (nullable): the jti of the one that goes for it */
void bipe_grant_table_add (BipeGrantTable *self, const BipeGrant *grant, const char *dropped);

/* (element-type BipeGrant): copies of all, oldest first. */
GPtrArray *bipe_grant_table_list (BipeGrantTable *self) G_GNUC_WARN_UNUSED_RESULT;

/* @grant was used: the file hears of it some time later. */
void bipe_grant_table_use (BipeGrantTable *self, BipeGrant *grant);

/* Something was taken from @grant, which the file has not taken: it is tried again until it has. */
void bipe_grant_table_owe (BipeGrantTable *self, BipeGrant *grant);

/* Whether that is just being written. It is by statements that give nothing; so whoever were given
 * something back meanwhile, behind the file's turn for that, would lose it there. */
gboolean bipe_grant_table_is_writing (BipeGrantTable *self, BipeGrant *grant);

G_END_DECLS
