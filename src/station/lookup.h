/* lookup.h: finds, voids and restores one scan, wherever it is: journal or store. Any thread. */
#pragma once

#include "base/types.h"
#include "journal/journal.h"
#include "store/store.h"

G_BEGIN_DECLS

#define BIPE_TYPE_LOOKUP (bipe_lookup_get_type ())
G_DECLARE_FINAL_TYPE (BipeLookup, bipe_lookup, BIPE, LOOKUP, GObject)

BipeLookup *bipe_lookup_new (BipeJournal *journal,
                             BipeStore *store,
                             BipeClock *clock) G_GNUC_WARN_UNUSED_RESULT;

/* Each takes @task over, uses its task data, and returns a BipeScan with it. */
void bipe_lookup_find (BipeLookup *self, const BipeScanRef *ref, GTask *task);
void bipe_lookup_void (BipeLookup *self, const BipeScanRef *ref, const char *reason, GTask *task);
void bipe_lookup_restore (BipeLookup *self, const BipeScanRef *ref, GTask *task);

G_END_DECLS
